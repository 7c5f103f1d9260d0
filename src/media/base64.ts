const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 §4; undefined when the text is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, '')
  if (digits.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(digits)) return undefined
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let held = 0
  let written = 0
  for (const digit of digits) {
    bits = ((bits << 6) | alphabet.indexOf(digit)) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[written++] = bits >> held
  }
  return bytes
}

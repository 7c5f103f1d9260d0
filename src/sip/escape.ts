/** Percent escapes of URIs (RFC 3261 §25.1 `escaped`, RFC 3986 §2.1): UTF-8 in, UTF-8 out. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { isHexChar } from './chars.ts'

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Checks every character against `allowed` and decodes the escapes. Escapes that are no UTF-8 are refused: they could not be written back
 * as they came.
 */
export function percentDecode(text: string, allowed: (code: number) => boolean): Outcome<string, string> {
  let escapes = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x25) {
      if (!isHexChar(text.charCodeAt(i + 1)) || !isHexChar(text.charCodeAt(i + 2))) return fail('broken percent escape')
      escapes++
      i += 2
    } else if (!allowed(code)) return fail('illegal character in a URI')
  }
  return escapes === 0 ? ok(text) : decode(text, text.length - 2 * escapes)
}

function decode(text: string, length: number): Outcome<string, string> {
  const bytes = new Uint8Array(length)
  let to = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x25) {
      bytes[to++] = Number.parseInt(text.slice(i + 1, i + 3), 16)
      i += 2
    } else bytes[to++] = code
  }
  try {
    return ok(strictDecoder.decode(bytes))
  } catch {
    return fail('percent escapes are not UTF-8')
  }
}

/** Escapes whatever `allowed` does not let through. */
export function percentEncode(text: string, allowed: (code: number) => boolean): string {
  for (let i = 0; i < text.length; i++) if (!allowed(text.charCodeAt(i))) return escapeBytes(text, allowed)
  return text
}

function escapeBytes(text: string, allowed: (code: number) => boolean): string {
  let escaped = ''
  for (const byte of encoder.encode(text)) {
    escaped += allowed(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

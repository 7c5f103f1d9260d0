/** IP addresses as text, shared by signalling, session descriptions and sockets. */

export const isIpv6 = (text: string) => ipv6Groups(text) !== undefined

export function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => isByte(part))
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2, without a zone), by which two spellings of one address are the same. */
export function ipv6Groups(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : []
  if (head === undefined || tail === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail.length
  return missing >= 1 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : undefined
}

/** `1:2:3` as numbers; the last group may be an IPv4 address when the half is the address's end. */
function groupsOf(half: string, atEnd: boolean): number[] | undefined {
  if (half === '') return []
  const groups: number[] = []
  const parts = half.split(':')
  for (const [index, part] of parts.entries()) {
    if (atEnd && index === parts.length - 1 && isIpv4(part)) groups.push(...ipv4Groups(part))
    else if (isHex(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function ipv4Groups(text: string): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function isByte(text: string): boolean {
  if (text.length === 0 || text.length > 3) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false
  return Number(text) <= 255
}

function isHex(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!'0123456789abcdefABCDEF'.includes(text.charAt(i))) return false
  return text.length > 0 && text.length <= 4
}

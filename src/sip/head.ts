/** A message's head: where it ends, its text, and its field lines (RFC 3261 §7.3). Parser and stream framer both read it by these. */

export interface HeadEnd {
  /** Offset of the empty line's CRLF CRLF, or -1 when the bytes end before it. */
  readonly end: number
  /** Only bytes below 0x80. */
  readonly ascii: boolean
  /** Offset of a byte that no head may hold, or -1. */
  readonly illegal: number
}

const CR = 0x0d
const LF = 0x0a

/**
 * Looks for the end of the head from `start`. A control character is legal behind a backslash only, a CR or LF only as a pair: whoever
 * accepts a lone one disagrees with the next reader about where a header ends.
 */
export function findHeadEnd(bytes: Uint8Array, start: number): HeadEnd {
  let ascii = true
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte >= 0x80) ascii = false
    else if (byte >= 0x20 && byte !== 0x7f) continue
    else if (byte === CR) {
      if (bytes[i + 1] !== LF) return i + 1 === bytes.length ? { end: -1, ascii, illegal: -1 } : { end: -1, ascii, illegal: i }
      if (bytes[i + 2] === CR && bytes[i + 3] === LF) return { end: i, ascii, illegal: -1 }
      i++
    } else if (byte === LF && i === start && bytes[i - 1] === CR) continue
    else if (byte !== 0x09 && (bytes[i - 1] !== 0x5c || byte === LF)) return { end: -1, ascii, illegal: i }
  }
  return { end: -1, ascii, illegal: -1 }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const latin1 = new TextDecoder('latin1')

/** SIP is UTF-8; phones that send ISO 8859 in a display name are understood all the same. */
export function headText(bytes: Uint8Array, ascii: boolean): string {
  if (ascii) return latin1.decode(bytes)
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1.decode(bytes)
  }
}

/** A field line: `name` as written, `value` unfolded and trimmed. A line without a colon has an empty name. */
export interface Field {
  readonly name: string
  readonly value: string
}

/** The field line that begins at `at`, and where the next one begins. `text` ends with a CRLF. */
export function fieldAt(text: string, at: number): { readonly field: Field; readonly next: number } {
  let end = text.indexOf('\r\n', at)
  if (end < 0) end = text.length
  const lineEnd = end
  while (isFold(text.charCodeAt(end + 2))) {
    const next = text.indexOf('\r\n', end + 2)
    end = next < 0 ? text.length : next
  }
  const value = text.slice(at, end)
  return { field: split(end === lineEnd ? value : unfolded(value)), next: end + 2 }
}

const isFold = (code: number) => code === 0x20 || code === 0x09

function split(line: string): Field {
  const colon = line.indexOf(':')
  if (colon < 0) return { name: '', value: line }
  let nameEnd = colon
  while (nameEnd > 0 && isFold(line.charCodeAt(nameEnd - 1))) nameEnd--
  let from = colon + 1
  let to = line.length
  while (isFold(line.charCodeAt(from))) from++
  while (to > from && isFold(line.charCodeAt(to - 1))) to--
  return { name: line.slice(0, nameEnd), value: line.slice(from, to) }
}

/** RFC 3261 §7.3.1: a line break and the space around it are worth one space. */
function unfolded(lines: string): string {
  let text = ''
  for (const line of lines.split('\r\n')) {
    let from = 0
    let to = line.length
    while (isFold(line.charCodeAt(from))) from++
    while (to > from && isFold(line.charCodeAt(to - 1))) to--
    text += text === '' ? line.slice(0, to) : ` ${line.slice(from, to)}`
  }
  return text
}

/** RFC 5621 §3.1: a user agent that understands a body by itself must understand it inside `multipart/mixed`, too. */
import type { ContentType } from './headers.ts'
import { parseContentType } from './headers.ts'

/** The first part of that type, if the body is what its type says. Parts of parts are not looked into. */
export function partOf(body: string, { type, params }: ContentType, wanted: string): string | undefined {
  const boundary = params.get('boundary')
  if (type !== 'multipart/mixed' || !boundary || boundary.length > 70) return undefined
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    if (part.startsWith('--')) return undefined
    const headEnd = part.indexOf('\r\n\r\n')
    if (headEnd >= 0 && typeOf(part.slice(0, headEnd)) === wanted) return part.slice(headEnd + 4)
  }
  return undefined
}

/** A part without a type is plain text (RFC 2046 §5.1). */
function typeOf(head: string): string {
  const line = head.split('\r\n').find((l) => l.toLowerCase().startsWith('content-type:')) ?? 'content-type:text/plain'
  const parsed = parseContentType(line.slice(line.indexOf(':') + 1).trim())
  return parsed.ok ? parsed.value.type : ''
}

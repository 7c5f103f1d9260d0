/** What Sotto understands, and how option lists are read. */
import { parseTokens } from './headers.ts'
import type { Header, Request, Response } from './message.ts'
import { headers } from './message.ts'

export const allowed = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO', 'REFER', 'REGISTER'] as const

/** NOTIFY is understood but not offered: nothing here subscribes. */
export const supported = ['timer', 'replaces', '100rel', 'path', 'norefersub'] as const

export const allowHeader: Header = { name: 'Allow', value: allowed.join(', ') }
export const supportedHeader: Header = { name: 'Supported', value: supported.join(', ') }
export const acceptHeader: Header = { name: 'Accept', value: 'application/sdp' }

/** The tokens of all lines of a header; an illegal line counts as empty. Option tags are compared in lower case, methods as they are. */
export function listed(message: Request | Response, name: string): ReadonlySet<string> {
  const lines = headers(message, name)
  if (lines.length === 0) return none
  const tokens = lines.flatMap((value) => {
    const parsed = parseTokens(value)
    return parsed.ok ? parsed.value : []
  })
  return new Set(name === 'Allow' ? tokens : tokens.map((token) => token.toLowerCase()))
}

/** Most messages list nothing. */
const none: ReadonlySet<string> = new Set()

/** RFC 3261 §8.2.2.3: what a request requires and we do not have. */
export function unsupported(request: Request): readonly string[] {
  const known: readonly string[] = supported
  return [...listed(request, 'Require')].filter((tag) => !known.includes(tag))
}

/**
 * SIP as the virtual phones read and write it. It shares nothing with `src/sip` on purpose: a misreading of RFC 3261 in one of the two shows
 * as a failed call instead of agreeing with itself.
 */
import { randomBytes } from 'node:crypto'

export interface SipMessage {
  /** The request line or status line. */
  readonly start: string
  /** In order; names as written by the sender, compact forms expanded to lower case. */
  readonly fields: readonly Field[]
  readonly body: string
}

export type Field = readonly [name: string, value: string]

const compact: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  k: 'supported',
  r: 'refer-to',
  b: 'referred-by',
  s: 'subject',
  e: 'content-encoding',
  o: 'event',
  u: 'allow-events',
  x: 'session-expires',
}

/** Undefined where the bytes are no SIP message at all; a peer of the phones is expected to write clean ones. */
export function parseMessage(text: string): SipMessage | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start, ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  if (start === undefined || !(start.startsWith('SIP/2.0 ') || start.endsWith(' SIP/2.0'))) return undefined
  const fields = lines.map(parseField)
  return fields.every((f) => f !== undefined) ? { start, fields, body: text.slice(end + 4) } : undefined
}

function parseField(line: string): Field | undefined {
  const colon = line.indexOf(':')
  if (colon <= 0) return undefined
  const name = line.slice(0, colon).trim()
  return [compact[name.toLowerCase()] ?? name, line.slice(colon + 1).trim()]
}

/** Content-Length is computed here; nobody else writes it. */
export function formatMessage(message: SipMessage): string {
  const fields = message.fields.filter(([name]) => name.toLowerCase() !== 'content-length')
  const lines = [message.start, ...fields.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${Buffer.byteLength(message.body)}`]
  return `${lines.join('\r\n')}\r\n\r\n${message.body}`
}

export const isRequest = (message: SipMessage): boolean => !message.start.startsWith('SIP/2.0 ')
export const methodOf = (request: SipMessage): string => request.start.slice(0, request.start.indexOf(' '))
export const requestUri = (request: SipMessage): string => request.start.split(' ')[1] ?? ''
export const statusOf = (response: SipMessage): number => Number(response.start.split(' ')[1])
export const reasonOf = (response: SipMessage): string => response.start.split(' ').slice(2).join(' ')

/** The first value of a field. */
export function field(message: SipMessage, name: string): string | undefined {
  return message.fields.find(([n]) => n.toLowerCase() === name)?.[1]
}

/** All values of a list field, split at the commas between them. */
export function list(message: SipMessage, name: string): readonly string[] {
  return message.fields.filter(([n]) => n.toLowerCase() === name).flatMap(([, value]) => splitList(value))
}

/** Commas inside quotes and angle brackets separate nothing. */
export function splitList(value: string): readonly string[] {
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

/** The URI of a `Name <uri>;param` value. */
export function uriOf(value: string): string {
  const bracketed = /<([^>]*)>/.exec(value)
  return bracketed?.[1] ?? value.split(';')[0]?.trim() ?? ''
}

/** A parameter behind the URI of a field value; '' for one without a value. */
export function param(value: string, name: string): string | undefined {
  const tail = value.includes('>') ? value.slice(value.lastIndexOf('>') + 1) : value
  for (const part of tail.split(';').slice(1)) {
    const [key, ...rest] = part.trim().split('=')
    if (key?.toLowerCase() === name) return rest.join('=').replace(/^"|"$/g, '')
  }
  return undefined
}

export interface UriParts {
  readonly user: string
  readonly host: string
  readonly port: number
  readonly params: string
}

export function uriParts(uri: string): UriParts {
  const match = /^(sips?):(?:([^@]*)@)?(\[[^\]]+\]|[^:;?]+)(?::(\d+))?([^?]*)/.exec(uri)
  const host = (match?.[3] ?? '').replace(/^\[|\]$/g, '')
  const user = decodeURIComponent((match?.[2] ?? '').split(':')[0] ?? '')
  return { user, host, port: Number(match?.[4] ?? (match?.[1] === 'sips' ? 5061 : 5060)), params: match?.[5] ?? '' }
}

/** A number or name as the user part of a URI: RFC 3261 §25.1 lets `*`, `+` and digits stand as they are. */
export const userPart = (user: string): string => user.replace(/[^\w\-.!~*'()&=+$,;?/]/g, (c) => encodeURIComponent(c))

export function displayNameOf(value: string): string | undefined {
  const name = value.includes('<') ? value.slice(0, value.indexOf('<')).trim() : ''
  return name === '' ? undefined : name.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1')
}

export const cseqOf = (message: SipMessage): { number: number; method: string } => {
  const [number, method] = (field(message, 'cseq') ?? '').split(/\s+/)
  return { number: Number(number), method: method ?? '' }
}

export const tagOf = (message: SipMessage, name: 'from' | 'to'): string | undefined => param(field(message, name) ?? '', 'tag')

export const newTag = (): string => randomBytes(6).toString('hex')
export const newBranch = (): string => `z9hG4bK${randomBytes(8).toString('hex')}`
export const newCallId = (): string => randomBytes(12).toString('hex')

export const reasonPhrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  420: 'Bad Extension',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
}

/** RFC 3261 §8.2.6.2: Via, From, To, Call-ID and CSeq are the request's; `toTag` is added where the request had none. */
export function respondTo(
  request: SipMessage,
  status: number,
  extra: { toTag?: string; fields?: readonly Field[]; body?: string } = {},
): SipMessage {
  const copied = request.fields.filter(([n]) => ['via', 'from', 'call-id', 'cseq', 'record-route'].includes(n.toLowerCase()))
  const to = field(request, 'to') ?? ''
  const tagged = param(to, 'tag') === undefined && extra.toTag !== undefined ? `${to};tag=${extra.toTag}` : to
  const fields: Field[] = [...copied, ['To', tagged], ['User-Agent', userAgent], ...(extra.fields ?? [])]
  return { start: `SIP/2.0 ${status} ${reasonPhrases[status] ?? 'Unknown'}`, fields, body: extra.body ?? '' }
}

export const userAgent = 'Sotto testkit phone'

/** Text to session descriptions (RFC 8866 §5, §9). Lines of types that a call does not need (b=, i=, k=, r= …) are passed over. */
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Address, Attribute, Origin, SessionDescription, Stream } from './description.ts'

const utf8 = new TextDecoder()

interface Draft {
  origin?: Origin
  name?: string
  connection?: Address
  readonly attributes: Attribute[]
  readonly streams: (Omit<Stream, 'connection' | 'attributes'> & { connection?: Address; readonly attributes: Attribute[] })[]
}

export function parseSdp(input: Uint8Array | string): Outcome<SessionDescription, string> {
  if (input.length > limits.sdpBytes) return fail('longer than any session description we take')
  const lines = (typeof input === 'string' ? input : utf8.decode(input)).split('\n', limits.sdpLines + 1)
  if (lines.length > limits.sdpLines) return fail('more lines than we take')
  const draft: Draft = { attributes: [], streams: [] }
  for (const [index, line] of lines.entries()) {
    const why = readLine(draft, withoutCr(line), index)
    if (why !== undefined) return fail(why)
  }
  const { origin, name, connection, attributes, streams } = draft
  if (origin === undefined) return fail('no o= line')
  return ok({ origin, name: name ?? '-', ...(connection !== undefined && { connection }), attributes, streams })
}

/** RFC 8866 §9: a line that ends with LF alone is understood. */
const withoutCr = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** Takes one line into the draft, or says why it cannot. What RFC 8866 §9 keeps out of a value is refused, since formats of refused streams go back. */
function readLine(draft: Draft, line: string, index: number): string | undefined {
  if (line === '') return undefined
  if (line.includes('\r') || line.includes('\0')) return 'a lone CR or a NUL'
  if (index === 0) return line === 'v=0' ? undefined : 'not a session description of version 0'
  if (line.charAt(1) !== '=') return 'a line without a type'
  const value = line.slice(2)
  switch (line.charAt(0)) {
    case 'o':
      return draft.origin === undefined ? readOrigin(draft, value) : 'a second o= line'
    case 's':
      draft.name ??= value === '' || value === ' ' ? '-' : value
      return undefined
    case 'c':
      return readConnection(draft, value)
    case 'a':
      ;(draft.streams.at(-1) ?? draft).attributes.push(readAttribute(value))
      return undefined
    case 'm':
      return readStream(draft, value)
    default:
      return undefined
  }
}

function readOrigin(draft: Draft, value: string): string | undefined {
  const [username = '', sessionId = '', version = '', net = '', type = '', host = '', ...more] = value.split(' ')
  const address = addressOf(net, type, host)
  if (address === undefined || more.length > 0 || username === '') return 'illegal o= line'
  if (!isNumber(sessionId, 20) || !isNumber(version, 20)) return 'illegal numbers in the o= line'
  draft.origin = { username, sessionId, version, address }
  return undefined
}

function readConnection(draft: Draft, value: string): string | undefined {
  const [net = '', type = '', host = '', ...more] = value.trim().split(' ')
  const address = addressOf(net, type, host)
  if (address === undefined || more.length > 0) return 'illegal c= line'
  const place = draft.streams.at(-1) ?? draft
  // A stream may list several multicast addresses; the first one is as good as any, since none of them is taken.
  place.connection ??= address
  return undefined
}

function addressOf(net: string, type: string, host: string): Address | undefined {
  if (net !== 'IN' || host === '') return undefined
  if (type === 'IP4') return { family: 4, host }
  return type === 'IP6' ? { family: 6, host } : undefined
}

function readAttribute(value: string): Attribute {
  const colon = value.indexOf(':')
  return colon < 0 ? { name: value } : { name: value.slice(0, colon), value: value.slice(colon + 1) }
}

/** `m=audio 49170 RTP/AVP 0 8`; a number of ports (`49170/2`) is read and ignored. */
function readStream(draft: Draft, value: string): string | undefined {
  const [kind = '', ports = '', protocol = '', ...formats] = value.split(' ').filter(Boolean)
  const [port = '', count, ...more] = ports.split('/')
  if (kind === '' || protocol === '' || formats.length === 0 || more.length > 0) return 'illegal m= line'
  if (!isNumber(port, 5) || Number(port) > 65_535 || (count !== undefined && !isNumber(count, 5))) return 'illegal port in an m= line'
  if (draft.streams.length === limits.sdpStreams) return 'more streams than we take'
  draft.streams.push({ kind, port: Number(port), protocol, formats, attributes: [] })
  return undefined
}

function isNumber(text: string, maxDigits: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false
  return text.length > 0 && text.length <= maxDigits
}

/**
 * Bytes to messages (RFC 3261 §7, §25). Strict where two readers could otherwise disagree: line ends, lengths, headers that may occur once.
 * Never throws, and looks at each byte a fixed number of times.
 */
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { consistsOf, decimal, isToken, isVisible } from './chars.ts'
import { fieldAt, findHeadEnd, headText } from './head.ts'
import { canonicalName } from './header-names.ts'
import { parseCSeq } from './headers.ts'
import type { CSeq, Header, Message, NameAddr, ProtocolFault, Request, Response, Uri, Via } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { parseUri } from './uri.ts'
import { parseVias } from './via.ts'

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: Uri | undefined }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }

/** What has been understood so far. The first fault is kept and reading goes on, because answering a request needs its headers. */
class Draft {
  start: StartLine | undefined
  readonly via: Via[] = []
  from: NameAddr | undefined
  to: NameAddr | undefined
  callId: string | undefined
  cseq: CSeq | undefined
  maxForwards: number | undefined
  contentLength: number | undefined
  readonly headers: Header[] = []
  readonly seen = new Set<string>()
  fault: { readonly status: number; readonly why: string } | undefined

  fail(status: number, why: string): void {
    this.fault ??= { status, why }
  }
}

/** Reads one complete message: a datagram, or what the framer cut from a stream. */
export function parse(bytes: Uint8Array): Outcome<Message, ProtocolFault> {
  if (bytes.length > limits.sipMessageBytes) return fail({ status: 513, why: 'longer than any message we take' })
  const begin = afterEmptyLines(bytes)
  const head = findHeadEnd(bytes, begin)
  const headEnd = head.end < 0 ? bytes.length : head.end
  const text = headText(bytes.subarray(begin, headEnd), head.ascii)
  const draft = new Draft()
  const next = readStartLine(draft, text)
  if (head.illegal >= 0) draft.fail(400, 'control character in the head')
  else if (head.end < 0) draft.fail(400, 'no empty line after the head')
  readFields(draft, text, next)
  return finish(draft, bytes.subarray(Math.min(headEnd + 4, bytes.length)))
}

/** RFC 3261 §7.5: empty lines before the start line are ignored. */
function afterEmptyLines(bytes: Uint8Array): number {
  let at = 0
  while (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) at += 2
  return at
}

function readStartLine(draft: Draft, text: string): number {
  const lineEnd = text.indexOf('\r\n')
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  if (/^SIP\//i.test(line.slice(0, 4))) readStatusLine(draft, line)
  else readRequestLine(draft, line)
  return lineEnd < 0 ? text.length : lineEnd + 2
}

/** RFC 3261 §7.2: one SP between the parts; the reason may be empty, its SP may not be missing. */
function readStatusLine(draft: Draft, line: string): void {
  const status = line.charCodeAt(7) === 0x20 && line.charCodeAt(11) === 0x20 ? decimal(line.slice(8, 11), 699) : undefined
  draft.start = { kind: 'response', status: status ?? 0, reason: line.slice(12) }
  if (line.slice(0, 7).toUpperCase() !== 'SIP/2.0') draft.fail(505, 'response of another version')
  if (status === undefined || status < 100) draft.fail(400, 'illegal status line')
}

/** RFC 3261 §7.1: exactly `Method SP Request-URI SP SIP-Version`. */
function readRequestLine(draft: Draft, line: string): void {
  const first = line.indexOf(' ')
  const second = line.indexOf(' ', first + 1)
  const method = line.slice(0, Math.max(first, 0))
  if (first < 0 || second < 0 || !isToken(method)) {
    draft.fail(400, 'illegal request line')
    return
  }
  const version = line.slice(second + 1)
  const uri = parseUri(line.slice(first + 1, second))
  draft.start = { kind: 'request', method, uri: uri.ok ? uri.value : undefined }
  if (isOtherVersion(version)) draft.fail(505, 'request of another version')
  else if (version.toUpperCase() !== 'SIP/2.0') draft.fail(400, 'illegal request line')
  else if (!uri.ok) draft.fail(400, `Request-URI: ${uri.error}`)
  else if ('headers' in uri.value && uri.value.headers.size > 0) draft.fail(400, 'Request-URI: headers are not allowed there')
}

function isOtherVersion(version: string): boolean {
  if (version.length > 16 || version.slice(0, 4).toUpperCase() !== 'SIP/' || version.slice(4) === '2.0') return false
  const [major = '', minor = '', ...more] = version.slice(4).split('.')
  return more.length === 0 && decimal(major, 999_999) !== undefined && decimal(minor, 999_999) !== undefined
}

function readFields(draft: Draft, text: string, start: number): void {
  let at = start
  for (let count = 0; at < text.length && count < limits.sipHeaders; count++) {
    const { field, next } = fieldAt(text, at)
    if (next - at > limits.sipHeaderBytes) draft.fail(400, 'header too long')
    else if (!isToken(field.name)) draft.fail(400, 'illegal header name')
    else readField(draft, canonicalName(field.name), field.value)
    at = next
  }
  if (at < text.length) draft.fail(400, 'too many headers')
}

function readField(draft: Draft, name: string, value: string): void {
  switch (name) {
    case 'Via':
      readVia(draft, value)
      return
    case 'From':
      if (once(draft, name)) draft.from = understood(draft, name, parseNameAddr(value))
      return
    case 'To':
      if (once(draft, name)) draft.to = understood(draft, name, parseNameAddr(value))
      return
    case 'Call-ID':
      if (once(draft, name)) draft.callId = understood(draft, name, parseCallId(value))
      return
    case 'CSeq':
      if (once(draft, name)) draft.cseq = understood(draft, name, parseCSeq(value))
      return
    case 'Max-Forwards':
      if (once(draft, name)) draft.maxForwards = understood(draft, name, parseNumber(value, 255))
      return
    case 'Content-Length':
      if (once(draft, name)) draft.contentLength = understood(draft, name, parseNumber(value, limits.sipMessageBytes))
      return
    case 'Content-Type':
    case 'Expires':
      if (once(draft, name)) draft.headers.push({ name, value })
      return
    default:
      draft.headers.push({ name, value })
  }
}

function readVia(draft: Draft, value: string): void {
  const vias = understood(draft, 'Via', parseVias(value))
  if (vias !== undefined) draft.via.push(...vias)
}

/** A second value is a fault, also for the answer: which of two Call-IDs should it carry? The first is kept. */
function once(draft: Draft, name: string): boolean {
  if (draft.seen.has(name)) draft.fail(400, `${name} given twice`)
  const isFirst = !draft.seen.has(name)
  draft.seen.add(name)
  return isFirst
}

function understood<T>(draft: Draft, name: string, outcome: Outcome<T, string>): T | undefined {
  if (outcome.ok) return outcome.value
  draft.fail(400, `${name}: ${outcome.error}`)
  return undefined
}

/** The grammar's `word ["@" word]` and, as deployed, any printable character. */
const parseCallId = (text: string): Outcome<string, string> => (consistsOf(text, isVisible) ? ok(text) : fail('illegal Call-ID'))

function parseNumber(text: string, max: number): Outcome<number, string> {
  const number = decimal(text, max)
  return number === undefined ? fail(`not a number from 0 to ${max}`) : ok(number)
}

function finish(draft: Draft, rest: Uint8Array): Outcome<Message, ProtocolFault> {
  const { start, via, from, to, callId, cseq } = draft
  const length = draft.contentLength ?? rest.length
  if (length > rest.length) draft.fail(400, 'body shorter than its Content-Length')
  if (start?.kind === 'request' && cseq !== undefined && cseq.method !== start.method) draft.fail(400, 'CSeq names another method')
  if (start === undefined || via.length === 0 || from === undefined || to === undefined || callId === undefined || cseq === undefined) {
    return fail(draft.fault ?? { status: 400, why: `without ${missing(draft)}` })
  }
  const common = { via, from, to, callId, cseq }
  if (draft.fault !== undefined) {
    return fail(start.kind === 'request' ? { ...draft.fault, answer: { ...common, method: start.method } } : draft.fault)
  }
  const content = { ...common, headers: draft.headers, body: rest.subarray(0, length) }
  return start.kind === 'response' ? ok(response(start, content)) : request(draft, start, content)
}

function missing(draft: Draft): string {
  if (draft.via.length === 0) return 'Via'
  if (draft.from === undefined) return 'From'
  if (draft.to === undefined) return 'To'
  return draft.callId === undefined ? 'Call-ID' : 'CSeq'
}

type Content = Pick<Request, 'via' | 'from' | 'to' | 'callId' | 'cseq' | 'headers' | 'body'>

const response = (start: Extract<StartLine, { kind: 'response' }>, content: Content): Response => ({ ...start, ...content })

/** RFC 2543 senders leave Max-Forwards out; RFC 3261 §16.6 would have a proxy add 70. */
function request(draft: Draft, start: Extract<StartLine, { kind: 'request' }>, content: Content): Outcome<Message, ProtocolFault> {
  if (start.uri === undefined) return fail({ status: 400, why: 'without Request-URI' })
  return ok({ kind: 'request', method: start.method, uri: start.uri, maxForwards: draft.maxForwards ?? 70, ...content })
}

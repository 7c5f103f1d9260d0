/** Header values with a structure of their own, beside addresses, Via and digest credentials. All take the value as the parser left it. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { decimal, isToken, isVisible } from './chars.ts'
import { COMMA, Cursor, SEMICOLON, SLASH } from './cursor.ts'
import type { CSeq, NameAddr, Params } from './message.ts'
import { parseNameAddrs } from './name-addr.ts'
import { readParams } from './params.ts'

const maxSequence = 2 ** 31 - 1
const maxSeconds = 2 ** 32 - 1

/** RFC 3261 §20.16; the number is below 2^31 (§8.1.1.5). */
export function parseCSeq(text: string): Outcome<CSeq, string> {
  const words = wordsOf(text)
  const number = decimal(words[0] ?? '', maxSequence)
  const method = words[1] ?? ''
  return words.length === 2 && number !== undefined && isToken(method) ? ok({ number, method }) : fail('illegal CSeq')
}

/** `Require`, `Supported`, `Allow`, `Unsupported`, `Allow-Events`, `Privacy` …: tokens between commas, as written; an empty value is an empty list. */
export function parseTokens(text: string): Outcome<readonly string[], string> {
  if (text.trim() === '') return ok([])
  const cursor = new Cursor(text)
  const tokens: string[] = []
  do {
    cursor.spaces()
    const token = cursor.token()
    if (token === '') return fail('illegal token list')
    tokens.push(token)
  } while (cursor.separator(COMMA))
  cursor.spaces()
  return cursor.done() ? ok(tokens) : fail('illegal token list')
}

/** `Expires`, `Min-Expires`, `Min-SE`, `RSeq`: whole numbers below 2^32, here without parameters. */
export function parseSeconds(text: string): Outcome<number, string> {
  const seconds = decimal(text, maxSeconds)
  return seconds === undefined ? fail('not a number of seconds') : ok(seconds)
}

/** RFC 3262 §7.1: 1 to 2^32 - 1. */
export function parseRSeq(text: string): Outcome<number, string> {
  const number = decimal(text, maxSeconds)
  return number === undefined || number === 0 ? fail('illegal RSeq') : ok(number)
}

export interface RAck {
  readonly rseq: number
  readonly cseq: CSeq
}

/** RFC 3262 §7.2. */
export function parseRAck(text: string): Outcome<RAck, string> {
  const words = wordsOf(text)
  const rseq = parseRSeq(words[0] ?? '')
  const cseq = parseCSeq(words.slice(1).join(' '))
  return rseq.ok && cseq.ok ? ok({ rseq: rseq.value, cseq: cseq.value }) : fail('illegal RAck')
}

/** `Retry-After: 18 (in a meeting);duration=3600` (RFC 3261 §20.33); the comment is dropped. */
export function parseRetryAfter(text: string): Outcome<number, string> {
  return parseSeconds(new Cursor(text).token())
}

export interface SessionExpires {
  readonly seconds: number
  readonly refresher?: 'uac' | 'uas'
}

/** RFC 4028 §4. */
export function parseSessionExpires(text: string): Outcome<SessionExpires, string> {
  const value = parseWithParams(text)
  if (!value.ok) return value
  const seconds = decimal(value.value.word, maxSeconds)
  if (seconds === undefined) return fail('illegal Session-Expires')
  const refresher = value.value.params.get('refresher')?.toLowerCase()
  if (refresher !== undefined && refresher !== 'uac' && refresher !== 'uas') return fail('illegal refresher')
  return ok({ seconds, ...(refresher !== undefined && { refresher }) })
}

/** RFC 4028 §5. */
export function parseMinSe(text: string): Outcome<number, string> {
  const value = parseWithParams(text)
  return value.ok ? parseSeconds(value.value.word) : value
}

export interface Replaces {
  readonly callId: string
  readonly toTag: string
  readonly fromTag: string
  readonly earlyOnly: boolean
}

/** RFC 3891 §6.1: exactly one `to-tag` and one `from-tag`. */
export function parseReplaces(text: string): Outcome<Replaces, string> {
  const value = parseWithParams(text)
  if (!value.ok) return value
  const { word: callId, params } = value.value
  const toTag = params.get('to-tag')
  const fromTag = params.get('from-tag')
  if (callId === '' || toTag === undefined || fromTag === undefined) return fail('Replaces without a dialog')
  return ok({ callId, toTag, fromTag, earlyOnly: params.has('early-only') })
}

export interface WithParams {
  readonly word: string
  readonly params: Params
}

/** `Subscription-State: terminated;reason=noresource` (RFC 6665 §8.2.3), `Reason: Q.850;cause=16` (RFC 3326), `Content-Disposition`. */
export function parseWithParams(text: string): Outcome<WithParams, string> {
  const cursor = new Cursor(text)
  const word = cursor.run(isWordChar)
  const params = readParams(cursor)
  if (!params.ok) return params
  cursor.spaces()
  return word !== '' && cursor.done() ? ok({ word, params: params.value }) : fail('illegal value')
}

const isWordChar = (code: number) => isVisible(code) && code !== SEMICOLON && code !== COMMA && code !== 0x22

export interface ContentType {
  /** `application/sdp`, in lower case. */
  readonly type: string
  readonly params: Params
}

/** RFC 3261 §20.15; space around the slash is legal. */
export function parseContentType(text: string): Outcome<ContentType, string> {
  const cursor = new Cursor(text)
  const main = cursor.token()
  const sub = cursor.separator(SLASH) ? cursor.token() : ''
  const params = readParams(cursor)
  if (!params.ok) return params
  cursor.spaces()
  if (main === '' || sub === '' || !cursor.done()) return fail('illegal Content-Type')
  return ok({ type: `${main}/${sub}`.toLowerCase(), params: params.value })
}

/** A REGISTER's Contact is one `*` for all bindings or a list of addresses (RFC 3261 §10.2.2). */
export function parseContacts(text: string): Outcome<'*' | readonly NameAddr[], string> {
  return text.trim() === '*' ? ok('*') : parseNameAddrs(text)
}

function wordsOf(text: string): string[] {
  return text.replaceAll('\t', ' ').split(' ').filter(Boolean)
}

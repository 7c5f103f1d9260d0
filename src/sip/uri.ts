/** URIs as SIP carries them: `sip:`, `sips:` (RFC 3261 §19.1), `tel:` (RFC 3966), and any other scheme kept as text. */
import { assert, unreachable } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { consistsOf, decimal, isDigit, isLetter, isPasswordChar, isUriHeaderChar, isUriParamChar, isUserChar, isVisible } from './chars.ts'
import { percentDecode, percentEncode } from './escape.ts'
import { formatHostPort, isHost, parseHostPort } from './host.ts'
import type { Params, SipUri, TelUri, Uri } from './message.ts'

/** Reads a URI that stands alone, without angle brackets and without space around it. */
export function parseUri(text: string): Outcome<Uri, string> {
  const colon = text.indexOf(':')
  if (colon <= 0 || !isScheme(text, colon)) return fail('a URI needs a scheme')
  const scheme = text.slice(0, colon).toLowerCase()
  const rest = text.slice(colon + 1)
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, rest)
  if (scheme === 'tel') return parseTel(rest)
  return consistsOf(rest, isOtherChar) ? ok({ scheme: 'other', text }) : fail('illegal character in a URI')
}

export function formatUri(uri: Uri): string {
  switch (uri.scheme) {
    case 'sip':
    case 'sips':
      return formatSip(uri)
    case 'tel':
      return `tel:${percentEncode(uri.number, isNumberChar)}${formatUriParams(uri.params)}`
    case 'other':
      return percentEncode(uri.text, isOtherChar)
    default:
      return unreachable(uri)
  }
}

/** What a caller names of a URI that he builds; everything else is empty. */
export interface SipUriParts {
  readonly scheme?: 'sip' | 'sips'
  readonly user?: string
  /** An IPv6 address without brackets. */
  readonly host: string
  readonly port?: number | undefined
  readonly params?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}

export function sipUri(parts: SipUriParts): SipUri {
  return {
    scheme: parts.scheme ?? 'sip',
    ...(parts.user !== undefined && { user: parts.user }),
    host: parts.host.toLowerCase(),
    ...(parts.port !== undefined && { port: parts.port }),
    params: new Map(Object.entries(parts.params ?? {})),
    headers: new Map(Object.entries(parts.headers ?? {})),
  }
}

function isScheme(text: string, end: number): boolean {
  if (!isLetter(text.charCodeAt(0))) return false
  for (let i = 1; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isLetter(code) && !isDigit(code) && code !== 0x2b && code !== 0x2d && code !== 0x2e) return false
  }
  return true
}

const none: Params = new Map()
const noHeaders: ReadonlyMap<string, string> = new Map()

/** `@` is legal in no other part of a SIP URI, so the first one ends the user, whose `;` and `?` are then the user's own. */
function parseSip(scheme: 'sip' | 'sips', rest: string): Outcome<SipUri, string> {
  const at = rest.indexOf('@')
  const user = at < 0 ? undefined : parseUser(rest.slice(0, at))
  if (user !== undefined && !user.ok) return user
  const tail = at < 0 ? rest : rest.slice(at + 1)
  const question = tail.indexOf('?')
  const beforeHeaders = question < 0 ? tail : tail.slice(0, question)
  const semicolon = beforeHeaders.indexOf(';')
  const hostPort = parseHostPort(semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon))
  if (hostPort === undefined) return fail('illegal host or port')
  const params = semicolon < 0 ? ok(none) : parseUriParams(beforeHeaders.slice(semicolon + 1))
  if (!params.ok) return params
  const headers = question < 0 ? ok(noHeaders) : parseUriHeaders(tail.slice(question + 1))
  if (!headers.ok) return headers
  return ok({
    scheme,
    ...user?.value,
    host: hostPort.host.toLowerCase(),
    ...(hostPort.port !== undefined && { port: hostPort.port }),
    params: params.value,
    headers: headers.value,
  })
}

function parseUser(text: string): Outcome<{ user: string; password?: string }, string> {
  const colon = text.indexOf(':')
  const user = percentDecode(colon < 0 ? text : text.slice(0, colon), isDialledChar)
  if (!user.ok) return user
  if (user.value === '') return fail('empty user')
  if (colon < 0) return ok({ user: user.value })
  const password = percentDecode(text.slice(colon + 1), isPasswordChar)
  return password.ok ? ok({ user: user.value, password: password.value }) : password
}

/** Phones dial `#` unescaped (`sip:*72#@…`), which the grammar forbids and nothing else can mean; it is written back escaped. */
const isDialledChar = (code: number) => isUserChar(code) || code === 0x23

/** A name that occurs twice is refused (RFC 3261 §19.1.1): two readers could otherwise follow two different values. */
function parseUriParams(text: string): Outcome<Params, string> {
  const params = new Map<string, string | undefined>()
  for (const piece of text.split(';')) {
    const equals = piece.indexOf('=')
    const name = percentDecode(equals < 0 ? piece : piece.slice(0, equals), isUriParamChar)
    if (!name.ok) return name
    const value = equals < 0 ? undefined : percentDecode(piece.slice(equals + 1), isUriParamChar)
    if (value !== undefined && !value.ok) return value
    const key = name.value.toLowerCase()
    if (key === '') return fail('empty URI parameter')
    if (params.has(key)) return fail('URI parameter given twice')
    params.set(key, value?.value)
  }
  return ok(params)
}

function parseUriHeaders(text: string): Outcome<ReadonlyMap<string, string>, string> {
  const headers = new Map<string, string>()
  for (const piece of text.split('&')) {
    const equals = piece.indexOf('=')
    if (equals <= 0) return fail('URI header without a name or value')
    const name = percentDecode(piece.slice(0, equals), isUriHeaderChar)
    if (!name.ok) return name
    const value = percentDecode(piece.slice(equals + 1), isSentHeaderChar)
    if (!value.ok) return value
    headers.set(name.value, value.value)
  }
  return ok(headers)
}

/** Some phones leave `@`, `;` and `=` of a `Replaces` unescaped in Refer-To; none of them can end the value. */
const isSentHeaderChar = (code: number) => isUriHeaderChar(code) || code === 0x40 || code === 0x3b || code === 0x3d

function parseTel(rest: string): Outcome<TelUri, string> {
  const semicolon = rest.indexOf(';')
  const number = withoutSeparators(semicolon < 0 ? rest : rest.slice(0, semicolon))
  const subscriber = number.startsWith('+') ? number.slice(1) : number
  if (!consistsOf(subscriber, number.startsWith('+') ? isDigit : isLocalDigit)) return fail('illegal telephone number')
  const params = semicolon < 0 ? ok(none) : parseUriParams(rest.slice(semicolon + 1))
  return params.ok ? ok({ scheme: 'tel', number, params: params.value }) : params
}

/** RFC 3966 §5.1.1: `-`, `.`, `(` and `)` are only there for the eye. */
function withoutSeparators(text: string): string {
  let number = ''
  for (let i = 0; i < text.length; i++) if (!'-.()'.includes(text.charAt(i))) number += text.charAt(i)
  return number
}

const isLocalDigit = (code: number) =>
  isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66) || code === 0x2a || code === 0x23
const isNumberChar = (code: number) => code === 0x2b || isLocalDigit(code)

/** Printable, and nothing that could end the URI in a header. A `%` stays: it begins an escape already. */
const isOtherChar = (code: number) => isVisible(code) && code !== 0x22 && code !== 0x3c && code !== 0x3e

function formatSip(uri: SipUri): string {
  assert(isHost(uri.host), 'a URI is written with a legal host')
  assert(uri.port === undefined || decimal(String(uri.port), 65_535) !== undefined, 'a URI is written with a legal port')
  let text = `${uri.scheme}:`
  if (uri.user !== undefined) {
    text += percentEncode(uri.user, isUserChar)
    if (uri.password !== undefined) text += `:${percentEncode(uri.password, isPasswordChar)}`
    text += '@'
  }
  text += formatHostPort(uri) + formatUriParams(uri.params)
  return uri.headers.size === 0 ? text : `${text}?${formatUriHeaders(uri.headers)}`
}

function formatUriParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) {
    text += `;${percentEncode(name, isUriParamChar)}`
    if (value !== undefined) text += `=${percentEncode(value, isUriParamChar)}`
  }
  return text
}

function formatUriHeaders(headers: ReadonlyMap<string, string>): string {
  const pieces: string[] = []
  for (const [name, value] of headers) pieces.push(`${percentEncode(name, isUriHeaderChar)}=${percentEncode(value, isUriHeaderChar)}`)
  return pieces.join('&')
}

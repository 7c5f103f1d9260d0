/** The values of WWW-Authenticate, Proxy-Authenticate, Authorization and Proxy-Authorization (RFC 3261 §20.44, §20.7; RFC 7616 §3). */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { consistsOf, isHexChar, isValueChar } from './chars.ts'
import { COMMA, Cursor, EQUALS } from './cursor.ts'
import { parseTokens } from './headers.ts'

/** An authentication scheme with its parameters: names in lower case, values unquoted. */
export interface AuthValue {
  /** In lower case: `digest`. */
  readonly scheme: string
  readonly params: ReadonlyMap<string, string>
}

export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string
  /** As written; `MD5` when it is missing. */
  readonly algorithm: string
  /** In lower case; empty when the server knows none (RFC 2069). */
  readonly qop: readonly string[]
  readonly stale: boolean
}

export interface Credentials {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  /** Hexadecimal, in lower case. */
  readonly response: string
  /** As written; `MD5` when it is missing. */
  readonly algorithm: string
  readonly qop?: string
  readonly cnonce?: string
  /** The eight hexadecimal digits as written, which are part of what is hashed, and their value. */
  readonly nonceCount?: { readonly text: string; readonly value: number }
}

export function parseAuthValue(text: string): Outcome<AuthValue, string> {
  const cursor = new Cursor(text)
  const scheme = cursor.token().toLowerCase()
  if (scheme === '') return fail('authentication without a scheme')
  const params = new Map<string, string>()
  cursor.spaces()
  do {
    const name = cursor.token().toLowerCase()
    if (name === '' || !cursor.separator(EQUALS)) return fail('illegal authentication parameter')
    const value = cursor.peek() === 0x22 ? cursor.quoted() : cursor.run(isValueChar)
    if (value === undefined) return fail('quoted string without an end')
    if (params.has(name)) return fail(`authentication parameter ${name} given twice`)
    params.set(name, value)
  } while (cursor.separator(COMMA))
  cursor.spaces()
  return cursor.done() ? ok({ scheme, params }) : fail('something follows the authentication')
}

/** Reads a digest challenge. */
export function parseChallenge(text: string): Outcome<Challenge, string> {
  const value = parseAuthValue(text)
  if (!value.ok) return value
  const { scheme, params } = value.value
  const realm = params.get('realm')
  const nonce = params.get('nonce')
  const opaque = params.get('opaque')
  const qop = parseTokens(params.get('qop')?.toLowerCase() ?? '')
  if (scheme !== 'digest') return fail('not a digest')
  if (realm === undefined || !nonce || !qop.ok) return fail('illegal challenge')
  const stale = params.get('stale')?.toLowerCase() === 'true'
  return ok({ realm, nonce, ...(opaque !== undefined && { opaque }), algorithm: params.get('algorithm') ?? 'MD5', qop: qop.value, stale })
}

/** Reads digest credentials. A hashed user name (RFC 7616 §3.4.4) is never asked for, so it is refused. */
export function parseCredentials(text: string): Outcome<Credentials, string> {
  const value = parseAuthValue(text)
  if (!value.ok) return value
  const { scheme, params } = value.value
  if (scheme !== 'digest') return fail('not a digest')
  const username = params.get('username')
  const realm = params.get('realm')
  const nonce = params.get('nonce')
  const uri = params.get('uri')
  const response = params.get('response')?.toLowerCase()
  if (!username || realm === undefined || !nonce || !uri || !response || params.get('userhash') === 'true')
    return fail('illegal credentials')
  const nonceCount = parseNonceCount(params.get('nc'))
  if (!nonceCount.ok) return nonceCount
  return ok({
    ...{ username, realm, nonce, uri, response, algorithm: params.get('algorithm') ?? 'MD5' },
    ...optional('qop', params.get('qop')?.toLowerCase()),
    ...optional('cnonce', params.get('cnonce')),
    ...optional('nonceCount', nonceCount.value),
  })
}

function parseNonceCount(text: string | undefined): Outcome<Credentials['nonceCount'], string> {
  if (text === undefined) return ok(undefined)
  return text.length === 8 && consistsOf(text, isHexChar) ? ok({ text, value: Number.parseInt(text, 16) }) : fail('illegal nonce count')
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { readonly [K in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]: T })
}

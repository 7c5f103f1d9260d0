/** The phones' side of HTTP digest (RFC 3261 §22, RFC 8760), and the trunk's when it challenges. Independent of `src/sip/digest.ts`. */
import { createHash, randomBytes } from 'node:crypto'
import { type Field, methodOf, requestUri, type SipMessage } from './phone-message.ts'

type Challenge = ReadonlyMap<string, string>

const algorithms: Readonly<Record<string, string>> = { 'sha-256': 'sha256', md5: 'md5' }

/** `SHA-256` where the peer offers it, else MD5: RFC 8760 §2.4 puts the preferred first, and ours is the strongest. */
export class Credentials {
  readonly #user: string
  readonly #password: string
  readonly #uses = new Map<string, number>()

  constructor(user: string, password: string) {
    this.#user = user
    this.#password = password
  }

  /** The field that answers a 401 or 407, or undefined where nothing in it can be answered. */
  answer(response: SipMessage, request: { readonly method: string; readonly uri: string }): Field | undefined {
    const proxy = response.start.includes(' 407 ')
    const name = proxy ? 'proxy-authenticate' : 'www-authenticate'
    const challenges = response.fields.filter(([n]) => n.toLowerCase() === name).map(([, value]) => readDigest(value))
    const known = challenges.filter((c) => algorithmOf(c) in algorithms)
    const chosen = known.find((c) => algorithmOf(c) === 'sha-256') ?? known[0]
    if (chosen === undefined) return undefined
    return [proxy ? 'Proxy-Authorization' : 'Authorization', this.#authorize(chosen, request)]
  }

  #authorize(challenge: Challenge, request: { readonly method: string; readonly uri: string }): string {
    const nonce = challenge.get('nonce') ?? ''
    const use = (this.#uses.get(nonce) ?? 0) + 1
    this.#uses.set(nonce, use)
    const parts = {
      username: this.#user,
      realm: challenge.get('realm') ?? '',
      nonce,
      uri: request.uri,
      qop: (challenge.get('qop') ?? '')
        .split(',')
        .map((q) => q.trim())
        .includes('auth')
        ? 'auth'
        : undefined,
      nc: use.toString(16).padStart(8, '0'),
      cnonce: randomBytes(8).toString('hex'),
      algorithm: algorithmOf(challenge),
    }
    return print(parts, digest(parts, { password: this.#password, method: request.method }), challenge)
  }
}

interface Parts {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly qop: string | undefined
  readonly nc: string
  readonly cnonce: string
  readonly algorithm: string
}

function digest(parts: Parts, secret: { readonly password: string; readonly method: string }): string {
  const hash = (text: string) =>
    createHash(algorithms[parts.algorithm] ?? 'md5')
      .update(text)
      .digest('hex')
  const ha1 = hash(`${parts.username}:${parts.realm}:${secret.password}`)
  const ha2 = hash(`${secret.method}:${parts.uri}`)
  return parts.qop === undefined
    ? hash(`${ha1}:${parts.nonce}:${ha2}`)
    : hash(`${ha1}:${parts.nonce}:${parts.nc}:${parts.cnonce}:${parts.qop}:${ha2}`)
}

function print(parts: Parts, response: string, challenge: Challenge): string {
  const fields = [
    `username="${parts.username}"`,
    `realm="${parts.realm}"`,
    `nonce="${parts.nonce}"`,
    `uri="${parts.uri}"`,
    `response="${response}"`,
  ]
  if (challenge.has('algorithm')) fields.push(`algorithm=${challenge.get('algorithm')}`)
  if (challenge.has('opaque')) fields.push(`opaque="${challenge.get('opaque')}"`)
  if (parts.qop !== undefined) fields.push(`qop=${parts.qop}`, `nc=${parts.nc}`, `cnonce="${parts.cnonce}"`)
  return `Digest ${fields.join(', ')}`
}

const algorithmOf = (challenge: Challenge): string => (challenge.get('algorithm') ?? 'MD5').toLowerCase()

function readDigest(value: string): Challenge {
  const found = new Map<string, string>()
  for (const [, key, quoted, bare] of value.matchAll(/(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,]+))/g)) {
    if (key !== undefined) found.set(key.toLowerCase(), quoted ?? bare ?? '')
  }
  return found
}

/** What a challenging trunk sends. One nonce per challenge, MD5, as most carriers still do. */
export const challengeField = (realm: string): Field => [
  'Proxy-Authenticate',
  `Digest realm="${realm}", nonce="${randomBytes(12).toString('hex')}", algorithm=MD5, qop="auth"`,
]

/** Whether a request answers a challenge rightly. A trunk of the testkit does not keep nonces: it proves the password, not freshness. */
export function proves(request: SipMessage, account: { readonly user: string; readonly password: string }): boolean {
  const value = request.fields.find(([n]) => n.toLowerCase() === 'proxy-authorization')?.[1]
  if (value === undefined) return false
  const given = readDigest(value)
  const parts: Parts = {
    username: account.user,
    realm: given.get('realm') ?? '',
    nonce: given.get('nonce') ?? '',
    uri: requestUri(request),
    qop: given.get('qop'),
    nc: given.get('nc') ?? '',
    cnonce: given.get('cnonce') ?? '',
    algorithm: algorithmOf(given),
  }
  const response = digest(parts, { password: account.password, method: methodOf(request) })
  return given.get('username') === account.user && given.get('uri') === parts.uri && given.get('response') === response
}

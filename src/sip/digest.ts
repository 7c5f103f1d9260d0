/**
 * Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760): as a server that challenges phones, and as a client that answers trunks.
 * SHA-256 and MD5, `qop=auth`. `auth-int` is refused both ways: proxies that touch a body would break it.
 */
import { unreachable } from '../kernel/assert.ts'
import { limits } from '../kernel/limits.ts'
import { type Instant, instant } from '../kernel/time.ts'
import { type Challenge, type Credentials, parseChallenge } from './authorization.ts'
import { decimal } from './chars.ts'
import { quote } from './cursor.ts'
import type { Uri } from './message.ts'
import { sameUri } from './same-uri.ts'
import { parseUri } from './uri.ts'

/** Hash functions come from outside: of a text's UTF-8 bytes, in lower-case hexadecimal. */
export interface Hash {
  md5(text: string): string
  sha256(text: string): string
}

export type Algorithm = 'SHA-256' | 'MD5'

/** What a request has to prove. */
export interface Claim {
  readonly credentials: Credentials
  readonly method: string
  /** Checked against the digest's own `uri`, so that credentials cannot be moved to another request (RFC 3261 §22.4); not without it. */
  readonly requestUri?: Uri
  /** Of the named user; `undefined` for an unknown user, who is refused after the same computation with the same answer. */
  readonly password: string | undefined
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly username: string }
  /** To be answered by a challenge with this `stale`; `why` is for the log only. */
  | { readonly kind: 'refused'; readonly stale: boolean; readonly why: string }

export interface DigestSettings {
  readonly realm: string
  /** Unguessable; a new one makes all nonces stale, which phones survive without asking their user. */
  readonly secret: string
  readonly hash: Hash
  /** Strongest first. */
  readonly algorithms?: readonly Algorithm[]
}

interface Seen {
  readonly issuedAt: Instant
  count: number
}

/**
 * Challenges and verifies. Nonces need no memory until one is used with success: each carries its time of issue and a keyed hash. From then
 * on its count has to grow, so that captured credentials are worthless.
 */
export class DigestVerifier {
  readonly #settings: DigestSettings
  /** By nonce, in the order of first use. */
  readonly #seen = new Map<string, Seen>()
  /** Nonces issued until then and not in `#seen` may be forgotten ones, hence they are stale. */
  #forgottenUntil = instant(Number.NEGATIVE_INFINITY)

  constructor(settings: DigestSettings) {
    this.#settings = settings
  }

  /** Values for WWW-Authenticate or Proxy-Authenticate, one field line each, the strongest first (RFC 8760 §2.4). `salt` is random hex. */
  challenge(at: Instant, salt: string, stale = false, offered?: readonly Algorithm[]): readonly string[] {
    const { realm, algorithms = offered ?? ['SHA-256', 'MD5'] } = this.#settings
    const issue = `${Math.floor(at)}-${salt}`
    const nonce = `${issue}-${this.#seal(issue)}`
    const ending = stale ? ', stale=true' : ''
    return algorithms.map((algorithm) => `Digest realm=${quote(realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${ending}`)
  }

  verify(at: Instant, claim: Claim): Verdict {
    const { credentials } = claim
    const isProven = this.#isProven(claim)
    if (credentials.realm !== this.#settings.realm) return refused('another realm')
    const issuedAt = this.#issuedAt(credentials.nonce)
    if (issuedAt === undefined || issuedAt < at - limits.sipNonceMs || issuedAt > at + 1000) return refused('nonce is not valid now', true)
    if (!isProven) return refused('wrong response')
    if (!this.#count(credentials, issuedAt)) return refused('nonce count used before', true)
    return { kind: 'accepted', username: credentials.username }
  }

  /** Computes the response whatever is wrong: time tells nobody which user exists. */
  #isProven(claim: Claim): boolean {
    const { credentials, method, password, requestUri } = claim
    const { hash, secret } = this.#settings
    const algorithm = knownAlgorithm(credentials.algorithm)
    const { username, realm, nonce, uri, cnonce = '', nonceCount } = credentials
    const proof = { username, realm, password: password ?? secret, nonce, uri, cnonce, nonceCount: nonceCount?.text ?? '', method }
    const expected = responseOf({ ...proof, hash, algorithm: algorithm ?? 'MD5' })
    const isEqual = sameSecret(expected, credentials.response)
    if (algorithm === undefined || !(this.#settings.algorithms ?? ['SHA-256', 'MD5']).includes(algorithm)) return false
    if (credentials.qop !== 'auth' || nonceCount === undefined || cnonce === '') return false
    return isEqual && password !== undefined && (requestUri === undefined || isUri(uri, requestUri))
  }

  #issuedAt(nonce: string): Instant | undefined {
    const [time = '', salt = '', seal = '', ...more] = nonce.split('-')
    const ms = decimal(time, Number.MAX_SAFE_INTEGER)
    const isOurs = sameSecret(this.#seal(`${time}-${salt}`), seal)
    return ms !== undefined && more.length === 0 && isOurs ? instant(ms) : undefined
  }

  /** Hashed twice with the secret, so that a hash over a longer text cannot be continued from it. */
  #seal(issue: string): string {
    const { hash, secret, realm } = this.#settings
    return hash.sha256(`${secret}:${hash.sha256(`${secret}:${issue}:${realm}`)}`).slice(0, 32)
  }

  #count(credentials: Credentials, issuedAt: Instant): boolean {
    const count = credentials.nonceCount?.value ?? 0
    const seen = this.#seen.get(credentials.nonce)
    if (seen !== undefined) {
      if (count <= seen.count) return false
      seen.count = count
      return true
    }
    if (count === 0 || issuedAt <= this.#forgottenUntil) return false
    this.#seen.set(credentials.nonce, { issuedAt, count })
    this.#forgetOldest()
    return true
  }

  #forgetOldest(): void {
    if (this.#seen.size <= limits.sipNonceUses) return
    for (const [nonce, { issuedAt }] of this.#seen) {
      this.#seen.delete(nonce)
      if (issuedAt > this.#forgottenUntil) this.#forgottenUntil = issuedAt
      return
    }
  }
}

export interface Answer {
  readonly username: string
  readonly password: string
  readonly method: string
  /** The Request-URI as it will be written. */
  readonly uri: string
  /** Random hex. */
  readonly cnonce: string
  readonly hash: Hash
  /** How many requests this nonce has served, this one included. */
  readonly nonceCount?: number
}

/**
 * The value for Authorization or Proxy-Authorization that answers the strongest of the challenges (their header values); RFC 8760 §2.4 lets
 * local policy choose so rather than by order. `undefined` when none can be answered.
 */
export function respond(challenges: readonly string[], answer: Answer): string | undefined {
  const chosen = strongest(challenges)
  if (chosen === undefined) return undefined
  const { challenge, algorithm } = chosen
  const withQop = challenge.qop.length > 0
  const nonceCount = withQop ? (answer.nonceCount ?? 1).toString(16).padStart(8, '0') : ''
  const { username, cnonce, uri } = answer
  const { realm, nonce } = challenge
  const response = responseOf({ ...answer, realm, nonce, nonceCount, algorithm })
  const identity = `username=${quote(username)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(uri)}`
  const opaque = challenge.opaque === undefined ? '' : `, opaque=${quote(challenge.opaque)}`
  const count = withQop ? `, qop=auth, nc=${nonceCount}, cnonce="${cnonce}"` : ''
  return `Digest ${identity}, response="${response}", algorithm=${algorithm}${opaque}${count}`
}

/** A challenge without `qop` is answered the way of RFC 2069; one that only offers `auth-int`, or another algorithm, not at all. */
function strongest(values: readonly string[]): { challenge: Challenge; algorithm: Algorithm } | undefined {
  let best: { challenge: Challenge; algorithm: Algorithm } | undefined
  for (const value of values) {
    const challenge = parseChallenge(value)
    const algorithm = challenge.ok ? knownAlgorithm(challenge.value.algorithm) : undefined
    if (!challenge.ok || algorithm === undefined) continue
    if (challenge.value.qop.length > 0 && !challenge.value.qop.includes('auth')) continue
    if (best === undefined || (best.algorithm === 'MD5' && algorithm === 'SHA-256')) best = { challenge: challenge.value, algorithm }
  }
  return best
}

interface Proof {
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly method: string
  readonly uri: string
  readonly nonce: string
  readonly cnonce: string
  /** Empty for RFC 2069. */
  readonly nonceCount: string
  readonly algorithm: Algorithm
  readonly hash: Hash
}

/** RFC 7616 §3.4.1. */
function responseOf(proof: Proof): string {
  const identity = hashed(proof, `${proof.username}:${proof.realm}:${proof.password}`)
  const action = hashed(proof, `${proof.method}:${proof.uri}`)
  const uniqueness = proof.nonceCount === '' ? proof.nonce : `${proof.nonce}:${proof.nonceCount}:${proof.cnonce}:auth`
  return hashed(proof, `${identity}:${uniqueness}:${action}`)
}

function hashed({ hash, algorithm }: Proof, text: string): string {
  switch (algorithm) {
    case 'MD5':
      return hash.md5(text)
    case 'SHA-256':
      return hash.sha256(text)
    default:
      return unreachable(algorithm)
  }
}

function knownAlgorithm(name: string): Algorithm | undefined {
  const known = name.toUpperCase()
  return known === 'MD5' || known === 'SHA-256' ? known : undefined
}

/** Compares every character, so that the time says nothing about where the first difference is. */
function sameSecret(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function isUri(text: string, uri: Uri): boolean {
  const parsed = parseUri(text)
  return parsed.ok && sameUri(parsed.value, uri)
}

const refused = (why: string, stale = false): Verdict => ({ kind: 'refused', stale, why })

import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { parseCredentials } from './authorization.ts'
import { type Algorithm, DigestVerifier, type Hash } from './digest.ts'
import type { ExtensionSettings, Flow, TrunkSettings, UserAgentSettings } from './door.ts'
import type { Identities } from './identities.ts'
import type { Header, Request } from './message.ts'
import { header, headers } from './message.ts'
import { type PassKey, readPass } from './pass.ts'

export type Admission =
  | { readonly kind: 'extension'; readonly extension: ExtensionSettings }
  | { readonly kind: 'trunk'; readonly trunk: TrunkSettings }
  /** Nobody yet: to be answered by 401 with these. */
  | { readonly kind: 'stranger'; readonly challenge: readonly Header[] }

/**
 * Who sends a request, by proof: a trunk by where it comes from, an extension by digest. What From says is never believed. 401 rather than
 * 407: we end the calls ourselves, we are no proxy (RFC 3261 §22.2).
 */
export class Admissions {
  readonly #random: Random
  readonly #verifier: DigestVerifier
  readonly #passKey: PassKey | undefined

  constructor({ realm, passSecret }: Pick<UserAgentSettings, 'realm' | 'passSecret'>, random: Random, hash: Hash) {
    this.#random = random
    this.#passKey = passSecret === undefined ? undefined : { secret: passSecret, hash }
    this.#verifier = new DigestVerifier({ realm, hash, secret: random.hex(32) })
  }

  admit(at: Instant, request: Request, by: { readonly flow: Flow; readonly identities: Identities }): Admission {
    const trunk = request.method === 'REGISTER' ? undefined : by.identities.trustedAt(by.flow)
    if (trunk !== undefined) return { kind: 'trunk', trunk }
    let stale = false
    for (const value of headers(request, 'Authorization')) {
      const credentials = parseCredentials(value)
      if (!credentials.ok) continue
      const { extension, password } = this.#claimed(at, credentials.value.username, by.identities)
      const claim = { credentials: credentials.value, method: request.method, requestUri: request.uri, password }
      const verdict = this.#verifier.verify(at, claim)
      if (verdict.kind === 'accepted' && extension !== undefined) return { kind: 'extension', extension }
      if (verdict.kind === 'refused') stale ||= verdict.stale
    }
    const challenges = this.#verifier.challenge(at, this.#random.hex(8), stale, algorithmsFor(request))
    return { kind: 'stranger', challenge: challenges.map((value) => ({ name: 'WWW-Authenticate', value })) }
  }

  /** Whom a name stands for, and what proves it: the extension's own password, or that of a pass. */
  #claimed(
    at: Instant,
    username: string,
    identities: Identities,
  ): { readonly extension?: ExtensionSettings; readonly password: string | undefined } {
    const extension = identities.extension(username)
    if (extension !== undefined) return { extension, password: extension.password }
    const pass = this.#passKey && readPass(this.#passKey, at, username)
    const meant = pass && identities.extension(pass.name)
    return meant === undefined ? { password: undefined } : { extension: meant, password: pass?.password }
  }
}

/**
 * The strongest first (RFC 8760 §2.4), but for phones that would rather not call than read on: baresip before version 2 gives up at any field
 * it cannot compute, and scripted phones (SIPp), which name no User-Agent, read the first field only. It tells nobody who exists.
 */
function algorithmsFor(request: Request): readonly Algorithm[] {
  const phone = header(request, 'User-Agent')
  if (phone === undefined) return ['MD5', 'SHA-256']
  return /^baresip v?[01]\./i.test(phone) ? ['MD5'] : ['SHA-256', 'MD5']
}

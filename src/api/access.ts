/** Who asks: the credential of a request, and the identity behind it. */
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Caller, CallerRole } from '../control/command.ts'
import { digest, SecretIndex } from '../http/secrets.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Identity } from './identity.ts'
import type { TokenStore } from './tokens.ts'

/** A native API key as the configuration has it. */
export interface NativeKey {
  readonly account: AccountId
  readonly key: string
  readonly role: CallerRole
  readonly user?: string
}

export class Access {
  readonly #keys = new SecretIndex<Identity>()
  readonly #byCredential = new Map<string, Identity>()
  readonly #tokens: TokenStore

  constructor(keys: readonly NativeKey[], tokens: TokenStore) {
    this.#tokens = tokens
    for (const key of keys) this.#addKey(key)
  }

  #addKey({ account, key, role, user }: NativeKey): void {
    const keyDigest = digest(key)
    const credential = keyDigest.toString('hex')
    const known = { account, role, credential: credential.slice(0, 16), via: 'native' }
    const caller: Caller = user === undefined ? known : { ...known, user }
    this.#keys.add(keyDigest, { caller, credential })
    this.#byCredential.set(credential, { caller, credential })
  }

  /** The identity behind a credential of either kind. */
  identify(at: Instant, credential: string | undefined): Outcome<Identity, Refusal> {
    if (credential === undefined) return fail(refusal('unauthenticated'))
    const byKey = this.#keys.find(credential)
    if (byKey !== undefined) return ok(byKey)
    const byToken = this.#tokens.find(at, credential)
    if (byToken === undefined) return fail(refusal('unauthenticated', { why: 'The credential is unknown or was revoked.' }))
    if (byToken.expiresAt <= at) return fail(refusal('token-expired'))
    return ok(byToken.identity)
  }

  /** The key that a session was opened with, while the configuration has it. */
  keyOf(credential: string): Identity | undefined {
    return this.#byCredential.get(credential)
  }

  /** Only API keys open the token endpoint: a token must not prolong itself. */
  keyHolder(key: string): Identity | undefined {
    return this.#keys.find(key)
  }
}

/** RFC 6750 §2.1. */
export function bearer(authorization: string | undefined): string | undefined {
  return /^bearer +([!-~]+) *$/i.exec(authorization ?? '')?.[1]
}

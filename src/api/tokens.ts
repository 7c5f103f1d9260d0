import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Identity } from './identity.ts'
import { digest, SecretIndex } from './secrets.ts'

interface Token {
  readonly identity: Identity
  readonly expiresAt: Instant
}

export interface TokenSettings {
  readonly lifeMs: number
  /** The oldest token goes first when there are more. */
  readonly most: number
}

/** Access tokens, by digest. A lapsed token stays known until room is needed, so that its holder learns that it lapsed. */
export class TokenStore {
  readonly #index = new SecretIndex<Token>()
  /** Digests in the order of issue, which is the order of expiry. */
  readonly #issued: Buffer[] = []
  readonly #settings: TokenSettings
  readonly #random: Random

  constructor(settings: TokenSettings, random: Random) {
    this.#settings = settings
    this.#random = random
  }

  issue(at: Instant, identity: Identity): { readonly token: string; readonly expiresInSeconds: number } {
    const token = `sotto_at_${this.#random.hex(32)}`
    const expiresAt = addMs(at, this.#settings.lifeMs)
    const tokenDigest = digest(token)
    this.#index.add(tokenDigest, { identity: { ...identity, expiresAt }, expiresAt })
    this.#issued.push(tokenDigest)
    this.#makeRoom()
    return { token, expiresInSeconds: Math.floor(this.#settings.lifeMs / 1000) }
  }

  find(token: string): Token | undefined {
    return this.#index.find(token)
  }

  #makeRoom(): void {
    if (this.#issued.length <= this.#settings.most) return
    const oldest = this.#issued.shift()
    if (oldest !== undefined) this.#index.remove(oldest)
  }
}

import { forgetful, type Memory } from '../http/memory.ts'
import { digest, SecretIndex } from '../http/secrets.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Identity } from './identity.ts'

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
  readonly #memory: Memory<Token>

  constructor(settings: TokenSettings, random: Random, memory: Memory<Token> = forgetful('tokens')) {
    this.#settings = settings
    this.#random = random
    this.#memory = memory
    for (const [key, token] of memory.load()) this.#add(Buffer.from(key, 'base64url'), token)
  }

  issue(at: Instant, identity: Identity): { readonly token: string; readonly expiresInSeconds: number } {
    const token = `sotto_at_${this.#random.hex(32)}`
    const expiresAt = addMs(at, this.#settings.lifeMs)
    const tokenDigest = digest(token)
    const issued: Token = { identity: { ...identity, expiresAt }, expiresAt }
    this.#add(tokenDigest, issued)
    this.#memory.put(tokenDigest.toString('base64url'), issued, addMs(expiresAt, limits.tokenRememberedMs))
    this.#makeRoom()
    return { token, expiresInSeconds: Math.floor(this.#settings.lifeMs / 1000) }
  }

  #add(tokenDigest: Buffer, token: Token): void {
    this.#index.add(tokenDigest, token)
    this.#issued.push(tokenDigest)
  }

  find(token: string): Token | undefined {
    return this.#index.find(token)
  }

  #makeRoom(): void {
    if (this.#issued.length <= this.#settings.most) return
    const oldest = this.#issued.shift()
    if (oldest === undefined) return
    this.#index.remove(oldest)
    this.#memory.remove(oldest.toString('base64url'))
  }
}

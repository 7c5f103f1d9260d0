import type { Memory } from '../http/memory.ts'
import { TokenBook, tokenKey } from '../http/token-book.ts'
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

/** Access tokens of this API. */
export class TokenStore {
  readonly #book: TokenBook<Token>
  readonly #lifeMs: number
  readonly #random: Random

  constructor({ lifeMs, most }: TokenSettings, random: Random, memory?: Memory<Token>) {
    this.#book = new TokenBook(memory, most)
    this.#lifeMs = lifeMs
    this.#random = random
  }

  issue(at: Instant, identity: Identity): { readonly token: string; readonly expiresInSeconds: number } {
    const token = `sotto_at_${this.#random.hex(32)}`
    const expiresAt = addMs(at, this.#lifeMs)
    this.#book.add(at, tokenKey(token), { identity: { ...identity, expiresAt }, expiresAt })
    return { token, expiresInSeconds: Math.floor(this.#lifeMs / 1000) }
  }

  find(at: Instant, token: string): Token | undefined {
    return this.#book.remembered(at, tokenKey(token))
  }
}

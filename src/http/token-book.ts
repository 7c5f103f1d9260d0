/** Tokens by the digest of their text, for Sotto's own API and all dialects: found, renewed, forgotten, and there again after a restart. */
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { forgetful, type Memory } from './memory.ts'
import { digest } from './secrets.ts'

interface Lapsing {
  readonly expiresAt: Instant
}

/** Names a token without telling it. Finding it takes as long for a token that is nearly right as for any other wrong one (W13). */
export const tokenKey = (text: string): string => digest(text).toString('base64url')

/** Lapsed tokens are remembered for a day, so that their holders learn that they lapsed. */
export class TokenBook<Token extends Lapsing> {
  /** The least recently issued or renewed first. */
  readonly #tokens = new Map<string, Token>()
  readonly #most: number
  readonly #memory: Memory<Token>
  /** Until when the memory knows each token to last; a sliding life moves with every request, and is written down now and then. */
  readonly #written = new Map<string, Instant>()

  constructor(memory: Memory<Token> = forgetful('tokens'), most: number = limits.tokens) {
    this.#memory = memory
    this.#most = most
    for (const [key, token] of memory.load()) this.#tokens.set(key, token)
  }

  add(at: Instant, key: string, token: Token): void {
    this.#keep(key, token)
    this.#makeRoom(at)
  }

  /** Valid, or lapsed for less than a day. */
  remembered(at: Instant, key: string): Token | undefined {
    const token = this.#tokens.get(key)
    return token === undefined || isForgotten(at, token) ? undefined : token
  }

  /** Anew in place of what it was, where it is there. With `slides` only its life moved, and that is written down when it has moved by a hundredth. */
  renew(key: string, renewed: (token: Token) => Token, slides?: { readonly lifeMs: number }): void {
    const before = this.#tokens.get(key)
    if (before === undefined) return
    const token = renewed(before)
    const known = this.#written.get(key)
    this.#tokens.delete(key)
    if (slides !== undefined && known !== undefined && token.expiresAt - known < slides.lifeMs / 100) this.#tokens.set(key, token)
    else this.#keep(key, token)
  }

  drop(key: string): void {
    this.#tokens.delete(key)
    this.#written.delete(key)
    this.#memory.remove(key)
  }

  all(): Iterable<Token> {
    return this.#tokens.values()
  }

  #keep(key: string, token: Token): void {
    this.#tokens.set(key, token)
    this.#written.set(key, token.expiresAt)
    this.#memory.put(key, token, addMs(token.expiresAt, limits.tokenRememberedMs))
  }

  #makeRoom(at: Instant): void {
    for (const [key, token] of this.#tokens) {
      if (!isForgotten(at, token) && this.#tokens.size <= this.#most) return
      this.drop(key)
    }
  }
}

const isForgotten = (at: Instant, { expiresAt }: Lapsing): boolean => addMs(expiresAt, limits.tokenRememberedMs) <= at

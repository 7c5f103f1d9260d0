/** Tokens of all dialects: issued, checked, spent. A token is valid in one dialect and for one use only, and kept as a digest (W13). */
import type { DialectName } from '../directory/settings.ts'
import { forgetful, type Memory } from '../http/memory.ts'
import { digest } from '../http/secrets.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { Holder } from './holder.ts'

export type TokenUse = 'access' | 'oauth' | 'refresh' | 'code' | 'api' | 'download'

export interface Grant {
  readonly dialect: DialectName
  readonly use: TokenUse
  readonly holder: Holder
  readonly lifeMs: number
  /** `long`: 64 hex digits; `hex32`: 32, as some clients demand. `uuid`: lower-case. */
  readonly shape?: 'long' | 'hex32' | 'uuid'
  /** What belongs to the token and ends with it, such as where its holder wants events. */
  readonly notes?: Readonly<Record<string, string>>
}

export interface Token {
  /** Of its digest: names it without telling it. */
  readonly key: string
  readonly dialect: DialectName
  readonly use: TokenUse
  readonly holder: Holder
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly notes: Readonly<Record<string, string>>
}

/**
 * Found by the digest of the whole token: finding it takes as long for a token that is nearly right as for any other wrong one (W13).
 * Lapsed tokens are remembered for a day, so that their holders learn that they lapsed.
 */
export class TokenBook {
  readonly #tokens = new Map<string, Token>()
  readonly #random: Random
  readonly #memory: Memory<Token>
  /** Until when the memory knows each token to last; a sliding life moves with every request, and is written down now and then. */
  readonly #written = new Map<string, Instant>()

  constructor(random: Random, memory: Memory<Token> = forgetful('tokens')) {
    this.#random = random
    this.#memory = memory
    for (const [key, token] of memory.load()) this.#tokens.set(key, token)
  }

  issue(at: Instant, grant: Grant): string {
    const text = shaped(this.#random, grant.shape ?? 'long')
    const { dialect, use, holder, notes = {} } = grant
    const key = keyOf(dialect, use, text)
    this.#keep({ key, dialect, use, holder, issuedAt: at, expiresAt: addMs(at, grant.lifeMs), notes })
    this.#makeRoom(at)
    return text
  }

  /** `unauthenticated`: never issued, revoked, or long lapsed. */
  check(at: Instant, which: Pick<Grant, 'dialect' | 'use'>, text: string): Outcome<Token, 'unauthenticated' | 'token-expired'> {
    const token = this.remembered(at, which, text)
    if (token === undefined) return fail('unauthenticated')
    return token.expiresAt <= at ? fail('token-expired') : ok(token)
  }

  /** Valid, or lapsed for less than a day: what some vendors still exchange for a new one. */
  remembered(at: Instant, which: Pick<Grant, 'dialect' | 'use'>, text: string): Token | undefined {
    const token = this.#tokens.get(keyOf(which.dialect, which.use, text))
    return token === undefined || addMs(token.expiresAt, limits.tokenRememberedMs) <= at ? undefined : token
  }

  /** A sliding life: it lasts this long from now. `notes` replace the old ones where given. */
  renew(at: Instant, { key }: Token, lifeMs: number, notes?: Readonly<Record<string, string>>): void {
    const token = this.#tokens.get(key)
    if (token === undefined) return
    this.#tokens.delete(key)
    const renewed = { ...token, expiresAt: addMs(at, lifeMs), notes: notes ?? token.notes }
    const known = this.#written.get(key)
    if (notes === undefined && known !== undefined && renewed.expiresAt - known < lifeMs / 100) this.#tokens.set(key, renewed)
    else this.#keep(renewed)
  }

  revoke({ key }: Token): void {
    this.#drop(key)
  }

  #keep(token: Token): void {
    this.#tokens.set(token.key, token)
    this.#written.set(token.key, token.expiresAt)
    this.#memory.put(token.key, token, addMs(token.expiresAt, limits.tokenRememberedMs))
  }

  #drop(key: string): void {
    this.#tokens.delete(key)
    this.#written.delete(key)
    this.#memory.remove(key)
  }

  /** Tokens that are valid now. */
  live(at: Instant, which: Pick<Grant, 'dialect' | 'use'>): readonly Token[] {
    return [...this.#tokens.values()].filter((t) => t.dialect === which.dialect && t.use === which.use && t.expiresAt > at)
  }

  /** The least recently issued or renewed go first. */
  #makeRoom(at: Instant): void {
    for (const [key, token] of this.#tokens) {
      const forgotten = addMs(token.expiresAt, limits.tokenRememberedMs) <= at
      if (!forgotten && this.#tokens.size <= limits.tokens) return
      this.#drop(key)
    }
  }
}

const keyOf = (dialect: DialectName, use: TokenUse, text: string): string => digest(`${dialect}/${use}/${text}`).toString('base64url')

function shaped(random: Random, shape: 'long' | 'hex32' | 'uuid'): string {
  if (shape === 'long') return random.hex(32)
  const hex = random.hex(16)
  return shape === 'hex32' ? hex : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

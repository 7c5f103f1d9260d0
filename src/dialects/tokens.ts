/** Tokens of all dialects: issued, checked, spent. A token is valid in one dialect and for one use only, and kept as a digest (W13). */
import type { DialectName } from '../directory/settings.ts'
import type { Memory } from '../http/memory.ts'
import { TokenBook as Book, tokenKey } from '../http/token-book.ts'
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

export class TokenBook {
  readonly #book: Book<Token>
  readonly #random: Random

  constructor(random: Random, memory?: Memory<Token>) {
    this.#random = random
    this.#book = new Book(memory)
  }

  issue(at: Instant, grant: Grant): string {
    const text = shaped(this.#random, grant.shape ?? 'long')
    const { dialect, use, holder, notes = {} } = grant
    const key = keyOf(dialect, use, text)
    this.#book.add(at, key, { key, dialect, use, holder, issuedAt: at, expiresAt: addMs(at, grant.lifeMs), notes })
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
    return this.#book.remembered(at, keyOf(which.dialect, which.use, text))
  }

  /** A sliding life: it lasts this long from now. `notes` replace the old ones where given. */
  renew(at: Instant, { key }: Token, lifeMs: number, notes?: Readonly<Record<string, string>>): void {
    const renewed = (token: Token): Token => ({ ...token, expiresAt: addMs(at, lifeMs), notes: notes ?? token.notes })
    this.#book.renew(key, renewed, notes === undefined ? { lifeMs } : undefined)
  }

  revoke({ key }: Token): void {
    this.#book.drop(key)
  }

  /** Tokens that are valid now. */
  live(at: Instant, which: Pick<Grant, 'dialect' | 'use'>): readonly Token[] {
    return [...this.#book.all()].filter((t) => t.dialect === which.dialect && t.use === which.use && t.expiresAt > at)
  }
}

const keyOf = (dialect: DialectName, use: TokenUse, text: string): string => tokenKey(`${dialect}/${use}/${text}`)

function shaped(random: Random, shape: 'long' | 'hex32' | 'uuid'): string {
  if (shape === 'long') return random.hex(32)
  const hex = random.hex(16)
  return shape === 'hex32' ? hex : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

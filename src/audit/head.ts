/** Heads: from time to time the end of a chain is signed, so that nobody can write all of it anew. */
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { canonical } from './canonical.ts'
import type { AuditEntry, Link } from './chain.ts'

export interface Head extends Link {
  readonly account: AccountId
  readonly at: Instant
  /** `seq` of the head before, 0 for the first: so that none can be left out. */
  readonly after: number
}

export interface SignedHead extends Head {
  /** Ed25519 (RFC 8032) over `headText`, in base64. */
  readonly signature: string
}

/** What is signed. */
export function headText({ account, after, at, hash, seq }: Head): string {
  return canonical({ account, after, at, hash, seq, what: 'sotto audit head' })
}

export type Sign = (text: string) => string

interface Unsigned {
  readonly entry: AuditEntry
  readonly since: Instant
  readonly count: number
}

/** When which head is due: after so many entries of an account, or so long after the first that no head covers. */
export class HeadsDue {
  readonly #sign: Sign
  readonly #last = new Map<AccountId, number>()
  readonly #unsigned = new Map<AccountId, Unsigned>()

  constructor(sign: Sign) {
    this.#sign = sign
  }

  /** Made before our time. */
  begin({ account, seq }: Pick<Head, 'account' | 'seq'>): void {
    this.#last.set(account, Math.max(seq, this.#last.get(account) ?? 0))
  }

  take(at: Instant, entry: AuditEntry): SignedHead | undefined {
    const { account } = entry
    if (entry.seq <= (this.#last.get(account) ?? 0)) return undefined
    const { since = at, count = 0 } = this.#unsigned.get(account) ?? {}
    this.#unsigned.set(account, { entry, since, count: count + 1 })
    return count + 1 >= limits.auditEntriesPerHead ? this.sign(at, account) : undefined
  }

  /** Nothing where a head covers all there is. */
  sign(at: Instant, account: AccountId): SignedHead | undefined {
    const { entry } = this.#unsigned.get(account) ?? {}
    if (entry === undefined) return undefined
    const { seq, hash } = entry
    const head: Head = { account, seq, hash, at, after: this.#last.get(account) ?? 0 }
    this.#unsigned.delete(account)
    this.#last.set(account, seq)
    return { ...head, signature: this.#sign(headText(head)) }
  }

  /** Those of which something is not signed. */
  accounts(): readonly AccountId[] {
    return [...this.#unsigned.keys()]
  }

  due(at: Instant): readonly SignedHead[] {
    const accounts = [...this.#unsigned].filter(([, { since }]) => addMs(since, limits.auditHeadMs) <= at).map(([account]) => account)
    return accounts.flatMap((account) => this.sign(at, account) ?? [])
  }

  deadline(): Instant | undefined {
    const [oldest] = [...this.#unsigned.values()].toSorted((a, b) => a.since - b.since)
    return oldest && addMs(oldest.since, limits.auditHeadMs)
  }
}

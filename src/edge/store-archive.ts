/** Call records and the audit in the store. */
import type { AuditEntry } from '../audit/chain.ts'
import type { AuditFact } from '../audit/fact.ts'
import type { SignedHead } from '../audit/head.ts'
import type { Openings } from '../audit/opening.ts'
import { type Archive, ArchiveUnavailable, type AuditSearch, type CdrSearch, type Page } from '../audit/ports.ts'
import { isSought, namesIn } from '../audit/sought.ts'
import type { Cdr } from '../call/cdr.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { addMs } from '../kernel/time.ts'
import type { Answer, Ask, QuestionName } from '../store/questions.ts'
import type { AuditHeadRow, AuditRow, Json, RowOf } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { StoreWriter } from './store-writer.ts'

interface Parts {
  readonly store: Store
  readonly writer: StoreWriter
  readonly log: Log
  /** Whether something went before it could be kept. */
  readonly hasLost?: () => boolean
}

export class StoreArchive implements Archive {
  readonly isLasting = true
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isDegraded(): boolean {
    return this.#parts.writer.isDegraded
  }

  get hasLost(): boolean {
    return this.#parts.hasLost?.() ?? false
  }

  keepCdr(cdr: Cdr): void {
    const row = rowOfCdr(cdr)
    if (row === undefined) return this.#parts.log.warn({ call: cdr.id }, 'of this call the beginning is not known: its record is not kept')
    this.#parts.writer.write([row])
  }

  keepEntry(entry: AuditEntry): void {
    this.#parts.writer.write([rowOfEntry(entry)])
  }

  keepHead(head: SignedHead): void {
    this.#parts.writer.write([rowOfHead(head)])
  }

  async cdr(account: AccountId, id: CallId): Promise<Cdr | undefined> {
    const found = await this.#ask('cdr', { account, id })
    return found === 'bad-cursor' ? undefined : found
  }

  async cdrs(search: CdrSearch): Promise<Page<Cdr> | 'bad-cursor'> {
    return await this.#ask('cdrs', search)
  }

  async entries(search: AuditSearch): Promise<readonly AuditEntry[]> {
    const { to, limit, ...rest } = search
    const isNarrow = search.from !== undefined || to !== undefined
    // The store knows when an entry was written down, the search means when that began which it tells of.
    const within = to === undefined ? {} : { to: addMs(to, limits.auditLongestMs) }
    const found: AuditEntry[] = []
    for (let after = search.after; ; ) {
      const asked = isNarrow ? limits.storePageRows : Math.min(limit, limits.storePageRows)
      const rows = await this.#ask('audit', { ...rest, ...within, after, limit: asked })
      if (rows === 'bad-cursor') return found
      found.push(...rows.map(entryOf).filter((entry) => isSought(entry, search)))
      const last = rows.at(-1)
      if (found.length >= limit || rows.length < asked || last === undefined) return found.slice(0, limit)
      after = last.seq
    }
  }

  async heads(account: AccountId): Promise<readonly SignedHead[]> {
    const heads: SignedHead[] = []
    for (;;) {
      const rows = await this.#ask('auditHeads', { account, after: heads.at(-1)?.seq ?? 0, limit: limits.storePageRows })
      if (rows === 'bad-cursor') return heads
      heads.push(...rows.map(headOf))
      if (rows.length < limits.storePageRows) return heads
    }
  }

  /** Whoever reads after he has written finds it; what waits in the spill file would be missing, and an audit with a gap looks forged. */
  async #ask<Q extends QuestionName>(question: Q, ask: Ask<Q>): Promise<Answer<Q> | 'bad-cursor'> {
    const { store, writer } = this.#parts
    await writer.settled()
    if (store.health().spilledBytes > 0) throw new ArchiveUnavailable('away')
    const answer = await store.ask(question, ask)
    if (answer.ok) return answer.value
    if (answer.error === 'bad-cursor') return 'bad-cursor'
    throw new ArchiveUnavailable(answer.error === 'damaged' ? 'damaged' : 'away')
  }
}

/** Undefined where the call's beginning is not known. */
export function rowOfCdr(cdr: Cdr): RowOf<'cdr'> | undefined {
  const { account, startedAt } = cdr
  return account === undefined || startedAt === undefined ? undefined : { kind: 'cdr', cdr: { ...cdr, account, startedAt } }
}

export function rowOfEntry({ account, seq, hash, previous, at, fact, sealed }: AuditEntry): RowOf<'audit'> {
  const call = fact.call === undefined ? {} : { call: fact.call }
  const beside = sealed === undefined ? {} : { sealed: json(sealed) }
  return { kind: 'audit', account, seq, hash, previous, at, ...call, supervisors: namesIn(fact, sealed), body: json(fact), ...beside }
}

function entryOf({ account, seq, hash, previous, at, body, sealed }: AuditRow): AuditEntry {
  // As `rowOfEntry` put it in; the chain's hash and the seals say whether it still is.
  const beside = sealed === undefined ? {} : { sealed: sealed as unknown as Openings }
  return { account, seq, hash, previous, at, fact: body as unknown as AuditFact, ...beside }
}

function rowOfHead({ account, seq, hash, at, after, signature }: SignedHead): RowOf<'audit-head'> {
  return { kind: 'audit-head', account, seq, hash, at, body: { after, signature } }
}

function headOf({ account, seq, hash, at, body }: AuditHeadRow): SignedHead {
  return { account, seq, hash, at, ...(body as unknown as Pick<SignedHead, 'after' | 'signature'>) }
}

/** Facts consist of what JSON has. */
const json = (fact: object): Json => fact as Json

/** An archive without a database: bounded, and gone with the process. */

import type { AuditEntry } from '../src/audit/chain.ts'
import type { SignedHead } from '../src/audit/head.ts'
import type { Archive, AuditSearch, CdrSearch, Page } from '../src/audit/ports.ts'
import { isSought } from '../src/audit/sought.ts'
import type { Cdr } from '../src/call/cdr.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { AccountId, CallId } from '../src/kernel/ids.ts'
import { limits } from '../src/kernel/limits.ts'

interface Chain {
  entries: AuditEntry[]
  heads: SignedHead[]
}

export class InMemoryArchive implements Archive {
  readonly isLasting = false
  readonly isDegraded = false
  readonly #chains = new Map<AccountId, Chain>()
  readonly #cdrs = new Map<CallId, Cdr>()

  keepCdr(cdr: Cdr): void {
    this.#cdrs.delete(cdr.id)
    this.#cdrs.set(cdr.id, cdr)
    const [oldest] = this.#cdrs.keys()
    if (this.#cdrs.size > limits.endedCallsKept && oldest !== undefined) this.#cdrs.delete(oldest)
  }

  keepEntry(entry: AuditEntry): void {
    const chain = this.#chain(entry.account)
    const { entries, heads } = chain
    const last = entries.at(-1)
    if (last !== undefined && entry.seq <= last.seq) return
    // What nobody can verify any more is not shown: the log may begin between two heads.
    const mayBegin = entry.seq === 1 || heads.some(({ seq }) => seq === entry.seq - 1)
    if (last === undefined && !mayBegin) return
    entries.push(entry)
    if (entries.length > limits.auditEntriesInMemory) shorten(chain)
  }

  keepHead(head: SignedHead): void {
    const { heads } = this.#chain(head.account)
    heads.push(head)
    if (heads.length > limits.auditHeadsInMemory) heads.shift()
  }

  cdr(account: AccountId, id: CallId): Cdr | undefined {
    const cdr = this.#cdrs.get(id)
    return cdr?.account === account ? cdr : undefined
  }

  cdrs(search: CdrSearch): Page<Cdr> | 'bad-cursor' {
    const found = [...this.#cdrs.values()].filter((cdr) => isWanted(cdr, search)).toSorted(newestFirst)
    const start = search.cursor === undefined ? 0 : found.findIndex((cdr) => isBehind(cdr, search.cursor ?? ''))
    if (search.cursor !== undefined && !/^\d[\d.]*_./.test(search.cursor)) return 'bad-cursor'
    const items = start < 0 ? [] : found.slice(start, start + search.limit)
    const last = items.at(-1)
    const isMore = start >= 0 && start + items.length < found.length && last !== undefined
    return isMore ? { items, next: `${last.startedAt}_${last.id}` } : { items }
  }

  entries(search: AuditSearch): readonly AuditEntry[] {
    const { entries } = this.#chain(search.account)
    const found: AuditEntry[] = []
    for (let i = indexAfter(entries, search.after); i < entries.length && found.length < search.limit; i += 1) {
      const entry = entries[i]
      if (entry !== undefined && isSought(entry, search)) found.push(entry)
    }
    return found
  }

  heads(account: AccountId): readonly SignedHead[] {
    const { entries, heads } = this.#chain(account)
    const first = entries[0]?.seq ?? 0
    return heads.filter(({ seq }) => seq >= first - 1)
  }

  #chain(account: AccountId): Chain {
    const chain = this.#chains.get(account) ?? { entries: [], heads: [] }
    this.#chains.set(account, chain)
    return chain
  }
}

/** Up to a head, so that the rest can still be verified. */
function shorten(chain: Chain): void {
  const most = chain.entries.at(-Math.floor(limits.auditEntriesInMemory * 0.9))?.seq ?? 0
  const head = chain.heads.findLast(({ seq }) => seq < most)
  if (head !== undefined) chain.entries = chain.entries.filter(({ seq }) => seq > head.seq)
}

/** `seq` has no gaps. */
const indexAfter = (entries: readonly AuditEntry[], after: number): number => Math.max(0, after + 1 - (entries[0]?.seq ?? 0))

function isWanted(cdr: Cdr, { account, from, to, direction, agent, number }: CdrSearch): boolean {
  const { startedAt = 0 } = cdr
  return (
    cdr.account === account &&
    (from === undefined || startedAt >= from) &&
    (to === undefined || startedAt < to) &&
    (direction === undefined || cdr.direction === direction) &&
    (agent === undefined || cdr.parties.some(({ endpoint }) => endpoint.kind === 'extension' && endpoint.agent === agent)) &&
    (number === undefined || numbersOf(cdr).includes(number))
  )
}

const numbersOf = ({ ani, dnis, parties }: Cdr): readonly string[] => [
  ...[ani, dnis],
  ...parties.map(({ endpoint }) => addressOf(endpoint)),
]

const newestFirst = (a: Cdr, b: Cdr): number => (b.startedAt ?? 0) - (a.startedAt ?? 0) || (a.id < b.id ? 1 : -1)

function isBehind({ startedAt, id }: Cdr, cursor: string): boolean {
  const begun = startedAt ?? 0
  const [, started = '', last = ''] = /^([\d.]+)_(.+)$/s.exec(cursor) ?? []
  return begun < Number(started) || (begun === Number(started) && id < last)
}

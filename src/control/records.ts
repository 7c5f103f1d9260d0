/** What is to be proven later: of each call its record (CDR), and who could hear whom, chained so that nobody can change it unseen. */
import { type AuditEntry, type Digest, genesis, type Link, linked } from '../audit/chain.ts'
import type { AuditFact } from '../audit/fact.ts'
import { seal } from '../audit/seal.ts'
import { giveUp, look, type OpenInterval, unwatched, type Watch } from '../audit/watch.ts'
import { type Call, isEnded } from '../call/call.ts'
import { type Cdr, emptyCdr, fold } from '../call/cdr.ts'
import { blankedOfHisCall, type Erased } from '../call/erasure.ts'
import type { CallEvent } from '../call/event.ts'
import type { Refusal, RefusalCode } from '../call/refusal.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { attemptFact, deniedFact } from './asker.ts'
import type { CallTable } from './call-table.ts'
import type { Attempt, Caller, DeskCommand } from './command.ts'
import type { DeskState } from './journal.ts'
import type { Turn } from './turn.ts'

interface Book {
  readonly cdr: Cdr
  readonly watch: Watch
}

/** Ended, and the mixer has not said its last word. */
interface Awaited {
  readonly call: CallId
  readonly until: Instant
}

export class Records {
  readonly #turn: Turn
  readonly #table: CallTable
  readonly #sha256: Digest
  readonly #random: Random
  readonly #books = new Map<CallId, Book>()
  readonly #links = new Map<AccountId, Link>()
  #awaited: readonly Awaited[] = []
  /** In order of their end, as the table forgets them. */
  readonly #ended: CallId[] = []
  /** What the log gave back, for whoever keeps it. */
  #recovered: AuditEntry[] = []

  constructor(parts: { readonly turn: Turn; readonly table: CallTable; readonly sha256: Digest; readonly random: Random }) {
    this.#turn = parts.turn
    this.#table = parts.table
    this.#sha256 = parts.sha256
    this.#random = parts.random
  }

  /** An event of a call: what follows from it is written down in the same turn, and told after it. */
  follow(event: CallEvent, call: Call): void {
    const facts = this.#fold(event, call)
    for (const fact of facts) this.#write(call.account, fact)
    const { cdr } = this.#bookOf(call)
    if (event.type === 'call.ended' || (event.type === 'disposition.set' && isEnded(call))) this.#turn.add({ kind: 'cdr', cdr })
  }

  /** The same event once more, from the log: what followed from it stands in the log, too. */
  replay(event: CallEvent, call: Call): void {
    this.#fold(event, call)
  }

  #fold(event: CallEvent, call: Call): readonly AuditFact[] {
    const book = this.#bookOf(call)
    const { watch, facts } = look(book.watch, { event, call })
    this.#books.set(call.id, { cdr: fold(book.cdr, event), watch })
    if (isEnded(call)) this.#await(event.at, call, watch)
    if (event.type === 'call.ended') this.#retire(call.id)
    return facts
  }

  #bookOf({ id, account }: Call): Book {
    return this.#books.get(id) ?? { cdr: emptyCdr(id, account), watch: unwatched }
  }

  #await(at: Instant, { id }: Call, watch: Watch): void {
    const isAwaited = this.#awaited.some(({ call }) => call === id)
    if (watch.open.length === 0) this.#awaited = this.#awaited.filter(({ call }) => call !== id)
    else if (!isAwaited) this.#awaited = [...this.#awaited, { call: id, until: addMs(at, limits.auditLastWordMs) }]
  }

  /** The table forgets the oldest ended calls; so do we. */
  #retire(id: CallId): void {
    this.#ended.push(id)
    for (let oldest = this.#ended[0]; oldest !== undefined && this.#table.get(oldest) === undefined; oldest = this.#ended[0]) {
      this.#ended.shift()
      this.#books.delete(oldest)
    }
  }

  #write(account: AccountId, fact: AuditFact): void {
    const sealed = seal(fact, () => this.#random.hex(16), this.#sha256)
    const entry = linked(this.#links.get(account) ?? genesis, { account, at: this.#turn.at, ...sealed }, this.#sha256)
    this.#links.set(account, entry)
    this.#turn.write({ kind: 'audit', entry })
    this.#turn.add({ kind: 'audit', entry })
  }

  /** What a program asked for and may not have. */
  denied(caller: Caller, command: DeskCommand, { code }: Refusal): void {
    const fact = deniedFact(caller, command, code)
    if (fact !== undefined) this.#write(caller.account, fact)
  }

  /** As `denied`, of an order that has nothing to do with supervision. */
  forbidden(caller: Caller, command: DeskCommand, code: RefusalCode): void {
    if (deniedFact(caller, command, code) !== undefined) return
    this.attempted(caller, { act: command.kind, code, ...('call' in command ? { call: command.call } : {}) })
  }

  /** What was refused for want of permission, here or before it came here. */
  attempted(caller: Caller, attempt: Attempt): void {
    this.#write(caller.account, attemptFact(caller, attempt))
  }

  /** What was done with the records themselves. */
  note(account: AccountId, fact: AuditFact): void {
    this.#write(account, fact)
  }

  /** Without a person who took part. */
  blank(id: CallId, person: Erased): void {
    const book = this.#books.get(id)
    if (book !== undefined) this.#books.set(id, { ...book, cdr: blankedOfHisCall(book.cdr, person) })
  }

  /** When the last word of an ended call is not waited for any longer. */
  deadline(): Instant | undefined {
    return this.#awaited[0]?.until
  }

  wake(): void {
    const late = this.#awaited.filter(({ until }) => until <= this.#turn.at)
    this.#awaited = this.#awaited.filter(({ until }) => until > this.#turn.at)
    for (const call of late.flatMap(({ call }) => this.#table.get(call) ?? [])) {
      const book = this.#bookOf(call)
      const { watch, facts } = giveUp(book.watch, call)
      this.#books.set(call.id, { ...book, watch })
      for (const fact of facts) this.#write(call.account, fact)
    }
  }

  /** Calls that ended within 24 h, the oldest end first. */
  cdrs(account: AccountId): readonly Cdr[] {
    return this.#table.ended(account).flatMap(({ id }) => this.#books.get(id)?.cdr ?? [])
  }

  /** Who hears whom now, as the mixer confirmed it. */
  openIntervals(account: AccountId): readonly OpenInterval[] {
    return this.#table.live(account).flatMap(({ id }) => this.#books.get(id)?.watch.open ?? [])
  }

  /** From the log. */
  take(entry: AuditEntry): void {
    const { account, fact } = entry
    this.#links.set(account, { seq: entry.seq, hash: entry.hash })
    this.#recovered.push(entry)
    if (fact.kind === 'hearing' && fact.endRevision === undefined) this.#gaveUp(fact.call)
  }

  #gaveUp(id: CallId): void {
    const book = this.#books.get(id)
    if (book !== undefined) this.#books.set(id, { ...book, watch: unwatched })
    this.#awaited = this.#awaited.filter(({ call }) => call !== id)
  }

  /** Ends of chains as somebody else knows them, where the log knows less: no number is given twice. */
  continueFrom(ends: Iterable<Link & { readonly account: AccountId }>): void {
    for (const { account, seq, hash } of ends) if (seq > (this.#links.get(account)?.seq ?? 0)) this.#links.set(account, { seq, hash })
  }

  restore(state: Extract<DeskState, { kind: 'chain' | 'book' }>): void {
    if (state.kind === 'chain') return void this.#links.set(state.account, state.link)
    const { cdr, watch } = state
    this.#books.set(cdr.id, { cdr, watch })
    const call = this.#table.get(cdr.id)
    if (call?.endedAt === undefined) return
    this.#await(call.endedAt, call, watch)
    this.#retire(call.id)
  }

  /** Once: what was recovered is somebody else's to keep from now on. */
  recovered(): { readonly entries: readonly AuditEntry[]; readonly cdrs: readonly Cdr[] } {
    const entries = this.#recovered
    this.#recovered = []
    const ended = [...this.#books].filter(([id]) => this.#table.get(id)?.endedAt !== undefined)
    return { entries, cdrs: ended.map(([, { cdr }]) => cdr) }
  }

  /** Of these calls, and every chain's end. */
  state(calls: readonly Call[]): readonly Extract<DeskState, { kind: 'chain' | 'book' }>[] {
    const chains = [...this.#links].map(([account, { seq, hash }]) => ({ kind: 'chain', account, link: { seq, hash } }) as const)
    const books = calls.flatMap(({ id }) => this.#books.get(id) ?? []).map((book) => ({ kind: 'book', ...book }) as const)
    return [...chains, ...books]
  }
}

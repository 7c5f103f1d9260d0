/** Where the audit and call records are kept: in memory, or in a database, whose answers come later. */
import type { Cdr } from '../call/cdr.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AuditEntry } from './chain.ts'
import type { SignedHead } from './head.ts'

export type Soon<T> = T | PromiseLike<T>

interface Span {
  readonly from?: Instant
  /** Before this one. */
  readonly to?: Instant
}

export interface CdrSearch extends Span {
  readonly account: AccountId
  readonly direction?: Cdr['direction']
  readonly agent?: string
  /** Of the caller, as dialled, or of any party. */
  readonly number?: string
  readonly limit: number
  readonly cursor?: string
}

export interface AuditSearch extends Span {
  readonly account: AccountId
  readonly call?: CallId
  /** The extension of the supervisor, or the agent behind it, or his number outside. */
  readonly supervisor?: string
  /** Entries after this one, oldest first. */
  readonly after: number
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Where to go on; absent at the end. */
  readonly next?: string
}

/** The answer of a database that cannot be read now, or of which a record is not what was written. */
export class ArchiveUnavailable extends Error {
  override readonly name = 'ArchiveUnavailable'
  readonly fault: 'away' | 'damaged'

  constructor(fault: 'away' | 'damaged') {
    const away = 'The history cannot be read now; calls go on, and what happens is kept until it can be written.'
    super(fault === 'away' ? away : 'A record of this history is damaged; the server’s log names it.')
    this.fault = fault
  }
}

/** Reading may end in `ArchiveUnavailable`; keeping never fails and never waits. */
export interface Archive {
  /** Whether it outlives the process, so that whatever is missing in it was taken away. */
  readonly isLasting: boolean
  /** Something is not kept now, or not yet, as it should be. */
  readonly isDegraded: boolean
  /** Something that was never kept is gone for good. */
  readonly hasLost?: boolean
  /** A call record; a newer one of the same call takes its place. */
  keepCdr(cdr: Cdr): void
  /** In order of `seq`; one that is there already stays as it is. */
  keepEntry(entry: AuditEntry): void
  keepHead(head: SignedHead): void
  cdr(account: AccountId, call: CallId): Soon<Cdr | undefined>
  /** Newest first. `bad-cursor`: never ours. */
  cdrs(search: CdrSearch): Soon<Page<Cdr> | 'bad-cursor'>
  /** Begins with the first entry of the account, or behind a head that is kept. */
  entries(search: AuditSearch): Soon<readonly AuditEntry[]>
  heads(account: AccountId): Soon<readonly SignedHead[]>
}

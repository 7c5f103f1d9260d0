/** What may be read from the store. Everything is bounded by `limit`, which is at most `limits.storePageRows`. */
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AuditHeadRow, AuditRow, CdrRow, EventRow, Message, RecordingRow, ValueRow } from './rows.ts'

/**
 * `unavailable`: the database is away or too slow. `gone`: what follows the cursor has been pruned. `bad-cursor`: never ours. `damaged`: a row
 * is not what was written; it is named in the log, and nothing of it is given out.
 */
export type ReadFailure = 'unavailable' | 'gone' | 'bad-cursor' | 'damaged'

export interface Page<T> {
  readonly items: readonly T[]
  /** Where to go on; absent at the end. */
  readonly next?: string
}

interface Span {
  /** From this instant on. */
  readonly from?: Instant
  /** Before this one. */
  readonly to?: Instant
}

interface Slice {
  readonly limit: number
  readonly cursor?: string
}

export interface CdrSearch extends Span, Slice {
  readonly account: AccountId
  readonly direction?: CdrRow['direction']
  readonly agent?: string
  /** Of the caller, as dialled, or of any party. */
  readonly number?: string
}

export interface RecordingSearch extends Span, Slice {
  readonly account: AccountId
  readonly call?: CallId
}

export interface AuditSearch extends Span {
  readonly account: AccountId
  readonly call?: CallId
  readonly supervisor?: string
  /** Entries after this one, oldest first. */
  readonly after: number
  readonly limit: number
}

/** Before which instants rows may go; what is absent stays. */
export interface PruneAges {
  readonly events?: Instant
  readonly cdrs?: Instant
  /** Only rows; the files are their owner's. Those under legal hold stay. */
  readonly recordings?: Instant
  /** Up to a signed head, so that the rest of the chain can still be verified. */
  readonly audit?: Instant
  /** Delivered and dead ones. */
  readonly messages?: Instant
  /** Values that expired before. */
  readonly values?: Instant
}

export type Pruned = Readonly<Record<keyof PruneAges, number>> & { /** One step was not enough: ask again. */ readonly more: boolean }

type One<Ask, Answer> = { readonly ask: Ask; readonly answer: Answer }

/** By name: what is asked, and what is answered. */
export interface Questions {
  /** The highest cursor of the account before this one; 0 where there is none. */
  readonly lastEvent: One<{ readonly account: AccountId; readonly before: number }, number>
  /** Oldest first. */
  readonly eventsAfter: One<{ readonly account: AccountId; readonly cursor: number; readonly limit: number }, readonly EventRow[]>
  readonly eventsOfCall: One<
    { readonly account: AccountId; readonly call: CallId; readonly fromSeq?: number; readonly limit: number },
    readonly EventRow[]
  >
  readonly cdr: One<{ readonly account: AccountId; readonly id: CallId }, CdrRow | undefined>
  /** Newest first. */
  readonly cdrs: One<CdrSearch, Page<CdrRow>>
  readonly recording: One<{ readonly account: AccountId; readonly id: string }, RecordingRow | undefined>
  /** Newest first. */
  readonly recordings: One<RecordingSearch, Page<RecordingRow>>
  /** What retention may delete, oldest first: begun before, not under legal hold. */
  readonly recordingsDue: One<{ readonly account: AccountId; readonly before: Instant; readonly limit: number }, readonly RecordingRow[]>
  readonly audit: One<AuditSearch, readonly AuditRow[]>
  readonly lastAudit: One<{ readonly account: AccountId }, AuditRow | undefined>
  readonly auditHeads: One<{ readonly account: AccountId; readonly after: number; readonly limit: number }, readonly AuditHeadRow[]>
  /** Takes those that are due and not ordered behind another, and keeps others from taking them for `leaseMs`. */
  readonly claimMessages: One<{ readonly at: Instant; readonly leaseMs: number; readonly limit: number }, readonly Message[]>
  readonly deadMessages: One<
    { readonly account: AccountId; readonly receiver?: string; readonly after?: number; readonly limit: number },
    readonly Message[]
  >
  readonly pendingMessages: One<{ readonly receiver: string }, number>
  readonly value: One<{ readonly namespace: string; readonly key: string; readonly at: Instant }, ValueRow | undefined>
  /** In order of key. */
  readonly values: One<
    { readonly namespace: string; readonly at: Instant; readonly after?: string; readonly limit: number },
    readonly ValueRow[]
  >
  readonly prune: One<PruneAges, Pruned>
}

export type QuestionName = keyof Questions
export type Ask<Q extends QuestionName> = Questions[Q]['ask']
export type Answer<Q extends QuestionName> = Questions[Q]['answer']

/** What may be read from the store. Everything is bounded by `limit`, which is at most `limits.storePageRows`. */
import type { AuditSearch, CdrSearch, Page } from '../audit/ports.ts'
import type { Erased } from '../call/erasure.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AuditHeadRow, AuditRow, CdrRow, EventRow, Message, ValueRow } from './rows.ts'

/**
 * `unavailable`: the database is away or too slow. `gone`: what follows the cursor has been pruned. `bad-cursor`: never ours. `damaged`: a row
 * is not what was written; it is named in the log, and nothing of it is given out.
 */
export type ReadFailure = 'unavailable' | 'gone' | 'bad-cursor' | 'damaged'

export interface Blanking {
  readonly account: AccountId
  readonly person: Erased
  /** In which he took part: what was noted or keyed in there goes as a whole. */
  readonly calls: readonly CallId[]
  /** Nothing is changed: it is only counted. */
  readonly isTrial: boolean
}

export interface Blanked {
  readonly rows: number
  readonly calls: readonly CallId[]
}

/** Of this entry, what is sealed under these names goes. */
export interface Unsealed {
  readonly seq: number
  readonly seals: readonly string[]
}

/** Before which instants rows may go; what is absent stays. */
export interface PruneAges {
  readonly events?: Instant
  readonly cdrs?: Instant
  /** Delivered and dead ones. */
  readonly messages?: Instant
  /** Values that expired before. */
  readonly values?: Instant
}

export type Pruned = Readonly<Record<keyof PruneAges, number>> & { /** One step was not enough: ask again. */ readonly more: boolean }

type One<Ask, Answer> = { readonly ask: Ask; readonly answer: Answer }

/** By name: what is asked, and what is answered. */
export interface Questions {
  /** Cursors of the events that are there, of all accounts, from the first to the last of these. */
  readonly eventsThere: One<{ readonly first: number; readonly last: number }, readonly number[]>
  /** All events after this cursor are there, of all accounts; absent where there is none at all. */
  readonly eventsFrom: One<Record<never, never>, number | undefined>
  /** Oldest first. */
  readonly eventsAfter: One<{ readonly account: AccountId; readonly cursor: number; readonly limit: number }, readonly EventRow[]>
  readonly eventsOfCall: One<
    { readonly account: AccountId; readonly call: CallId; readonly fromSeq?: number; readonly limit: number },
    readonly EventRow[]
  >
  readonly cdr: One<{ readonly account: AccountId; readonly id: CallId }, CdrRow | undefined>
  /** Newest first. */
  readonly cdrs: One<CdrSearch, Page<CdrRow>>
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
  /** Where the audit of each account may be cut: behind this entry, which is old and covered by a head. Absent where nothing is old enough. */
  readonly auditCut: One<{ readonly account: AccountId; readonly before: Instant }, number | undefined>
  readonly cutAudit: One<{ readonly account: AccountId; readonly upTo: number }, number>
  /** One step of taking a person out of what is stored. */
  readonly blankEvents: One<
    Blanking & { readonly after: number },
    Blanked & { /** Where to go on; absent at the end. */ readonly next?: number }
  >
  readonly blankCdrs: One<Blanking & { readonly after: string }, Blanked & { readonly next?: string }>
  readonly unseal: One<{ readonly account: AccountId; readonly seals: readonly Unsealed[] }, number>
}

export type QuestionName = keyof Questions
export type Ask<Q extends QuestionName> = Questions[Q]['ask']
export type Answer<Q extends QuestionName> = Questions[Q]['answer']

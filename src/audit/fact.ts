/** What the audit says. Plain JSON values; times are milliseconds since the Unix epoch. */
import type { AskedBy } from '../call/event.ts'
import type { Role } from '../call/party.ts'
import type { EndReason } from '../call/reason.ts'
import type { RefusalCode } from '../call/refusal.ts'
import type { Follow, Mode } from '../call/supervision.ts'
import type { CallId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** A party as somebody knows him who was not there. */
export interface Person {
  readonly party: PartyId
  readonly role?: Role
  readonly extension?: string
  readonly agent?: string
  readonly number?: string
  /** He took part by a browser's or a program's line; `user` opened it. */
  readonly line?: string
  readonly user?: string
  readonly name?: string
  /** Somebody outside: his number and name are beside the entry, under this seal, so that they can be taken out (`seal.ts`). */
  readonly sealed?: string
}

/** How he was to take part. */
export interface Stance {
  readonly mode: Mode
  readonly target: PartyId
  readonly private: boolean
}

/** Why an interval ended. `changed`: the matrix gives no plainer reason than that it is another one. */
export type IntervalEnd = EndReason | 'on-hold' | 'muted' | 'parked' | 'mode-changed' | 'changed'

interface OfSupervision {
  readonly call: CallId
  readonly supervision: SupervisionId
  readonly supervisor: Person
}

export interface HearingFact extends OfSupervision, Stance {
  readonly kind: 'hearing'
  /** `hear`: the supervisor could hear the other one. `be-heard`: the other one could hear the supervisor. */
  readonly could: 'hear' | 'be-heard'
  readonly other: Person
  /** When the mixer began to work by a matrix that has the pair, and by the first one that has it no more. */
  readonly from: Instant
  readonly to: Instant
  /** Of these two matrices; the second is absent where the mixer did not say so any more. */
  readonly revision: number
  readonly endRevision?: number
  /** Who had asked for the supervision. */
  readonly by?: AskedBy
  readonly reason: IntervalEnd
}

export interface DeniedFact {
  readonly kind: 'supervision.denied'
  /** What was asked for. */
  readonly act: 'supervise' | 'change-supervision' | 'end-supervision' | 'take-over'
  readonly by: AskedBy
  readonly code: RefusalCode
  readonly call?: CallId
  readonly supervision?: SupervisionId
  readonly mode?: Mode
  /** As the request named him: `extension 101`; of a number outside `number`, and the rest is sealed. */
  readonly supervisor?: string
  readonly sealed?: string
}

/** What is older was deleted, because it is kept no longer than so. */
export interface PrunedFact {
  readonly kind: 'audit.pruned'
  /** The last entry that is gone. */
  readonly upTo: number
  readonly before: Instant
  readonly call?: undefined
}

/** Somebody was taken out of what is kept. Not who. */
export interface ErasedFact {
  readonly kind: 'person.erased'
  readonly by: AskedBy
  /** Entries of which something sealed was deleted. */
  readonly entries: readonly number[]
  readonly calls: number
  readonly recordings: number
  /** Recordings under legal hold, which stay. */
  readonly held: number
  readonly call?: undefined
}

/** Something else that the caller's role or permissions do not include: to record, to hear a recording, to end a call. */
export interface AccessDeniedFact {
  readonly kind: 'access.denied'
  /** What was asked for. */
  readonly act: string
  readonly by: AskedBy
  readonly code: RefusalCode
  readonly call?: CallId
  /** What else it was about: a recording, an agent. */
  readonly about?: string
}

export type AuditFact =
  | (OfSupervision & Stance & { readonly kind: 'supervision.requested'; readonly follow: Follow; readonly by?: AskedBy })
  | (OfSupervision & Stance & { readonly kind: 'supervision.active' })
  | (OfSupervision & Stance & { readonly kind: 'supervision.mode-changed'; readonly by?: AskedBy })
  | (OfSupervision &
      Stance & { readonly kind: 'supervision.refused' | 'supervision.ended'; readonly reason: EndReason; readonly by?: AskedBy })
  | HearingFact
  | DeniedFact
  | PrunedFact
  | ErasedFact
  | AccessDeniedFact

export const factKinds = [
  'supervision.requested',
  'supervision.active',
  'supervision.mode-changed',
  'supervision.refused',
  'supervision.ended',
  'supervision.denied',
  'access.denied',
  'hearing',
  'audit.pruned',
  'person.erased',
] as const satisfies readonly AuditFact['kind'][]

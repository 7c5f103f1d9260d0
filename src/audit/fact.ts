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
  readonly name?: string
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
  /** As the request named him: `extension 101`. */
  readonly supervisor?: string
}

export type AuditFact =
  | (OfSupervision & Stance & { readonly kind: 'supervision.requested'; readonly follow: Follow; readonly by?: AskedBy })
  | (OfSupervision & Stance & { readonly kind: 'supervision.active' })
  | (OfSupervision & Stance & { readonly kind: 'supervision.mode-changed'; readonly by?: AskedBy })
  | (OfSupervision &
      Stance & { readonly kind: 'supervision.refused' | 'supervision.ended'; readonly reason: EndReason; readonly by?: AskedBy })
  | HearingFact
  | DeniedFact

export const factKinds = [
  'supervision.requested',
  'supervision.active',
  'supervision.mode-changed',
  'supervision.refused',
  'supervision.ended',
  'supervision.denied',
  'hearing',
] as const satisfies readonly AuditFact['kind'][]

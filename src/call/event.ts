import type { CallId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint } from './endpoint.ts'
import type { Role } from './party.ts'
import type { EndReason } from './reason.ts'
import type { StoredFiles } from './recording.ts'
import type { Follow, Mode } from './supervision.ts'

/** What happened, in the vocabulary of Sotto's own API (contract `native.md`, "Events"). `data` is what the CDR and the audit fold over. */
export type CallEventBody =
  | {
      readonly type: 'call.created'
      readonly data: { readonly direction: 'inbound' | 'outbound' | 'internal'; readonly ani: string; readonly dnis: string }
    }
  | { readonly type: 'call.queued'; readonly data: { readonly group: string } }
  | { readonly type: 'call.ringing'; readonly data: { readonly party: PartyId } }
  | { readonly type: 'call.answered'; readonly data: { readonly party: PartyId } }
  | { readonly type: 'call.held'; readonly data: { readonly party: PartyId } }
  | { readonly type: 'call.resumed'; readonly data: { readonly party: PartyId } }
  | {
      readonly type: 'call.transferred'
      readonly data: { readonly from: PartyId; readonly to: PartyId; readonly how: 'blind' | 'attended' | 'take-over' }
    }
  | { readonly type: 'call.transfer-failed'; readonly data: { readonly to: PartyId; readonly reason: EndReason } }
  | { readonly type: 'call.ended'; readonly data: { readonly reason: EndReason } }
  | { readonly type: 'party.joined'; readonly data: { readonly party: PartyId; readonly role: Role; readonly endpoint: Endpoint } }
  | { readonly type: 'party.left'; readonly data: { readonly party: PartyId; readonly reason: EndReason } }
  | { readonly type: 'party.role'; readonly data: { readonly party: PartyId; readonly role: Role } }
  | { readonly type: 'party.muted'; readonly data: { readonly party: PartyId } }
  | { readonly type: 'party.unmuted'; readonly data: { readonly party: PartyId } }
  | { readonly type: 'party.dtmf'; readonly data: { readonly party: PartyId; readonly digit: string } }
  | { readonly type: 'call.parked'; readonly data: { readonly party: PartyId; readonly place: string } }
  | { readonly type: 'call.unparked'; readonly data: { readonly place: string; readonly party?: PartyId } }
  /** `resumed`: after a pause. */
  | { readonly type: 'recording.started'; readonly data: { readonly resumed: boolean } }
  | { readonly type: 'recording.paused'; readonly data: Readonly<Record<never, never>> }
  /** `reason`: it ended before anybody asked for that. */
  | { readonly type: 'recording.stopped'; readonly data: { readonly reason?: string } }
  | { readonly type: 'recording.stored'; readonly data: StoredFiles }
  | {
      readonly type: 'disposition.set'
      readonly data: { readonly disposition: string; readonly notes?: string; readonly callbackAt?: Instant }
    }
  | { readonly type: 'supervision.requested'; readonly data: SupervisionFacts & Asked & { readonly follow: Follow } }
  | { readonly type: 'supervision.active'; readonly data: SupervisionFacts }
  | { readonly type: 'supervision.mode-changed'; readonly data: SupervisionFacts & Asked }
  | { readonly type: 'supervision.refused'; readonly data: SupervisionFacts & Asked & { readonly reason: EndReason } }
  | { readonly type: 'supervision.ended'; readonly data: SupervisionFacts & Asked & { readonly reason: EndReason } }
  | { readonly type: 'hearing.applied'; readonly data: { readonly revision: number; readonly pairs: readonly HearingPair[] } }

export interface SupervisionFacts {
  readonly supervision: SupervisionId
  readonly party: PartyId
  readonly mode: Mode
  readonly target: PartyId
  readonly private: boolean
}

/** On whose word a supervision began, changed or ended, where somebody said it. For the audit. */
export interface AskedBy {
  readonly role: string
  readonly user?: string
  /** Names the credential without telling it. */
  readonly credential?: string
  /** Which API it came by: `native`, or a dialect's name. */
  readonly via?: string
}

export interface Asked {
  readonly by?: AskedBy
}

export interface HearingPair {
  readonly listener: PartyId
  readonly talker: PartyId
}

/** `seq` counts from 1 without gaps in each call. */
export type CallEvent = CallEventBody & { readonly call: CallId; readonly seq: number; readonly at: Instant }

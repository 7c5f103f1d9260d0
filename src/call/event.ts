import type { CallId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint } from './endpoint.ts'
import type { Role } from './party.ts'
import type { EndReason } from './reason.ts'
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
  | { readonly type: 'supervision.requested'; readonly data: SupervisionFacts & { readonly follow: Follow } }
  | { readonly type: 'supervision.active'; readonly data: SupervisionFacts }
  | { readonly type: 'supervision.mode-changed'; readonly data: SupervisionFacts }
  | { readonly type: 'supervision.refused'; readonly data: SupervisionFacts & { readonly reason: EndReason } }
  | { readonly type: 'supervision.ended'; readonly data: SupervisionFacts & { readonly reason: EndReason } }
  | { readonly type: 'hearing.applied'; readonly data: { readonly revision: number; readonly pairs: readonly HearingPair[] } }

export interface SupervisionFacts {
  readonly supervision: SupervisionId
  readonly party: PartyId
  readonly mode: Mode
  readonly target: PartyId
  readonly private: boolean
}

export interface HearingPair {
  readonly listener: PartyId
  readonly talker: PartyId
}

/** `seq` counts from 1 without gaps in each call. */
export type CallEvent = CallEventBody & { readonly call: CallId; readonly seq: number; readonly at: Instant }

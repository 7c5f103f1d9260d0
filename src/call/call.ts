import type { AccountId, CallId, LegId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint } from './endpoint.ts'
import type { HearingRow } from './matrix.ts'
import { isConnected, isCore, isLive, isOnHold, type Party } from './party.ts'
import type { EndReason } from './reason.ts'
import { isOpen, type Supervision } from './supervision.ts'

/** What the mixer was told and what it confirmed. The matrix itself is derived by `hearing(call)`. */
export interface Wiring {
  /** Of the last rewire that was sent; 0 before the first. */
  readonly revision: number
  readonly applied: number
  readonly appliedAt?: Instant
  /** The matrix in force in the mixer, as it confirmed. */
  readonly confirmed: readonly HearingRow[]
  /** Sent and not confirmed yet, oldest first. */
  readonly sent: readonly { readonly revision: number; readonly rows: readonly HearingRow[] }[]
}

/** A party is about to take another's place. */
export interface Transfer {
  /** `replace`: a new leg takes an old one's place (RFC 3891). */
  readonly how: 'blind' | 'attended' | 'replace'
  /** Who leaves. */
  readonly from: PartyId
  /** Who comes. */
  readonly to: PartyId
  /** Whom `from` put on hold for a consultation. */
  readonly held: readonly PartyId[]
  /** The engine's handle, where a phone asked (RFC 3515): it is told how it goes. */
  readonly requested?: { readonly leg: LegId; readonly transfer: string }
}

/** A customer who waits for an agent of a group. */
export interface Queue {
  readonly group: string
  readonly since: Instant
  readonly deadline: Instant
  /** The offer that rings now. */
  readonly offering?: number | undefined
}

/** One call: immutable, changed by `step` only. */
export interface Call {
  readonly id: CallId
  readonly account: AccountId
  readonly revision: number
  readonly direction: 'inbound' | 'outbound' | 'internal'
  /** The caller's number, and the dialled one. */
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly startedAt: Instant
  readonly answeredAt?: Instant
  readonly endedAt?: Instant
  readonly endReason?: EndReason
  readonly parties: readonly Party[]
  readonly supervisions: readonly Supervision[]
  readonly wiring: Wiring
  /** Of the last event. */
  readonly seq: number
  /** Offers made so far; the last one's number. */
  readonly offers: number
  /** An originated call rings its first party; then this one. */
  readonly next?:
    | { readonly party: PartyId; readonly leg: LegId; readonly to: Endpoint; readonly role: Party['role']; readonly ringTimeoutMs: number }
    | undefined
  readonly queue?: Queue | undefined
  readonly transfer?: Transfer | undefined
  /** The number or name that called parties are shown. */
  readonly presented?: string
  readonly reference?: string
  readonly application?: string
}

/** Contract `native.md`, "Calls". */
export type CallState = 'queued' | 'ringing' | 'active' | 'held' | 'ended'

export function callState(call: Call): CallState {
  if (call.endedAt !== undefined) return 'ended'
  const connected = call.parties.filter((p) => isCore(p) && isConnected(p))
  if (call.answeredAt === undefined || connected.length < 2) return call.queue !== undefined && connected.length > 0 ? 'queued' : 'ringing'
  return connected.some(isOnHold) ? 'held' : 'active'
}

export const partyOf = (call: Call, id: PartyId): Party | undefined => call.parties.find((p) => p.id === id)
export const partyOfLeg = (call: Call, leg: LegId): Party | undefined => call.parties.find((p) => p.leg === leg)
export const supervisionOf = (call: Call, id: SupervisionId): Supervision | undefined => call.supervisions.find((s) => s.id === id)
export const supervisionOfParty = (call: Call, id: PartyId): Supervision | undefined =>
  call.supervisions.find((s) => s.party === id && isOpen(s))

export const liveCore = (call: Call): readonly Party[] => call.parties.filter((p) => isCore(p) && isLive(p))
export const connectedCore = (call: Call): readonly Party[] => call.parties.filter((p) => isCore(p) && isConnected(p))

/** The party that handles the call: its agent; in an internal call the one who was called. */
export function handlingParty(call: Call): Party | undefined {
  const core = connectedCore(call)
  return core.findLast((p) => p.role === 'agent')
}

export const isEnded = (call: Call): boolean => call.endedAt !== undefined

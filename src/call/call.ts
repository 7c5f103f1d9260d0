import type { AccountId, CallId, LegId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint } from './endpoint.ts'
import type { HearingRow } from './matrix.ts'
import { isConnected, isCore, isLive, isOnHold, type Party } from './party.ts'
import type { EndReason } from './reason.ts'
import type { Recording } from './recording.ts'
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
  /** `hand-over`: who leaves stays in the conversation until the new one answers. `replace`: a new leg takes an old one's place (RFC 3891). */
  readonly how: 'blind' | 'attended' | 'hand-over' | 'replace'
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

/** The handling party has left, and the others wait with music for whoever fetches them. */
export interface Parked {
  /** The parking place, digits; whoever parked chose it or was given it. */
  readonly place: string
  /** Who is called back when nobody comes. */
  readonly by: PartyId
  readonly since: Instant
  readonly deadline: Instant
  /** The offer of those who are being called to fetch it; meanwhile the deadline waits. */
  readonly offering?: number | undefined
  /** Who parked it is being called back. */
  readonly recall?: PartyId
}

/** What came of the conversation, said by an agent or a program. The last one counts. */
export interface Disposition {
  readonly name: string
  readonly notes?: string
  readonly callbackAt?: Instant
  readonly at: Instant
}

/** One call: immutable, changed by `step` only. */
export interface Call {
  readonly id: CallId
  /** Microseconds since 1970, never given twice on a node: the number from which dialects make ids of their own shapes. */
  readonly serial: number
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
  readonly parked?: Parked | undefined
  readonly recording: Recording
  readonly disposition?: Disposition
  /** A conference: it goes on with one party, who hears music. */
  readonly room?: string
  /** Answered calls end at this time. */
  readonly endBy?: Instant
  readonly maxDurationMs?: number
  /** Phones that were ever in the call; the last one's `ordinal`. */
  readonly phones: number
  /** The number that called parties are shown, and the name. */
  readonly presented?: string
  readonly presentedName?: string
  /** What a program wants to find again: its own words, kept and given back as they are. */
  readonly labels: Readonly<Record<string, string>>
  readonly reference?: string
  readonly application?: string
}

/** Contract `native.md`, "Calls". */
export type CallState = 'queued' | 'ringing' | 'active' | 'held' | 'ended'

export function callState(call: Call): CallState {
  if (call.endedAt !== undefined) return 'ended'
  const connected = connectedCore(call)
  if (call.answeredAt === undefined || connected.length < 2) return stateOfOne(call, connected.length)
  return call.parked !== undefined || connected.some(isOnHold) ? 'held' : 'active'
}

/** Nobody talks to anybody: who is there waits, for an agent or with music, or hears it ringing. */
function stateOfOne(call: Call, connected: number): CallState {
  if (connected === 0) return 'ringing'
  if (call.queue !== undefined) return 'queued'
  return call.parked !== undefined || call.room !== undefined ? 'held' : 'ringing'
}

export const partyOf = (call: Call, id: PartyId): Party | undefined => call.parties.find((p) => p.id === id)
export const partyOfLeg = (call: Call, leg: LegId): Party | undefined => call.parties.find((p) => p.leg === leg)
export const supervisionOf = (call: Call, id: SupervisionId): Supervision | undefined => call.supervisions.find((s) => s.id === id)
export const supervisionOfParty = (call: Call, id: PartyId): Supervision | undefined =>
  call.supervisions.find((s) => s.party === id && isOpen(s))

export const liveCore = (call: Call): readonly Party[] => call.parties.filter((p) => isCore(p) && isLive(p))
export const connectedCore = (call: Call): readonly Party[] => call.parties.filter((p) => isCore(p) && isConnected(p))

/** The party that handles the call: its agent; in an internal call the one who was called; in a conference the last phone that joined. */
export function handlingParty(call: Call): Party | undefined {
  const core = connectedCore(call)
  const agent = core.findLast((p) => p.role === 'agent')
  return agent ?? (call.room === undefined ? undefined : core.findLast((p) => p.endpoint.kind !== 'number'))
}

export const isEnded = (call: Call): boolean => call.endedAt !== undefined

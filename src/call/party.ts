import { assert } from '../kernel/assert.ts'
import type { LegId, PartyId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint, Presented } from './endpoint.ts'
import type { EndReason } from './reason.ts'

export type Role = 'customer' | 'agent' | 'supervisor' | 'participant'

/**
 * `offered`: the leg came to us and is not answered. `inviting`: we called it, nothing came back. `ringing`: it rings.
 * `answering`: we told the engine to answer it. `connected`: both directions of signalling agree. `ended`: for ever.
 */
export type PartyState = 'offered' | 'inviting' | 'ringing' | 'answering' | 'connected' | 'ended'

const legal: Readonly<Record<PartyState, readonly PartyState[]>> = {
  offered: ['answering', 'ended'],
  inviting: ['ringing', 'connected', 'ended'],
  ringing: ['connected', 'ended'],
  answering: ['connected', 'ended'],
  connected: ['ended'],
  ended: [],
}

export interface Party {
  readonly id: PartyId
  readonly leg: LegId
  readonly role: Role
  readonly endpoint: Endpoint
  /** Counts the phones of the call from 1, in the order of joining, and is never given twice. 0: a caller or called number outside. */
  readonly ordinal: number
  /** What its phone was shown when it was called. */
  readonly shown?: Presented
  readonly state: PartyState
  /** We invited it: the far end has answered with anything, so the order was accepted (W18). */
  readonly accepted: boolean
  readonly muted: boolean
  /** Held by the desk: hears music, is heard by nobody. */
  readonly held: boolean
  /** Its own phone holds: it accepts no audio and is heard by nobody. */
  readonly phoneHeld: boolean
  /** While the first of the two holds lasts, when it began. */
  readonly heldSince?: Instant | undefined
  /** Parties that ring as alternatives share an offer; the first to answer wins. */
  readonly offer: number
  readonly joinedAt: Instant
  readonly answeredAt?: Instant
  readonly endedAt?: Instant
  readonly endReason?: EndReason
  /** Not answered by then: the leg ends with `no-answer`. */
  readonly ringDeadline?: Instant
}

/** The one place that changes a party's state. */
export function moveParty(party: Party, state: PartyState): Party {
  assert(legal[party.state].includes(state), `party ${party.state} → ${state}`)
  return { ...party, state }
}

export const isLive = (party: Party): boolean => party.state !== 'ended'
export const isConnected = (party: Party): boolean => party.state === 'connected'
export const isPending = (party: Party): boolean => party.state === 'inviting' || party.state === 'ringing'
/** By the desk or by its own phone. */
export const isOnHold = (party: Party): boolean => party.held || party.phoneHeld
export const isCore = (party: Party): boolean => party.role !== 'supervisor'

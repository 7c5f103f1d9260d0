import { assert } from '../kernel/assert.ts'
import type { PartyId, SupervisionId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type Call, partyOf, supervisionOf } from './call.ts'
import type { Effect } from './effect.ts'
import type { Endpoint, Presented } from './endpoint.ts'
import type { Asked, AskedBy, CallEvent, CallEventBody, SupervisionFacts } from './event.ts'
import type { NewParty } from './input.ts'
import { isConnected, isCore, isOnHold, moveParty, type Party, type PartyState, type Role } from './party.ts'
import type { EndReason } from './reason.ts'
import type { RecordingState } from './recording.ts'
import type { Supervision } from './supervision.ts'

/** The call while one input is worked into it: the next call, and what comes out. Lives for one `step` only. */
export class Draft {
  readonly at: Instant
  readonly before: Call
  readonly effects: Effect[] = []
  readonly events: CallEvent[] = []
  #call: Call

  constructor(call: Call, at: Instant) {
    this.#call = call
    this.before = call
    this.at = at
  }

  get call(): Call {
    return this.#call
  }

  patch(fields: Partial<Call>): void {
    this.#call = { ...this.#call, ...fields }
  }

  effect(effect: Effect): void {
    this.effects.push(effect)
  }

  emit(body: CallEventBody): void {
    const seq = this.#call.seq + 1
    this.#call = { ...this.#call, seq }
    this.events.push({ ...body, call: this.#call.id, seq, at: this.at })
  }

  party(id: PartyId): Party {
    const party = partyOf(this.#call, id)
    assert(party !== undefined, `party ${id} is in the call`)
    return party
  }

  supervision(id: SupervisionId): Supervision {
    const supervision = supervisionOf(this.#call, id)
    assert(supervision !== undefined, `supervision ${id} is in the call`)
    return supervision
  }

  /** The number of an offer that nobody has had yet. */
  nextOffer(): number {
    const offers = this.#call.offers + 1
    this.patch({ offers })
    return offers
  }

  /** `reason`: it ends before anybody asked for that. */
  setRecording(state: RecordingState, reason?: string): void {
    const { recording } = this.#call
    if (recording.state === state) return
    const started = recording.state === 'off' ? { startedAt: this.at, take: (recording.take ?? 0) + 1 } : {}
    this.patch({ recording: { ...recording, state, ...started, ...(state === 'on' ? { since: this.at } : {}) } })
    if (state === 'on') this.emit({ type: 'recording.started', data: { resumed: recording.state === 'paused' } })
    else if (state === 'paused') this.emit({ type: 'recording.paused', data: {} })
    else this.emit({ type: 'recording.stopped', data: reason === undefined ? {} : { reason } })
  }

  setParty(id: PartyId, fields: Partial<Omit<Party, 'state'>>): void {
    this.#replaceParty({ ...this.party(id), ...fields })
  }

  moveParty(id: PartyId, state: PartyState): void {
    this.#replaceParty(moveParty(this.party(id), state))
  }

  #replaceParty(changed: Party): void {
    this.patch({ parties: this.#call.parties.map((p) => (p.id === changed.id ? changed : p)) })
  }

  /** Told when the first of the two holds begins and when the last ends; a supervisor who holds puts nobody on hold. */
  setHold(id: PartyId, fields: Partial<Pick<Party, 'held' | 'phoneHeld'>>): void {
    const before = this.party(id)
    const isSame = isOnHold(before) === isOnHold({ ...before, ...fields })
    this.setParty(id, isSame ? fields : { ...fields, heldSince: isOnHold(before) ? undefined : this.at })
    const after = this.party(id)
    if (isSame || !isCore(after) || !isConnected(after)) return
    this.emit({ type: isOnHold(after) ? 'call.held' : 'call.resumed', data: { party: id } })
  }

  setSupervision(id: SupervisionId, fields: Partial<Supervision>): Supervision {
    const before = this.supervision(id)
    const changed = { ...before, ...fields, revision: before.revision + 1 }
    this.patch({ supervisions: this.#call.supervisions.map((s) => (s.id === id ? changed : s)) })
    return changed
  }

  addParty(
    party: Pick<Party, 'id' | 'leg' | 'role' | 'endpoint' | 'state' | 'shown'> & {
      readonly offer?: number
      readonly ringTimeoutMs?: number
    },
  ): void {
    const { ringTimeoutMs, offer, ...rest } = party
    const made: Party = {
      ...rest,
      ordinal: this.#ordinalOf(party),
      offer: offer ?? 0,
      accepted: false,
      muted: false,
      held: false,
      phoneHeld: false,
      joinedAt: this.at,
      ...(ringTimeoutMs === undefined ? {} : { ringDeadline: addMs(this.at, ringTimeoutMs) }),
    }
    this.patch({ parties: [...this.#call.parties, made] })
  }

  /** Phones are counted, whether they are inside or a supervisor's; a caller or called number outside is none of them. */
  #ordinalOf({ endpoint, role }: Pick<Party, 'endpoint' | 'role'>): number {
    if (endpoint.kind !== 'extension' && role !== 'supervisor') return 0
    const phones = this.#call.phones + 1
    this.patch({ phones })
    return phones
  }

  /** Calls a new party; it rings until its time-out. */
  invite(invitation: Invitation): void {
    const { as, to, role } = invitation
    this.addParty({
      id: as.party,
      leg: as.leg,
      role,
      endpoint: to,
      shown: invitation.from,
      state: 'inviting',
      ringTimeoutMs: invitation.ringTimeoutMs,
      ...(invitation.offer === undefined ? {} : { offer: invitation.offer }),
    })
    const voice = role === 'supervisor' ? 'supervisor' : 'core'
    this.effect({ kind: 'invite', leg: as.leg, to, from: invitation.from, voice, autoAnswer: invitation.autoAnswer ?? false })
  }

  /** The party is out. `hangUp` false where its leg is over already, or goes on in another call. */
  endParty(id: PartyId, how: { readonly reason: EndReason; readonly hangUp: boolean }): void {
    const party = this.party(id)
    if (party.state === 'ended') return
    this.moveParty(id, 'ended')
    this.setParty(id, { endedAt: this.at, endReason: how.reason, held: false, phoneHeld: false })
    this.emit({ type: 'party.left', data: { party: id, reason: how.reason } })
    if (how.hangUp) this.effect({ kind: 'hang-up', leg: party.leg, reason: how.reason })
  }

  endSupervision(id: SupervisionId, reason: EndReason, by?: AskedBy): void {
    const before = this.supervision(id)
    if (before.state === 'ended') return
    const ended = this.setSupervision(id, { state: 'ended', endedAt: this.at, endReason: reason })
    const type = before.state === 'ringing' ? 'supervision.refused' : 'supervision.ended'
    this.emit({ type, data: { ...facts(ended), reason, ...asked(by) } })
  }
}

interface Invitation {
  readonly as: NewParty
  readonly to: Endpoint
  readonly role: Role
  readonly from: Presented
  readonly ringTimeoutMs: number
  readonly autoAnswer?: boolean
  readonly offer?: number
}

export const asked = (by: AskedBy | undefined): Asked => (by === undefined ? {} : { by })

export function facts(supervision: Supervision): SupervisionFacts {
  const { id, party, mode, target } = supervision
  return { supervision: id, party, mode, target, private: supervision.private }
}

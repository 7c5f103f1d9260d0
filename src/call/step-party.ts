import type { LegId, PartyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { isFull } from './admit.ts'
import { type Call, connectedCore, partyOf, partyOfLeg, supervisionOfParty } from './call.ts'
import type { Draft } from './draft.ts'
import { conference, presentation } from './effect.ts'
import type { Presented } from './endpoint.ts'
import type { Command } from './input.ts'
import { isConnected, isCore, isLive, isPending, type Role } from './party.ts'
import { stopSupervising } from './stop-supervising.ts'
import { done, refuse, type Verdict, wired } from './verdict.ts'

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>

/** The desk holds a party of the conversation: it hears music and is heard by nobody. */
export function hold(draft: Draft, command: Of<'hold'>): Verdict {
  const party = partyOf(draft.call, command.party)
  if (party === undefined) return refuse('party-unknown')
  if (!isConnected(party) || !isCore(party)) return refuse('wrong-state', 'Only a party of the conversation can be held.')
  if (party.held === command.on) return wired
  draft.setHold(party.id, { held: command.on })
  return wired
}

export function mute(draft: Draft, command: Of<'mute'>): Verdict {
  const party = partyOf(draft.call, command.party)
  if (party === undefined) return refuse('party-unknown')
  if (!isConnected(party)) return refuse('wrong-state', 'The party is not connected.')
  if (party.muted === command.on) return wired
  draft.setParty(party.id, { muted: command.on })
  draft.emit({ type: command.on ? 'party.muted' : 'party.unmuted', data: { party: party.id } })
  return wired
}

export function removeParty(draft: Draft, id: PartyId): Verdict {
  const party = partyOf(draft.call, id)
  if (party === undefined) return refuse('party-unknown')
  if (!isLive(party)) return refuse('wrong-state', 'The party has left.')
  const supervision = supervisionOfParty(draft.call, id)
  if (supervision !== undefined) stopSupervising(draft, supervision, 'ended-by-request')
  else draft.endParty(id, { reason: 'removed', hangUp: true })
  return wired
}

export function addParty(draft: Draft, command: Of<'add-party'>): Verdict {
  const { call } = draft
  const full = isFull(call)
  if (full !== undefined) return full
  if (call.parked !== undefined) return refuse('wrong-state', 'The call is parked.')
  if (call.room === undefined && connectedCore(call).length === 0) return refuse('wrong-state', 'Nobody is connected yet.')
  const { as, to, role, ringTimeoutMs } = command
  draft.invite({ as, to, role, from: command.shown ?? shown(draft), ringTimeoutMs })
  return { confirm: { on: 'accepted', legs: [as.leg] } }
}

export function withdraw(draft: Draft, legs: readonly LegId[]): Verdict {
  for (const leg of legs) {
    const party = partyOfLeg(draft.call, leg)
    if (party !== undefined) draft.endParty(party.id, { reason: 'failed', hangUp: true })
  }
  return done
}

export function callAgain(draft: Draft, { party: id, leg }: Of<'call-again'>): Verdict {
  const party = partyOf(draft.call, id)
  if (party === undefined) return refuse('party-unknown')
  if (!isPending(party)) return refuse('wrong-state', 'Nobody is being called.')
  draft.setParty(id, { leg })
  const voice = isCore(party) ? 'core' : 'supervisor'
  draft.effect({ kind: 'invite', leg, to: party.endpoint, from: party.shown ?? shown(draft), voice, autoAnswer: false })
  return done
}

/** Another call's leg, or a new one, takes a party's place. */
export function adopt(draft: Draft, command: Of<'adopt'>): Verdict {
  const replaced = partyOf(draft.call, command.replaces)
  if (replaced === undefined) return refuse('party-unknown')
  if (!isLive(replaced) || !isCore(replaced) || draft.call.transfer !== undefined)
    return refuse('wrong-state', 'The party cannot be replaced now.')
  const { party, leg } = command.as
  const ringing = command.state === 'ringing' ? { ringTimeoutMs: limits.partyRingMs } : {}
  // Whoever takes the place of a phone that rings (directed pick-up) has what it was offered.
  const offer = isPending(replaced) ? { offer: replaced.offer } : {}
  draft.addParty({ id: party, leg, role: replaced.role, endpoint: command.endpoint, state: command.state, ...ringing, ...offer })
  const requested = command.requested === undefined ? {} : { requested: command.requested }
  draft.patch({ transfer: { how: 'replace', from: replaced.id, to: party, held: [], ...requested } })
  if (command.state === 'offered') {
    draft.moveParty(party, 'answering')
    draft.effect({ kind: 'answer', leg })
  } else if (command.state === 'connected') {
    draft.setParty(party, { answeredAt: draft.at, phoneHeld: command.phoneHeld })
    draft.emit({ type: 'party.joined', data: { party, role: replaced.role, endpoint: command.endpoint } })
    if (command.phoneHeld) draft.emit({ type: 'call.held', data: { party } })
  }
  return done
}

/** The party's leg goes on in another call. */
export function release(draft: Draft, id: PartyId): Verdict {
  const party = partyOf(draft.call, id)
  if (party === undefined || !isLive(party)) return refuse('party-unknown')
  draft.endParty(id, { reason: 'transferred', hangUp: false })
  return done
}

/** Whoever fetches a call handles it; in a conference he is one of many. */
export const fetcherRole = (call: Call): Role => (call.room === undefined ? 'agent' : 'participant')

/** Whom a phone that is called into this call sees: the conference, or else the customer, or else whoever was here first. */
export function shown(draft: Draft): Presented {
  if (draft.call.room !== undefined) return conference(draft.call)
  const party = draft.call.parties.find((p) => p.role === 'customer' && isLive(p)) ?? draft.call.parties.find((p) => isCore(p) && isLive(p))
  return party === undefined ? { number: draft.call.ani } : presentation(party.endpoint)
}

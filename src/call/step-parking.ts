import { addMs } from '../kernel/time.ts'
import { cannotComeIn } from './admit.ts'
import { connectedCore, partyOf } from './call.ts'
import type { Draft } from './draft.ts'
import type { Command } from './input.ts'
import { isConnected, isCore, isPending } from './party.ts'
import { fetcherRole, shown } from './step-party.ts'
import { refuse, type Verdict, wired } from './verdict.ts'

type Of<Kind extends Command['kind']> = Extract<Command, { kind: Kind }>

/** The party leaves, and the others wait with music. Whoever was being called into the call just now fetches it if he answers. */
export function park(draft: Draft, { party: id, place, timeoutMs }: Of<'park'>): Verdict {
  const party = partyOf(draft.call, id)
  if (party === undefined) return refuse('party-unknown')
  const refused = cannotPark(draft)
  if (refused !== undefined) return refused
  if (!isCore(party) || !isConnected(party)) return refuse('wrong-state', 'The party is not in the conversation.')
  const coming = draft.call.parties.filter((p) => isCore(p) && isPending(p))
  const offering = coming.length === 0 ? undefined : draft.nextOffer()
  if (offering !== undefined) for (const one of coming) draft.setParty(one.id, { offer: offering })
  draft.endParty(id, { reason: 'parked', hangUp: true })
  draft.patch({ parked: { place, by: id, since: draft.at, deadline: addMs(draft.at, timeoutMs), offering } })
  draft.emit({ type: 'call.parked', data: { party: id, place } })
  return wired
}

function cannotPark({ call }: Draft): Verdict | undefined {
  if (call.parked !== undefined) return refuse('wrong-state', 'The call is parked already.')
  if (call.queue !== undefined) return refuse('wrong-state', 'The call waits for an agent.')
  if (call.transfer !== undefined) return refuse('wrong-state', 'A transfer of this call is under way.')
  return connectedCore(call).length < 2 ? refuse('wrong-state', 'There is nobody to park.') : undefined
}

/** Rings a phone for a parked call, which stays parked until somebody answers. */
export function unpark(draft: Draft, command: Of<'unpark'>): Verdict {
  const { parked } = draft.call
  if (parked === undefined) return refuse('wrong-state', 'The call is not parked.')
  const { as, to, ringTimeoutMs } = command
  const refused = cannotComeIn(draft.call, to)
  if (refused !== undefined) return refused
  const offer = parked.offering ?? draft.nextOffer()
  draft.patch({ parked: { ...parked, offering: offer } })
  draft.invite({ as, to, role: fetcherRole(draft.call), from: command.shown ?? shown(draft), ringTimeoutMs, offer })
  return { confirm: { on: 'accepted', legs: [as.leg] } }
}

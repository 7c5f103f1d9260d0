import { partyId } from '../kernel/ids.ts'
import { base, callAnswer, callToChange, order } from './answers.ts'
import { ownsCall } from './calls.ts'
import type { Office } from './office.ts'
import { pathOf, type Route, route } from './route.ts'

const acts = [
  { kind: 'hold', id: 'holdParty', summary: 'Put a party on hold: it hears music and is heard by nobody' },
  { kind: 'unhold', id: 'unholdParty', summary: 'Take a party off hold' },
  { kind: 'mute', id: 'muteParty', summary: 'Let nobody hear a party' },
  { kind: 'unmute', id: 'unmuteParty', summary: 'Let a party be heard again' },
] as const

export const partyRoutes = (office: Office): readonly Route[] => [
  ...acts.map((act) => partyRoute(office, { ...act, method: 'POST', url: `${base}/calls/:call/parties/:party/${act.kind}` })),
  partyRoute(office, {
    kind: 'remove-party',
    id: 'removeParty',
    summary: 'Remove one party; the call ends when it was one of the last two',
    method: 'DELETE',
    url: `${base}/calls/:call/parties/:party`,
  }),
]

interface PartyAct {
  readonly kind: 'hold' | 'unhold' | 'mute' | 'unmute' | 'remove-party'
  readonly id: string
  readonly summary: string
  readonly method: 'POST' | 'DELETE'
  readonly url: string
}

function partyRoute(office: Office, { kind, ...act }: PartyAct): Route {
  return route({
    ...act,
    tag: 'Calls',
    need: 'control',
    success: { status: 200, schema: 'Call' },
    refusals: ['call-unknown', 'call-ended', 'party-unknown', 'wrong-state', 'timeout', 'engine-failed'],
    owns: ownsCall(office),
    handle(ask) {
      const call = callToChange(office.desk, ask).id
      return order(office.desk, ask, { kind, call, party: partyId(pathOf(ask, 'party')) }, callAnswer(200))
    },
  })
}

import Type from 'typebox'
import { partyId } from '../kernel/ids.ts'
import { base, callAnswer, callToChange, order } from './answers.ts'
import { ownsCall } from './calls.ts'
import type { Office } from './office.ts'
import { refuse } from './problem.ts'
import { pathOf, type Route, route } from './route.ts'
import { choice, optional, text } from './schemas.ts'

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
  recording(office),
  disposition(office),
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

const Recording = Type.Object({ state: choice(['on', 'off', 'paused']) })

/** Known, and not built: everything is checked, and then it says so. */
function recording(office: Office): Route {
  return route({
    id: 'setRecording',
    tag: 'Calls',
    summary: 'Start, pause or stop recording (not built yet)',
    method: 'PUT',
    url: `${base}/calls/:call/recording`,
    need: 'control',
    body: Recording,
    example: { state: 'on' },
    refusals: ['call-unknown', 'unsupported'],
    owns: ownsCall(office),
    handle(ask) {
      callToChange(office.desk, ask)
      throw refuse('unsupported', { why: 'Recording is not built yet.' })
    },
  })
}

const Disposition = Type.Object({
  disposition: text(128),
  notes: optional(Type.String({ maxLength: 4096 })),
  callbackAt: optional(text(64, { description: 'RFC 3339.' })),
})

function disposition(office: Office): Route {
  return route({
    id: 'setDisposition',
    tag: 'Calls',
    summary: 'Say how the call ended (not built yet)',
    method: 'PUT',
    url: `${base}/calls/:call/disposition`,
    need: 'control',
    body: Disposition,
    example: { disposition: 'Sale' },
    refusals: ['call-unknown', 'unsupported'],
    owns: ownsCall(office),
    handle(ask) {
      callToChange(office.desk, ask)
      throw refuse('unsupported', { why: 'Dispositions are not built yet.' })
    },
  })
}

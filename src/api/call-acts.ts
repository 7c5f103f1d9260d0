/** What is done to a call as a whole, beside ending and transferring it. */
import Type, { type Static, type TObject } from 'typebox'
import { recordingStates } from '../call/recording.ts'
import type { RefusalCode } from '../call/refusal.ts'
import type { DeskCommand } from '../control/command.ts'
import { type CallId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { base, callAnswer, callToChange, order } from './answers.ts'
import { ownsCall } from './calls.ts'
import type { Office } from './office.ts'
import { type Route, route } from './route.ts'
import { choice, optional, ringTimeoutMs, SelectorSchema, text } from './schemas.ts'
import { instantOf, selector } from './selectors.ts'

export const callActRoutes = (office: Office): readonly Route[] => [
  act(office, {
    id: 'setRecording',
    summary: 'Start, pause or stop recording',
    method: 'PUT',
    path: 'recording',
    need: 'record',
    body: Type.Object({ state: choice(recordingStates) }),
    example: { state: 'on' },
    refusals: ['call-ended', 'wrong-state', 'recording-not-permitted'],
    command: (call, { state }) => ({ kind: 'record', call, state }),
  }),
  act(office, {
    id: 'setDisposition',
    summary: 'Say what came of the call, until the agent has left wrap-up; the last word counts',
    method: 'PUT',
    path: 'disposition',
    body: Type.Object({
      disposition: text(128, { description: 'One of those that the account is configured with.' }),
      notes: optional(Type.String({ maxLength: limits.notesCharacters })),
      callbackAt: optional(text(64, { description: 'RFC 3339. Kept and told; nobody dials by it.' })),
    }),
    example: { disposition: 'Sale', notes: 'Wants the blue one.' },
    refusals: ['call-ended', 'disposition-unknown'],
    command: (call, { callbackAt, ...said }) => ({
      ...{ kind: 'dispose', call, ...said },
      ...(callbackAt === undefined ? {} : { callbackAt: instantOf('callbackAt', callbackAt) }),
    }),
  }),
  act(office, {
    id: 'parkCall',
    summary: 'The agent, or another party, leaves; the others wait with music until the call is fetched',
    method: 'POST',
    path: 'park',
    body: Type.Object({
      party: optional(text(128, { description: 'Who parks and leaves; the agent where absent.' })),
      place: optional(Type.String({ pattern: '^[0-9]{1,8}$', maxLength: 8, description: 'Digits; a free one is chosen where absent.' })),
      timeoutMs: optional(
        Type.Integer({
          minimum: limits.parkMinMs,
          maximum: limits.parkMaxMs,
          default: limits.parkMs,
          description: 'Who parked is called back after this.',
        }),
      ),
    }),
    example: { timeoutMs: 60_000 },
    refusals: ['call-ended', 'party-unknown', 'wrong-state', 'timeout'],
    command: (call, { party, ...rest }) => ({ kind: 'park', call, ...rest, ...(party === undefined ? {} : { party: partyId(party) }) }),
  }),
  act(office, {
    id: 'unparkCall',
    summary: 'Ring a phone that takes the parked call when it answers',
    method: 'POST',
    path: 'unpark',
    ...fetching,
    command: (call, { to, ...rest }) => ({ kind: 'unpark', call, to: selector(to), ...rest }),
  }),
  act(office, {
    id: 'pickUpCall',
    summary: 'Ring another phone for a call that rings elsewhere; the first to answer has it',
    method: 'POST',
    path: 'pick-up',
    ...fetching,
    command: (call, { to, ...rest }) => ({ kind: 'pick-up', call, to: selector(to), ...rest }),
  }),
  act(office, {
    id: 'requeueCall',
    summary: 'Agent and supervisors leave; the customer waits for a group',
    method: 'POST',
    path: 'requeue',
    body: Type.Object({ group: text(128) }),
    example: { group: '200' },
    refusals: ['call-ended', 'resource-unknown', 'no-agent-available', 'wrong-state', 'timeout'],
    command: (call, { group }) => ({ kind: 'requeue', call, group }),
  }),
]

const fetching = {
  body: Type.Object({ to: SelectorSchema, ringTimeoutMs }),
  example: { to: { extension: '211' } },
  status: 202,
  refusals: [
    ...(['call-ended', 'wrong-state', 'endpoint-unknown', 'endpoint-unavailable', 'endpoint-busy'] as const),
    ...(['number-invalid', 'destination-not-allowed', 'no-agent-available', 'timeout', 'capacity-exceeded', 'engine-failed'] as const),
  ],
} as const

interface Act<B extends TObject> {
  readonly id: string
  readonly summary: string
  readonly method: 'PUT' | 'POST'
  readonly path: string
  readonly need?: 'record'
  readonly body: B
  readonly example: object
  /** 202 where a phone rings first. */
  readonly status?: 202
  readonly refusals: readonly RefusalCode[]
  readonly command: (call: CallId, said: Static<B>) => DeskCommand
}

function act<B extends TObject>(office: Office, { path, need, status: rings, command, refusals, ...rest }: Act<B>): Route {
  const status = rings ?? 200
  return route({
    ...rest,
    tag: 'Calls',
    url: `${base}/calls/:call/${path}`,
    need: need ?? 'control',
    success: { status, schema: 'Call' },
    refusals: ['call-unknown', ...refusals],
    owns: ownsCall(office),
    handle: (ask) => order(office.desk, ask, command(callToChange(office.desk, ask).id, ask.body), callAnswer(status)),
  })
}

import Type from 'typebox'
import type { Call } from '../../call/call.ts'
import type { RefusalCode } from '../../call/refusal.ts'
import { type Answer, jsonAnswer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs } from '../../kernel/time.ts'
import { callByGuid, guidOf } from '../call-ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { order } from '../ordering.ts'
import { callLocation } from './answer.ts'
import { createdText, detailText } from './answer-call.ts'
import { demandWriter, placeOf, readBody, textOf, versionOf } from './request.ts'
import { readCallOrder } from './request-call.ts'
import { originateCommand } from './request-parties.ts'

export const callRoutes = (house: House): readonly DialectRoute[] => [
  {
    ...{ id: 'createCall', tier: 'must', method: 'POST', path: '/:version/:key/calls' },
    summary: 'Call from an agent, or from an available agent of some groups, to a number or to another agent',
    body: CallRequest,
    answers: { status: 201, description: 'The agent’s phone rings. `Location` is where the call can be read.', schema: CreatedCall },
    refusals: [...everywhere, ...changes, ...toPlace],
    handle: (ask) => create(house, ask),
  },
  {
    ...{ id: 'getCall', tier: 'must', method: 'GET', path: '/:version/:key/calls/:guid' },
    summary: 'A call, while it lives and for 24 hours after',
    answers: { status: 200, description: 'The call', schema: CallDetail },
    refusals: [...everywhere, 'call-unknown'],
    handle: (ask) => read(house, ask),
  },
  {
    ...{ id: 'setRecording', tier: 'should', method: 'POST', path: '/:version/:key/calls/:guid' },
    summary: 'Pause or resume the recording of a call',
    body: RecordingRequest,
    answers: { status: 202, description: 'What was asked for', schema: RecordingRequest },
    refusals: [...everywhere, ...changes, 'call-unknown', 'call-ended', 'wrong-state', 'recording-not-permitted'],
    handle: (ask) => record(house, ask),
  },
]

/** Contract section 4, rows 1 to 26, in their order. */
async function create(house: House, ask: Ask): Promise<Answer> {
  const body = readBody(ask)
  demandWriter(ask)
  const version = versionOf(house, ask)
  const wanted = readCallOrder(body, version, house.settings.newvoicemedia.strictVersions)
  const { call } = await order(house, ask, originateCommand(house, ask.holder.account, wanted))
  if (call === undefined) throw refuse('engine-failed')
  const place = placeOf(ask)
  return jsonAnswer(201, createdText(call, place), { Location: callLocation(place, guidOf(call)) })
}

function read(house: House, ask: Ask): Answer {
  versionOf(house, ask)
  return jsonAnswer(200, detailText(callOf(house, ask), placeOf(ask)))
}

/** A call that has been over for a day is forgotten, whether or not the desk still has it. */
function callOf({ desk }: House, { at, holder, params }: Ask): Call {
  const call = callByGuid(desk, holder.account, params.guid ?? '')
  if (call === undefined || (call.endedAt !== undefined && addMs(call.endedAt, limits.endedCallsKeptMs) <= at)) throw refuse('call-unknown')
  return call
}

const states = { Started: 'on', Paused: 'paused' } as const

async function record(house: House, ask: Ask): Promise<Answer> {
  const { recordingStatus } = readBody(ask)
  demandWriter(ask)
  versionOf(house, ask)
  const wanted = textOf(recordingStatus)
  if (wanted === undefined) throw refuse('parameter-missing', { name: 'recordingStatus' })
  if (wanted !== 'Started' && wanted !== 'Paused') throw refuse('parameter-invalid', { name: 'recordingStatus' })
  await order(house, ask, { kind: 'record', call: callOf(house, ask).id, state: states[wanted] })
  return jsonAnswer(202, JSON.stringify({ recordingStatus: wanted }))
}

const everywhere: readonly RefusalCode[] = ['unauthenticated', 'token-expired', 'internal-error']
const changes: readonly RefusalCode[] = [
  'forbidden',
  'parameter-missing',
  'parameter-invalid',
  'body-malformed',
  'body-too-large',
  'media-type-unsupported',
]
const toPlace: readonly RefusalCode[] = [
  'consent-invalid',
  'unsupported',
  'endpoint-unknown',
  'resource-unknown',
  'number-invalid',
  'destination-not-allowed',
  'endpoint-busy',
  'endpoint-unavailable',
  'no-agent-available',
  'timeout',
  'engine-failed',
  'capacity-exceeded',
]

const TextOrNumber = Type.Union([Type.String(), Type.Integer()])
const AgentId = Type.Union([Type.String({ pattern: '^[0-9]{1,11}$' }), Type.Integer()])
const Consent = Type.Union([Type.Literal('Unknown'), Type.Literal('OneParty'), Type.Literal('TwoParty')])

const From = Type.Object({
  agentId: Type.Optional(AgentId),
  groups: Type.Optional(Type.Array(Type.String(), { description: 'The agent who has been idle longest in any of them is rung.' })),
  presentedCLID: Type.Optional(Type.String({ description: 'One of the numbers that the account may show.' })),
  consent: Type.Optional(Consent),
})
const To = Type.Object({
  telephoneNumber: Type.Optional(TextOrNumber),
  agentId: Type.Optional(AgentId),
  consent: Type.Optional(Consent),
})
const more = {
  regarding: Type.Optional(Type.Object({ reference: Type.String({ maxLength: 2000, description: 'Letters and digits, or a URL.' }) })),
  application: Type.Optional(Type.String({ maxLength: 32, pattern: '^[A-Za-z0-9]+$' })),
}
const CallRequest = Type.Object({ from: From, to: To, ...more })

const Links = Type.Array(Type.Object({ href: Type.String({ format: 'uri' }), rel: Type.String() }))
const identity = { id: Type.String({ format: 'uuid' }), links: Links, from: Type.Object({}), to: Type.Object({}) }
const CreatedCall = Type.Object({ ...identity, ...more })

const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const CallDetail = Type.Object({
  ...identity,
  status: oneOf(['Initiating', 'RingingOriginator', 'RingingDestination', 'InProgress', 'Completed', 'Failed']),
  recordingStatus: Type.Union([oneOf(['Started', 'Paused', 'Stopped']), Type.Null()]),
  result: Type.Union([
    Type.Null(),
    Type.Object({
      code: oneOf(['Success', 'Failure']),
      party: Type.Optional(oneOf(['Originator', 'Destination'])),
      reason: Type.Optional(oneOf(['NoAnswer', 'Busy', 'Rejected', 'NetworkError'])),
    }),
  ]),
  dispositionCode: Type.Union([Type.String(), Type.Null()]),
  ...more,
})
const RecordingRequest = Type.Object({ recordingStatus: oneOf(['Started', 'Paused']) })

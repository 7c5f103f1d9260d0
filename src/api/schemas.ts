/** The shapes of Sotto's own API, for the OpenAPI document and, where they are parameters, for checking. */
import Type, { type TObject, type TSchema } from 'typebox'
import { endReasons } from '../call/reason.ts'
import { recordingStates } from '../call/recording.ts'
import { refusalCodes } from '../call/refusal.ts'
import { modes } from '../call/supervision.ts'
import { limits } from '../kernel/limits.ts'

/** No control characters: some of these texts end up in SIP headers. */
const printable = '^[^\\u0000-\\u001f\\u007f]*$'
export const text = (maxLength: number, options: object = {}): Type.TString =>
  Type.String({ minLength: 1, maxLength, pattern: printable, ...options })

export const choice = <const V extends string[]>(values: readonly [...V], options: object = {}) =>
  Type.Enum([...values] as [...V], { type: 'string', ...options })

export const optional = <S extends TSchema>(schema: S) => Type.Optional(schema)

const id = (description: string) => Type.String({ description })
const time = (description: string) => Type.String({ format: 'date-time', description })
const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])

export const callStates = ['queued', 'ringing', 'active', 'held', 'ended'] as const
const endReason = choice(endReasons)

export const PartySchema = Type.Object({
  id: id('Of this party, in this call only.'),
  role: choice(['customer', 'agent', 'supervisor', 'participant']),
  extension: optional(Type.String()),
  agent: optional(Type.String({ description: 'The agent whose extension it is.' })),
  number: optional(Type.String({ description: 'Of a party outside, in E.164 where it is known.' })),
  name: optional(Type.String()),
  line: optional(Type.String({ description: 'Of a supervisor who takes part by a line and not by a phone.' })),
  state: choice(['ringing', 'talking', 'held', 'ended']),
  muted: Type.Boolean(),
  joinedAt: time('When the party was called or came in.'),
})

export const SupervisionSchema = Type.Object({
  id: id('Of this supervision.'),
  revision: Type.Integer({ description: 'Grows with every change; the ETag.' }),
  callId: id('The call.'),
  partyId: id('The supervisor, as a party of the call.'),
  supervisor: Type.Object(
    {
      extension: optional(Type.String()),
      agent: optional(Type.String()),
      number: optional(Type.String()),
      name: optional(Type.String()),
      user: optional(Type.String({ description: 'Who opened the line.' })),
      line: optional(Type.String()),
    },
    { description: 'Who supervises.' },
  ),
  mode: choice(modes),
  target: id('The party who is coached.'),
  private: Type.Boolean({ description: 'Coach without hearing the call.' }),
  state: choice(['ringing', 'active', 'ended']),
  endReason: optional(endReason),
  startedAt: time('When it was asked for.'),
  activeAt: optional(time('When the mixer connected it.')),
  endedAt: optional(time('When it was over.')),
})

export const CallSchema = Type.Object({
  id: id('Of this call.'),
  revision: Type.Integer({ description: 'Grows with every change; the ETag.' }),
  state: choice(callStates),
  direction: choice(['inbound', 'outbound', 'internal']),
  ani: Type.String({ description: "The caller's number." }),
  dnis: Type.String({ description: 'The dialled number.' }),
  group: optional(Type.String()),
  queuedAt: optional(time('Since when the caller waits for the group; while he waits.')),
  queuePosition: optional(
    Type.Integer({
      description:
        'The place of who waits; 1 is next. In answers that read calls: elsewhere it follows from `queuedAt` of the group’s calls.',
    }),
  ),
  startedAt: time('When the first leg was made.'),
  answeredAt: optional(time('When two parties spoke for the first time.')),
  endedAt: optional(time('When it was over.')),
  endReason: optional(endReason),
  parties: Type.Array(ref('Party'), { description: 'Those who left are listed with state "ended".' }),
  supervisions: Type.Array(ref('Supervision')),
  recording: Type.Object({ state: choice(recordingStates) }),
  disposition: optional(Type.String({ description: 'What came of it, in the words of the configuration.' })),
  parked: optional(
    Type.Object(
      { place: Type.String(), partyId: id('Who parked, and is called back.'), since: time('Since when.') },
      { description: 'The agent has left, and the others wait with music for whoever fetches the call.' },
    ),
  ),
  reference: optional(Type.String({ description: 'Yours, as given when the call was made.' })),
  application: optional(Type.String({ description: 'Yours, as given when the call was made.' })),
})

export const HearingSchema = Type.Object({
  callId: id('The call.'),
  revision: Type.Integer({ description: 'Of the matrix that was last sent to the mixer.' }),
  appliedRevision: Type.Integer({ description: 'Of the matrix in force. While it is behind `revision`, who hears whom is unknown.' }),
  appliedAt: nullable(time('When the mixer applied it.')),
  pairs: Type.Array(
    Type.Object({
      listener: id('Who hears.'),
      talker: id('Who is heard.'),
      hears: Type.Literal(true),
      levelDbov: nullable(Type.Number({ description: "The talker's level now." })),
      lastAudioAt: nullable(time('When the talker was last heard.')),
    }),
    { description: 'A pair that is not listed is silent.' },
  ),
})

const sinceMidnight = 'Since midnight UTC, or since the server started.'

export const AgentSchema = Type.Object({
  id: id('Of the agent.'),
  username: Type.String(),
  name: Type.String(),
  extension: Type.String(),
  role: choice(['agent', 'supervisor']),
  groups: Type.Array(Type.String()),
  state: choice(['available', 'ringing', 'on-call', 'pending-disposition', 'wrap-up', 'away', 'offline']),
  reason: optional(Type.String({ description: 'Why he is away, as it was said.' })),
  since: time('Since when the state holds.'),
  loggedInAt: optional(time('When he last became other than "offline".')),
  callId: optional(id('The call the agent is in.')),
  awaitsCallId: optional(id('The call whose disposition is awaited.')),
  wrapUpUntil: optional(time('In wrap-up: when he is given calls again.')),
  hand: optional(Type.Object({ since: time('Since when.'), note: optional(Type.String()) }, { description: 'He asks for help.' })),
  tally: Type.Object(
    {
      handled: Type.Integer({ description: 'Calls that he was connected to.' }),
      missed: Type.Integer({ description: 'Calls that he let ring.' }),
      talkMs: Type.Integer({ description: 'Time in calls that are over, in milliseconds.' }),
    },
    { description: sinceMidnight },
  ),
})

export const ExtensionSchema = Type.Object({
  number: Type.String(),
  name: Type.String(),
  registered: Type.Boolean(),
  contacts: Type.Integer({ description: 'How many phones are registered.' }),
  agent: optional(Type.String()),
  calls: Type.Array(Type.String(), { description: 'Ids of its live calls.' }),
})

export const DispositionSchema = Type.Object({ name: Type.String() }, { description: 'An outcome that agents may note of a call.' })

export const GroupSchema = Type.Object({
  id: id('Of the group.'),
  name: Type.String(),
  extension: Type.String(),
  strategy: choice(['longest-idle', 'ring-all']),
  agents: Type.Array(Type.String()),
  waiting: Type.Integer({ description: 'Calls that wait for an agent.' }),
  waitingSince: optional(time('Of the caller who waits longest.')),
  tally: Type.Object(
    {
      received: Type.Integer({ description: 'Calls that came to the group.' }),
      answered: Type.Integer(),
      abandoned: Type.Integer({ description: 'Calls that ended before an agent had answered.' }),
      inTime: Type.Integer({ description: `Answered within ${limits.serviceLevelMs / 1000} s.` }),
      late: Type.Integer({ description: 'Answered later.' }),
    },
    { description: sinceMidnight },
  ),
})

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'For a person.' }),
    code: choice(refusalCodes, { description: 'For a program.' }),
    requestId: Type.String(),
    parameter: optional(Type.String({ description: 'The parameter that is missing or invalid.' })),
  },
  { description: 'RFC 9457.' },
)

export const HealthSchema = Type.Object({
  status: choice(['ok', 'degraded']),
  version: Type.String(),
  degraded: Type.Array(Type.String(), { description: 'What is wrong now, such as "media" or "draining".' }),
})

export const TokenSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
})

/** A named schema of the document. */
export function ref(name: string): TSchema {
  return Type.Unsafe({ $ref: `#/components/schemas/${name}` })
}

export const listOf = (name: string): TObject =>
  Type.Object({ items: Type.Array(ref(name)), next: nullable(Type.String({ description: 'The cursor of the next page.' })) })

/** How somebody is named: exactly one of the members. */
const oneOf = <P extends Record<string, TSchema>>(members: P, description: string) =>
  Type.Object(members, { minProperties: 1, maxProperties: 1, description })

const extension = optional(text(64))
const number = optional(text(64))
const agent = optional(text(128))
const group = optional(text(128))

export const SelectorSchema = oneOf({ extension, number, agent }, 'Exactly one of them.')
export const SupervisorSchema = oneOf(
  { extension, number, agent, line: optional(text(64, { description: 'A line of your own: attached at once, nothing rings.' })) },
  'Exactly one of them.',
)
export const DestinationSchema = oneOf({ extension, number, agent, group }, 'Exactly one of them.')
export const OriginSchema = oneOf(
  { extension, agent, groups: optional(Type.Array(text(128), { minItems: 1, maxItems: 64 })) },
  'Exactly one of them; `groups` rings the free agents of these groups.',
)

export const ringTimeoutMs = optional(Type.Integer({ minimum: 1000, maximum: limits.ringTimeoutMaxMs, description: 'Milliseconds.' }))
export const reference = optional(text(256, { description: 'Yours; comes back in the call and its events.' }))

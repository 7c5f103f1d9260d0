import Type, { type TSchema } from 'typebox'
import { factKinds } from '../audit/fact.ts'
import { endReasons } from '../call/reason.ts'
import { refusalCodes } from '../call/refusal.ts'
import { modes } from '../call/supervision.ts'
import { choice, optional } from './schemas.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])
const milliseconds = (description: string) => Type.Number({ description })
const endReason = choice(endReasons)
const address = {
  extension: optional(Type.String()),
  agent: optional(Type.String()),
  number: optional(Type.String()),
  name: optional(Type.String()),
}
const span = { from: time('From then on.'), to: optional(time('Until then; absent while it lasts.')) }

const CdrPartySchema = Type.Object({
  id: Type.String(),
  role: choice(['customer', 'agent', 'supervisor', 'participant'], { description: 'The last one.' }),
  ...address,
  joinedAt: time('When he was connected.'),
  leftAt: optional(time('When he left.')),
  endReason: optional(endReason),
})

const CdrSupervisionSchema = Type.Object({
  id: Type.String(),
  partyId: Type.String(),
  follow: choice(['call', 'target']),
  requestedAt: time('When it was asked for.'),
  activeAt: optional(time('When he picked up.')),
  endedAt: optional(time('When it was over.')),
  endReason: optional(endReason),
  intervals: Type.Array(Type.Object({ mode: choice(modes), target: Type.String(), private: Type.Boolean(), ...span }), {
    description: 'In which mode, as it was asked for. Who could hear whom is in the audit.',
  }),
})

export const CallRecordSchema = Type.Object({
  id: Type.String({ description: 'Of the call.' }),
  direction: choice(['inbound', 'outbound', 'internal']),
  ani: Type.String(),
  dnis: Type.String(),
  group: optional(Type.String()),
  startedAt: time('When the first leg was made.'),
  answeredAt: optional(time('When two parties spoke for the first time.')),
  endedAt: optional(time('When it was over.')),
  endReason: optional(endReason),
  waitingMs: milliseconds('Until it was answered: ringing and queue.'),
  talkMs: milliseconds('Two or more in the conversation, none of them on hold.'),
  holdMs: milliseconds('Answered, but somebody is on hold, the call is parked, or one waits alone.'),
  totalMs: milliseconds('The sum of the three.'),
  parties: Type.Array(CdrPartySchema, { description: 'Whoever was connected, in order of joining.' }),
  transfers: Type.Array(
    Type.Object({
      at: time('When.'),
      to: Type.String(),
      from: optional(Type.String()),
      how: optional(choice(['blind', 'attended', 'take-over'])),
      failed: optional(endReason),
    }),
  ),
  supervisions: Type.Array(CdrSupervisionSchema),
  parks: Type.Array(Type.Object({ place: Type.String(), partyId: Type.String(), fetchedBy: optional(Type.String()), ...span })),
  recordings: Type.Array(Type.Object(span), { description: 'When it was recorded; pauses are not.' }),
  disposition: optional(Type.String()),
  notes: optional(Type.String()),
  callbackAt: optional(time('When the customer wants to be called back.')),
})

const PersonSchema = Type.Object({
  partyId: Type.String(),
  role: optional(Type.String()),
  ...address,
  erased: optional(Type.Boolean({ description: 'Somebody outside, who was taken out of what is kept.' })),
})

const AskerSchema = Type.Object(
  {
    role: Type.String(),
    user: optional(Type.String()),
    credential: optional(Type.String({ description: 'Names the credential without telling it.' })),
    via: optional(Type.String({ description: 'Which API: `native`, or the name of a dialect.' })),
  },
  { description: 'Who asked.' },
)

export const AuditEntrySchema = Type.Object({
  seq: nullable(Type.Integer({ description: 'Counts from 1 without gaps; null for what still lasts, which is no entry yet.' })),
  at: time('When it was written down.'),
  kind: choice(factKinds, { description: '`hearing`: an interval in which somebody could hear somebody.' }),
  callId: optional(Type.String()),
  supervisionId: optional(Type.String()),
  supervisor: optional(PersonSchema),
  other: optional(PersonSchema),
  could: optional(choice(['hear', 'be-heard'], { description: 'What the supervisor could: hear the other one, or be heard by him.' })),
  from: optional(time('When the mixer began to work by it.')),
  to: optional(nullable(time('When the mixer ceased to; null while it lasts.'))),
  mode: optional(choice(modes)),
  target: optional(Type.String({ description: 'Who was coached, by party id.' })),
  private: optional(Type.Boolean()),
  follow: optional(choice(['call', 'target'])),
  by: optional(AskerSchema),
  reason: optional(Type.String({ description: 'Why it ended.' })),
  act: optional(Type.String({ description: 'What was refused.' })),
  code: optional(choice(refusalCodes, { description: 'Why it was refused.' })),
  requested: optional(Type.String({ description: 'As the refused request named it: the supervisor, or what it was about.' })),
  upTo: optional(Type.Integer({ description: 'The last entry that was deleted because of its age.' })),
  before: optional(time('What was written down before is kept no longer.')),
  entries: optional(Type.Array(Type.Integer(), { description: 'Out of which a person was taken.' })),
  calls: optional(Type.Integer({ description: 'In which he took part.' })),
  recordings: optional(Type.Integer({ description: 'Of these calls, deleted.' })),
  held: optional(Type.Integer({ description: 'Recordings of these calls that stay, under legal hold.' })),
  hash: optional(Type.String({ description: 'SHA-256 over the hash before and this entry.' })),
  previous: optional(Type.String()),
})

const HeadSchema = Type.Object(
  {
    account: Type.String(),
    seq: Type.Integer(),
    hash: Type.String(),
    at: Type.Number({ description: 'Milliseconds since 1970.' }),
    after: Type.Integer({ description: 'Of the head before.' }),
    signature: Type.String({ description: 'Ed25519, base64.' }),
  },
  { description: 'Keep it elsewhere: with it, a cut-off end is found.' },
)

export const AuditVerdictSchema = Type.Object({
  valid: Type.Boolean({ description: 'Nothing was edited, deleted, swapped, inserted or cut off.' }),
  entries: Type.Integer(),
  first: optional(Type.Integer({ description: 'Where it begins.' })),
  pruned: optional(
    Type.Object(
      { at: time('When.'), before: time('What was written down before.') },
      { description: 'Why it does not begin with 1: older entries were deleted.' },
    ),
  ),
  erased: optional(Type.Integer({ description: 'Entries out of which a person was taken, as later entries say.' })),
  head: nullable(HeadSchema),
  flaws: Type.Array(Type.Object({ seq: Type.Integer(), why: Type.String() })),
})

/** A line of the export. */
export const AuditLineSchema = Type.Object(
  {
    audit: optional(Type.Object({ account: Type.String(), publicKey: Type.String(), version: Type.Integer() })),
    entry: optional(Type.Object({})),
    head: optional(HeadSchema),
  },
  { description: 'Each line has one of them.' },
)

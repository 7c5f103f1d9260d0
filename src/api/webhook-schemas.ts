/** Shapes of webhooks and dead letters, and how they are shown. */
import Type from 'typebox'
import { limits } from '../kernel/limits.ts'
import { type Instant, rfc3339 } from '../kernel/time.ts'
import type { Standing, Webhook } from '../outbox/words.ts'
import type { DeadLetter } from './outlet.ts'
import { choice, optional, text } from './schemas.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
const types = Type.Array(text(64), {
  maxItems: 64,
  description: '`call.ended`, or `call.*` for all of a kind; empty for all.',
})
const secretKind = 'Base64 of 24 to 64 bytes behind `whsec_`.'

export const urlField = text(limits.callOutUrlCharacters, { description: 'By http or https, where the operator permits it.' })
export const descriptionField = text(256, { description: 'Yours.' })
export const typesField = types
/** 24 to 64 bytes of base64. */
export const secretField = text(96, {
  pattern: '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$',
  description: `${secretKind} One is drawn where absent.`,
})
export const stateField = choice(['on', 'off'], { description: '`off`: nothing is sent, and what waits becomes dead letters.' })

export const WebhookSchema = Type.Object({
  id: Type.String({ description: 'Of this webhook.' }),
  url: Type.String({ description: 'Where events are sent.' }),
  description: optional(Type.String({ description: 'Yours.' })),
  types,
  state: stateField,
  offReason: optional(choice(['gone', 'asked'], { description: '`gone`: the receiver answered 410.' })),
  createdAt: time('When it was made.'),
  secret: optional(Type.String({ description: `Signs events. ${secretKind} Shown once, when it was made.` })),
  oldSecretUntil: optional(time('Until then the secret before this one signs as well.')),
  waiting: Type.Integer({ description: 'Events that have not been taken yet.' }),
  dead: Type.Integer({ description: 'Events that were given up.' }),
  failures: Type.Integer({ description: 'Failed tries since the last that succeeded.' }),
  lastFailure: optional(Type.Object({ at: time('When.'), why: Type.String() }, { description: 'While something waits.' })),
})

export const DeadLetterSchema = Type.Object({
  id: Type.String({ description: 'The `webhook-id` under which it was sent, and will be again.' }),
  why: Type.String({ description: 'Why the last try failed, or none was made.' }),
  attempts: Type.Integer(),
  firstAt: time('When it was to be sent first.'),
  diedAt: time('When it was given up.'),
  event: Type.Object({}, { description: 'As it was sent.' }),
})

export const TestEventSchema = Type.Object({ id: Type.String({ description: 'The `webhook-id` that the receiver will see.' }) })

export interface Moment {
  readonly at: Instant
  readonly standing: Standing
}

export function webhookView(webhook: Webhook, { at, standing }: Moment): object {
  const { id, url, description, types: wanted, off, createdAt, secrets } = webhook
  const old = secrets.find(({ until }) => until !== undefined && until > at)?.until
  const { waiting, dead, failures, lastFailure } = standing
  return {
    ...{ id, url, description, types: wanted, state: off === undefined ? 'on' : 'off', offReason: off, createdAt: rfc3339(createdAt) },
    ...(old === undefined ? {} : { oldSecretUntil: rfc3339(old) }),
    ...{ waiting, dead, failures },
    ...(lastFailure === undefined ? {} : { lastFailure: { at: rfc3339(lastFailure.at), why: lastFailure.why } }),
  }
}

export function deadLetterText({ id, why = '', attempts, since, diedAt, body }: DeadLetter): string {
  const head = JSON.stringify({ id, why, attempts, firstAt: rfc3339(since), diedAt: rfc3339(diedAt ?? since) })
  return `${head.slice(0, -1)},"event":${body}}`
}

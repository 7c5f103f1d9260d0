/** What can be done with a webhook beyond having one: a new secret, a test event, dead letters. */
import Type from 'typebox'
import { jsonAnswer } from '../http/answer.ts'
import { type Refused, refuse } from '../http/refused.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, rfc3339 } from '../kernel/time.ts'
import type { Webhook } from '../outbox/words.ts'
import { listQuery } from './calls.ts'
import { spanOf, time } from './history.ts'
import type { Office } from './office.ts'
import type { DeadLetter } from './outlet.ts'
import { pageOf } from './paging.ts'
import { type Route, route } from './route.ts'
import { optional, text } from './schemas.ts'
import { deadLetterText, secretField } from './webhook-schemas.ts'
import { drawnSecret, keep, tag, webhookAnswer, webhookOf, webhooksUrl } from './webhooks.ts'

export const webhookActRoutes = (office: Office): readonly Route[] => [
  rotateSecret(office),
  sendTest(office),
  listDeadLetters(office),
  replayDeadLetters(office),
]

/** With one more, the oldest would not be valid for its whole time. */
const secretsAtOnce = 2

function rotateSecret(office: Office): Route {
  return route({
    ...{ id: 'rotateWebhookSecret', tag, summary: 'Sign with a new secret; for a day with the old one as well', method: 'POST' },
    ...{ url: `${webhooksUrl}/:webhook/rotate-secret`, need: 'administer' },
    body: Type.Object({ secret: optional(secretField) }),
    success: { status: 200, schema: 'Webhook' },
    refusals: ['resource-unknown', 'wrong-state'],
    async handle({ body: { secret = drawnSecret(office.random) }, ...ask }) {
      const webhook = webhookOf(office, ask)
      const at = office.clock()
      const valid = webhook.secrets.filter(({ until }) => until === undefined || until > at)
      if (valid.length >= secretsAtOnce)
        throw refuse('wrong-state', { why: 'Two secrets are valid already; wait until the older one has lapsed.' })
      const old = valid.map((one) => ({ ...one, until: addMs(at, limits.webhookSecretOverlapMs) }))
      const changed: Webhook = { ...webhook, secrets: [{ secret }, ...old] }
      await keep(office, changed)
      return webhookAnswer(office, changed, { secret })
    },
  })
}

/** In a lane of its own, so that it waits for no other event. */
function sendTest(office: Office): Route {
  return route({
    ...{ id: 'testWebhook', tag, summary: 'Send an event of type `webhook.test`', method: 'POST' },
    ...{ url: `${webhooksUrl}/:webhook/test`, need: 'administer' },
    success: { status: 202, schema: 'TestEvent' },
    refusals: ['resource-unknown', 'wrong-state'],
    handle(ask) {
      const webhook = webhookOf(office, ask)
      demandOn(webhook)
      const id = `${webhook.id}_test_${office.random.hex(8)}`
      const event = { id, seq: 0, type: 'webhook.test', at: rfc3339(office.clock()), data: { webhook: webhook.id } }
      office.outlet.send({ id, webhook: webhook.id, lane: id, body: JSON.stringify(event) })
      return jsonAnswer(202, JSON.stringify({ id }))
    },
  })
}

function listDeadLetters(office: Office): Route {
  return route({
    ...{ id: 'listDeadLetters', tag, summary: 'Events that were given up', method: 'GET', need: 'administer' },
    url: `${webhooksUrl}/:webhook/dead-letters`,
    query: Type.Object({
      from: time('Given up then or later.'),
      to: time('Given up before.'),
      text: optional(text(128, { description: 'Somewhere in the event or the reason; letter case aside.' })),
      ...listQuery,
    }),
    success: { status: 200, schema: 'DeadLetter', list: true },
    refusals: ['resource-unknown'],
    handle({ query, ...ask }) {
      const letters = office.outlet.deadLetters(webhookOf(office, ask)).filter(lettersLike(query))
      const { items, next } = pageOf(letters, query, ({ id, diedAt = 0 }) => ({ id, order: diedAt }))
      return jsonAnswer(200, `{"items":[${items.map(deadLetterText).join(',')}],"next":${JSON.stringify(next)}}`)
    },
  })
}

interface LetterWish {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly text?: string | undefined
}

function lettersLike({ text, ...span }: LetterWish): (letter: DeadLetter) => boolean {
  const { from, to } = spanOf(span)
  const wanted = text?.toLowerCase()
  return ({ diedAt = 0, why = '', body }) =>
    (from === undefined || diedAt >= from) &&
    (to === undefined || diedAt < to) &&
    (wanted === undefined || body.toLowerCase().includes(wanted) || why.toLowerCase().includes(wanted))
}

function replayDeadLetters(office: Office): Route {
  return route({
    ...{ id: 'replayDeadLetters', tag, summary: 'Try dead letters again, under their old ids; all, or those named', method: 'POST' },
    ...{ url: `${webhooksUrl}/:webhook/dead-letters/replay`, need: 'administer' },
    body: Type.Object({ ids: optional(Type.Array(text(128), { minItems: 1, maxItems: 500 })) }),
    success: { status: 202, schema: 'Webhook' },
    refusals: ['resource-unknown', 'wrong-state'],
    handle({ body: { ids }, ...ask }) {
      const webhook = webhookOf(office, ask)
      demandOn(webhook)
      const known = new Set(office.outlet.deadLetters(webhook).map(({ id }) => id))
      const unknown = ids?.find((id) => !known.has(id))
      if (unknown !== undefined) throw unknownLetter(unknown)
      office.outlet.replay(webhook, ids)
      return webhookAnswer(office, webhook, { status: 202 })
    },
  })
}

const unknownLetter = (id: string): Refused => refuse('resource-unknown', { name: 'dead letter', why: `No dead letter has the id ${id}.` })

function demandOn({ off }: Webhook): void {
  if (off !== undefined) throw refuse('wrong-state', { why: 'The webhook is switched off.' })
}

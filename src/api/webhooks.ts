/** `/sotto/v1/webhooks`: where programs want events sent (contract `native.md`, "Events"). */
import Type from 'typebox'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import type { Webhook } from '../outbox/words.ts'
import { base } from './answers.ts'
import { listQuery } from './calls.ts'
import { typesNamed } from './events.ts'
import type { Office } from './office.ts'
import { pageOf } from './paging.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import { optional } from './schemas.ts'
import { descriptionField, secretField, stateField, typesField, urlField, webhookView } from './webhook-schemas.ts'

export const tag = 'Webhooks'
export const webhooksUrl = `${base}/webhooks`

export const webhookRoutes = (office: Office): readonly Route[] => [
  create(office),
  list(office),
  readOne(office),
  change(office),
  remove(office),
]

function create(office: Office): Route {
  return route({
    ...{ id: 'createWebhook', tag, summary: 'Have events sent to a URL', method: 'POST', url: webhooksUrl, need: 'administer' },
    body: Type.Object({
      url: urlField,
      types: optional(typesField),
      description: optional(descriptionField),
      secret: optional(secretField),
    }),
    example: { url: 'https://example.com/sotto-events', types: ['call.*', 'supervision.active'] },
    success: { status: 201, schema: 'Webhook' },
    refusals: ['capacity-exceeded'],
    async handle({ caller, body: { url, types = [], description, secret = drawnSecret(office.random) } }) {
      demandFields(office, { url, types })
      demandRoom(office, caller)
      const webhook: Webhook = {
        ...{ id: `wh_${office.random.hex(8)}`, account: caller.account, url, types, createdAt: office.clock(), secrets: [{ secret }] },
        ...(description === undefined ? {} : { description }),
      }
      await keep(office, webhook)
      return webhookAnswer(office, webhook, { status: 201, secret, headers: { Location: `${webhooksUrl}/${webhook.id}` } })
    },
  })
}

function demandRoom({ outlet }: Office, { account }: Ask['caller']): void {
  if (outlet.webhooks(account).length >= limits.webhooksPerAccount)
    throw refuse('capacity-exceeded', { why: `An account has at most ${limits.webhooksPerAccount} webhooks.` })
}

function list(office: Office): Route {
  return route({
    ...{ id: 'listWebhooks', tag, summary: 'Webhooks and how they fare', method: 'GET', url: webhooksUrl, need: 'administer' },
    query: Type.Object(listQuery),
    success: { status: 200, schema: 'Webhook', list: true },
    refusals: [],
    handle({ caller, query }) {
      const { items, next } = pageOf(office.outlet.webhooks(caller.account), query, ({ id, createdAt: order }) => ({ id, order }))
      return jsonAnswer(200, JSON.stringify({ items: items.map((webhook) => viewOf(office, webhook)), next }))
    },
  })
}

function readOne(office: Office): Route {
  return route({
    ...{ id: 'getWebhook', tag, summary: 'One webhook', method: 'GET', url: `${webhooksUrl}/:webhook`, need: 'administer' },
    success: { status: 200, schema: 'Webhook' },
    refusals: ['resource-unknown'],
    handle: (ask) => webhookAnswer(office, webhookOf(office, ask)),
  })
}

function change(office: Office): Route {
  return route({
    ...{ id: 'changeWebhook', tag, summary: 'Change a webhook, or switch it on or off', method: 'PATCH', need: 'administer' },
    url: `${webhooksUrl}/:webhook`,
    body: Type.Object({
      url: optional(urlField),
      types: optional(typesField),
      description: optional(descriptionField),
      state: optional(stateField),
    }),
    example: { state: 'on' },
    success: { status: 200, schema: 'Webhook' },
    refusals: ['resource-unknown'],
    async handle({ body: { state, ...fields }, ...ask }) {
      demandFields(office, fields)
      const before = webhookOf(office, ask)
      const changed = switched({ ...before, ...fields }, state)
      await keep(office, changed)
      if (changed.off !== undefined) office.outlet.giveUp(changed)
      return webhookAnswer(office, changed)
    },
  })
}

function switched({ off, ...webhook }: Webhook, state: 'on' | 'off' | undefined): Webhook {
  if (state === 'on') return webhook
  const why = off ?? (state === 'off' ? 'asked' : undefined)
  return why === undefined ? webhook : { ...webhook, off: why }
}

function remove(office: Office): Route {
  return route({
    ...{ id: 'deleteWebhook', tag, summary: 'Delete a webhook, with all that waits for it', method: 'DELETE', need: 'administer' },
    url: `${webhooksUrl}/:webhook`,
    success: { status: 200, schema: 'Webhook' },
    refusals: ['resource-unknown', 'capacity-exceeded'],
    async handle(ask) {
      const webhook = webhookOf(office, ask)
      const last = webhookAnswer(office, webhook)
      if (!(await office.outlet.forget(webhook))) throw cannotKeep()
      return last
    },
  })
}

function demandFields({ outlet }: Office, { url, types }: { readonly url?: string; readonly types?: readonly string[] }): void {
  for (const name of types ?? []) typesNamed(name)
  if (url === undefined) return
  const permitted = outlet.permits(url)
  if (!permitted.ok) throw refuse('parameter-invalid', { name: 'url', why: `Parameter "url" is not taken. ${permitted.error}` })
}

export function webhookOf({ outlet }: Office, ask: Pick<Ask, 'caller' | 'path'>): Webhook {
  const webhook = outlet.webhook(ask.caller.account, pathOf(ask, 'webhook'))
  if (webhook === undefined) throw refuse('resource-unknown', { name: 'webhook', why: 'No such webhook.' })
  return webhook
}

export async function keep({ outlet }: Office, webhook: Webhook): Promise<void> {
  if (!(await outlet.keep(webhook))) throw cannotKeep()
}

const cannotKeep = () => refuse('capacity-exceeded', { why: 'The server cannot write to its disk now; try again later.' })

/** 32 bytes. */
export const drawnSecret = (random: Random): string => `whsec_${Buffer.from(random.hex(32), 'hex').toString('base64')}`

interface Answering {
  readonly status?: number
  /** Shown this once. */
  readonly secret?: string
  readonly headers?: Readonly<Record<string, string>>
}

export function webhookAnswer(office: Office, webhook: Webhook, { status = 200, secret, headers }: Answering = {}): Answer {
  return jsonAnswer(status, JSON.stringify({ ...viewOf(office, webhook), secret }), headers)
}

const viewOf = ({ outlet, clock }: Office, webhook: Webhook): object =>
  webhookView(webhook, { at: clock(), standing: outlet.standing(webhook) })

/** Events on their way to webhooks. */
import type { FrontDesk, OutEvent } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Webhook } from '../outbox/words.ts'
import { callOfEvent, eventText, typeOf } from './event-view.ts'
import type { Outlet, WebhookLetter } from './outlet.ts'

interface Parts {
  readonly desk: FrontDesk
  readonly outlet: Outlet
  readonly accounts: readonly AccountId[]
  readonly log: Log
}

/** Until the returned function is called. First comes what happened since the last process looked; nothing may be awaited between the two. */
export function startWebhooks({ desk, outlet, accounts, log }: Parts): () => void {
  const stops = accounts.map((account) => {
    for (const event of missed({ desk, outlet, log }, account)) tell(outlet, event)
    return desk.subscribe(account, (event) => tell(outlet, event))
  })
  return () => {
    for (const stop of stops) stop()
  }
}

function missed({ desk, outlet, log }: Omit<Parts, 'accounts'>, account: AccountId): readonly OutEvent[] {
  const cursor = outlet.cursor(account)
  if (cursor === undefined || outlet.webhooks(account).length === 0) return []
  const events = desk.eventsAfter(account, cursor)
  if (events === undefined)
    log.warn({ account, cursor }, 'what happened since this event is not kept: webhooks are told what comes from now on')
  return events ?? []
}

/** The cursor moves on with every event, so that none is looked at twice. */
function tell(outlet: Outlet, event: OutEvent): void {
  const webhooks = outlet.webhooks(event.account)
  if (webhooks.length > 0) outlet.seen(event.account, event.id, lettersFor(webhooks, event))
}

function lettersFor(webhooks: readonly Webhook[], event: OutEvent): readonly WebhookLetter[] {
  const wanting = webhooks.filter((webhook) => wants(webhook, event))
  return wanting.map(({ id }) => ({ id: `${id}_${event.id}`, webhook: id, lane: laneOf(event), body: eventText(event) }))
}

/** What happened before somebody asked for it is not for him; a line's state is for its owner. */
function wants({ off, createdAt, types }: Webhook, event: OutEvent): boolean {
  if (off !== undefined || atOf(event) < createdAt || 'line' in event) return false
  const type = typeOf(event)
  return types.length === 0 || types.some((one) => one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))))
}

const atOf = (event: OutEvent) => ('event' in event ? event.event.at : event.at)

const laneOf = (event: OutEvent): string => callOfEvent(event) ?? ('agent' in event ? `agent ${event.agent.id}` : '')

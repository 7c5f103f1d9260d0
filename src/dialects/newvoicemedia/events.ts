/** Call webhooks: CloudEvents, signed (contract newvoicemedia, section 6). Who wants them is in the book of subscriptions, as `url` and `secret`. */
import { createHash, createHmac } from 'node:crypto'
import type { CallEvent } from '../../call/event.ts'
import type { OutEvent } from '../../control/command.ts'
import { type Instant, rfc3339 } from '../../kernel/time.ts'
import { guidOf } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { detailText } from './answer-call.ts'
import type { Place } from './request.ts'

type CallOutEvent = Extract<OutEvent, { call: unknown }>

const types: Partial<Record<CallEvent['type'], string>> = {
  'call.created': 'call.created',
  'call.answered': 'call.answered',
  'call.ended': 'call.completed',
  'recording.started': 'call.recording',
  'recording.paused': 'call.recording',
  'recording.stopped': 'call.recording',
}

/** Until the returned function is called. */
export function callWebhooks(house: House): () => void {
  const base = `${house.publicUrl}${prefixOf(house)}`
  const stops = house.directory.accounts.map(({ id, key }) =>
    house.desk.subscribe(id, (event) => {
      if ('event' in event) tellAll(house, event, { base, version: '0', key })
    }),
  )
  return () => {
    for (const stop of stops) stop()
  }
}

/** As the server reads it: with one slash in front and none at the end. */
function prefixOf({ settings }: House): string {
  const segments = (settings.newvoicemedia.prefix ?? '').split('/').filter((segment) => segment !== '')
  return segments.map((segment) => `/${segment}`).join('')
}

function tellAll(house: House, event: CallOutEvent, place: Place): void {
  const type = types[event.event.type]
  const receivers = type === undefined ? [] : house.subscriptions.list('newvoicemedia', event.account)
  if (type === undefined || receivers.length === 0) return
  const body = cloudEvent(event, type, place)
  for (const receiver of receivers) tell(house, receiver, { event, body })
}

function tell(house: House, receiver: Subscription, { event, body }: { readonly event: CallOutEvent; readonly body: string }): void {
  const { url = '', secret } = receiver.fields
  const signature: Record<string, string> =
    secret === undefined ? {} : { 'Vonage-Signature': signed(body, { secret, id: event.id, at: event.event.at }) }
  house.courier.send({
    account: event.account,
    dialect: 'newvoicemedia',
    receiver: receiver.id,
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/cloudevents+json', ...signature },
    body,
  })
}

/** Structured mode of CloudEvents 1.0; `source` and `id` together name the event. */
function cloudEvent({ id, event, call }: CallOutEvent, type: string, place: Place): string {
  const attributes = {
    specversion: '1.0',
    id,
    source: `${place.base}/V${place.version}/${place.key}/Calls`,
    type,
    subject: guidOf(call),
    time: rfc3339(event.at),
    datacontenttype: 'application/json',
  }
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${detailText(call, place)}}`
}

/** A JWT (RFC 7519) by HS256 over the digest of the very bytes that are sent. The shared secret is base64. */
function signed(body: string, { secret, id, at }: { readonly secret: string; readonly id: string; readonly at: Instant }): string {
  const claims = { iat: Math.floor(at / 1000), jti: id, payload_hash: createHash('sha256').update(body).digest('hex') }
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64url')}`
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

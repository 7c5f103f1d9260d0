/** Settings of call events: who wants to be told what, and where (contract voipnow, section 9). */
import type { Extension } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import type { JsonObject } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { dateIn, extended, jsonOf, numeral, pathOf, voiceOf } from './answer.ts'
import { alone, collection, listText, pageOf, selected } from './answer-listing.ts'
import { accountOf, demandOwn, placeOf, soleExtension } from './request.ts'
import { bodyOf, sayingSo } from './request-body.ts'
import { invalid, missing, textOf } from './request-fields.ts'
import { listingOf, matches } from './request-listing.ts'
import { eventBody, listQuery } from './request-shapes.ts'
import { ended } from './routes-calls.ts'

const path = '/uapi/extensions/:user/:extension/phoneCallEvents'
const lookups = ['unauthenticated', 'token-expired', 'endpoint-unknown', 'forbidden', 'parameter-invalid', 'resource-unknown'] as const
const changes = [...lookups, 'parameter-missing', 'body-malformed', 'body-too-large', 'capacity-exceeded'] as const

export function eventRoutes(house: House): readonly DialectRoute[] {
  const get = { tier: 'should', method: 'GET', query: listQuery, refusals: lookups, summary: 'Event settings of an extension' } as const
  const post = { tier: 'should', method: 'POST', body: eventBody, refusals: changes, summary: 'Adds an event setting' } as const
  const remove = { tier: 'should', method: 'DELETE', refusals: lookups, summary: 'Removes event settings' } as const
  const page = { answers: { status: 200, description: 'A page of settings' }, handle: (ask: Ask) => list(house, ask) }
  const added = { answers: { status: 200, description: 'The setting' }, handle: (ask: Ask) => add(house, ask) }
  const gone = { answers: { status: 200, description: 'What was removed' }, handle: (ask: Ask) => removeAll(house, ask) }
  const one = { status: 200, description: 'The setting' }
  return [
    { ...get, ...page, id: 'listPhoneCallEvents', path },
    { ...get, ...page, id: 'listPhoneCallEventsOfType', path: `${path}/:type` },
    { ...get, id: 'showPhoneCallEvent', path: `${path}/:type/:id`, answers: one, handle: (ask) => show(house, ask) },
    { ...post, ...added, id: 'addPhoneCallEvent', path },
    { ...post, ...added, id: 'addPhoneCallEventOfType', path: `${path}/:type` },
    {
      ...{ ...post, id: 'changePhoneCallEvent', method: 'PUT', path: `${path}/:type/:id`, summary: 'Changes an event setting' },
      ...{ answers: one, handle: (ask) => change(house, ask) },
    },
    { ...remove, ...gone, id: 'removePhoneCallEvents', path },
    { ...remove, ...gone, id: 'removePhoneCallEventsOfType', path: `${path}/:type` },
    { ...remove, ...gone, id: 'removePhoneCallEvent', path: `${path}/:type/:id` },
  ]
}

export const eventTypes = ['0', '1', '2', '3', '4'] as const
export type EventType = (typeof eventTypes)[number]

/** What a setting holds; texts, as the subscription book keeps them. */
interface Fields extends Record<string, string> {
  extension: string
  type: EventType
  url: string
  method: '0' | '1'
  status: '0' | '1'
  note: string
}

function extensionOf(house: House, ask: Ask): Extension {
  const place = placeOf(house, ask)
  const extension = soleExtension(place, ask)
  demandOwn(house, ask, place)
  return extension
}

function typeIn(ask: Ask): EventType | undefined {
  const { type } = ask.params
  return type === undefined ? undefined : typeNamed(type)
}

function typeNamed(text: string): EventType {
  const type = eventTypes.find((one) => one === text.trim())
  if (type === undefined) throw invalid('pce.type')
  return type
}

/** Of the path: the extension's, of the type, with the id, where it says so. */
function named(house: House, ask: Ask): readonly Subscription[] {
  const extension = extensionOf(house, ask)
  const type = typeIn(ask)
  const all = house.subscriptions.list('voipnow', extension.account)
  const found = all.filter(
    ({ id, fields }) =>
      fields.extension === extension.number &&
      (type === undefined || fields.type === type) &&
      (ask.params.id === undefined || id === ask.params.id),
  )
  if (ask.params.id !== undefined && found.length === 0) throw refuse('resource-unknown', { name: 'event' })
  return found
}

const columns = {
  fields: ['id', 'type', 'url', 'method', 'status', 'note', 'modified', 'link', 'links'],
  filters: ['id', 'type', 'status'],
}

function list(house: House, ask: Ask): Answer {
  const found = named(house, ask)
  const listing = listingOf(ask, accountOf(house, ask), columns)
  const kept = found.filter(({ id, fields }) => matches(listing.filter, (by) => ({ text: by === 'id' ? id : (fields[by] ?? '') })))
  const { items, total } = pageOf(kept, listing)
  return collection(ask, { entry: listText(items.map((s) => selected(recordOf(house, ask, s), listing.fields))), total }, listing)
}

function show(house: House, ask: Ask): Answer {
  const [found] = named(house, ask)
  const listing = listingOf(ask, accountOf(house, ask), columns)
  return alone(found === undefined ? '{}' : selected(recordOf(house, ask, found), listing.fields), listing)
}

function recordOf(house: House, ask: Ask, { id, modified, fields }: Subscription): object {
  const account = accountOf(house, ask)
  const voice = voiceOf(house, ask, account)
  const { extension = '', type = '', url, method, status, note } = fields
  const self =
    ask.base + pathOf(['uapi', 'extensions', ask.params.user ?? '@me', extended(account, extension), 'phoneCallEvents', type, id])
  return {
    ...{ id, type: numeral(voice, Number(type)), url, method: numeral(voice, Number(method)), status: numeral(voice, Number(status)) },
    ...{ note: note === '' ? undefined : note, modified: dateIn(voice, modified), links: { self } },
  }
}

async function add(house: House, ask: Ask): Promise<Answer> {
  const extension = extensionOf(house, ask)
  const body = bodyOf(house, ask)
  return sayingSo(body, async () => {
    const fields = fieldsOf(house, body.fields, { extension: extension.number, type: typeIn(ask) })
    return put(house, ask, { id: house.random.hex(15), dialect: 'voipnow', account: extension.account, modified: ask.at, fields })
  })
}

/** What the request does not name stays as it was. */
async function change(house: House, ask: Ask): Promise<Answer> {
  const [found] = named(house, ask)
  const body = bodyOf(house, ask)
  return sayingSo(body, async () => {
    if (found === undefined) throw refuse('resource-unknown', { name: 'event' })
    const { extension = '', type, ...rest } = found.fields
    const fields = fieldsOf(house, { ...rest, ...body.fields }, { extension, type: type as EventType })
    return put(house, ask, { ...found, modified: ask.at, fields })
  })
}

function put(house: House, ask: Ask, subscription: Subscription): Answer {
  if (!house.subscriptions.put(subscription)) throw refuse('capacity-exceeded')
  return jsonOf(200, recordOf(house, ask, subscription))
}

function fieldsOf(house: House, body: JsonObject, known: { readonly extension: string; readonly type: EventType | undefined }): Fields {
  const type = known.type ?? typeNamed(textOf(body, 'type') ?? absent('type'))
  const url = urlOf(house, textOf(body, 'url') ?? '')
  const note = textOf(body, 'note') ?? ''
  if (note.length > longestNote) throw invalid('pce.note')
  return { extension: known.extension, type, url, method: flagOf(body, 'method', '0'), status: flagOf(body, 'status', '1'), note }
}

const longestNote = 1_000
const longestUrl = 2_000

/** Where events go, if they may go there at all (W22). */
function urlOf({ courier }: House, url: string): string {
  if (url === '') throw missing('pce.url')
  if (url.length > longestUrl || !/^https?:\/\//i.test(url) || !URL.canParse(url) || !courier.permits(url).ok) throw invalid('pce.url')
  return url
}

function absent(name: string): never {
  throw missing(`pce.${name}`)
}

function flagOf(body: JsonObject, name: string, usual: '0' | '1'): '0' | '1' {
  const text = textOf(body, name)?.trim() ?? usual
  if (text !== '0' && text !== '1') throw invalid(`pce.${name}`)
  return text
}

function removeAll(house: House, ask: Ask): Answer {
  const found = named(house, ask)
  for (const subscription of found) house.subscriptions.remove(subscription)
  return ended(
    house,
    found.map(({ id }) => ({ id })),
  )
}

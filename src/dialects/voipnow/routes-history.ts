/** Call history: what ended within the last day (contract voipnow, section 9). */

import type { Call } from '../../call/call.ts'
import type { Endpoint } from '../../call/endpoint.ts'
import { extensionOf } from '../../call/endpoint.ts'
import { isCore } from '../../call/party.ts'
import type { Account } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { type Instant, instant } from '../../kernel/time.ts'
import { hexId } from '../call-ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { digits } from '../phone-number.ts'
import { instantOf, wallTime } from '../wall-time.ts'
import { addressIn, dateIn, numeral } from './answer.ts'
import { callerIdOf, flows, insideOut, type Teller } from './answer-call.ts'
import { collection, pageOf, selected } from './answer-listing.ts'
import { accountOf, selfOf } from './request.ts'
import { invalid } from './request-fields.ts'
import { type Columns, dateParameter, listingOf, matches, type Readable } from './request-listing.ts'
import { cdrQuery } from './request-shapes.ts'
import { tellerOf } from './routes-calls.ts'

export function historyRoutes(house: House): readonly DialectRoute[] {
  const route = { tier: 'should', method: 'GET', query: cdrQuery, answers: { status: 200, description: 'Records by their ids' } } as const
  const refusals = ['unauthenticated', 'token-expired', 'forbidden', 'parameter-invalid', 'endpoint-unknown'] as const
  return [
    { ...route, id: 'listCalls', path: '/uapi/cdr', summary: 'Call history', refusals, handle: (ask) => list(house, ask) },
    {
      ...route,
      id: 'listCallsOfOwner',
      path: '/uapi/cdr/:owner',
      summary: 'Call history of an owner',
      refusals,
      handle: (ask) => list(house, ask),
    },
    {
      ...{ id: 'sendFax', tier: 'later', method: 'POST', path: '/uapi/faxes/:user/:extension', summary: 'Sends a fax' },
      refusals: ['unauthenticated', 'token-expired', 'unsupported'],
      handle: () => {
        throw refuse('unsupported')
      },
    },
  ]
}

const columns: Columns = {
  fields: ['id', 'source', 'destination', 'callerId', 'published', 'answered', 'duration', 'flow', 'disposition'],
  filters: ['source', 'destination', 'published', 'answered'],
  dates: ['published', 'answered'],
  family: 'cdr',
}

/** A call that has ended, in a few words. */
interface Record {
  readonly call: Call
  readonly source: string
  readonly destination: string
}

function list(house: House, ask: Ask): Answer {
  const account = accountOf(house, ask)
  const isTold = toldTo(house, ask, account)
  const listing = listingOf(ask, account, columns)
  const isWanted = wanted(ask, account)
  const teller = tellerOf(house, ask, { account })
  const records = house.desk
    .endedCalls(account.id)
    .filter((call) => isTold(call) && isWanted.call(call))
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map((call) => recordOf(teller, call))
    .filter((record) => isWanted.record(record) && matches(listing.filter, (by) => read(teller, record, by)))
  const { items, total } = pageOf(records, listing)
  // An object by id, not a list: that is how clients read it.
  const entry = items.map((record) => `"${hexId(record.call)}":${selected(recordJson(teller, record), listing.fields)}`)
  return collection(ask, { entry: `{${entry.join(',')}}`, total }, listing)
}

/** An agent's app is told of his own calls; everybody else's owner is the organization. */
function toldTo(house: House, ask: Ask, account: Account): (call: Call) => boolean {
  const self = selfOf(house, ask)
  const { owner } = ask.params
  const isSelf = owner === '@me' || owner === '@viewer' || owner === self.id
  if (owner === undefined || owner === '@owner' || owner === (account.owner ?? account.id) || isSelf) {
    const ofOrganization = ask.holder.role !== 'agent' && !isSelf
    if (ofOrganization) return () => true
    if (!isSelf && owner !== undefined) throw refuse('forbidden')
    return involving(self.extensions)
  }
  const user = house.directory.user(account.id, owner)
  if (user === undefined) throw refuse('endpoint-unknown', { name: 'user' })
  if (ask.holder.role === 'agent') throw refuse('forbidden')
  return involving(user.extensions)
}

const involving = (extensions: readonly string[]) => (call: Call) =>
  call.parties.some((p) => isCore(p) && extensions.includes(extensionOf(p.endpoint) ?? ''))

interface Wanted {
  readonly call: (call: Call) => boolean
  readonly record: (record: Record) => boolean
}

function wanted(ask: Ask, account: Account): Wanted {
  const { query } = ask
  const date = (name: string) => dateParameter(query, name, account, 'cdr')
  const from = date('startDate') ?? firstOfMonth(ask.at, account)
  const until = date('endDate') ?? ask.at
  const savedFrom = date('saveStartDate')
  const savedUntil = date('saveEndDate')
  const disposition = oneOf(query, 'disposition', ['0', '1', '2', '3', '4', '5'])
  const flow = oneOf(query, 'flow', ['2', '4', '8'])
  const includes = (number: string, part: string | undefined) => part === undefined || digits(number).includes(digits(part))
  return {
    call: (call) =>
      isWithin(call.startedAt, from, until) &&
      isWithin(call.endedAt ?? ask.at, savedFrom, savedUntil) &&
      (disposition === undefined || String(dispositionOf(call)) === disposition) &&
      (flow === undefined || String(flows[call.direction]) === flow),
    record: ({ source, destination }) => includes(source, query.source) && includes(destination, query.destination),
  }
}

/** Dates are shown by the second, so the second that is named counts as a whole. */
const isWithin = (at: Instant, from: Instant | undefined, until: Instant | undefined): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < Math.floor(until / 1000) * 1000 + 1000)

function firstOfMonth(at: Instant, { timezone }: Account): Instant {
  const { year, month } = wallTime(at, timezone)
  return instantOf({ year, month, day: '01', hour: '00', minute: '00', second: '00' }, timezone) ?? instant(0)
}

function oneOf(query: Ask['query'], name: string, values: readonly string[]): string | undefined {
  const text = query[name]?.trim()
  if (text !== undefined && !values.includes(text)) throw invalid(`cdr.${name}`)
  return text
}

function recordOf(teller: Teller, call: Call): Record {
  const { account } = teller.voice
  const [caller] = call.parties
  const called = call.parties.findLast((p) => isCore(p) && p.id !== caller?.id)
  const address = (endpoint: Endpoint | undefined, dialled: string) =>
    endpoint === undefined ? insideOut(teller, dialled) : addressIn(account, endpoint)
  return { call, source: address(caller?.endpoint, call.ani), destination: address(called?.endpoint, call.dnis) }
}

function read(teller: Teller, { call, source, destination }: Record, by: string): Readable | undefined {
  if (by === 'source' || by === 'destination') return { text: by === 'source' ? source : destination }
  const at = by === 'published' ? call.startedAt : call.answeredAt
  return at === undefined ? undefined : { text: dateIn(teller.voice, at), at }
}

function recordJson(teller: Teller, { call, source, destination }: Record): object {
  const { voice } = teller
  const { answeredAt, endedAt } = call
  const seconds = answeredAt === undefined || endedAt === undefined ? 0 : Math.round((endedAt - answeredAt) / 1000)
  return {
    ...{ id: hexId(call), source, destination, callerId: callerIdOf(teller, call, call.parties[0]?.endpoint) },
    published: dateIn(voice, call.startedAt),
    answered: answeredAt === undefined ? undefined : dateIn(voice, answeredAt),
    ...{ duration: numeral(voice, seconds), flow: numeral(voice, flows[call.direction]), disposition: numeral(voice, dispositionOf(call)) },
  }
}

/** 0 answered, 1 busy, 2 failed, 3 no answer, 4 unknown, 5 not allowed. */
function dispositionOf({ answeredAt, endReason }: Call): 0 | 1 | 2 | 3 | 4 | 5 {
  if (answeredAt !== undefined) return 0
  switch (endReason) {
    case 'busy':
    case 'declined':
      return 1
    case 'failed':
    case 'unavailable':
    case 'unknown-number':
    case 'media-lost':
      return 2
    case 'no-answer':
    case 'cancelled':
    case 'hangup':
    case 'queue-timeout':
      return 3
    case 'not-allowed':
      return 5
    default:
      return 4
  }
}

/** Call detail records of the last day (contract smartflo, section 6). */
import Type from 'typebox'
import type { Call } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import type { Answer } from '../../http/answer.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { plusRestored } from '../phone-number.ts'
import { instantOf } from '../wall-time.ts'
import { jsonText } from './answer.ts'
import { customerNumber, zoneOf } from './answer-facts.ts'
import { compareIds } from './answer-people.ts'
import { directionOf, recordText, statusOf } from './answer-records.ts'
import { invalid, numberOf, textOf } from './request.ts'
import { hasDid, isSameNumber } from './request-whom.ts'

const page = { usual: 20, most: 1_000, last: 1_000_000 } as const
const optionalText = (description: string) => Type.Optional(Type.String({ description }))

export const recordRoutes = (house: House): readonly DialectRoute[] => [
  {
    id: 'callRecords',
    summary: 'Calls that ended within the last 24 hours, the latest first',
    tier: 'should',
    method: 'GET',
    path: '/v1/call/records',
    query: Type.Object({
      from_date: optionalText('Begun at this time or later: `Y-m-d H:i:s` in the zone of the account.'),
      to_date: optionalText('Begun at this time or earlier.'),
      page: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: page.most, default: page.usual })),
      agents: optionalText('`agent|<agent id>`, several as `agents[]`.'),
      department: optionalText('Id, several as `department[]`.'),
      call_type: optionalText('`c` answered, `m` missed.'),
      callerid: optionalText("The customer's number."),
      destination: optionalText('The dialled number, or the extension of an agent.'),
      direction: optionalText('`inbound` or `outbound`.'),
      did_number: optionalText("The account's own number."),
    }),
    answers: { status: 200, description: 'A page.', schema: Type.Object({}, { additionalProperties: true }) },
    refusals: ['parameter-invalid'],
    handle: (ask) => records(house, ask),
  },
]

function records(house: House, { holder: { account, role }, query }: Ask): Answer {
  const limit = numberOf(query, 'limit', { min: 1, max: page.most }) ?? page.usual
  const number = numberOf(query, 'page', { min: 1, max: page.last }) ?? 1
  const fits = matcherOf(house, account, query)
  const found = house.desk.endedCalls(account).filter(fits).toReversed()
  const shown = found.slice((number - 1) * limit, number * limit)
  const mayListen = role === 'admin' || role === 'supervisor'
  const results = shown.map((call) => recordText(house, call, mayListen)).join(',')
  return jsonText(`{"count":${found.length},"limit":${limit},"size":${shown.length},"page":${number},"results":[${results}]}`)
}

type Fits = (call: Call) => boolean

/** Everything is checked before a call is looked at. */
function matcherOf(house: House, account: AccountId, query: Ask['query']): Fits {
  const tests = [
    ...begunWithin(house, account, query),
    ...ofKind(query),
    ...ofNumbers(house, query),
    ...among(query, 'agents', (call, id) => isAgentIn(call, id)),
    ...among(query, 'department', (call, id) => call.group === id),
  ]
  return (call) => tests.every((test) => test(call))
}

function begunWithin(house: House, account: AccountId, query: Ask['query']): readonly Fits[] {
  const zone = zoneOf(house, { account })
  const from = timeOf(query, 'from_date', { zone, endOfDay: false })
  const to = timeOf(query, 'to_date', { zone, endOfDay: true })
  return [
    ...(from === undefined ? [] : [({ startedAt }: Call) => startedAt >= from]),
    // The last second counts whole.
    ...(to === undefined ? [] : [({ startedAt }: Call) => startedAt < addMs(to, 1000)]),
  ]
}

function timeOf(query: Ask['query'], name: string, how: { readonly zone: string; readonly endOfDay: boolean }): Instant | undefined {
  const text = textOf(query, name)
  if (text === undefined) return undefined
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d:\d\d:\d\d))?$/.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) throw invalid(name)
  const [hour = '', minute = '', second = ''] = (time ?? (how.endOfDay ? '23:59:59' : '00:00:00')).split(':')
  const at = instantOf({ year, month, day, hour, minute, second }, how.zone)
  if (at === undefined) throw invalid(name)
  return at
}

function ofKind(query: Ask['query']): readonly Fits[] {
  const type = choiceOf(query, 'call_type', { c: 'answered', m: 'missed' })
  const direction = choiceOf(query, 'direction', { inbound: 'inbound', outbound: 'outbound' })
  return [
    ...(type === undefined ? [] : [(call: Call) => statusOf(call) === type]),
    ...(direction === undefined ? [] : [(call: Call) => directionOf(call) === direction]),
  ]
}

function choiceOf(query: Ask['query'], name: string, choices: Readonly<Record<string, string>>): string | undefined {
  const text = textOf(query, name)?.toLowerCase()
  if (text === undefined) return undefined
  const found = Object.entries(choices).find(([word]) => word === text)
  if (found === undefined) throw invalid(name)
  return found[1]
}

function ofNumbers(house: House, query: Ask['query']): readonly Fits[] {
  const [caller = '', destination = '', did = ''] = [query.callerid, query.destination, query.did_number].map((number) =>
    plusRestored(number ?? ''),
  )
  return [
    ...(caller === '' ? [] : [(call: Call) => isSameNumber(house, call, { number: customerNumber(call), wanted: caller })]),
    ...(destination === '' ? [] : [(call: Call) => isDestination(house, call, destination)]),
    ...(did === '' ? [] : [hasDid(house, did)]),
  ]
}

const isDestination = (house: House, call: Call, wanted: string): boolean =>
  isSameNumber(house, call, { number: call.dnis, wanted }) ||
  call.parties.some(({ role, endpoint }) => role === 'agent' && addressOf(endpoint) === wanted)

/** Any of the ids, which may have what they are in front: `agent|0502842370097`. */
function among(query: Ask['query'], name: string, is: (call: Call, id: string) => boolean): readonly Fits[] {
  const wanted = Object.entries(query)
    .filter(([key]) => key === name || (key.startsWith(`${name}[`) && key.endsWith(']')))
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.slice(value.lastIndexOf('|') + 1).trim())
    .filter((id) => id !== '')
  return wanted.length === 0 ? [] : [(call) => wanted.some((id) => is(call, id))]
}

const isAgentIn = (call: Call, id: string): boolean =>
  call.parties.some(
    ({ role, endpoint }) =>
      role !== 'supervisor' && endpoint.kind !== 'number' && endpoint.agent !== undefined && compareIds(endpoint.agent, id) === 0,
  )

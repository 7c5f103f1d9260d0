import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiTokens, customer, failure, SmartfloOffice, sara } from '../../../testkit/smartflo-office.ts'
import type { Call } from '../../call/call.ts'
import { hexId } from '../call-ids.ts'

/** Three calls, at 14:00, 15:00 and 16:00 of the account's clock: answered, missed, and one that was ordered and answered. */
let office: SmartfloOffice
let answered: Call
let missed: Call
let ordered: Call

before(async () => {
  office = await SmartfloOffice.open()
  const { exchange } = office
  answered = office.answered()
  await office.options({ type: 1, call_id: office.id(answered), agent_id: sara })
  exchange.answers('101')
  exchange.advance(90_500)
  exchange.hangsUp(customer)
  exchange.advance(3_600_000 - 90_500)
  missed = exchange.callsIn('+18661234568', { number: '+919812345671' })
  exchange.advance(7_000)
  exchange.hangsUp('+919812345671')
  exchange.advance(3_600_000 - 7_000)
  await office.post('/v1/click_to_call', { agent_number: '1234', destination_number: '6501234567', caller_id: '18661234567' })
  exchange.answers('210')
  exchange.answers('6501234567')
  ordered = exchange.desk.calls(answered.account)[0] ?? assert.fail()
  exchange.advance(10_000)
  exchange.hangsUp('210')
  office.ringing('+919812345672')
})
after(() => office.close())

const records = async (query: string, token?: string) => (await office.get(`/v1/call/records?${query}`, token)).json
const ids = async (query: string) => (await records(query)).results.map(({ call_id }: { call_id: string }) => call_id)

test('a record, byte for byte, but for its uuid', async () => {
  const { text } = await office.get('/v1/call/records?page=3&limit=1')
  const link = /"recording_url":"(https:[^"]+)"/.exec(text)?.[1] ?? ''
  assert.match(link, /^https:\/\/sotto\.test\/sotto\/v1\/linked-recording\?token=[\w-]+\.[\w-]{43}$/)
  const [head, uuid, tail] = text.replace(`"${link}"`, 'null').split(/(?<="uuid":")([\da-f-]+)(?=")/)
  assert.equal(
    `${head}UUID${tail}`,
    `{"count":3,"limit":1,"size":1,"page":3,"results":[{"id":"${hexId(answered)}","call_id":"${office.id(answered)}","uuid":"UUID","direction":"inbound","description":"Call answered","status":"answered","recording_url":null,"agent_number":"210","client_number":"919812345678","call_duration":90,"answered_seconds":90,"hangup_cause":"NORMAL_CLEARING","date":"2026-11-20","time":"14:00:00","end_stamp":"2026-11-20 14:01:30","ref_id":null}]}`,
  )
  assert.match(uuid ?? '', /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-b[\da-f]{3}-[\da-f]{12}$/)
})

test('the latest first, live calls not at all', async () => {
  const all = await records('')
  assert.deepEqual([all.count, all.limit, all.size, all.page], [3, 20, 3, 1])
  assert.deepEqual(
    all.results.map(({ call_id }: { call_id: string }) => call_id),
    [ordered, missed, answered].map((call) => office.id(call)),
  )
  const [first, second] = all.results
  assert.deepEqual(
    [first.direction, first.ref_id, first.client_number, first.agent_number],
    ['outbound', hexId(ordered), '6501234567', '210'],
  )
  assert.deepEqual([second.status, second.description, second.agent_number, second.answered_seconds], ['missed', 'Call missed', null, 0])
})

describe('the query', () => {
  for (const [query, found] of [
    ['from_date=2026-11-20%2015:00:00', 'om'],
    ['from_date=2026-11-20+15:00:01', 'o'],
    ['to_date=2026-11-20+15:00:00', 'ma'],
    ['to_date=2026-11-20+14:59:59', 'a'],
    ['from_date=2026-11-20&to_date=2026-11-20', 'oma'],
    ['from_date=2026-11-21', ''],
    ['from_date=2026-11-20T14:30:00&to_date=2026-11-20T15:30:00', 'm'],
    ['call_type=c', 'oa'],
    ['call_type=m', 'm'],
    ['direction=inbound', 'ma'],
    ['direction=outbound', 'o'],
    ['agents=agent|1234', 'oa'],
    ['agents=0001234', 'oa'],
    ['agents[]=agent|106', 'm'],
    ['agents[0]=agent|106&agents[1]=agent|1234', 'oma'],
    ['agents=106,1234', 'oma'],
    [`agents=agent|${sara}`, ''],
    ['department=030', 'a'],
    ['department[]=200', ''],
    ['callerid=919812345678', 'a'],
    ['callerid=+919812345678', 'a'],
    ['callerid=6501234567', 'o'],
    ['destination=18661234568', 'm'],
    ['destination=210', 'oa'],
    ['did_number=+18661234567', 'oa'],
    ['page=2&limit=2', 'a'],
    ['page=9', ''],
    ['call_type=c&direction=inbound&agents=1234', 'a'],
  ] as const) {
    test(query, async () => {
      const letters = new Map([ordered, missed, answered].map((call, i) => [office.id(call), 'oma'[i]]))
      assert.equal((await ids(query)).map((id: string) => letters.get(id)).join(''), found)
    })
  }

  for (const [query, name] of [
    ['from_date=yesterday', 'from_date'],
    ['from_date=2026-13-01', 'from_date'],
    ['to_date=2026-02-30%2000:00:00', 'to_date'],
    ['to_date=2026-11-20%2024:00:00', 'to_date'],
    ['call_type=x', 'call_type'],
    ['direction=sideways', 'direction'],
    ['page=0', 'page'],
    ['limit=1001', 'limit'],
  ] as const) {
    test(`refused: ${query}`, async () => {
      const { status, text } = await office.get(`/v1/call/records?${query}`)
      assert.deepEqual([status, text], [422, failure(`The ${name} field is invalid.`)])
    })
  }

  test('another account has its own', async () => {
    assert.deepEqual(await records('', apiTokens.other), { count: 0, limit: 20, size: 0, page: 1, results: [] })
  })
})

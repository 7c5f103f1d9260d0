import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { shelfOf } from '../../../testkit/recording-shelf.ts'
import { customer, SmartfloOffice, sara } from '../../../testkit/smartflo-office.ts'
import { smartfloTriggers } from '../../directory/settings.ts'
import { hexId } from '../call-ids.ts'
import type { CallOut } from '../courier.ts'
import { SubscriptionBook } from '../subscriptions.ts'
import { startWebhooks } from './events.ts'

let office: SmartfloOffice
let book: SubscriptionBook
let sent: CallOut[]
let stop: () => void

before(async () => {
  office = await SmartfloOffice.open()
})
after(() => office.close())
beforeEach(() => {
  book = new SubscriptionBook()
  sent = []
  const { desk, directory } = office.exchange
  const courier = { send: (callOut: CallOut) => void sent.push(callOut), permits: () => ({ ok: true, value: true }) as const }
  stop = startWebhooks({ desk, directory, subscriptions: book, courier, shelf: shelfOf(), clock: () => office.exchange.now })
})
afterEach(() => {
  office.clear()
  stop()
})

function receive(trigger: string, fields: Readonly<Record<string, string>> = {}, account = accountA): void {
  const id = `${account}-${trigger}-${JSON.stringify(fields)}`
  const all = { url: 'https://crm.test/hook', method: 'POST', format: 'json', trigger, ...fields }
  book.put({ id, dialect: 'smartflo', account, modified: office.exchange.now, fields: all })
}

/** What each receiver is sent: the trigger that it waits for. */
function receiveAll(): void {
  for (const trigger of smartfloTriggers)
    receive(trigger, { template: JSON.stringify({ trigger, call: '$call_id', missed: '$missed_agent' }) })
}
const told = () => sent.map(({ body }) => JSON.parse(body ?? '').trigger)
const body = (i: number) => JSON.parse(sent[i]?.body ?? '')

describe('what is told, and when', () => {
  beforeEach(receiveAll)

  test('an inbound call that is answered, keyed and ended', () => {
    const call = office.answered()
    const inbound = ['received-on-server', 'received-on-department', 'dialed-on-agent', 'answered-by-agent', 'connected-to-agent']
    assert.deepEqual(told(), inbound)
    office.exchange.engine.emit({ kind: 'leg-dtmf', leg: office.exchange.leg(customer).id, digit: '7', durationMs: 80 })
    office.exchange.hangsUp(customer)
    assert.deepEqual(told().slice(inbound.length), ['dtmf', 'hangup-answered', 'hangup'])
    assert.ok(sent.every((_, i) => body(i).call === office.id(call)))
  })

  test('an inbound call that nobody takes', () => {
    office.exchange.callsIn('+18661234568', { number: customer })
    office.exchange.hangsUp(customer)
    assert.deepEqual(told(), ['received-on-server', 'dialed-on-agent', 'missed-by-agent', 'hangup-missed', 'hangup'])
    assert.deepEqual(body(4).missed, [{ id: '106', name: 'Ben Agent', number: '106' }])
  })

  test('a call that was ordered: the agent answers, the customer does not', async () => {
    await office.post('/v1/click_to_call', { agent_number: '1234', destination_number: '6501234567' })
    office.exchange.answers('210')
    office.exchange.declines('6501234567')
    assert.deepEqual(told(), ['dialed-on-agent', 'answered-by-agent', 'missed-by-customer', 'hangup-missed', 'hangup'])
  })

  test('and the customer does', async () => {
    await office.post('/v1/click_to_call', { agent_number: '1234', destination_number: '6501234567' })
    office.exchange.answers('210')
    office.exchange.answers('6501234567')
    assert.deepEqual(told().slice(2), ['answered-by-customer', 'connected-to-agent'])
  })

  test('supervisors are told to nobody', async () => {
    const call = office.answered()
    const before = sent.length
    await office.options({ type: 2, call_id: office.id(call), agent_id: sara })
    office.exchange.answers('101')
    office.exchange.engine.emit({ kind: 'leg-dtmf', leg: office.exchange.leg('101').id, digit: '7', durationMs: 80 })
    await office.options({ type: 3, call_id: office.id(call), agent_id: sara })
    office.exchange.hangsUp('101')
    assert.equal(sent.length, before)
  })

  test('a disposition', async () => {
    const call = office.answered()
    await office.exchange.desk.request({ account: accountA, role: 'admin' }, { kind: 'dispose', call: call.id, disposition: 'Sale' })
    assert.equal(told().at(-1), 'disposition-updated')
  })

  test('whoever no longer listens, and another account, are told nothing', () => {
    stop()
    office.answered()
    assert.deepEqual(sent, [])
  })
})

test('triggers at one URL are one receiver, so that they arrive in order; another URL waits for none of them', () => {
  for (const trigger of ['received-on-server', 'dialed-on-agent', 'hangup']) receive(trigger)
  receive('hangup', { url: 'https://crm.test/other', method: 'GET' })
  receive('hangup', { method: 'GET' })
  const receivers = () => new Set(sent.map(({ receiver }) => receiver))
  office.exchange.callsIn('+18661234568', { number: customer })
  assert.deepEqual([sent.length, receivers().size], [2, 1])
  office.exchange.hangsUp(customer)
  assert.deepEqual([sent.length, receivers().size], [5, 2])
})

test('each account has its own receivers', () => {
  receive('hangup', {}, accountB)
  receive('received-on-server', {}, accountB)
  office.answered()
  office.clear()
  assert.deepEqual(sent, [])
})

describe('what is said', () => {
  test('without a template: every variable by its name', () => {
    receive('hangup')
    const call = office.answered()
    office.exchange.advance(65_000)
    office.exchange.hangsUp(customer)
    const { uuid, ...said } = body(0)
    const time = Math.floor(call.startedAt / 1000)
    assert.match(uuid, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-b[\da-f]{3}-[\da-f]{12}$/)
    const paco = { id: '1234', name: 'Paco Vu', number: '210' }
    const flow = [
      { type: 'init', value: '18661234567', time },
      { type: 'dept', id: '030', name: 'Sales', time },
      { type: 'Agent', dialst: 'Answered', ...paco, time },
      { type: 'hangup', time: time + 65 },
    ]
    assert.deepEqual(Object.entries(said), [
      ['call_id', office.id(call)],
      ['call_to_number', '18661234567'],
      ['caller_id_number', '919812345678'],
      ['start_stamp', said.start_stamp],
      ['answer_stamp', said.start_stamp],
      ['end_stamp', said.end_stamp],
      ['hangup_cause', 'NORMAL_CLEARING'],
      ['billsec', '65'],
      ['duration', '65'],
      ['digits_dialed', ''],
      ['direction', 'inbound'],
      ['call_status', 'answered'],
      ['call_connected', true],
      ['call_flow', flow],
      ['answered_agent', paco],
      ['answered_agent_name', 'Paco Vu'],
      ['answered_agent_number', '210'],
      ['missed_agent', []],
      ['recording_url', said.recording_url],
      ['custom_identifier', ''],
      ['ref_id', ''],
      ['customer_no_with_prefix ', '919812345678'],
      ['customer_no_with_prefix', '919812345678'],
    ])
    assert.match(said.recording_url, /^https:\/\/sotto\.test\/sotto\/v1\/linked-recording\?token=[\w-]+\.[\w-]{43}$/)
    assert.match(said.start_stamp, /^2026-11-20 14:\d\d:\d\d$/)
    const [out] = sent
    assert.deepEqual(
      [out?.method, out?.url, out?.headers, out?.account, out?.dialect],
      [...['POST', 'https://crm.test/hook', { 'Content-Type': 'application/json' }, accountA, 'smartflo']],
    )
  })

  test('of a call that was ordered', async () => {
    receive('hangup')
    await office.post('/v1/click_to_call', {
      ...{ agent_number: '1234', destination_number: '6501234567', caller_id: '18661234567', custom_identifier: { lead: 9 } },
    })
    const [call] = office.exchange.desk.calls(accountA)
    office.exchange.declines('210')
    const said = body(0)
    assert.deepEqual(
      [
        said.direction,
        said.call_status,
        said.custom_identifier,
        said.ref_id,
        said.call_to_number,
        said.caller_id_number,
        said.hangup_cause,
      ],
      ['clicktocall', 'missed', '{"lead":9}', hexId(call ?? assert.fail()), '6501234567', '18661234567', 'CALL_REJECTED'],
    )
    assert.deepEqual(said.answered_agent, { id: '', name: '', number: '' })
    assert.deepEqual(said.missed_agent, [{ id: '1234', name: 'Paco Vu', number: '210' }])
  })

  test('the legs of a call have ids of their own, the call has one', () => {
    for (const trigger of ['dialed-on-agent', 'answered-by-agent', 'hangup'])
      receive(trigger, { template: '{"leg":"$uuid","call":"$call_id"}' })
    office.answered()
    office.clear()
    const [dialed, answered, ended] = [body(0), body(1), body(2)]
    assert.equal(dialed.leg, answered.leg)
    assert.notEqual(dialed.leg, ended.leg)
    assert.deepEqual([answered.call, ended.call], [dialed.call, dialed.call])
  })

  test('a key that was pressed', () => {
    receive('dtmf', { template: '{"digit":"$digits_dialed"}' })
    office.answered()
    office.exchange.engine.emit({ kind: 'leg-dtmf', leg: office.exchange.leg(customer).id, digit: '#', durationMs: 80 })
    assert.deepEqual(body(0), { digit: '#' })
  })

  test('a template: names of its own, words around, lists, what is no variable', () => {
    const template = {
      id: 'call $call_id of $answered_agent',
      deep: { list: ['$call_status', 7, null] },
      $call_id: '$no_such',
      price: '$5',
    }
    receive('hangup', { template: JSON.stringify(template) })
    const call = office.answered()
    office.exchange.hangsUp(customer)
    assert.deepEqual(body(0), {
      id: `call ${office.id(call)} of {"id":"1234","name":"Paco Vu","number":"210"}`,
      ...{ deep: { list: ['answered', 7, null] }, $call_id: '$no_such', price: '$5' },
    })
  })

  for (const template of ['', '{', '[]', '"x"', 'null']) {
    test(`a template that cannot be read (${template}) is as none`, () => {
      receive('received-on-server', { template })
      office.ringing()
      assert.equal(body(0).direction, 'inbound')
    })
  }

  test('as a form, and as a query', () => {
    const template = '{"id":"$call_id","agent":"$answered_agent","none":"$ref_id","up":"$call_connected"}'
    receive('hangup', { template, format: 'form' })
    receive('hangup', { template, method: 'get', url: 'https://crm.test/hook?key=1' })
    const call = office.answered()
    office.exchange.hangsUp(customer)
    const query = `id=${office.id(call)}&agent=%7B%22id%22%3A%221234%22%2C%22name%22%3A%22Paco+Vu%22%2C%22number%22%3A%22210%22%7D&none=&up=true`
    assert.equal(sent[0]?.body, query)
    assert.deepEqual(sent[0]?.headers, { 'Content-Type': 'application/x-www-form-urlencoded' })
    assert.deepEqual([sent[1]?.method, sent[1]?.url, sent[1]?.body], ['GET', `https://crm.test/hook?key=1&${query}`, undefined])
  })

  test('an address that is none is passed over, and the others are told', () => {
    receive('received-on-server', { url: 'nowhere' })
    receive('received-on-server')
    office.ringing()
    assert.equal(sent.length, 1)
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { customer, type SmartfloOffice as Office, SmartfloOffice, sara } from '../../../testkit/smartflo-office.ts'
import { endReasons } from '../../call/reason.ts'
import { asNumber, clockTime } from './answer.ts'
import { hangupCauses } from './answer-facts.ts'

/** Clients search the whole text of an answer for these. */
const alarming = /invalid|unauthor|offline|fail/i

describe('success never sounds like anything else', () => {
  let office: Office
  before(async () => {
    office = await SmartfloOffice.open()
  })
  after(() => office.close())

  test('on any route', async () => {
    const call = office.answered()
    office.exchange.register(['106'], undefined, 0)
    const about = { call_id: office.id(call) }
    const texts = [
      ...[await office.options({ ...about, type: 1, agent_id: sara }), await office.options({ ...about, type: 2, agent_id: sara })],
      ...[await office.options({ ...about, type: 3, agent_id: sara }), await office.options({ ...about, type: 4, intercom: '211' })],
      ...[await office.get('/v1/live_calls'), await office.get('/v1/users'), await office.get(`/v1/user/106`)],
      ...[await office.get('/v1/departments'), await office.get('/v1/my_number'), await office.post('/v1/call/hangup', about)],
      await office.post('/v1/click_to_call', { agent_number: '210', destination_number: '6501234567' }),
    ]
    office.exchange.engine.end(office.exchange.leg('210'), 'failed')
    office.exchange.callsIn('+18661234567', { number: customer })
    texts.push(await office.get('/v1/call/records'))
    for (const { status, text } of texts) {
      assert.equal(status, 200, text)
      assert.doesNotMatch(text, alarming)
    }
  })

  test('however a call ends', () => {
    for (const reason of endReasons) assert.doesNotMatch(hangupCauses[reason], alarming)
  })
})

test('ids as numbers, as long as those are exact', () => {
  assert.deepEqual(['1234', '502842370097', '0', '9007199254740993', 'main', ''].map(asNumber), [
    ...[1234, 502842370097, 0, '9007199254740993', 'main', ''],
  ])
})

test('hours go on past a day', () => {
  assert.deepEqual([0, 999, 61_000, 3_600_000, 360_000_000, -5].map(clockTime), [
    ...['00:00:00', '00:00:00', '00:01:01', '01:00:00', '100:00:00', '00:00:00'],
  ])
})

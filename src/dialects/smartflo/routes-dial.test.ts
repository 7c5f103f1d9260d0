import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { apiTokens, failure, SmartfloOffice } from '../../../testkit/smartflo-office.ts'
import type { Call } from '../../call/call.ts'
import { limits } from '../../kernel/limits.ts'
import { hexId } from '../call-ids.ts'

let office: SmartfloOffice
before(async () => {
  office = await SmartfloOffice.open({
    change: ({ accounts }) => accounts[1].credentials.smartflo.push({ email: 'b2', password: 'b2', apiToken: 'b2', agent: '7777' }),
  })
})
after(() => office.close())
afterEach(() => office.clear())

const required = (name: string) => [422, failure(`The ${name} field is required.`)]
const invalid = (name: string) => [422, failure(`The ${name} field is invalid.`)]
const forbidden = [403, failure('You are not authorized to perform this operation')]

function theCall(): Call {
  const [call, ...others] = office.exchange.desk.calls(accountA)
  assert.ok(call !== undefined && others.length === 0)
  return call
}

const queued = () => [200, JSON.stringify({ success: true, message: 'Originate successfully queued', ref_id: hexId(theCall()) })]

describe('click_to_call', () => {
  const dial = async (body: object, token?: string) => {
    const { status, text } = await office.post(
      '/v1/click_to_call',
      { agent_number: '1234', destination_number: '6501234567', ...body },
      token,
    )
    return [status, text]
  }

  test('the agent first, then the number, which sees what was chosen', async () => {
    assert.deepEqual(await dial({ caller_id: '18661234567', async: 1, custom_identifier: { order: 7 } }), queued())
    assert.equal(office.exchange.leg('210').phase, 'ringing')
    const [ringing] = (await office.get('/v1/live_calls')).json
    assert.deepEqual(
      [ringing.direction, ringing.type, ringing.multiple_destination_type, ringing.did, ringing.destination, ringing.customer_number],
      [2, 'click-to-call', 'c2c', '18661234567', '210', '6501234567'],
    )
    office.exchange.answers('210')
    office.exchange.answers('6501234567')
    const [answered] = (await office.get('/v1/live_calls')).json
    assert.deepEqual([answered.state, answered.agent_name, answered.source], ['Answered', 'Paco Vu', '210'])
    assert.equal(theCall().labels['smartflo.custom_identifier'], '{"order":7}')
    const invited = office.exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
    assert.ok(invited?.kind === 'invite')
    assert.match(invited.from.number, /^\+?18661234567$/)
    assert.deepEqual(office.exchange.hearing(theCall()), { '210': ['6501234567'], '6501234567': ['210'] })
  })

  for (const agentNumber of ['210', '0003*210', '+15554150210', 1234, '0001234']) {
    test(`the agent named ${agentNumber}`, async () => {
      assert.deepEqual(await dial({ agent_number: agentNumber }), queued())
      assert.equal(office.exchange.leg('210').phase, 'ringing')
    })
  }

  test('call_timeout ends the answered call', async () => {
    await dial({ call_timeout: '60' })
    office.exchange.answers('210')
    office.exchange.advance(5_000)
    office.exchange.answers('6501234567')
    office.exchange.advance(59_999)
    assert.equal(theCall().endedAt, undefined)
    office.exchange.advance(1)
    assert.deepEqual(office.exchange.desk.calls(accountA), [])
  })

  test('ref_id ends it', async () => {
    await dial({})
    const answer = await office.post('/v1/call/hangup', { ref_id: hexId(theCall()) })
    assert.equal(answer.status, 200)
    assert.deepEqual(office.exchange.desk.calls(accountA), [])
  })

  for (const [what, body, answer] of [
    ['no agent', { agent_number: '' }, required('agent_number')],
    ['no destination', { destination_number: null }, required('destination_number')],
    ['an agent as an object', { agent_number: {} }, invalid('agent_number')],
    ['async in words', { async: 'later' }, invalid('async')],
    ['call_timeout 0', { call_timeout: 0 }, invalid('call_timeout')],
    ['call_timeout in words', { call_timeout: 'long' }, invalid('call_timeout')],
    ['call_timeout of more than a day', { call_timeout: 86_401 }, invalid('call_timeout')],
    ['a custom_identifier that is too long', { custom_identifier: 'x'.repeat(limits.labelCharacters) }, invalid('custom_identifier')],
    ['an agent who does not exist', { agent_number: '9999' }, [422, failure('Invalid Agent ID')]],
    ['an agent of another account', { agent_number: '7777' }, [422, failure('Invalid Agent ID')]],
    ['a username of another account', { agent_number: '0004*210' }, [422, failure('Invalid Agent ID')]],
    ['a number of another account for the agent', { agent_number: '+15554160210' }, [422, failure('Invalid Agent ID')]],
    ['a destination in words', { destination_number: 'home' }, [422, failure('Invalid destination number')]],
    ['an extension that does not exist', { destination_number: '999' }, [422, failure('Invalid destination number')]],
    ['an extension of another account', { destination_number: '0004*210' }, [422, failure('Invalid destination number')]],
    ['a number that no trunk dials', { destination_number: '555555555' }, [403, failure('Destination is not allowed')]],
    ['a caller id in words', { caller_id: 'me' }, [422, failure('Invalid caller ID')]],
    ['a caller id that is not theirs', { caller_id: '+18669999999' }, [422, failure('Invalid caller ID')]],
    ['the agent himself', { destination_number: '210' }, invalid('destination_number')],
    ['a phone that is not there', { agent_number: '2013' }, [422, failure('Agent is offline')]],
  ] as const) {
    test(`refused: ${what}`, async () => {
      assert.deepEqual(await dial(body), answer)
      assert.deepEqual(office.exchange.desk.calls(accountA), [])
    })
  }

  test('a busy agent', async () => {
    office.answered()
    assert.deepEqual(await dial({}), [422, failure('Agent is busy')])
  })

  test('an agent calls from his own phone only, whoever may only read from none', async () => {
    assert.deepEqual(await dial({}, apiTokens.viewer), forbidden)
    assert.deepEqual(await dial({ agent_number: '211' }, apiTokens.agent), forbidden)
    assert.deepEqual(await dial({}, apiTokens.agent), queued())
  })

  test('an engine that does not answer: after 5 s the vendor says so', async () => {
    office.exchange.engine.deaf.add('210')
    const asked = dial({})
    while (office.exchange.desk.calls(accountA).length === 0) await new Promise((resolve) => setImmediate(resolve))
    office.exchange.advance(limits.engineAcceptMs)
    assert.deepEqual(await asked, [500, failure('Call operation failed. Please try again')])
    office.exchange.engine.deaf.clear()
  })
})

describe('click_to_call_support', () => {
  const usual = { customer_number: '6501234567', api_key: apiTokens.admin, async: 1 }
  const dial = async (body: object, headers: Readonly<Record<string, string>> = {}) => {
    const { status, text } = await office.exchange.ask('POST /v1/click_to_call_support', {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ ...usual, ...body }),
    })
    return [status, text]
  }

  test('the customer first, then the agent of the key, without a token', async () => {
    assert.deepEqual(await dial({ custom_identifier: 'lead 9' }), queued())
    assert.deepEqual(
      office.exchange.engine.alive().map(({ address }) => address),
      ['6501234567'],
    )
    const [item] = (await office.get('/v1/live_calls')).json
    assert.deepEqual([item.direction, item.type, item.customer_number], [2, 'click-to-call', '6501234567'])
    office.exchange.answers('6501234567')
    office.exchange.answers('101')
    assert.deepEqual(office.exchange.hearing(theCall()), { '101': ['6501234567'], '6501234567': ['101'] })
    assert.equal(theCall().labels['smartflo.custom_identifier'], 'lead 9')
  })

  test('customer_ring_timeout', async () => {
    await dial({ customer_ring_timeout: '10' })
    office.exchange.advance(9_999)
    assert.equal(theCall().endedAt, undefined)
    office.exchange.advance(1)
    assert.deepEqual(office.exchange.desk.calls(accountA), [])
  })

  for (const [what, body, answer] of [
    ['no key and no token', { api_key: '' }, [401, failure('Unauthorized')]],
    ['no customer', { customer_number: ' ' }, required('customer_number')],
    ['no async', { async: null }, required('async')],
    ['customer_ring_timeout 9', { customer_ring_timeout: 9 }, invalid('customer_ring_timeout')],
    ['customer_ring_timeout 31', { customer_ring_timeout: 31 }, invalid('customer_ring_timeout')],
    ['a key that does not exist', { api_key: 'nope' }, invalid('api_key')],
    ['a key without an agent', { api_key: apiTokens.unbound }, invalid('api_key')],
    ['a key that may only read', { api_key: apiTokens.viewer }, forbidden],
    ['a customer in words', { customer_number: 'me' }, [422, failure('Invalid destination number')]],
    ['a number that no trunk of the account dials', { api_key: 'b2' }, [403, failure('Destination is not allowed')]],
    ['a caller id that is not theirs', { caller_id: '6501234567' }, [422, failure('Invalid caller ID')]],
  ] as const) {
    test(`refused: ${what}`, async () => assert.deepEqual(await dial(body), answer))
  }

  test('a token without a key says what is missing', async () => {
    assert.deepEqual(await dial({ api_key: null }, { Authorization: apiTokens.admin }), required('api_key'))
    assert.deepEqual(await dial({ api_key: null }, { Authorization: 'nope' }), [401, failure('Deleted or blacklisted token provided')])
  })
})

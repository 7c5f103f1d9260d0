import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { apiTokens, customer, failure, SmartfloOffice, sara, success } from '../../../testkit/smartflo-office.ts'
import type { Call } from '../../call/call.ts'
import { limits } from '../../kernel/limits.ts'

let office: SmartfloOffice
let call: Call

before(async () => {
  office = await SmartfloOffice.open()
})
after(() => office.close())
beforeEach(() => {
  call = office.answered()
})
afterEach(() => office.clear())

const state = 'Call is not in a valid state for this operation'
const talk = { '210': [customer], [customer]: ['210'] }
const required = (name: string) => [422, failure(`The ${name} field is required.`)]
const invalid = (name: string) => [422, failure(`The ${name} field is invalid.`)]

async function ask(body: Readonly<Record<string, unknown>>, token?: string): Promise<readonly [number, string]> {
  const { status, text } = await office.options({ call_id: office.id(call), ...body }, token)
  return [status, text]
}

describe('fields', () => {
  for (const [what, body, answer] of [
    ['no type', {}, required('type')],
    ['an empty type', { type: ' ' }, required('type')],
    ['type null', { type: null }, required('type')],
    ['type 0', { type: 0, agent_id: sara }, invalid('type')],
    ['type 6, which clients have tried as hang-up', { type: 6, agent_id: sara }, invalid('type')],
    ['type 1.5', { type: 1.5, agent_id: sara }, invalid('type')],
    ['type true', { type: true, agent_id: sara }, invalid('type')],
    ['type as a list', { type: [1], agent_id: sara }, invalid('type')],
    ['type in words', { type: 'constructor', agent_id: sara }, invalid('type')],
    ['type with space around', { type: ' 1 ', agent_id: sara }, [200, success('Call monitoring started')]],
    ['an empty call id', { type: 1, call_id: '', agent_id: sara }, required('call_id')],
    ['a call id of no call, as a number', { type: 1, call_id: 1758782566.8131, agent_id: sara }, [422, failure('Invalid Call ID')]],
    ['a call id as an object', { type: 1, call_id: {}, agent_id: sara }, invalid('call_id')],
    ['an agent id in words', { type: 1, agent_id: 'sara' }, invalid('agent_id')],
    ['an agent id below zero', { type: 1, agent_id: -1 }, invalid('agent_id')],
    ['an agent id of nobody, longer than a number can be', { type: 1, agent_id: 2 ** 60 }, [422, failure('Invalid Agent ID')]],
    ['an agent id that is no whole number', { type: 1, agent_id: 1.5 }, invalid('agent_id')],
    ['an agent id of another account', { type: 1, agent_id: 7777 }, [422, failure('Invalid Agent ID')]],
    ['an agent id of nobody', { type: 1, agent_id: '999999' }, [422, failure('Invalid Agent ID')]],
    ['the agent on the call', { type: 1, agent_id: '1234' }, invalid('agent_id')],
    ['a transfer to nobody', { type: 4 }, required('intercom')],
    ['a transfer to an empty list', { type: 4, intercom: [] }, required('intercom')],
    ['a transfer to empty texts', { type: 4, intercom: ['', ' '] }, required('intercom')],
    ['a transfer to an object', { type: 4, intercom: { a: 1 } }, invalid('intercom')],
    ['a transfer to a list of objects', { type: 4, intercom: [{}] }, invalid('intercom')],
    ['a transfer to too many', { type: 4, intercom: Array(limits.intercomsPerTransfer + 1).fill('106') }, invalid('intercom')],
    ['a transfer to words', { type: 4, intercom: 'reception' }, [422, failure('Invalid Intercom')]],
    ['a transfer to an extension that does not exist', { type: 4, intercom: '999' }, [422, failure('Invalid Intercom')]],
    ['a transfer to a username of another account', { type: 4, intercom: '0004*210' }, [422, failure('Invalid Intercom')]],
    ['a transfer to an agent of another account', { type: 4, intercom: 7777 }, [422, failure('Invalid Intercom')]],
    ['a transfer to a number of nine digits', { type: 4, intercom: '981234567' }, [422, failure('Invalid Intercom')]],
    ['a transfer to a number of sixteen digits', { type: 4, intercom: '9812345678901234' }, [422, failure('Invalid Intercom')]],
    ['a transfer to a department without agents', { type: 4, intercom: '840' }, [422, failure('No agent is available')]],
    ['a transfer to a phone that is not there', { type: 4, intercom: '213' }, [422, failure('Destination is offline')]],
    ['a transfer to the agent on the call', { type: 4, intercom: '210' }, [422, failure(state)]],
    [
      'a supervisor whose phone is not there',
      { type: 1, agent_id: '2013' },
      [403, failure('Agent is not authorized for this type of operation')],
    ],
  ] as const) {
    test(what, async () => assert.deepEqual(await ask(body), answer))
  }

  test('a call id as a number is the digits that were written (W10)', async () => {
    const body = `{"type":1,"call_id":${office.id(call)},"agent_id":${Number(sara)}}`
    assert.deepEqual((await office.post('/v1/call/options', body)).text, success('Call monitoring started'))
  })

  test('agent_id is needed for types 1 to 3 where the token has no agent, and ignored for 4', async () => {
    for (const type of [1, '2', 3]) assert.deepEqual(await ask({ type }, apiTokens.unbound), required('agent_id'))
    assert.deepEqual(await ask({ type: 4, intercom: 820, agent_id: 'whoever' }, apiTokens.unbound), [200, success('Call transfer started')])
  })
})

describe('what is checked first', () => {
  const wrong = { type: 7, call_id: '', agent_id: 'x' }
  test('token, body, role, type, call_id, agent_id', async () => {
    assert.equal((await office.options(wrong, 'nobody')).text, failure('Deleted or blacklisted token provided'))
    assert.equal((await office.post('/v1/call/options', '{"type":', apiTokens.viewer)).text, failure('Invalid request body'))
    assert.equal((await office.options(wrong, apiTokens.viewer)).text, failure('You are not authorized to perform this operation'))
    assert.equal((await office.options(wrong)).text, invalid('type')[1])
    assert.equal((await office.options({ ...wrong, type: 1 })).text, required('call_id')[1])
    assert.equal((await office.options({ ...wrong, type: 1, call_id: 'x' })).text, invalid('agent_id')[1])
    assert.equal((await office.options({ ...wrong, type: 4, call_id: 'x' })).text, required('intercom')[1])
  })

  test('the call, then the agent or target, then what the target permits, then the mode', async () => {
    assert.equal((await office.options({ type: 3, call_id: 'x', agent_id: '7777' })).text, failure('Invalid Call ID'))
    assert.equal((await office.options({ type: 4, call_id: 'x', intercom: 'y' })).text, failure('Invalid Call ID'))
    const shy = office.exchange.dials('106', '212')
    office.exchange.answers('212')
    const about = { call_id: office.id(shy) }
    assert.equal((await office.options({ ...about, type: 3, agent_id: '7777' })).text, failure('Invalid Agent ID'))
    assert.deepEqual(await ask({ ...about, type: 3, agent_id: '4567' }), [403, failure('Supervision is not allowed for this call')])
    assert.deepEqual(await ask({ ...about, type: 1 }), [403, failure('Supervision is not allowed for this call')])
  })

  test('the mode comes before the state, the state before the phone', async () => {
    const waiting = { call_id: office.id(office.ringing('+919812345670')) }
    assert.deepEqual(await ask({ ...waiting, type: 2, agent_id: '2102' }), [
      403,
      failure('Agent is not authorized for this type of operation'),
    ])
    assert.deepEqual(await ask({ ...waiting, type: 1, agent_id: '2102' }), [422, failure(state)])
    assert.deepEqual(await ask({ ...waiting, type: 4, intercom: '213' }), [422, failure(state)])
    assert.deepEqual(await ask({ ...waiting, type: 4, intercom: '999' }), [422, failure('Invalid Intercom')])
  })

  test('a supervisor whose phone is away', async () => {
    office.exchange.register(['101'], undefined, 0)
    assert.deepEqual(await ask({ type: 1 }), [422, failure('Agent is offline')])
    office.exchange.register(['101'])
  })

  test('an ended call is unknown', async () => {
    office.exchange.hangsUp(customer)
    assert.deepEqual(await ask({ type: 1 }), [422, failure('Invalid Call ID')])
    assert.deepEqual(await ask({ type: 4, intercom: '106' }), [422, failure('Invalid Call ID')])
  })
})

describe('who hears whom', () => {
  const heard = {
    1: { ...talk, '101': ['210', customer].sort() },
    2: { ...talk, '101': ['210', customer].sort(), '210': ['101', customer].sort() },
    3: { '101': ['210', customer].sort(), '210': ['101', customer].sort(), [customer]: ['101', '210'] },
  } as const

  for (const type of [1, 2, 3] as const) {
    test(`type ${type}: nobody hears anything new before the supervisor answers, and the customer only a barge`, async () => {
      assert.equal((await ask({ type }))[0], 200)
      assert.deepEqual(office.exchange.hearing(call), talk)
      office.exchange.answers('101')
      assert.deepEqual(office.exchange.hearing(call), heard[type])
      office.exchange.hangsUp('101')
      assert.deepEqual(office.exchange.hearing(call), talk)
    })
  }

  test('another type changes the mode in place, the same one again makes no second leg', async () => {
    const invites = () => office.exchange.engine.orders.filter(({ effect }) => effect.kind === 'invite').length
    const before = invites()
    await ask({ type: 1 })
    assert.deepEqual(await ask({ type: 1 }), [200, success('Call monitoring started')])
    office.exchange.answers('101')
    for (const type of [2, 3, 3, 1, 2] as const) {
      assert.equal((await ask({ type }))[0], 200)
      assert.deepEqual(office.exchange.hearing(call), heard[type])
    }
    assert.equal(invites() - before, 1)
  })

  test('who supervises already need not be registered any more to change his mode', async () => {
    await ask({ type: 1 })
    office.exchange.answers('101')
    office.exchange.register(['101'], undefined, 0)
    assert.deepEqual(await ask({ type: 2 }), [200, success('Call whisper started')])
    office.exchange.register(['101'])
  })

  test('a listener may listen and not whisper', async () => {
    assert.equal((await ask({ type: 1, agent_id: '2102' }))[0], 200)
    office.exchange.answers('102')
    assert.deepEqual(await ask({ type: 2, agent_id: '2102' }), [403, failure('Agent is not authorized for this type of operation')])
    assert.deepEqual(office.exchange.hearing(call), { ...talk, '102': ['210', customer].sort() })
  })

  test('not picked up within 30 s it is over, and the conversation went on', async () => {
    await ask({ type: 2 })
    office.exchange.advance(29_000)
    assert.equal(office.exchange.leg('101').phase, 'ringing')
    office.exchange.advance(1_000)
    assert.equal([...office.exchange.engine.legs.values()].findLast(({ address }) => address === '101')?.goodbye, 'no-answer')
    assert.deepEqual(office.exchange.hearing(call), talk)
  })

  test('the end of the call ends it', async () => {
    await ask({ type: 3 })
    office.exchange.answers('101')
    await office.post('/v1/call/hangup', { call_id: office.id(call) })
    assert.deepEqual(office.exchange.hearing(call), {})
    assert.deepEqual(
      office.exchange.engine.alive().map(({ address }) => address),
      [],
    )
  })
})

describe('transfer', () => {
  const with106 = { '106': [customer], [customer]: ['106'] }

  for (const [what, intercom] of [
    ['a department by its intercom', '820'],
    ['a department by its intercom, as a number', 820],
    ['an extension', '106'],
    ['a username', '0003*106'],
    ['a list, of which the first that exists', ['999', '0004*210', '106']],
  ] as const) {
    test(`to ${what}: the agent stays until the other one has answered`, async () => {
      assert.deepEqual(await ask({ type: '4', intercom }), [200, success('Call transfer started')])
      assert.deepEqual(office.exchange.hearing(call), talk)
      office.exchange.answers('106')
      assert.deepEqual(office.exchange.hearing(call), with106)
      assert.equal(office.exchange.call(call).parties.find(({ role }) => role === 'agent')?.endReason, 'transferred')
    })
  }

  test('to an agent id, which comes after departments and extensions', async () => {
    assert.equal((await ask({ type: 4, intercom: '4567' }))[0], 200)
    assert.equal(office.exchange.leg('211').phase, 'ringing')
  })

  for (const [written, dialled] of [
    ['6501234567', '6501234567'],
    ['+919812345670', '+919812345670'],
    ['919812345670', '+919812345670'],
    [919812345670, '+919812345670'],
    // No number of the account's own country, so that it is one of the vendor's.
    ['8312345670', '+918312345670'],
    ['+91 98123-45670', '+919812345670'],
  ] as const) {
    test(`to a mobile number written ${written}`, async () => {
      assert.deepEqual(await ask({ type: 4, intercom: written }), [200, success('Call transfer started')])
      office.exchange.answers(dialled)
      assert.deepEqual(office.exchange.hearing(call), { [dialled]: [customer], [customer]: [dialled] })
    })
  }

  test('nobody answers for 30 s: the call is as it was', async () => {
    await ask({ type: 4, intercom: '106' })
    office.exchange.advance(30_000)
    assert.deepEqual(office.exchange.hearing(call), talk)
    assert.equal((await ask({ type: 4, intercom: '106' }))[0], 200)
  })

  test('one at a time', async () => {
    await ask({ type: 4, intercom: '106' })
    assert.deepEqual(await ask({ type: 4, intercom: '820' }), [422, failure(state)])
  })

  test('the supervisor stays, and coaches the new agent as he did the old one', async () => {
    await ask({ type: 2 })
    office.exchange.answers('101')
    await ask({ type: 4, intercom: '106' })
    const whispered = { '101': ['210', customer].sort(), '210': ['101', customer].sort(), [customer]: ['210'] }
    assert.deepEqual(office.exchange.hearing(call), whispered)
    office.exchange.answers('106')
    const followed = { '101': ['106', customer].sort(), '106': ['101', customer].sort(), [customer]: ['106'] }
    assert.deepEqual(office.exchange.hearing(call), followed)
  })
})

describe('other accounts, other roles', () => {
  test('a call of another account is answered byte for byte like one that does not exist', async () => {
    for (const body of [{ type: 1 }, { type: 2, agent_id: 7777 }, { type: 4, intercom: '101' }]) {
      assert.deepEqual(await ask(body, apiTokens.other), [422, failure('Invalid Call ID')])
    }
    assert.deepEqual(office.exchange.hearing(call), talk)
  })

  test('an agent supervises nobody, and transfers his own calls only', async () => {
    const forbidden = [403, failure('You are not authorized to perform this operation')]
    assert.deepEqual(await ask({ type: 1, agent_id: sara }, apiTokens.agent), forbidden)
    const foreign = office.exchange.dials('106', '211')
    office.exchange.answers('211')
    assert.deepEqual(await ask({ call_id: office.id(foreign), type: 4, intercom: '102' }, apiTokens.agent), forbidden)
    assert.deepEqual(await ask({ type: 4, intercom: '102' }, apiTokens.agent), [200, success('Call transfer started')])
  })
})

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { apiTokens, customer, failure, SmartfloOffice, sara, success } from '../../../testkit/smartflo-office.ts'
import type { Call } from '../../call/call.ts'
import { hexId } from '../call-ids.ts'

let office: SmartfloOffice
before(async () => {
  office = await SmartfloOffice.open()
})
after(() => office.close())
afterEach(() => office.clear())

const live = async (query = '', token?: string) => (await office.get(`/v1/live_calls${query}`, token)).json
const ids = async (query = '', token?: string) => (await live(query, token)).map((item: { call_id: string }) => item.call_id)

describe('live calls', () => {
  test('none is an empty list', async () => assert.equal((await office.get('/v1/live_calls')).text, '[]'))

  test('a call that rings, is answered, is held', async () => {
    const call = office.ringing()
    const [item] = await live()
    const phone = office.exchange.leg('210').phase === 'ringing' ? '210' : '211'
    assert.deepEqual(
      [item.state, item.queue_state, item.destination, item.call_time, item.type, item.multiple_destination_type],
      ['Ringing', null, phone, '00:00:00', 'inbound', 'department'],
    )
    office.exchange.answers(phone)
    office.exchange.advance(3_725_000)
    const answered = (await live())[0]
    assert.deepEqual([answered.state, answered.call_time, answered.id], ['Answered', '01:02:05', call.serial])
    office.exchange.engine.hold(office.exchange.leg(customer), true)
    assert.equal((await live())[0].state, 'Hold')
  })

  test('nobody free: the customer waits', async () => {
    office.answered()
    office.ringing('+919812345671')
    office.exchange.answers('211')
    office.ringing('+919812345672')
    const waiting = (await live()).at(-1)
    assert.deepEqual(
      [waiting.state, waiting.queue_state, waiting.destination, waiting.agent_name, waiting.user_id],
      ['Ringing', 'Waiting', null, null, null],
    )
  })

  test('several phones that ring stand side by side', async () => {
    await office.close()
    office = await SmartfloOffice.open({
      change: ({ accounts }) => {
        accounts[0].groups[0].strategy = 'ring-all'
      },
    })
    office.ringing()
    const [item] = await live()
    assert.deepEqual([item.destination, item.agent_name, item.multiple_destination_name], ['210,211', null, 'Sales'])
  })

  test('a call to a number outside, and one between two phones', async () => {
    office.exchange.dials('106', '6501234567')
    office.exchange.answers('6501234567')
    office.exchange.dials('211', '210')
    const [out, inside] = await live()
    const seen = ({
      direction,
      type,
      source,
      did,
      destination,
      agent_name,
      customer_number,
      multiple_destination_type: kind,
    }: typeof out) => JSON.stringify([direction, type, source, did, destination, agent_name, customer_number, kind])
    assert.equal(seen(out), '[2,"outbound","106",null,"106","Ben Agent","6501234567","agent"]')
    assert.equal(seen(inside), '[2,"outbound","211",null,"210","Paco Vu","211","agent"]')
  })

  test('a caller who hides his number', async () => {
    office.ringing('')
    const [item] = await live()
    assert.deepEqual([item.source, item.customer_number], [null, null])
  })

  test('supervisors are not listed, oldest first, by account', async () => {
    const first = office.answered()
    const second = office.ringing('+919812345673')
    await office.options({ type: 1, call_id: office.id(first), agent_id: sara })
    office.exchange.answers('101')
    assert.deepEqual(await ids(), [office.id(first), office.id(second)])
    assert.deepEqual(await ids('?agent_number=101'), [])
    assert.deepEqual(await ids('', apiTokens.other), [])
    assert.deepEqual(await ids('', apiTokens.viewer), [office.id(first), office.id(second)])
  })

  describe('the query', () => {
    for (const [query, found] of [
      ['agent_number=1234', true],
      ['agent_number=0001234', true],
      ['agent_number=210', true],
      ['agent_number=0003*210', true],
      ['agent_number=0003%2A210', true],
      ['agent_number=+15554150210', true],
      ['agent_number=%2B1-555-415-0210', true],
      ['agent_number=15554150210', true],
      ['agent_number=211', false],
      ['agent_number=7777', false],
      ['agent_number=0004*210', false],
      ['agent_number=nobody', false],
      ['extension=210', true],
      ['extension=0003*210', true],
      ['extension=1234', false],
      ['did_number=18661234567', true],
      ['did_number=+18661234567', true],
      ['did_number=%2B1+866+123+4567', true],
      ['did_number=18669999999', false],
      ['agent_number=1234&did_number=18661234567&extension=210', true],
      ['agent_number=1234&extension=211', false],
      ['call_id=x', false],
      ['call_id=&agent_number=', true],
      ['?&nothing=1', true],
    ] as const) {
      test(query, async () => {
        office.answered()
        assert.equal((await ids(`?${query}`)).length, found ? 1 : 0)
      })
    }

    test('call_id, also with a server in front', async () => {
      const call = office.answered()
      office.ringing('+919812345674')
      for (const id of [office.id(call), `h11.08-${office.id(call)}`]) assert.deepEqual(await ids(`?call_id=${id}`), [office.id(call)])
      assert.deepEqual(await ids(`?call_id=${office.id(call)}`, apiTokens.other), [])
    })
  })

  test('one call in a list; one that ended, never was, or is of another account is refused alike', async () => {
    const call = office.answered()
    const path = `/v1/live_calls/${office.id(call)}`
    assert.equal((await office.get(path)).text, (await office.get('/v1/live_calls')).text)
    const unknown = [422, failure('Invalid Call ID')]
    for (const [other, token] of [['/v1/live_calls/1758782566.9999'], [path, apiTokens.other]] as const) {
      const { status, text } = await office.get(other, token)
      assert.deepEqual([status, text], unknown)
    }
    office.exchange.hangsUp(customer)
    const ended = await office.get(path)
    assert.deepEqual([ended.status, ended.text], unknown)
  })
})

describe('hang-up', () => {
  const hangUp = async (body: object, token?: string) => {
    const { status, text } = await office.post('/v1/call/hangup', body, token)
    return [status, text]
  }
  const queued = [200, success('Call hangup queued')]
  const unknown = [422, failure('Invalid Call ID')]
  const isOver = (call: Call) => office.exchange.call(call).endedAt !== undefined

  test('by call_id, which comes first, or by ref_id', async () => {
    const [one, two] = [office.answered(), office.ringing('+919812345675')]
    assert.deepEqual(await hangUp({ call_id: office.id(one), ref_id: hexId(two) }), queued)
    assert.deepEqual([isOver(one), isOver(two)], [true, false])
    assert.deepEqual(await hangUp({ ref_id: hexId(two).toUpperCase() }), queued)
    assert.ok(isOver(two))
  })

  test('what is refused', async () => {
    const call = office.answered()
    assert.deepEqual(await hangUp({}), [422, failure('The call_id field is required.')])
    assert.deepEqual(await hangUp({ call_id: [] }), [422, failure('The call_id field is invalid.')])
    for (const wrong of ['1758782566.9999', '..', hexId(call)]) assert.deepEqual(await hangUp({ call_id: wrong }), unknown)
    for (const wrong of ['x', office.id(call)]) assert.deepEqual(await hangUp({ ref_id: wrong }), unknown)
    assert.deepEqual(await hangUp({ call_id: office.id(call) }, apiTokens.other), unknown)
    assert.deepEqual(await hangUp({ ref_id: hexId(call) }, apiTokens.other), unknown)
    const forbidden = [403, failure('You are not authorized to perform this operation')]
    assert.deepEqual(await hangUp({ call_id: office.id(call) }, apiTokens.viewer), forbidden)
    const foreign = office.exchange.dials('106', '211')
    assert.deepEqual(await hangUp({ call_id: office.id(foreign) }, apiTokens.agent), forbidden)
    assert.ok(!isOver(call))
    assert.deepEqual(await hangUp({ call_id: office.id(call) }, apiTokens.agent), queued)
    assert.deepEqual(await hangUp({ call_id: office.id(call) }), unknown)
  })
})

describe('dialer/disconnect_call', () => {
  const disconnect = async (body: object, token?: string) => {
    const { status, text } = await office.post('/v1/dialer/disconnect_call', body, token)
    return [status, text]
  }
  const paco = () => office.exchange.desk.agents(office.exchange.settings.accounts[0]?.id ?? assert.fail()).find(({ id }) => id === '1234')

  test('takes the agent out', async () => {
    const call = office.answered()
    assert.deepEqual(await disconnect({ call_id: office.id(call) }), [200, success('Call disconnected')])
    assert.equal(office.exchange.call(call).parties.find(({ role }) => role === 'agent')?.state, 'ended')
    assert.equal(paco()?.state, 'available')
  })

  for (const start of [true, 1, '1', 'true']) {
    test(`start_break ${JSON.stringify(start)} gives him a break of the named kind`, async () => {
      const call = office.answered()
      const about = { call_id: office.id(call), start_break: start }
      assert.deepEqual(await disconnect(about), [422, failure('The break_code field is required.')])
      assert.deepEqual(await disconnect({ ...about, break_code: 'lunch' }), [200, success('Call disconnected')])
      assert.deepEqual([paco()?.state, paco()?.reason], ['away', 'lunch'])
    })
  }

  test('what is refused', async () => {
    const call = office.ringing()
    assert.deepEqual(await disconnect({}), [422, failure('The call_id field is required.')])
    assert.deepEqual(await disconnect({ call_id: 'x', start_break: 'maybe' }), [422, failure('The start_break field is invalid.')])
    assert.deepEqual(await disconnect({ call_id: 'x' }), [422, failure('Invalid Call ID')])
    assert.deepEqual(await disconnect({ call_id: office.id(call) }, apiTokens.other), [422, failure('Invalid Call ID')])
    assert.deepEqual(await disconnect({ call_id: office.id(call) }), [422, failure('Call is not in a valid state for this operation')])
    assert.deepEqual(await disconnect({ call_id: office.id(call) }, apiTokens.viewer), [
      403,
      failure('You are not authorized to perform this operation'),
    ])
  })
})

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'
import type { Call } from '../../call/call.ts'
import { callByDottedId, dottedId } from '../call-ids.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '106', '210', '211', '212'])
})
after(() => bench.close())

async function dialled(path: string, fields: object, version = 'v1.1.0'): Promise<Call> {
  const { json, text } = await bench.post(path, fields, { version })
  assert.deepEqual(Object.keys(json), ['status', 'callid'], text)
  const call = callByDottedId(bench.exchange.desk, accountA, json.callid)
  assert.ok(call !== undefined)
  return call
}

const now = (call: Call) => bench.exchange.hearing(call)
const invites = () => bench.exchange.engine.orders.flatMap(({ effect }) => (effect.kind === 'invite' ? [effect] : []))

describe('who is rung first, and who then', () => {
  test('extension/dial_extension', async () => {
    const call = await dialled('extension/dial_extension', { caller: 101, callee: '211', autoanswer: 'yes' })
    assert.equal(invites()[0]?.autoAnswer, true)
    bench.exchange.answers('101')
    assert.equal(invites()[1]?.autoAnswer, false)
    bench.exchange.answers('211')
    assert.deepEqual(now(call), { '101': ['211'], '211': ['101'] })
  })

  test('extension/dial_outbound', async () => {
    const call = await dialled('extension/dial_outbound', { extid: '211', outto: '+16501234567' })
    assert.equal(invites()[0]?.autoAnswer, false)
    bench.exchange.answers('211')
    bench.exchange.answers('+16501234567')
    assert.deepEqual(now(call), { '211': ['+16501234567'], '+16501234567': ['211'] })
    const { json } = await bench.post('outbound/query')
    assert.deepEqual([json.outbound[0].from, json.outbound[0].to], ['211', '16501234567'])
  })

  for (const [what, presented, shown] of [
    ["the extension's own number, where it may be presented", ['08008888888', '+15554150106'], '+15554150106'],
    ["the account's first number otherwise", ['08008888888'], '08008888888'],
  ] as const) {
    test(`outbound/dial_outbound: two numbers outside, shown ${what}`, async (t) => {
      const usual = bench
      t.after(async () => {
        await bench.close()
        bench = usual
      })
      bench = await YeastarBench.open({
        change: (configuration) => {
          configuration.accounts[0].presentedNumbers = presented
        },
      })
      const call = await dialled('outbound/dial_outbound', { caller: '+16501234567', outto: '+16507654321', fromext: '106' })
      bench.exchange.answers('+16501234567')
      bench.exchange.answers('+16507654321')
      assert.deepEqual(now(call), { '+16501234567': ['+16507654321'], '+16507654321': ['+16501234567'] })
      assert.equal(invites().at(-1)?.from.number, shown)
    })
  }

  for (const [kind, field, id] of [
    ['queue', 'queueid', '030'],
    ['queue', 'queueid', '830'],
    ['ringgroup', 'ringgroupid', '200'],
  ] as const) {
    test(`${kind}/dial_outbound from ${id}`, async () => {
      const call = await dialled(`${kind}/dial_outbound`, { [field]: id, outto: '+16501234567', fromext: '106', autoanswer: 1 })
      const agent = bench.exchange.call(call).parties[0]?.endpoint
      assert.ok(agent?.kind === 'extension' && invites()[0]?.autoAnswer)
      bench.exchange.answers(agent.extension)
      bench.exchange.answers('+16501234567')
      assert.deepEqual(now(call)[agent.extension], ['+16501234567'])
    })
  }

  test('v2 call/dial takes an extension or a number', async () => {
    const inside = await dialled('call/dial', { caller: '101', callee: '211', autoanswer: 'no', dialpermission: '106' }, 'v2.0.0')
    assert.equal(inside.direction, 'internal')
    const outside = await dialled('call/dial', { caller: '210', callee: '+16501234567' }, 'v2.0.0')
    assert.equal(outside.direction, 'outbound')
    assert.equal(dottedId(outside) === dottedId(inside), false)
  })
})

describe('what is refused', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['extension/dial_extension', { extid: '101', ext: '211' }, '10004'],
    ['extension/dial_extension', { caller: '101' }, '10004'],
    ['extension/dial_extension', { caller: '999', callee: '211' }, '10006'],
    ['extension/dial_extension', { caller: '101', callee: '999' }, '10006'],
    ['extension/dial_extension', { caller: '101', callee: '101' }, '10006'],
    ['extension/dial_extension', { caller: '101', callee: '+16501234567' }, '10006'],
    ['extension/dial_extension', { caller: '213', callee: '211' }, '10008'],
    ['extension/dial_extension', { caller: '101', callee: '213' }, '10008'],
    ['extension/dial_extension', { caller: '101', callee: '211', autoanswer: 'perhaps' }, '10004'],
    ['extension/dial_outbound', { extid: '101' }, '10004'],
    ['extension/dial_outbound', { extid: '101', outto: '' }, '10028'],
    ['extension/dial_outbound', { extid: '101', outto: 'call me' }, '10031'],
    ['extension/dial_outbound', { extid: '101', outto: '+1' }, '10031'],
    ['extension/dial_outbound', { extid: '999', outto: '+16501234567' }, '10006'],
    ['extension/dial_outbound', { extid: '101', outto: '9'.repeat(40) }, '10031'],
    ['outbound/dial_outbound', { caller: '+16501234567', outto: '+16507654321', fromext: '999' }, '10006'],
    ['outbound/dial_outbound', { caller: '', outto: '+16507654321' }, '10028'],
    ['outbound/dial_outbound', { caller: '+16501234567' }, '10004'],
    ['queue/dial_outbound', { queueid: '999', outto: '+16501234567' }, '10013'],
    ['queue/dial_outbound', { outto: '+16501234567' }, '10004'],
    ['queue/dial_outbound', { queueid: '400', outto: '+16501234567' }, '10008'],
    ['ringgroup/dial_outbound', { ringgroupid: '999', outto: '+16501234567' }, '10014'],
    ['ringgroup/dial_outbound', { ringgroupid: '200', outto: '' }, '10028'],
  ]
  for (const [path, fields, errno] of cases) {
    test(`${path} ${JSON.stringify(fields).slice(0, 90)}: ${errno}`, async () => {
      assert.equal(await bench.said(bench.post(path, fields)), errno)
      assert.deepEqual(bench.exchange.desk.calls(accountA), [])
    })
  }

  test('whoever is in a call: 10008', async () => {
    bench.inbound()
    assert.equal(await bench.said(bench.post('extension/dial_outbound', { extid: '106', outto: '+16501234567' })), '10008')
  })

  test('a number that no trunk may dial: 10024', async () => {
    const strict = await YeastarBench.open({
      change: (configuration) => {
        configuration.accounts[0].trunks[0].destinations = ['+44']
      },
    })
    strict.exchange.register(['101'])
    assert.equal(await strict.said(strict.post('extension/dial_outbound', { extid: '101', outto: '+16501234567' })), '10024')
    await strict.close()
  })
})

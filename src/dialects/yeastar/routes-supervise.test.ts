import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'
import type { Call } from '../../call/call.ts'
import { dottedId } from '../call-ids.ts'

const phones = ['101', '102', '106', '024', '210', '211', '212']

let bench: YeastarBench
let call: Call
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(phones)
  call = bench.inbound()
})
after(() => bench.close())

const conversation = { '5503301': ['106'], '106': ['5503301'] }
const both = ['106', '5503301']

const rows = {
  listen: { ...conversation, '101': both },
  whisper: { '5503301': ['106'], '106': ['101', '5503301'], '101': both },
  barge: { '5503301': ['101', '106'], '106': ['101', '5503301'], '101': both },
}

const words = {
  listen: ['listener', 'listenedext'],
  whisper: ['whisperer', 'whisperedext'],
  barge: ['bargein', 'bargedext'],
} as const
type Verb = keyof typeof words
const verbs = ['listen', 'whisper', 'barge'] as const

const supervise = (verb: Verb, supervisor: unknown, target: unknown = '106') =>
  bench.post(`extension/${verb}`, { [words[verb][0]]: supervisor, [words[verb][1]]: target })

describe('who hears whom', () => {
  for (const verb of verbs) {
    test(`${verb}: from pick-up on, until the supervisor hangs up`, async () => {
      const { text } = await supervise(verb, '101')
      assert.equal(text, '{"status":"Success"}')
      assert.deepEqual(bench.exchange.hearing(call), conversation, 'the answer does not wait for pick-up, and till then nobody is heard')
      bench.exchange.answers('101')
      assert.deepEqual(bench.exchange.hearing(call), rows[verb])
      bench.exchange.hangsUp('101')
      assert.deepEqual(bench.exchange.hearing(call), conversation)
    })

    test(`v2 call/listen with type ${verb}`, async () => {
      const { text } = await bench.v2('call/listen', { monitor: 101, extension: 106, type: verb })
      assert.equal(text, `{"status":"Success","callid":"${dottedId(call)}"}`)
      bench.exchange.answers('101')
      assert.deepEqual(bench.exchange.hearing(call), rows[verb])
    })
  }

  test("the supervisor's phone is asked to answer by itself", async () => {
    await supervise('whisper', '101')
    const invites = bench.exchange.engine.orders.flatMap(({ effect }) => (effect.kind === 'invite' ? [effect] : []))
    assert.deepEqual(invites.map(({ to, autoAnswer }) => [to.kind === 'extension' ? to.extension : '', autoAnswer]).at(-1), ['101', true])
  })

  test('two supervisors do not hear each other', async () => {
    await supervise('listen', '101')
    bench.exchange.answers('101')
    assert.equal(await bench.said(supervise('whisper', '024')), 'Success')
    bench.exchange.answers('024')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['106'], '106': ['024', '5503301'], '101': both, '024': both })
  })

  test('extension/hangup of the supervisor ends the supervision and nothing else, ringing or not', async () => {
    for (const isAnswered of [false, true]) {
      await supervise('barge', '101')
      if (isAnswered) bench.exchange.answers('101')
      assert.equal(await bench.said(bench.post('extension/hangup', { extid: '101' })), 'Success')
      assert.deepEqual(bench.exchange.hearing(call), conversation)
      assert.equal(bench.exchange.call(call).endedAt, undefined)
    }
  })

  test('extension/hangup of the target ends call and supervision', async () => {
    await supervise('whisper', '101')
    bench.exchange.answers('101')
    assert.equal(await bench.said(bench.post('extension/hangup', { extid: '106' })), 'Success')
    assert.deepEqual(bench.exchange.hearing(call), {})
    assert.ok(bench.exchange.call(call).supervisions.every((s) => s.state === 'ended'))
    assert.equal(bench.exchange.desk.calls(call.account).length, 0)
  })

  test('the supervision ends when the target leaves the call', async () => {
    await supervise('whisper', '101')
    bench.exchange.answers('101')
    await bench.post('inbound/transfer_extension', { inboundid: dottedId(call), extid: '211' })
    bench.exchange.answers('211')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['211'], '211': ['5503301'] })
  })

  test('a phone that is not picked up rings for half a minute', async () => {
    await supervise('listen', '101')
    bench.exchange.advance(29_999)
    assert.equal(await bench.said(supervise('listen', '101')), '10008')
    bench.exchange.advance(1)
    assert.equal(await bench.said(supervise('listen', '101')), 'Success')
  })

  test('either party of an internal call may be the target, if it may be monitored', async () => {
    bench.internal()
    assert.equal(await bench.said(supervise('listen', '101', '210')), 'Success')
    assert.equal(await bench.said(supervise('listen', '102', '212')), '10009')
  })
})

describe('what is refused', () => {
  const cases: readonly (readonly [string, Verb, unknown, unknown, string])[] = [
    ['no supervisor', 'whisper', undefined, '106', '10004'],
    ['an empty target', 'listen', '101', '', '10004'],
    ['a supervisor who does not exist', 'whisper', '999', '106', '10006'],
    ['a target that does not exist', 'barge', '101', '999', '10006'],
    ['no number at all', 'whisper', 'Sara', '106', '10006'],
    ['an array', 'whisper', ['101'], '106', '10006'],
    ['an extended number', 'whisper', '101', '0003*106', '10006'],
    ['a target in no call', 'whisper', '101', '211', '10007'],
    ['a supervisor without a phone', 'listen', '213', '106', '10010'],
    ['a mode that is not his', 'whisper', '102', '106', '10010'],
    ['an agent who may not', 'listen', '211', '106', '10010'],
    ['a target in no call before a mode that is not his', 'whisper', '102', '211', '10007'],
    ['an extension that does not exist before a target in no call', 'whisper', '999', '211', '10006'],
  ]
  for (const [what, verb, supervisor, target, errno] of cases) {
    test(`${what}: ${errno}`, async () => {
      assert.equal(await bench.said(supervise(verb, supervisor, target)), errno)
      assert.deepEqual(bench.exchange.call(call).supervisions, [])
    })
  }

  test('an empty body: 10004', async () => assert.equal(await bench.said(bench.post('extension/barge')), '10004'))

  test('a target that only rings: 10007', async () => {
    bench.exchange.dials('211', '210')
    assert.equal(await bench.said(supervise('listen', '101', '210')), '10007')
  })

  test('a target that itself only supervises: 10007', async () => {
    await supervise('listen', '101')
    bench.exchange.answers('101')
    assert.equal(await bench.said(supervise('listen', '024', '101')), '10007')
  })

  test('a target that may not be monitored before a mode that is not his: 10009', async () => {
    bench.internal()
    assert.equal(await bench.said(supervise('whisper', '102', '212')), '10009')
  })

  test('a mode that is not his before his being in a call: 10010', async () => {
    const own = bench.exchange.dials('102', '210')
    bench.exchange.answers('210')
    assert.equal(await bench.said(supervise('whisper', '102')), '10010')
    assert.equal(await bench.said(supervise('listen', '102')), '10008')
    bench.exchange.hangsUp('102')
    assert.notEqual(bench.exchange.call(own).endedAt, undefined)
    assert.equal(await bench.said(supervise('listen', '102')), 'Success')
  })

  test('a supervisor who supervises already: 10008, also with another mode', async () => {
    await supervise('listen', '101')
    assert.equal(await bench.said(supervise('listen', '101')), '10008')
    bench.exchange.answers('101')
    assert.equal(await bench.said(supervise('listen', '101')), '10008')
    assert.equal(await bench.said(supervise('barge', '101')), '10008')
    assert.deepEqual(bench.exchange.hearing(call), rows.listen)
  })

  test("a supervisor's phone that is not registered: 10008", async () => {
    bench.exchange.register(['101'], undefined, 0)
    assert.equal(await bench.said(supervise('whisper', '101')), '10008')
  })

  test('oneself: 10008, for one is in a call', async () => {
    const own = bench.exchange.callsIn('15554150024', { number: '5503302' })
    bench.exchange.answers('024')
    assert.equal(await bench.said(supervise('listen', '024', '024')), '10009', '024 may not be monitored')
    bench.exchange.directory.amend(own.account, '106', { monitorMode: 'extensive' })
    assert.equal(await bench.said(supervise('listen', '106', '106')), '10008')
  })

  test('a phone that says nothing to the invitation: 30001 after five seconds, and the leg is withdrawn', async () => {
    bench.exchange.engine.deaf.add('101')
    const asked = supervise('whisper', '101')
    await bench.post('extensionlist/query')
    bench.exchange.advance(5_000)
    assert.equal(await bench.said(asked), '30001')
    assert.equal(await bench.said(supervise('whisper', '024')), 'Success')
  })

  test('v2: a type that is none, or no type: 10004', async () => {
    assert.equal(await bench.said(bench.v2('call/listen', { monitor: '101', extension: '106', type: 'spy' })), '10004')
    assert.equal(await bench.said(bench.v2('call/listen', { monitor: '101', extension: '106', type: 'toString' })), '10004')
    assert.equal(await bench.said(bench.v2('call/listen', { monitor: '101', extension: '106' })), '10004')
    assert.equal(await bench.said(bench.v2('call/listen', { monitor: '101', extension: '211', type: 'listen' })), '10007')
  })

  test('v1 words at v2 and the other way round: 10003', async () => {
    assert.equal(await bench.said(bench.v2('extension/whisper', { whisperer: '101', whisperedext: '106' })), '10003')
    assert.equal(await bench.said(bench.post('call/listen', { monitor: '101', extension: '106', type: 'listen' })), '10003')
  })
})

describe('settings', () => {
  test('maxMonitors 1: the second supervisor is refused with 10009, until the first has gone', async () => {
    const one = await YeastarBench.open({
      change: (configuration) => {
        configuration.dialects = { yeastar: { maxMonitors: 1 } }
      },
    })
    one.exchange.register(phones)
    one.inbound()
    const listen = (listener: string) => one.said(one.post('extension/listen', { listener, listenedext: '106' }))
    assert.equal(await listen('101'), 'Success')
    assert.equal(await listen('102'), '10009')
    one.exchange.answers('101')
    one.exchange.hangsUp('101')
    assert.equal(await listen('102'), 'Success')
    await one.close()
  })

  test('the role of the login: an observer reads, and supervises nobody', async () => {
    const observed = await YeastarBench.open({
      change: (configuration) => {
        configuration.accounts[0].credentials.yeastar[0].role = 'observer'
      },
    })
    observed.exchange.register(phones)
    observed.inbound()
    assert.equal(await observed.said(observed.post('inbound/query')), 'Success')
    for (const path of ['extension/listen', 'extension/hangup', 'extension/dial_outbound', 'extension/update'])
      assert.equal(await observed.said(observed.post(path)), '10003', path)
    assert.equal(await observed.said(observed.post('extension/listen', '{')), '20000', 'the format of the body comes first')
    await observed.close()
  })
})

describe('another account', () => {
  test('its extensions are answered byte for byte like those that do not exist', async () => {
    const other = await YeastarBench.open({
      change: (configuration) => {
        configuration.accounts[1].extensions.push({
          number: '555',
          name: 'Theirs',
          password: 'p',
          monitorMode: 'extensive',
          mayBeMonitored: true,
        })
      },
    })
    other.exchange.register(phones)
    const { account } = other.inbound()
    assert.notEqual(account, '12440022')
    for (const [path, fields] of [
      ['extension/whisper', { whisperer: 'X', whisperedext: '106' }],
      ['extension/whisper', { whisperer: '101', whisperedext: 'X' }],
      ['extension/query', { extid: 'X' }],
      ['extension/hangup', { extid: 'X' }],
      ['extension/update', { extid: 'X', username: 'Y' }],
      ['extension/dial_extension', { caller: 'X', callee: '101' }],
      ['extension/dial_extension', { caller: '101', callee: 'X' }],
      ['extension/dial_outbound', { extid: 'X', outto: '6501234567' }],
      ['extension/dial_outbound', { extid: '101', outto: 'X' }],
      ['calltransfer', { callid: '1', transferor: '106', transferto: 'X' }],
    ] as const) {
      const [theirs, nobodys] = await Promise.all(
        ['555', '556'].map((number) => other.post(path, JSON.stringify(fields).replace('"X"', `"${number}"`))),
      )
      assert.equal(theirs?.text, nobodys?.text, path)
      assert.match(theirs?.text ?? '', /"errno":"\d{5}"/)
    }
    await other.close()
  })
})

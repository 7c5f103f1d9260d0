import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { noon } from '../../../testkit/desk.ts'
import { accountBUser, YeastarBench } from '../../../testkit/yeastar-bench.ts'
import { dottedId } from '../call-ids.ts'
import { dateAndTime } from '../wall-time.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '106', '210', '211', '212'])
})
after(() => bench.close())

describe('inbound/query', () => {
  test('ringing, talking, waiting; oldest first', async () => {
    const empty = await bench.post('inbound/query')
    assert.equal(empty.text, '{"status":"Success","inbound":[]}')
    const ringing = bench.exchange.callsIn('18661234568', { number: '5503301' })
    bench.exchange.advance(10)
    bench.exchange.callsIn('18661234567', { number: '+15550001111' })
    bench.exchange.answers('210')
    bench.exchange.callsIn('18661234567', { number: '5503303' })
    bench.exchange.answers('211')
    bench.exchange.callsIn('18661234567', { number: '5503304' })
    const { json } = await bench.post('inbound/query')
    const seen = json.inbound.map((c: Record<string, unknown>) => [c.from, c.to, c.trunk, c.status, c.callee])
    assert.deepEqual(seen, [
      ['5503301', '18661234568', 'pstn', 'Progress', [{ extid: '106' }]],
      ['15550001111', '18661234567', 'pstn', 'Talking', [{ extid: '210' }]],
      ['5503303', '18661234567', 'pstn', 'Talking', [{ extid: '211' }]],
      ['5503304', '18661234567', 'pstn', 'Wait', []],
    ])
    assert.equal(json.inbound[0].inboundid, dottedId(ringing))
  })

  test('by ids; one that is unknown, over or outbound: 10007', async () => {
    const first = bench.inbound()
    const { json } = await bench.post('inbound/query', { inboundid: `${dottedId(first)},` })
    assert.deepEqual(
      json.inbound.map((c: { inboundid: string }) => c.inboundid),
      [dottedId(first)],
    )
    bench.exchange.hangsUp('106')
    assert.equal(await bench.said(bench.post('inbound/query', { inboundid: dottedId(first) })), '10007')
    for (const id of ['1526884410.12', '1', 'x', '9999999999.999999', '0'.repeat(400)])
      assert.equal(await bench.said(bench.post('inbound/query', { inboundid: id })), '10007', id)
    const out = await bench.post('extension/dial_outbound', { extid: '211', outto: '6501234567' })
    assert.equal(await bench.said(bench.post('inbound/query', { inboundid: out.json.callid })), '10007')
    assert.equal(await bench.said(bench.post('outbound/query', { outboundid: out.json.callid })), 'Success')
  })

  test('a call that was handed on to a number outside still says which number was called', async () => {
    const id = dottedId(bench.inbound())
    await bench.post('inbound/transfer_outbound', { inboundid: id, outto: '6501234567' })
    bench.exchange.answers('6501234567')
    const { json } = await bench.post('inbound/query', { inboundid: id })
    assert.deepEqual(json.inbound, [{ inboundid: id, from: '5503301', to: '18661234568', trunk: 'pstn', status: 'Talking', callee: [] }])
  })

  test('OpenVox: callee is an object, and calls are repeated elements of XML', async () => {
    const id = dottedId(bench.inbound())
    const json = await bench.post('inbound/query', undefined, { version: 'v0.0.1' })
    assert.deepEqual(json.json.inbound[0].callee, { extid: '106' })
    bench.exchange.callsIn('18661234567', { number: '5503302' })
    const { text } = await bench.post('inbound/query', '<xml></xml>', { version: 'v0.0.1', query: 'type=xml' })
    const [first, second] = text.split('<inbound>').slice(1)
    assert.equal(
      first,
      `<inboundid>${id}</inboundid><from>5503301</from><to>18661234568</to><trunk>pstn</trunk><status>Talking</status><callee><extid>106</extid></callee></inbound>`,
    )
    assert.match(
      second ?? '',
      /<from>5503302<\/from>.*<status>Progress<\/status><callee><extid>21[01]<\/extid><\/callee><\/inbound><\/xml>$/,
    )
  })

  test('supervisors are not listed', async () => {
    bench.inbound()
    await bench.post('extension/barge', { bargein: '101', bargedext: '106' })
    bench.exchange.answers('101')
    assert.deepEqual((await bench.post('inbound/query')).json.inbound[0].callee, [{ extid: '106' }])
  })

  test('of another account nothing is seen', async () => {
    const id = dottedId(bench.inbound())
    bench.token = await bench.login(accountBUser)
    assert.equal((await bench.post('inbound/query')).text, '{"status":"Success","inbound":[]}')
    const nobodys = '1526884410.12'
    for (const [path, field] of [
      ['inbound/query', 'inboundid'],
      ['inbound/hangup', 'inboundid'],
      ['inbound/refuse', 'inboundid'],
      ['outbound/hangup', 'outboundid'],
    ] as const) {
      const [theirs, unknown] = await Promise.all([id, nobodys].map((call) => bench.post(path, { [field]: call })))
      assert.equal(theirs?.text, unknown?.text)
      assert.equal(theirs?.json.errno, '10007')
    }
  })
})

describe('outbound/query', () => {
  test('the called number, the extension that called, the trunk, how far it is', async () => {
    const call = bench.exchange.dials('211', '6501234567')
    const said = (status: string) =>
      `{"status":"Success","outbound":[{"outboundid":"${dottedId(call)}","from":"211","to":"6501234567","trunk":"pstn","status":"${status}"}]}`
    assert.equal((await bench.post('outbound/query')).text, said('Progress'))
    bench.exchange.answers('6501234567')
    assert.equal((await bench.post('outbound/query')).text, said('Talking'))
  })
})

describe('hang-up', () => {
  test('inbound/hangup and outbound/hangup end the call', async () => {
    const inbound = bench.inbound()
    const outbound = bench.exchange.dials('211', '6501234567')
    assert.equal(await bench.said(bench.post('inbound/hangup', { inboundid: dottedId(outbound) })), '10007')
    assert.equal(await bench.said(bench.post('inbound/hangup', { inboundid: dottedId(inbound) })), 'Success')
    assert.equal(await bench.said(bench.post('inbound/hangup', { inboundid: dottedId(inbound) })), '10007')
    assert.equal(await bench.said(bench.post('outbound/hangup', { outboundid: dottedId(outbound) })), 'Success')
    assert.deepEqual(bench.exchange.desk.calls(inbound.account), [])
    assert.equal(await bench.said(bench.post('outbound/hangup')), '10004')
  })

  test("an internal call's id is none of theirs", async () => {
    const call = bench.internal()
    for (const kind of ['inbound', 'outbound'])
      assert.equal(await bench.said(bench.post(`${kind}/hangup`, { [`${kind}id`]: dottedId(call) })), '10007')
  })

  test('an id as a JSON number is read by its digits', async () => {
    const call = bench.inbound()
    assert.equal(await bench.said(bench.post('inbound/hangup', `{"inboundid":${dottedId(call)}0}`)), '10007')
    assert.equal(await bench.said(bench.post('inbound/hangup', `{"inboundid":${dottedId(call)}}`)), 'Success')
  })
})

describe('accept and refuse', () => {
  test('refuse within ten seconds ends the call; accept lets it be', async () => {
    const call = bench.exchange.callsIn('18661234568', { number: '5503301' })
    bench.exchange.advance(9_999)
    assert.equal(await bench.said(bench.post('inbound/accept', { inboundid: dottedId(call) })), 'Success')
    assert.equal(bench.exchange.call(call).endedAt, undefined)
    assert.equal(await bench.said(bench.post('inbound/refuse', { inboundid: dottedId(call) })), 'Success')
    assert.notEqual(bench.exchange.call(call).endedAt, undefined)
  })

  test('after ten seconds, or when it is answered: 10016', async () => {
    const late = bench.exchange.callsIn('18661234568', { number: '5503301' })
    bench.exchange.advance(10_000)
    const answered = bench.exchange.callsIn('18661234567', { number: '5503302' })
    const ringing = bench.exchange.call(answered).parties.at(-1)?.endpoint
    bench.exchange.answers(ringing?.kind === 'extension' ? ringing.extension : '')
    for (const call of [late, answered]) {
      for (const verb of ['accept', 'refuse'])
        assert.equal(await bench.said(bench.post(`inbound/${verb}`, { inboundid: dottedId(call) })), '10016')
    }
    assert.equal(await bench.said(bench.post('inbound/accept')), '10004')
  })
})

describe('the server', () => {
  test('deviceinfo/query', async () => {
    const { json } = await bench.post('deviceinfo/query')
    const { systemtime, uptime, ...rest } = json.deviceinfo
    assert.deepEqual(rest, { devicename: 'Sotto', sn: '12440011', hardwarever: '', firmwarever: '0.0.0-test', extensionstatus: '5/8' })
    const up = (bench.exchange.now - noon) / 1_000
    assert.equal(systemtime, `${dateAndTime(bench.exchange.now, 'Europe/Bucharest')} UTC+2`)
    assert.equal(uptime, [up / 3_600, (up / 60) % 60, up % 60].map((n) => String(Math.floor(n)).padStart(2, '0')).join(':'))
  })

  test('recordings: who has no ticket, or asks for what is not there', async () => {
    assert.equal(await bench.said(bench.post('recording/get_random')), '10004')
    assert.equal(await bench.said(bench.post('recording/get_random', { recording: 'a.wav' })), '20014')
    const { text } = await bench.exchange.ask(`GET /api/v1.1.0/recording/download?recording=a.wav&random=1&token=${bench.token}`)
    assert.equal(text, '{"status":"Failed","errno":"20012"}', 'no such ticket was given out')
    assert.equal(await bench.said(bench.exchange.ask(`GET /api/v1.1.0/recording/download?random=1&token=${bench.token}`)), '10004')
    assert.equal(await bench.said(bench.exchange.ask('GET /api/v1.1.0/recording/download?recording=a.wav&random=1')), '20005')
    assert.equal(await bench.said(bench.post('recording/download')), '20001')
  })
})

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { accountA, accountB } from '../../../testkit/desk.ts'
import { accountAUser, accountBUser, YeastarBench } from '../../../testkit/yeastar-bench.ts'
import type { Call } from '../../call/call.ts'
import { dottedId } from '../call-ids.ts'
import { dateAndTime } from '../wall-time.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '102', '106', '210', '211', '212'])
})
after(() => bench.close())

const started = ({ startedAt }: Pick<Call, 'startedAt'>): string => dateAndTime(startedAt, 'Europe/Bucharest')

/** Bodies since the last time, without what phones do, unless that is asked for. */
function told({ withStatus = false } = {}): readonly string[] {
  const bodies = bench.exchange.sent.map(({ body }) => body ?? '')
  bench.exchange.sent.length = 0
  return bodies.filter((body) => withStatus || !body.includes('"ExtensionStatus"'))
}

const statuses = () =>
  told({ withStatus: true }).flatMap(
    (body) => /"ExtensionStatus","extension":"(\d+)","status":"(\w+)"/.exec(body)?.slice(1).join(' ') ?? [],
  )

describe('where reports go', () => {
  const port = { port: 8260 }

  test('to the address of the client and its port, as the vendor sends them', async () => {
    await bench.login({ ...accountAUser, ...port })
    bench.inbound()
    const [first] = bench.exchange.sent
    assert.deepEqual(
      { ...first, body: '', delivered: undefined },
      {
        ...{ account: accountA, dialect: 'yeastar', receiver: 'yeastar 12440011 http://127.0.0.1:8260/', method: 'POST' },
        ...{ url: 'http://127.0.0.1:8260/', headers: { 'User-Agent': 'WebAPI', 'Content-Type': 'application/json' } },
        ...{ success: 200, provenAddress: '127.0.0.1', body: '', delivered: undefined },
      },
    )
  })

  const targets: readonly (readonly [string, object, string | undefined])[] = [
    ['v1.1.0', {}, undefined],
    ['v1.1.0', { url: 'reports' }, undefined],
    ['v1.1.0', { ...port, url: 'reports' }, 'http://127.0.0.1:8260/reports'],
    ['v1.1.0', { ...port, url: '/reports?a=1' }, 'http://127.0.0.1:8260/reports?a=1'],
    ['v1.1.0', { ...port, url: 'crm.example.com:9000/y', urltag: '1' }, 'http://crm.example.com:9000/y'],
    ['v1.1.0', { url: 'https://crm.example.com/y', urltag: 1 }, 'https://crm.example.com/y'],
    ['v2.0.0', {}, 'http://127.0.0.1:8260/'],
    ['v2.0.0', { port: '9999' }, 'http://127.0.0.1:9999/'],
  ]
  for (const [version, fields, url] of targets) {
    test(`${version} ${JSON.stringify(fields)} → ${url}`, async () => {
      await bench.login({ ...accountAUser, ...fields }, version)
      bench.inbound()
      assert.deepEqual([...new Set(bench.exchange.sent.map((out) => out.url))], url === undefined ? [] : [url])
    })
  }

  test('a heartbeat moves them, and keeps what it does not name', async () => {
    const token = await bench.login({ ...accountAUser, ...port, url: 'a', version: '1.0.2' })
    await bench.post('heartbeat', undefined, { token })
    bench.inbound()
    assert.equal(bench.exchange.sent[0]?.url, 'http://127.0.0.1:8260/a')
    told()
    await bench.post('heartbeat', { ipaddr: '10.1.2.3', port: '99' }, { token })
    bench.exchange.hangsUp('106')
    assert.equal(bench.exchange.sent[0]?.url, 'http://10.1.2.3:99/a')
    assert.equal(bench.exchange.sent[0]?.provenAddress, '127.0.0.1')
    assert.match(told()[0] ?? '', /"call":\[/)
  })

  test('only while a token lives; every report that was taken lets it live on', async () => {
    const token = await bench.login({ ...accountAUser, ...port })
    bench.inbound()
    bench.exchange.advance(29 * 60_000)
    bench.exchange.sent.at(-1)?.delivered?.()
    bench.exchange.advance(29 * 60_000)
    told()
    bench.exchange.hangsUp('106')
    assert.ok(told().length > 0)
    bench.exchange.advance(2 * 60_000)
    bench.inbound()
    assert.deepEqual(told({ withStatus: true }), [])
    assert.equal(await bench.said(bench.post('heartbeat', undefined, { token })), '20006')
  })

  test('not after logout; nor does a report that was taken late bring a token back', async () => {
    const token = await bench.login({ ...accountAUser, ...port })
    bench.inbound()
    const [report] = bench.exchange.sent
    await bench.post('logout', undefined, { token })
    report?.delivered?.()
    told()
    bench.exchange.hangsUp('106')
    assert.deepEqual(told({ withStatus: true }), [])
    assert.equal(await bench.said(bench.post('heartbeat', undefined, { token })), '20004')
  })

  test('two logins with one address get one report; with two, each its own', async () => {
    for (const url of ['a', 'a', 'b']) await bench.login({ ...accountAUser, ...port, url })
    bench.exchange.callsIn('18661234568', { number: '5503301' })
    const invites = bench.exchange.sent.filter(({ body }) => body?.includes('"Invite"'))
    assert.deepEqual(
      invites.map(({ url }) => url.slice(-1)),
      ['a', 'b'],
    )
  })

  test('of another account nothing is told', async () => {
    await bench.login({ ...accountBUser, ...port })
    bench.inbound()
    assert.equal(bench.exchange.sent.length, 0)
    bench.exchange.register(['101', '210'], accountB)
    bench.exchange.dials('101', '210', accountB)
    assert.ok(bench.exchange.sent.length > 0)
    assert.ok(bench.exchange.sent.every(({ account, body }) => account === accountB && body?.endsWith('"sn":"12440022"}')))
  })
})

describe('v1', () => {
  test('1.0.0: an inbound call; the same name twice in one object', async () => {
    await bench.login({ ...accountAUser, port: 8260 })
    const call = bench.exchange.callsIn('18661234568', { number: '5503301' })
    const id = dottedId(call)
    const inbound = `"inbound":{"from":"5503301","to":"18661234568","trunk":"pstn","inboundid":"${id}"}`
    assert.deepEqual(told(), [`{"action":"Invite","callid":"${id}",${inbound},"sn":"12440011"}`])
    bench.exchange.advance(5_000)
    bench.exchange.answers('106')
    assert.deepEqual(told().toSorted(), [
      `{"action":"ANSWER","callid":"${id}","ext":{"extid":"106"},${inbound},"sn":"12440011"}`,
      `{"action":"ANSWERED","callid":"${id}",${inbound},"ext":{"extid":"106"},"sn":"12440011"}`,
      `{"action":"Incoming","callid":"${id}",${inbound},"sn":"12440011"}`,
    ])
    bench.exchange.advance(61_000)
    bench.exchange.hangsUp('5503301')
    assert.deepEqual(told(), [
      `{"action":"BYE","callid":"${id}",${inbound},"ext":{"extid":"106"},"sn":"12440011"}`,
      `{"action":"NewCdr","callid":"${id}","timestart":"${started(call)}","callfrom":"5503301","callto":"18661234568",` +
        '"srctrunkname":"pstn","callduraction":"66","talkduraction":"61","status":"ANSWERED","type":"Inbound","pincode":"","recording":"","sn":"12440011"}',
    ])
  })

  test('1.0.0 and 1.0.2: an internal call that a program asked for', async () => {
    await bench.login({ ...accountAUser, port: 1 })
    await bench.login({ ...accountAUser, port: 2, version: '1.0.2' })
    const { json } = await bench.post('extension/dial_extension', { caller: '101', callee: '211' })
    const id = json.callid
    const twice = (a: string, b: string) => `"ext":{"extid":"${a}"},"ext":{"extid":"${b}"}`
    const list = (...numbers: string[]) => `"call":[${numbers.map((n) => `{"ext":{"extid":"${n}"}}`).join()}]`
    assert.deepEqual(told(), [
      `{"action":"RING","callid":"${id}","ext":{"extid":"101"},"sn":"12440011"}`,
      `{"action":"RING","callid":"${id}",${list('101')},"sn":"12440011"}`,
    ])
    bench.exchange.answers('101')
    assert.deepEqual(told(), [
      `{"action":"RING","callid":"${id}",${twice('211', '101')},"sn":"12440011"}`,
      `{"action":"ALERT","callid":"${id}","ext":{"extid":"101"},"sn":"12440011"}`,
      `{"action":"RING","callid":"${id}",${list('211', '101')},"sn":"12440011"}`,
      `{"action":"ALERT","callid":"${id}",${list('101')},"sn":"12440011"}`,
    ])
    bench.exchange.answers('211')
    assert.deepEqual(told(), [
      `{"action":"ANSWER","callid":"${id}",${twice('211', '101')},"sn":"12440011"}`,
      `{"action":"ANSWERED","callid":"${id}",${twice('101', '211')},"sn":"12440011"}`,
      `{"action":"ANSWER","callid":"${id}",${list('211', '101')},"sn":"12440011"}`,
      `{"action":"ANSWERED","callid":"${id}",${list('101', '211')},"sn":"12440011"}`,
    ])
    bench.exchange.hangsUp('211')
    const [bye, cdr] = told()
    assert.equal(bye, `{"action":"BYE","callid":"${id}",${twice('101', '211')},"sn":"12440011"}`)
    assert.match(
      cdr ?? '',
      /"callfrom":"101","callto":"211","desttrunkname":"","callduraction":"0","talkduraction":"0","status":"ANSWERED","type":"Internal"/,
    )
  })

  test('RING and ALERT only of calls that a program asked for', async () => {
    await bench.login({ ...accountAUser, port: 1 })
    bench.exchange.dials('212', '210')
    assert.deepEqual(told(), [])
  })

  test('an outbound call: the outside party and its trunk', async () => {
    await bench.login({ ...accountAUser, port: 1, version: '1.0.2' })
    const call = bench.exchange.dials('211', '6501234567')
    bench.exchange.answers(call.parties[1]?.endpoint.kind === 'number' ? call.parties[1].endpoint.number : '')
    const id = dottedId(call)
    const outbound = `{"outbound":{"from":"211","to":"6501234567","trunk":"pstn","outboundid":"${id}"}}`
    assert.deepEqual(told(), [
      `{"action":"ANSWER","callid":"${id}","call":[${outbound},{"ext":{"extid":"211"}}],"sn":"12440011"}`,
      `{"action":"ANSWERED","callid":"${id}","call":[{"ext":{"extid":"211"}},${outbound}],"sn":"12440011"}`,
    ])
  })

  const failures: readonly (readonly [string, (bench: YeastarBench) => void, string | undefined, string])[] = [
    ['busy', ({ exchange }) => exchange.engine.end(exchange.leg('210'), 'busy'), 'User busy', 'BUSY'],
    ['declined', ({ exchange }) => exchange.declines('210'), 'User busy', 'BUSY'],
    ['no answer', ({ exchange }) => exchange.advance(60_000), 'No answer', 'NO ANSWER'],
    ['unavailable', ({ exchange }) => exchange.engine.end(exchange.leg('210'), 'unavailable'), 'Line unreachable', 'FAILED'],
    ['given up', ({ exchange }) => exchange.hangsUp('212'), undefined, 'NO ANSWER'],
  ]
  for (const [what, happens, reason, status] of failures) {
    test(`a call that comes to nothing: ${what}`, async () => {
      await bench.login({ ...accountAUser, port: 1 })
      const id = dottedId(bench.exchange.dials('212', '210'))
      happens(bench)
      const reports = told()
      const failed = `{"action":"CallFailed","reason":"${reason}","callid":"${id}","ext":{"extid":"210"},"ext":{"extid":"212"},"sn":"12440011"}`
      assert.deepEqual(reports.slice(0, -1), reason === undefined ? [] : [failed])
      assert.match(reports.at(-1) ?? '', new RegExp(`"NewCdr".*"talkduraction":"0","status":"${status}","type":"Internal"`))
    })
  }

  test('transfers, digits, and one who leaves while others go on', async () => {
    const call = bench.inbound()
    const id = dottedId(call)
    await bench.login({ ...accountAUser, port: 1, version: '1.0.2' })
    bench.exchange.engine.emit({ kind: 'leg-dtmf', leg: bench.exchange.leg('106').id, digit: '#', durationMs: 100 })
    assert.deepEqual(told(), [`{"action":"DTMF","callid":"${id}","info":"#","call":[{"ext":{"extid":"106"}}],"sn":"12440011"}`])
    await bench.post('inbound/transfer_extension', { inboundid: id, extid: '211' })
    assert.deepEqual(told(), [`{"action":"BYE","callid":"${id}","call":[{"ext":{"extid":"106"}}],"sn":"12440011"}`])
    bench.exchange.advance(1_000)
    bench.exchange.answers('211')
    const inbound = `{"inbound":{"from":"5503301","to":"18661234568","trunk":"pstn","inboundid":"${id}"}}`
    assert.deepEqual(told().toSorted(), [
      `{"action":"ANSWER","callid":"${id}","call":[{"ext":{"extid":"211"}},${inbound}],"sn":"12440011"}`,
      `{"action":"ANSWERED","callid":"${id}","call":[${inbound},{"ext":{"extid":"211"}}],"sn":"12440011"}`,
      `{"action":"Tranfer","callid":"${id}","call":[{"ext":{"extid":"106"}},${inbound}],"sn":"12440011"}`,
    ])
  })

  test('supervisors produce ExtensionStatus only; OpenVox says InUse', async () => {
    bench.inbound()
    await bench.login({ ...accountAUser, port: 1 })
    await bench.post('extension/barge', { bargein: '101', bargedext: '106' })
    assert.deepEqual(statuses(), ['101 Ringing'])
    bench.exchange.answers('101')
    assert.deepEqual(statuses(), ['101 Busy'])
    bench.exchange.hangsUp('101')
    assert.deepEqual(statuses(), ['101 Idle'])
    await bench.post('extension/listen', { listener: '102', listenedext: '106' })
    await bench.login({ ...accountAUser, port: 2 }, 'v0.0.1')
    bench.exchange.sent.length = 0
    bench.exchange.answers('102')
    assert.deepEqual(told({ withStatus: true }), [
      '{"action":"ExtensionStatus","extension":"102","status":"Busy","sn":"12440011"}',
      '{"action":"ExtensionStatus","extension":"102","status":"InUse","sn":"12440011"}',
    ])
  })

  test('what phones do, from dialling to hanging up, and registrations of agents', async () => {
    await bench.login({ ...accountAUser, port: 1 })
    bench.exchange.advance(1_000)
    bench.exchange.dials('212', '210')
    assert.deepEqual(statuses(), ['212 Busy', '210 Ringing'])
    bench.exchange.answers('210')
    assert.deepEqual(statuses(), ['210 Busy'], 'the caller has been busy all the time')
    bench.exchange.hangsUp('212')
    assert.deepEqual(statuses().toSorted(), ['210 Idle', '212 Idle'])
    bench.exchange.advance(1_000)
    bench.exchange.register(['211'], accountA, 0)
    assert.deepEqual(statuses(), ['211 Unregistered'])
    bench.exchange.advance(1_000)
    bench.exchange.register(['211'])
    assert.deepEqual(statuses(), ['211 Registered'])
  })

  test('a changed extension', async () => {
    await bench.login({ ...accountAUser, port: 1 })
    await bench.login({ ...accountAUser, port: 2, version: '2.0.0' })
    await bench.post('extension/update', { extid: '211', username: 'Anna' })
    assert.deepEqual(told(), [
      '{"action":"ConfigChange","type":"extension","extid":"211","operation":"update","sn":"12440011"}',
      '{"event":"ConfigChange","type":"extension","extid":"211","operation":"update","sn":"12440011"}',
    ])
    await bench.post('extension/update', { extid: '211', dnd: 'on' })
    assert.deepEqual(told(), [])
  })
})

describe('v2', () => {
  const withoutChannels = (body: string) => body.replaceAll(/PJSIP\/[\w-]+-[\da-f]{8}/g, 'C')

  test('2.0.0: the state of all who take part', async () => {
    await bench.login({ ...accountAUser, port: 1, version: '2.0.0' })
    const call = bench.exchange.callsIn('18661234568', { number: '5503301' })
    const report = (caller: string, callee: string) =>
      `{"event":"CallStatus","callid":"${dottedId(call)}","members":[{"inbound":{"from":"5503301","to":"18661234568","trunkname":"pstn","channelid":"C","memberstatus":"${caller}"}},` +
      `{"ext":{"number":"106","channelid":"C","memberstatus":"${callee}"}}],"sn":"12440011"}`
    const seen = () => told().map(withoutChannels)
    assert.deepEqual(seen(), [report('ALERT', 'RING'), report('ALERT', 'RING')])
    bench.exchange.answers('106')
    assert.equal(seen().at(-1), report('ANSWERED', 'ANSWER'))
    await bench.post('extension/hold', { extid: '106' })
    assert.deepEqual(seen(), [report('HOLD', 'ANSWER')])
    await bench.post('extension/unhold', { extid: '106' })
    assert.deepEqual(seen(), [report('ANSWERED', 'ANSWER')])
    await bench.post('extension/barge', { bargein: '101', bargedext: '106' })
    bench.exchange.answers('101')
    assert.deepEqual(seen(), [])
    bench.exchange.advance(10_000)
    bench.exchange.hangsUp('106')
    assert.deepEqual(seen(), [
      report('BYE', 'BYE'),
      `{"event":"NewCdr","callid":"${dottedId(call)}","timestart":"${started(call)}","callfrom":"5503301","callto":"18661234568",` +
        '"callduraction":"10","talkduraction":"10","srctrunkname":"pstn","dsttrcunkname":"","pincode":"","status":"ANSWERED","type":"Inbound",' +
        '"recording":"","didnumber":"18661234568","agentringtime":"0","sn":"12440011"}',
    ])
  })

  test('a transfer; a login at v2 that names no version still gets v1', async () => {
    const call = bench.inbound()
    await bench.login({ ...accountAUser, port: 1, version: '2.0.0' })
    await bench.login({ ...accountAUser, port: 2 }, 'v2.0.0')
    await bench.post('inbound/transfer_extension', { inboundid: dottedId(call), extid: '211' })
    bench.exchange.answers('211')
    const reports = told().map(withoutChannels)
    assert.ok(
      reports.includes(
        `{"event":"CallTransfer","callid":"${dottedId(call)}","members":[{"ext":{"number":"106","channelid":"C"}},` +
          '{"inbound":{"from":"5503301","to":"18661234568","trunkname":"pstn","channelid":"C"}}],"sn":"12440011"}',
      ),
      reports.join('\n'),
    )
    assert.ok(reports.some((body) => body.startsWith('{"action":"Tranfer"')))
    const gone = reports.find((body) => body.includes('"memberstatus":"BYE"'))
    assert.match(gone ?? '', /"number":"106","channelid":"C","memberstatus":"BYE"/)
  })

  test('ExtensionStatus', async () => {
    await bench.login({ ...accountAUser, port: 1, version: '2.0.0' })
    bench.exchange.dials('212', '210')
    assert.ok(told({ withStatus: true }).includes('{"event":"ExtensionStatus","extension":"210","status":"Ringing","sn":"12440011"}'))
  })
})

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'
import { dottedId } from '../call-ids.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '106', '210', '211', '212'])
})
after(() => bench.close())

const item = async (extid: string, how = {}) => (await bench.post('extension/query', { extid }, how)).json.extinfos[0]
const statuses = async () => {
  const { json } = await bench.post('extensionlist/query')
  return Object.fromEntries(json.extlist.map((e: { extnumber: string; status: string }) => [e.extnumber, e.status]))
}

describe('extensionlist/query', () => {
  test('what extensions are doing', async () => {
    bench.inbound()
    bench.exchange.dials('212', '210')
    await bench.post('extension/listen', { listener: '101', listenedext: '106' })
    const ringing = await statuses()
    assert.deepEqual(ringing, {
      ...{ '024': 'Unavailable', '101': 'Ringing', '102': 'Unavailable', '106': 'Busy', '210': 'Ringing' },
      ...{ '211': 'Registered', '212': 'Busy', '213': 'Unavailable' },
    })
    bench.exchange.answers('101')
    bench.exchange.answers('210')
    await bench.post('extension/hold', { extid: '106' })
    const busy = await statuses()
    assert.deepEqual([busy['101'], busy['106'], busy['210']], ['Busy', 'Hold', 'Busy'])
    bench.exchange.engine.emit({ kind: 'leg-held', leg: bench.exchange.leg('210').id })
    assert.equal((await statuses())['210'], 'Hold')
  })

  test('for OpenVox in XML: items, and its own word for SIP', async () => {
    const { text } = await bench.post('extensionlist/query', undefined, { version: 'v0.0.1', query: 'type=xml' })
    assert.match(
      text,
      /^<\?xml version="1\.0" encoding="UTF-8" \?>\n<xml><status>Success<\/status><extlist><item id="0"><extnumber>024<\/extnumber><status>Unavailable<\/status><type>pjsip<\/type><username>Wanda Whisper<\/username><agentid><\/agentid><\/item><item id="1">/,
    )
  })

  test("every user's name is escaped", async () => {
    assert.equal(await bench.said(bench.post('extension/update', { extid: '211', username: 'A & "B" <c>\'é' })), 'Success')
    const { text } = await bench.post('extension/query', '<xml><extid>211</extid></xml>', { version: 'v0.0.1', query: 'type=xml' })
    assert.match(text, /<username>A &amp; &quot;B&quot; &lt;c&gt;'é<\/username>/)
  })
})

describe('extension/query', () => {
  const fields =
    'extnumber,username,status,type,port,callerid,registername,registerpassword,maxregistrations,loginpassword,email,moblie,language,' +
    'hasvoicemail,vmsecret,enablevmtoemail,alwaysforward,noanswerforward,busyforward,enablemobile,ringsimultaneous,mobileprefix,' +
    'allowbeingmonitored,monitormode,ringtimeout,maxduration,dnd,callrestriction,agentid'

  test('all of them, one, some; a number too', async () => {
    const asked = async (body?: object) =>
      (await bench.post('extension/query', body)).json.extinfos.map((e: { extnumber: string }) => e.extnumber)
    assert.deepEqual(await asked(), ['024', '101', '102', '106', '210', '211', '212', '213'])
    assert.deepEqual(await asked({ extid: 106 }), ['106'])
    assert.deepEqual(await asked({ extid: '211, 106,' }), ['211', '106'])
    assert.deepEqual(await asked({ extid: '' }), await asked())
    assert.equal(await bench.said(bench.post('extension/query', { extid: '106,999' })), '10006')
  })

  test('the fields in their order, and no secret', async () => {
    const ben = await item('106')
    assert.equal(Object.keys(ben).join(), fields)
    assert.deepEqual([ben.registerpassword, ben.loginpassword, ben.vmsecret], ['', '', ''])
    assert.deepEqual([ben.allowbeingmonitored, ben.monitormode, ben.ringtimeout, ben.agentid], ['on', 'Disabled', '60', '106'])
    assert.deepEqual([(await item('101')).monitormode, (await item('102')).monitormode], ['Extensive', 'Listen'])
    assert.equal((await item('106', { version: 'v0.0.1' })).monitormode, 'disable')
  })

  test('while in a call: with whom', async () => {
    const call = bench.inbound()
    const from = { from: '5503301', to: '18661234568', trunk: 'pstn' }
    assert.deepEqual((await item('106')).inbound, { inboundid: dottedId(call), ...from })
    bench.internal()
    assert.deepEqual([(await item('210')).ext, (await item('212')).ext], [{ extid: '212' }, { extid: '210' }])
    const { json } = await bench.post('extension/dial_outbound', { extid: '211', outto: '6501234567' })
    bench.exchange.answers('211')
    const { outbound } = await item('211')
    assert.deepEqual([outbound.outboundid, outbound.from, outbound.trunk], [json.callid, '211', 'pstn'])
    assert.equal('inbound' in (await item('101')), false)
  })
})

describe('hang-up, hold, mute', () => {
  test('hold: the other side waits with music; unhold ends it', async () => {
    const call = bench.inbound()
    assert.equal(await bench.said(bench.post('extension/hold', { extid: '106' })), 'Success')
    assert.deepEqual(bench.exchange.hearing(call), {})
    const held = bench.exchange.call(call).parties.find((p) => p.held)
    assert.equal(held?.endpoint.kind, 'number')
    assert.equal(await bench.said(bench.post('extension/hold', { extid: '106' })), 'Success')
    assert.equal(await bench.said(bench.post('extension/unhold', { extid: '106' })), 'Success')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['106'], '106': ['5503301'] })
  })

  test('mute: nobody hears the extension', async () => {
    const call = bench.inbound()
    assert.equal(await bench.said(bench.post('extension/mute', { extid: '106' })), 'Success')
    assert.deepEqual(bench.exchange.hearing(call), { '106': ['5503301'] })
    assert.equal(await bench.said(bench.post('extension/unmute', { extid: '106' })), 'Success')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['106'], '106': ['5503301'] })
  })

  test('hang-up also of a phone that rings', async () => {
    const call = bench.exchange.dials('211', '210')
    assert.equal(await bench.said(bench.post('extension/hangup', { extid: 210 })), 'Success')
    assert.notEqual(bench.exchange.call(call).endedAt, undefined)
  })

  for (const verb of ['hangup', 'hold', 'unhold', 'mute', 'unmute']) {
    test(`${verb}: nothing said 10004, unknown 10006, no call 10007`, async () => {
      assert.equal(await bench.said(bench.post(`extension/${verb}`)), '10004')
      assert.equal(await bench.said(bench.post(`extension/${verb}`, { extid: '999' })), '10006')
      assert.equal(await bench.said(bench.post(`extension/${verb}`, { extid: '106' })), '10007')
      if (verb === 'hangup') return
      bench.exchange.dials('211', '210')
      assert.equal(await bench.said(bench.post(`extension/${verb}`, { extid: '210' })), '10015')
    })
  }
})

describe('extension/update', () => {
  test('name, monitor mode, being monitored, ring timeout', async () => {
    const changes = { username: 'Benjamin', monitormode: 'BARGE-IN', allowbeingmonitored: 'Off', ringtimeout: 30 }
    const { text } = await bench.post('extension/update', { extid: '106', ...changes })
    assert.equal(text, '{"status":"Success"}')
    const { username, monitormode, allowbeingmonitored, ringtimeout } = await item('106')
    assert.deepEqual([username, monitormode, allowbeingmonitored, ringtimeout], ['Benjamin', 'Barge-in', 'off', '30'])
    for (const off of ['disable', 'Disable', 'DISABLED']) {
      assert.equal(await bench.said(bench.post('extension/update', { extid: '106', monitormode: off })), 'Success')
      assert.equal((await item('106')).monitormode, 'Disabled')
    }
  })

  test('what was read may be written back, a time-out that is no option included', async () => {
    bench.exchange.directory.amend(accountA, '106', { ringTimeoutMs: 25_000 })
    const { extnumber, ...settings } = await item('106')
    assert.equal(settings.ringtimeout, '25')
    assert.equal(await bench.said(bench.post('extension/update', { extid: extnumber, ...settings })), 'Success')
    assert.deepEqual(await item('106'), { extnumber, ...settings })
  })

  test('it decides about supervision at once', async () => {
    bench.inbound()
    const listen = () => bench.said(bench.post('extension/listen', { listener: '101', listenedext: '106' }))
    await bench.post('extension/update', { extid: '106', allowbeingmonitored: 'off' })
    assert.equal(await listen(), '10009')
    await bench.post('extension/update', { extid: '106', allowbeingmonitored: 'on' })
    await bench.post('extension/update', { extid: '101', monitormode: 'Whisper' })
    assert.equal(await listen(), '10010')
  })

  const failing: readonly (readonly [object, string])[] = [
    [{ registerpassword: 'new' }, '10017'],
    [{ extnumber: '107' }, '10017'],
    [{ dnd: 'on' }, '10017'],
    [{ moblie: '123' }, '10017'],
    [{ mobile: '123' }, '10017'],
    [{ monitormode: 'Spy' }, '10017'],
    [{ allowbeingmonitored: 'maybe' }, '10017'],
    [{ ringtimeout: '45' }, '10017'],
    [{ username: '' }, '10017'],
    [{ username: 'a\u0007b' }, '10017'],
    [{ username: ['x'] }, '10017'],
  ]
  for (const [fields, errno] of failing) {
    test(`${JSON.stringify(fields)}: ${errno}, and nothing is changed`, async () => {
      const before = await item('106')
      assert.equal(
        await bench.said(bench.post('extension/update', { extid: '106', ...fields, allowbeingmonitored: 'off', ...fields })),
        errno,
      )
      assert.deepEqual(await item('106'), before)
    })
  }

  test('as it is already is no change that failed', async () => {
    assert.equal(
      await bench.said(bench.post('extension/update', { extid: '106', dnd: 'off', registerpassword: '', colour: 'red' })),
      'Success',
    )
    assert.equal(await bench.said(bench.post('extension/update', { username: 'X' })), '10004')
    assert.equal(await bench.said(bench.post('extension/update', { extid: '999', username: 'X' })), '10006')
  })
})

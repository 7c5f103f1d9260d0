import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'
import type { Call } from '../../call/call.ts'
import { dottedId } from '../call-ids.ts'

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '106', '210', '211', '212'])
})
after(() => bench.close())

async function channels(number: string): Promise<Record<string, string>> {
  const { json } = await bench.v2('extension/query_call', { number })
  const members = json.calllist[0].numbercalls.flatMap(
    (c: { members: Record<string, { number?: string; channelid: string }>[] }) => c.members,
  )
  return Object.fromEntries(
    members.flatMap((m: Record<string, { number?: string; channelid: string }>) =>
      Object.entries(m).map(([kind, { number, channelid }]) => [number ?? kind, channelid]),
    ),
  )
}

const states = async (number: string) => {
  const { json } = await bench.v2('extension/query_call', { number })
  return json.calllist[0].numbercalls[0]?.members.map((m: Record<string, { memberstatus: string }>) => Object.values(m)[0]?.memberstatus)
}

describe('extensions', () => {
  test('extension/list', async () => {
    const { json, text } = await bench.v2('extension/list')
    assert.equal(json.extlist.length, 8)
    assert.match(
      text,
      /^\{"status":"Success","extlist":\[\{"number":"024","status":"Unavailable","type":"SIP","username":"Wanda Whisper"\},/,
    )
  })

  test('extension/query: one, some, all; v2 has its own names', async () => {
    const of = async (number: string) =>
      (await bench.v2('extension/query', { number })).json.extinfos.map((e: { number: string }) => e.number)
    assert.deepEqual(await of('106'), ['106'])
    assert.deepEqual(await of('211,106'), ['211', '106'])
    assert.equal((await of('ALL')).length, 8)
    bench.inbound()
    const { json } = await bench.v2('extension/query', { number: 106 })
    assert.deepEqual(
      Object.keys(json.extinfos[0]).join(),
      'number,username,status,type,port,callerid,registername,registerpassword,maxregistrations,loginpassword,email,mobile,language,' +
        'hasvoicemail,vmsecret,enablevmtoemail,alwaysforward,noanswerforward,busyforward,enablemobile,ringsimultaneous,mobileprefix,' +
        'allowbeingmonitored,monitormode,ringtimeout,maxduration,dnd,callrestriction,agentid',
    )
    assert.equal(await bench.said(bench.v2('extension/query')), '10004')
    assert.equal(await bench.said(bench.v2('extension/query', { number: '106,999' })), '10006')
  })

  test('extension/query_call: whoever takes part, how, and by which channel', async () => {
    const call = bench.inbound()
    const { json } = await bench.v2('extension/query_call', { number: '106,211' })
    const [ben, ana] = json.calllist
    assert.deepEqual(ana, { number: '211', numbercalls: [] })
    assert.equal(ben.numbercalls[0].callid, dottedId(call))
    const [caller, callee] = ben.numbercalls[0].members
    const { channelid, ...from } = caller.inbound
    assert.match(channelid, /^PJSIP\/trunk-pstn-[\da-f]{8}$/)
    assert.deepEqual(from, { from: '5503301', to: '18661234568', trunkname: 'pstn', memberstatus: 'ANSWERED' })
    assert.match(callee.ext.channelid, /^PJSIP\/106-[\da-f]{8}$/)
    assert.deepEqual([callee.ext.number, callee.ext.memberstatus], ['106', 'ANSWER'])
  })

  test('the states of members', async () => {
    bench.exchange.callsIn('18661234568', { number: '5503301' })
    assert.deepEqual(await states('106'), ['ALERT', 'RING'])
    bench.exchange.answers('106')
    assert.deepEqual(await states('106'), ['ANSWERED', 'ANSWER'])
    await bench.post('extension/hold', { extid: '106' })
    assert.deepEqual(await states('106'), ['HOLD', 'ANSWER'])
    await bench.v2('call/dial', { caller: '211', callee: '+16501234567' })
    assert.deepEqual(await states('211'), ['RING'])
    bench.exchange.answers('211')
    assert.deepEqual(await states('211'), ['ALERT', 'RING'])
  })

  test('supervisors are not told of', async () => {
    bench.inbound()
    await bench.v2('call/listen', { monitor: '101', extension: '106', type: 'barge' })
    bench.exchange.answers('101')
    assert.equal((await states('106')).length, 2)
    assert.deepEqual((await bench.v2('extension/query_call', { number: '101' })).json.calllist, [{ number: '101', numbercalls: [] }])
  })
})

describe('calls', () => {
  const conversation = { '5503301': ['106'], '106': ['5503301'] }
  let call: Call
  beforeEach(() => {
    call = bench.inbound()
  })

  test("call/hold by the extension's channel, or by the outside one: the caller waits", async () => {
    const of = await channels('106')
    for (const channelid of [of['106'], of.inbound]) {
      assert.equal(await bench.said(bench.v2('call/hold', { channelid })), 'Success')
      assert.deepEqual(bench.exchange.hearing(call), {})
      assert.equal(await bench.said(bench.post('extension/unhold', { extid: '106' })), 'Success')
      assert.deepEqual(bench.exchange.hearing(call), conversation)
    }
  })

  test('call/transfer by callid and by channelid', async () => {
    assert.equal(await bench.said(bench.v2('call/transfer', { callid: dottedId(call), transferto: '211' })), 'Success')
    bench.exchange.answers('211')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['211'], '211': ['5503301'] })
    const of = await channels('211')
    assert.equal(await bench.said(bench.v2('call/transfer', { channelid: of['211'], transferto: '101' })), 'Success')
    bench.exchange.answers('101')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['101'], '101': ['5503301'] })
  })

  test('call/attended_transfer: the two speak while the caller waits; it is done when the first hangs up', async () => {
    assert.equal(await bench.said(bench.v2('call/attended_transfer', { callid: dottedId(call), transferto: '211' })), 'Success')
    bench.exchange.answers('211')
    assert.deepEqual(bench.exchange.hearing(call), { '106': ['211'], '211': ['106'] })
    bench.exchange.hangsUp('106')
    assert.deepEqual(bench.exchange.hearing(call), { '5503301': ['211'], '211': ['5503301'] })
  })

  test('call/hangup of a call, and of one who takes part', async () => {
    const other = bench.internal()
    const of = await channels('210')
    assert.equal(await bench.said(bench.v2('call/hangup', { channelid: of['210'] })), 'Success')
    assert.notEqual(bench.exchange.call(other).endedAt, undefined)
    assert.equal(await bench.said(bench.v2('call/hangup', { callid: dottedId(call) })), 'Success')
    assert.equal(await bench.said(bench.v2('call/hangup', { callid: dottedId(call) })), '10005')
  })

  test('call/refuse_inbound and call/accept_inbound, by the printed path too', async () => {
    assert.equal(await bench.said(bench.v2('call/accept_inbound', { channelid: (await channels('106')).inbound })), '10016')
    bench.exchange.callsIn('18661234567', { number: '5503302' })
    const { json } = await bench.v2('extension/query_call', { number: 'all' })
    const ringing = json.calllist.find((e: { number: string; numbercalls: unknown[] }) => /^21/.test(e.number) && e.numbercalls.length > 0)
    const { channelid } = ringing.numbercalls[0].members[0].inbound
    assert.equal(await bench.said(bench.v2('call/accept_inbound', { channelid })), 'Success')
    assert.equal(await bench.said(bench.v2('call/call/refuse_inbound', { channelid })), 'Success')
    assert.equal(bench.exchange.desk.calls(call.account).length, 1)
  })

  const cases: readonly (readonly [string, object, string])[] = [
    ['call/hold', {}, '10004'],
    ['call/hold', { channelid: 'PJSIP/106-00000000' }, '10007'],
    ['call/accept_inbound', { channelid: 'PJSIP/106-00000000' }, '10007'],
    ['call/transfer', { transferto: '211' }, '10004'],
    ['call/transfer', { callid: '1526884410.12' }, '10004'],
    ['call/transfer', { callid: '1526884410.12', transferto: '' }, '10028'],
    ['call/transfer', { callid: '1526884410.12', transferto: '211' }, '10005'],
    ['call/attended_transfer', { channelid: 'x', transferto: '211' }, '10007'],
    ['call/hangup', {}, '10004'],
    ['call/hangup', { callid: '1526884410.12' }, '10005'],
    ['call/dial', { caller: '999', callee: '211' }, '10006'],
    ['call/dial', { caller: '101', callee: '' }, '10028'],
    ['call/dial', { caller: '101', callee: '211', dialpermission: '999' }, '10006'],
  ]
  for (const [path, fields, errno] of cases) {
    test(`${path} ${JSON.stringify(fields)}: ${errno}`, async () => assert.equal(await bench.said(bench.v2(path, fields)), errno))
  }

  test('an internal call is neither accepted nor refused: 10005', async () => {
    bench.internal()
    assert.equal(await bench.said(bench.v2('call/refuse_inbound', { channelid: (await channels('210'))['210'] })), '10005')
  })
})

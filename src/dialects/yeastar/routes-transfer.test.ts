import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { YeastarBench } from '../../../testkit/yeastar-bench.ts'
import type { Call } from '../../call/call.ts'
import { dottedId } from '../call-ids.ts'

let bench: YeastarBench
let call: Call
let inboundid: string
before(async () => {
  bench = await YeastarBench.open()
})
beforeEach(async () => {
  await bench.reset(['101', '106', '210', '211', '212'])
  call = bench.inbound()
  inboundid = dottedId(call)
})
after(() => bench.close())

const hearing = () => bench.exchange.hearing(call)
const done = () => `{"status":"Success","callid":"${inboundid}"}`

describe('the caller is handed on, and whoever served him leaves', () => {
  const phones: readonly (readonly [string, object, string])[] = [
    ['inbound/transfer_extension', { extid: '211' }, '211'],
    ['inbound/transfer_outbound', { outto: '+16501234567', fromext: '106' }, '+16501234567'],
    ['inbound/transfer_number', { number: '211', fromext: '' }, '211'],
    ['inbound/transfer_number', { number: '+16501234567' }, '+16501234567'],
  ]
  for (const [path, fields, address] of phones) {
    test(`${path} ${JSON.stringify(fields)}`, async () => {
      assert.equal((await bench.post(path, { inboundid, ...fields })).text, done())
      bench.exchange.answers(address)
      assert.deepEqual(hearing(), { '5503301': [address], [address]: ['5503301'] })
      assert.equal(bench.exchange.desk.extension(call.account, '106')?.calls.length, 0)
    })
  }

  for (const [path, fields] of [
    ['inbound/transfer_queue', { queueid: '030' }],
    ['inbound/transfer_ringgroup', { ringgroupid: '830' }],
  ] as const) {
    test(`${path}: to whoever of the group is free, and waiting is allowed`, async () => {
      bench.exchange.dials('210', '212')
      bench.exchange.dials('211', '101')
      assert.equal((await bench.post(path, { inboundid, ...fields })).text, done())
      assert.deepEqual(hearing(), {}, 'nobody is free: music')
      assert.equal((await bench.post('inbound/query')).json.inbound[0].status, 'Wait')
      bench.exchange.hangsUp('211')
      bench.exchange.answers('211')
      assert.deepEqual(hearing(), { '5503301': ['211'], '211': ['5503301'] })
    })
  }

  test('outbound/transfer_extension and outbound/transfer_number', async () => {
    const out = bench.exchange.dials('211', '+16501234567')
    bench.exchange.answers('+16501234567')
    const outboundid = dottedId(out)
    assert.equal(await bench.said(bench.post('outbound/transfer_extension', { outboundid: inboundid, extid: '101' })), '10007')
    assert.equal(await bench.said(bench.post('outbound/transfer_extension', { outboundid, extid: '101' })), 'Success')
    bench.exchange.answers('101')
    assert.deepEqual(bench.exchange.hearing(out), { '+16501234567': ['101'], '101': ['+16501234567'] })
    assert.equal(await bench.said(bench.post('outbound/transfer_number', { outboundid, number: '212' })), 'Success')
    bench.exchange.answers('212')
    assert.deepEqual(bench.exchange.hearing(out), { '+16501234567': ['212'], '212': ['+16501234567'] })
  })

  test('calltransfer: the transferor leaves, whichever side it is', async () => {
    const inside = bench.internal()
    const callid = dottedId(inside)
    const { text } = await bench.post('calltransfer', { callid, transferor: '212', transferto: '211', fromext: '' })
    assert.equal(text, `{"status":"Success","callid":"${callid}"}`)
    bench.exchange.answers('211')
    assert.deepEqual(bench.exchange.hearing(inside), { '210': ['211'], '211': ['210'] })
  })
})

describe('what is refused', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['inbound/transfer_extension', { extid: '211', inboundid: '' }, '10004'],
    ['inbound/transfer_extension', {}, '10004'],
    ['inbound/transfer_extension', { extid: '' }, '10004'],
    ['inbound/transfer_extension', { extid: '999' }, '10006'],
    ['inbound/transfer_extension', { extid: '213' }, '10008'],
    ['inbound/transfer_extension', { extid: '211', inboundid: '1526884410.12' }, '10007'],
    ['inbound/transfer_extension', { extid: '999', inboundid: '1526884410.12' }, '10007'],
    ['inbound/transfer_outbound', { outto: '' }, '10028'],
    ['inbound/transfer_outbound', { outto: 'x' }, '10031'],
    ['inbound/transfer_outbound', { outto: '+16501234567', fromext: '999' }, '10006'],
    ['inbound/transfer_ivr', { ivrid: '6500' }, '10012'],
    ['inbound/transfer_ivr', {}, '10004'],
    ['inbound/transfer_queue', { queueid: '999' }, '10013'],
    ['inbound/transfer_ringgroup', { ringgroupid: '999' }, '10014'],
    ['outbound/transfer_queue', { queueid: '030' }, '10003'],
    ['calltransfer', { transferor: '106', transferto: '211' }, '10004'],
  ]
  for (const [path, fields, errno] of cases) {
    test(`${path} ${JSON.stringify(fields)}: ${errno}`, async () => {
      assert.equal(await bench.said(bench.post(path, { inboundid, ...fields })), errno)
      assert.deepEqual(hearing(), { '5503301': ['106'], '106': ['5503301'] })
    })
  }

  test('calltransfer of one who is not in the call: 10007; of nobody: 10006', async () => {
    const ask = (transferor: string) => bench.said(bench.post('calltransfer', { callid: inboundid, transferor, transferto: '211' }))
    assert.equal(await ask('210'), '10007')
    assert.equal(await ask('999'), '10006')
  })

  test('a call that still rings: 10015', async () => {
    const ringing = bench.exchange.callsIn('18661234567', { number: '5503302' })
    assert.equal(await bench.said(bench.post('inbound/transfer_extension', { inboundid: dottedId(ringing), extid: '101' })), '10015')
  })
})

/** Call control (contract voipnow, section 8), on the wire. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { pathTo, VoipnowOffice } from '../../../testkit/voipnow-office.ts'
import type { Call } from '../../call/call.ts'
import { hexId } from '../call-ids.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())
afterEach(() => office.clear())

const talking = { '210': ['7778888'], '7778888': ['210'] }
const put = (call: Call, fields: object) => office.ask(`PUT ${pathTo(call)}`, fields)
const code = (reply: { readonly status: number; readonly json: { error?: { code: string } } }) =>
  `${reply.status} ${reply.json.error?.code ?? ''}`
const view = async (call: Call) => (await office.ask(`GET ${pathTo(call)}`)).json.phoneCallView[0]

test('OnHold and OffHold: the other side waits', async () => {
  const call = office.talks()
  office.exchange.advance(60_000)
  const reply = await put(call, { action: 'OnHold', phoneCallViewId: '01' })
  assert.deepEqual([reply.status, reply.json.id, reply.json.extension], [202, hexId(call), '0003*210'])
  assert.deepEqual(office.exchange.hearing(call), {})
  const shown = await view(call)
  assert.equal(shown.holder, '0003*210')
  assert.equal(Date.parse(shown.onHold) - Date.parse(shown.answered), 60_000, 'since when')
  assert.equal(code(await put(call, { action: 'OnHold', phoneCallViewId: '01' })), '202 ')
  assert.equal((await put(call, { action: 'OffHold', phoneCallViewId: '1' })).status, 202)
  assert.deepEqual(office.exchange.hearing(call), talking)
  assert.equal((await view(call)).onHold, undefined)
  assert.equal(code(await put(call, { action: 'OffHold', phoneCallViewId: '1' })), '400 pc_state_invalid')
  assert.equal(code(await put(call, { action: 'OnHold' })), '400 pc_phonecallview_invalid')
})

test('held calls are still supervised: the supervisor hears no music', async () => {
  const call = office.talks()
  await put(call, { action: 'Whisper', sendCallTo: '024', phoneCallViewId: 1 })
  office.exchange.answers('024')
  await put(call, { action: 'OnHold', phoneCallViewId: 1 })
  assert.deepEqual(office.exchange.hearing(call), { '210': ['024'], '024': ['210'] })
})

test('Park keeps the call with whoever parked it; UnPark rings somebody for it', async () => {
  const call = office.talks()
  assert.equal((await put(call, { action: 'Park', phoneCallViewId: '01', maxInParking: '60' })).status, 202)
  assert.deepEqual(office.exchange.hearing(call), {})
  const shown = await view(call)
  assert.deepEqual([shown.status, shown.parkedPos, shown.parkedBy], ['5', '701', '0003*210'])
  assert.ok(Date.parse(shown.parked) > 0)
  assert.equal(code(await put(call, { action: 'Monitor', sendCallTo: '024', phoneCallViewId: '01' })), '400 pc_state_invalid')
  const fetched = await put(call, { action: 'UnPark', sendCallTo: '0003*106', phoneCallViewId: '01', callerId: 'Parked <701>' })
  assert.equal(fetched.status, 202)
  const invited = office.exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
  assert.deepEqual(invited?.kind === 'invite' && invited.from, { number: '701', name: 'Parked' })
  office.exchange.answers('106')
  assert.deepEqual(office.exchange.hearing(call), { '106': ['7778888'], '7778888': ['106'] })
})

test('nobody comes in time: who parked it is called back', async () => {
  const call = office.talks()
  await put(call, { action: 'Park', phoneCallViewId: '01', maxInParking: 10 })
  office.exchange.advance(10_100)
  office.exchange.answers('210')
  assert.deepEqual(office.exchange.hearing(call), talking)
  for (const maxInParking of [9, 3601, 'x', ''])
    assert.equal(code(await put(call, { action: 'Park', phoneCallViewId: '03', maxInParking })), '400 pc_phonecallview_invalid')
  for (const maxInParking of [9, 3601, 'x', ''])
    assert.equal(code(await put(call, { action: 'Park', phoneCallViewId: '02', maxInParking })), '400 pc_maxinparking_invalid')
})

test('Park, UnPark and OnHold without a call id: all calls of the extension', async () => {
  const call = office.talks()
  const all = '/uapi/phoneCalls/12/0003*210'
  assert.deepEqual(
    (await office.ask(`PUT ${all}`, { action: 'OnHold' })).json.map((c: { id: string }) => c.id),
    [hexId(call)],
  )
  await put(call, { action: 'OffHold', phoneCallViewId: 1 })
  assert.equal((await office.ask(`PUT ${all}`, { action: 'Park' })).json.length, 1)
  assert.equal((await office.ask(`PUT ${all}`, { action: 'UnPark', sendCallTo: '106' })).json.length, 1)
  office.exchange.answers('106')
  assert.equal((await office.ask(`PUT ${all}`, { action: 'Park' })).text, '[]')
  for (const action of ['OffHold', 'PickUp', 'Transfer', 'StartRecording'])
    assert.equal(code(await office.ask(`PUT ${all}`, { action })), '400 pc_phonecall_invalid')
})

test('PickUp: another phone rings for a call that rings elsewhere', async () => {
  const call = office.rings('106')
  const path = pathTo(call, { extension: '0003*106' })
  assert.equal(
    code(await office.ask(`PUT ${path}`, { action: 'PickUp', sendCallTo: '0004*101', phoneCallViewId: '01' })),
    '400 pc_sendcallto_invalid',
  )
  assert.equal((await office.ask(`PUT ${path}`, { action: 'PickUp', sendCallTo: '0003*210', phoneCallViewId: '01' })).status, 202)
  office.exchange.answers('210')
  assert.deepEqual(office.exchange.hearing(call), talking)
  assert.equal(code(await put(call, { action: 'PickUp', sendCallTo: '0003*211', phoneCallViewId: '02' })), '400 pc_state_invalid')
})

test('StartRecording and StopRecording', async () => {
  const call = office.talks()
  assert.equal((await view(call)).recording, undefined)
  assert.equal(code(await put(call, { action: 'StartRecording', phoneCallViewId: '01', format: 'mp3' })), '400 pc_format_invalid')
  assert.equal((await put(call, { action: 'StartRecording', phoneCallViewId: '01', format: 'wav49' })).status, 202)
  assert.ok(Date.parse((await view(call)).recording) > 0)
  assert.equal((await put(call, { action: 'StopRecording', phoneCallViewId: '01' })).status, 202)
  assert.equal((await view(call)).recording, undefined)
})

test('recording that the account does not permit', async () => {
  const closed = await VoipnowOffice.open({ change: (c) => (c.accounts[0].recording = { onDemand: false }) })
  try {
    const reply = await closed.ask(`PUT ${pathTo(closed.talks())}`, { action: 'StartRecording', phoneCallViewId: '01' })
    assert.deepEqual([reply.status, reply.json.error.message], [403, 'Recording is not permitted.'])
  } finally {
    await closed.close()
  }
})

for (const [what, fields] of [
  ['by the view', { phoneCallViewId: '01' }],
  ['by numbers', { transferFromNumber: '0003*210', transferNumber: '7778888' }],
  ['by the number of who leaves', { transferFromNumber: '210' }],
] as const) {
  test(`Transfer ${what}`, async () => {
    const call = office.talks()
    assert.equal((await put(call, { action: 'Transfer', sendCallTo: '0003*106', ...fields })).status, 202)
    office.exchange.answers('106')
    assert.deepEqual(office.exchange.hearing(call), { '106': ['7778888'], '7778888': ['106'] })
  })
}

test('Transfer to a number outside', async () => {
  const call = office.talks()
  assert.equal((await put(call, { action: 'Transfer', sendCallTo: '+442079460000', phoneCallViewId: '01' })).status, 202)
  office.exchange.answers('+442079460000')
  assert.deepEqual(office.exchange.hearing(call), { '+442079460000': ['7778888'], '7778888': ['+442079460000'] })
})

for (const [what, fields, says] of [
  ['nowhere to', { phoneCallViewId: '01' }, '400 pc_sendcallto_invalid'],
  ['words', { sendCallTo: 'Bob', phoneCallViewId: '01' }, '400 pc_sendcallto_invalid'],
  ['nobody inside', { sendCallTo: '0003*999', phoneCallViewId: '01' }, '400 pc_sendcallto_invalid'],
  ['a number of no country', { sendCallTo: '+9999999999', phoneCallViewId: '01' }, '400 pc_sendcallto_invalid'],
  ['a number that no trunk may dial', { sendCallTo: '3001234', phoneCallViewId: '01' }, '403 access_denied'],
  ['a phone that is off', { sendCallTo: '213', phoneCallViewId: '01' }, '400 pc_sendcallto_unavailable'],
  ['from nobody', { sendCallTo: '106' }, '400 pc_transferfromnumber_invalid'],
  ['from who is not in the call', { sendCallTo: '106', transferFromNumber: '0003*211' }, '400 pc_transferfromnumber_invalid'],
  [
    'of who is not in the call',
    { sendCallTo: '106', transferFromNumber: '210', transferNumber: '5550000' },
    '400 pc_transfernumber_invalid',
  ],
  ['of who leaves', { sendCallTo: '106', phoneCallViewId: '01', transferNumber: '210' }, '400 pc_transfernumber_invalid'],
  ['by an unknown view', { sendCallTo: '106', phoneCallViewId: '07' }, '400 pc_phonecallview_invalid'],
] as const) {
  test(`Transfer refused: ${what}`, async () => {
    const call = office.talks()
    assert.equal(code(await put(call, { action: 'Transfer', ...fields })), says)
    assert.deepEqual(office.exchange.hearing(call), talking)
  })
}

test('TransferToVoicemail: wrong requests are told so, right ones that there is no voice mail', async () => {
  const call = office.talks()
  const asked = { action: 'TransferToVoicemail', sendCallTo: '0003*106', transferNumber: '7778888' }
  assert.equal(code(await put(call, { ...asked, sendCallTo: '0004*101' })), '400 pc_sendcallto_invalid')
  assert.equal(code(await put(call, { ...asked, transferNumber: undefined })), '400 pc_transfernumber_invalid')
  assert.equal(code(await put(call, { ...asked, transferFromNumber: '1' })), '400 pc_transferfromnumber_invalid')
  assert.equal(code(await put(call, asked)), '501 request_not_implemented')
  assert.deepEqual(office.exchange.hearing(call), talking)
})

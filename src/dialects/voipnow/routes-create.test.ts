/** Calls that a program asks for (contract voipnow, section 8), on the wire. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { accountA } from '../../../testkit/desk.ts'
import { VoipnowOffice } from '../../../testkit/voipnow-office.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())
afterEach(() => office.clear())

const view = { source: ['0003*210'], destination: ['0003*106'], callerId: 'John Doe <4242425>' }
const asked = { extension: '210', phoneCallView: [view] }
const create = (body: object = asked, query = '', app = 'app-12') => office.ask(`POST /uapi/phoneCalls/@me/simple${query}`, body, { app })
const code = (reply: { readonly status: number; readonly json: { error?: { code: string } } }) =>
  `${reply.status} ${reply.json.error?.code ?? ''}`
const only = () => {
  const [call] = office.exchange.desk.calls(accountA)
  assert.ok(call !== undefined)
  return call
}

test('simple: source rings first, then destination; the call is an array of one', async () => {
  const reply = await create({ ...asked, nonce: 'nonce 1' })
  assert.equal(reply.status, 200)
  const [call] = reply.json
  assert.deepEqual([call.extension, call.nonce, call.ownerId], ['0003*210', 'nonce 1', '3'])
  assert.equal(call.link.self, `https://sotto.test/uapi/phoneCalls/12/0003*210/${call.id}`)
  assert.deepEqual([call.phoneCallView[0].callerId, call.phoneCallView[0].source], ['John Doe <4242425>', ['0003*210']])
  assert.equal(office.exchange.leg('210').phase, 'ringing')
  assert.throws(() => office.exchange.leg('106'))
  office.exchange.answers('210')
  office.exchange.answers('106')
  assert.deepEqual(office.exchange.hearing(only()), { '106': ['210'], '210': ['106'] })
})

test('a repeated nonce gives the first call, whatever else is asked', async () => {
  const first = await create({ ...asked, nonce: 'n-7' })
  const again = await create({ ...asked, phoneCallView: [{ ...view, destination: '211' }], nonce: 'n-7' })
  assert.equal(again.text, first.text)
  assert.equal(office.exchange.desk.calls(accountA).length, 1)
  const other = await office.ask(
    'POST /uapi/phoneCalls/@me/simple',
    { extension: '211', phoneCallView: [{ source: '211', destination: '101' }], nonce: 'n-7' },
    { app: 'app-14' },
  )
  assert.notEqual(other.json[0].id, first.json[0].id, 'another app’s nonce is another')
})

test('a nonce whose order was refused may be tried again', async () => {
  assert.equal(code(await create({ ...asked, phoneCallView: [{ ...view, source: '213' }], nonce: 'n-8' })), '400 pc_sendcallto_unavailable')
  assert.equal((await create({ ...asked, nonce: 'n-8' })).status, 200)
})

test('waitForPickup and callDuration', async () => {
  await create(asked, '?waitForPickup=10&callDuration=60&video=false&allowPublicTransfer=1')
  office.exchange.advance(9_900)
  office.exchange.answers('210')
  office.exchange.answers('106')
  office.exchange.advance(59_900)
  assert.equal(office.exchange.desk.calls(accountA).length, 1)
  office.exchange.advance(200)
  assert.equal(office.exchange.desk.calls(accountA).length, 0)
})

test('the source sees callerId, or whom it is to speak to', async () => {
  const seen = async (more: object) => {
    await office.clear()
    assert.equal((await create({ ...asked, phoneCallView: [{ ...view, ...more }] })).status, 200)
    const invited = office.exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
    assert.ok(invited?.kind === 'invite')
    return invited.from
  }
  assert.deepEqual(await seen({ callerId: 'Your customer <+3334444>' }), { number: '+3334444', name: 'Your customer' })
  assert.equal((await seen({ callerId: undefined })).number, '106')
})

test('the destination sees callerDestination, where the account may show it', async () => {
  const shown = (callerDestination: string) =>
    create({ ...asked, phoneCallView: [{ ...view, destination: '+442079460000', callerDestination }] })
  assert.equal((await shown('Our Shop <+18661234567>')).status, 200)
  office.exchange.answers('210')
  const invited = office.exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
  assert.deepEqual(invited?.kind === 'invite' && invited.from, { number: '+18661234567', name: 'Our Shop' })
  await office.clear()
  assert.equal(code(await shown('Somebody <+442079460123>')), '400 pc_callerid_invalid')
})

test('selected fields; the object instead of the array', async () => {
  assert.deepEqual(Object.keys((await create(asked, '?fields=id,extension')).json[0]), ['id', 'extension'])
  const centre = await VoipnowOffice.open({ change: (c) => (c.dialects = { voipnow: { createShape: 'object' } }) })
  try {
    assert.match((await centre.ask('POST /uapi/phoneCalls/@me/simple', asked)).json.id, /^[\da-f]{20}$/)
  } finally {
    await centre.close()
  }
})

test('callback is the same; a call that touches no phone of ours is still the charged extension’s', async () => {
  const body = { extension: '0003*210', phoneCallView: { source: '+442079460000', destination: '+442079460001' } }
  const [created] = (await office.ask('POST /uapi/phoneCalls/@me/callback', body)).json
  const { json } = await office.ask('GET /uapi/phoneCalls/12/0003*210?fields=id')
  assert.deepEqual(json.entry, [{ id: created.id }])
  assert.equal((await office.ask(`DELETE /uapi/phoneCalls/12/0003*210/${created.id}`)).json.length, 1)
})

for (const [what, body, query, says] of [
  ['no extension', { phoneCallView: [view] }, '', '400 extension_invalid'],
  ['an unknown extension', { ...asked, extension: '999' }, '', '400 extension_invalid'],
  ['another user’s extension', { ...asked, extension: '024' }, '', '400 extension_invalid'],
  ['another organization’s extension', { ...asked, extension: '0004*210' }, '', '400 extension_invalid'],
  ['no view', { extension: '210' }, '', '400 pc_source_invalid'],
  ['an empty source', { ...asked, phoneCallView: [{ ...view, source: [] }] }, '', '400 pc_source_invalid'],
  ['a source of words', { ...asked, phoneCallView: [{ ...view, source: 'Bob' }] }, '', '400 pc_source_invalid'],
  ['an unknown source', { ...asked, phoneCallView: [{ ...view, source: '0003*999' }] }, '', '400 pc_source_invalid'],
  ['no destination', { ...asked, phoneCallView: [{ source: '210' }] }, '', '400 pc_destination_invalid'],
  [
    'another organization’s destination',
    { ...asked, phoneCallView: [{ ...view, destination: '0004*101' }] },
    '',
    '400 pc_destination_invalid',
  ],
  ['a destination that no trunk may dial', { ...asked, phoneCallView: [{ ...view, destination: '3001234' }] }, '', '403 access_denied'],
  ['himself', { ...asked, phoneCallView: [{ ...view, destination: '210' }] }, '', '400 pc_destination_invalid'],
  ['a queue without members', { ...asked, phoneCallView: [{ ...view, destination: '840' }] }, '', '400 pc_destination_invalid'],
  ['a bad callerId', { ...asked, phoneCallView: [{ ...view, callerId: 'x' }] }, '', '400 pc_callerid_invalid'],
  ['a bad time', asked, '?waitForPickup=0', '400 pc_timeout_invalid'],
  ['a bad duration', asked, '?callDuration=0', '400 pc_callduration_invalid'],
  ['bad fields', asked, '?fields=', '400 fields_invalid'],
  ['an empty nonce', { ...asked, nonce: '' }, '', '400 pc_nonce_invalid'],
  ['no JSON', 'x', '', '400 request_invalid'],
] as const) {
  test(`refused: ${what}`, async () => {
    assert.equal(code(await office.ask(`POST /uapi/phoneCalls/@me/simple${query}`, body)), says)
    assert.equal(office.exchange.desk.calls(accountA).length, 0)
  })
}

test('an agent’s app calls from his own extensions, and for no other user', async () => {
  assert.equal(code(await create(asked, '', 'app-14')), '400 extension_invalid')
  assert.equal(code(await office.ask('POST /uapi/phoneCalls/12/simple', asked, { app: 'app-14' })), '403 access_denied')
  assert.equal((await create({ extension: '211', phoneCallView: [{ ...view, source: '211' }] }, '', 'app-14')).status, 200)
  assert.equal(code(await office.ask('POST /uapi/phoneCalls/99/simple', asked)), '400 user_invalid')
})

test('a conference that is not there, and a PIN that is no PIN', async () => {
  const invite = (query: string) => office.ask(`POST /uapi/phoneCalls/@me/conferenceInvite${query}`, asked)
  assert.equal(code(await invite('?number=900&pin=x')), '400 pc_pin_invalid')
  assert.equal(code(await invite('?number=x')), '400 pc_number_invalid')
  assert.equal(code(await invite('?number=900')), '400 extension_invalid')
})

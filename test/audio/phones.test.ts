/** What people do with their phones alone: dialling, key presses, transfers and picking up, as the server understands them. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import type { Phone } from '../../testkit/phone.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const centre = centreFor()
let ben: Phone
let paco: Phone
let ana: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
  paco = await centre.now.phone('210')
  ana = await centre.now.phone('211', { behaviour: 'ring' })
})
after(centre.close)
afterEach(() => centre.now.quiet())

test('one extension calls another: it hears it ring before it is answered, and is shown by number and name', async () => {
  const line = await paco.call('211')
  await soon(line.ringing, 'it rings')
  const other = await ana.next('incoming')
  assert.deepEqual([other.number, other.name], ['210', 'Paco Vu'])
  assert.equal(line.state, 'calling')
  other.answer()
  await hear({ line, hears: [toneOf(ana)] }, { line: other, hears: [toneOf(paco)] })
  const [call] = await centre.now.api.calls()
  assert.deepEqual([call?.direction, call?.ani, call?.dnis], ['internal', '210', '211'])
})

test('a call outside shows the number of the extension, also for a number in national form', async () => {
  for (const dialled of ['+442071838750', '020 7183 8750'.replaceAll(' ', '')]) {
    const line = await ben.call(dialled)
    await soon(line.answered, 'somebody answers')
    const outside = await centre.now.trunk.next('incoming')
    assert.equal(outside.number, '+15554150106')
    assert.equal(outside.name, undefined, 'names stay inside')
    await hear({ line, hears: [outsideTone] }, { line: outside, hears: [toneOf(ben)] })
    const [call] = await centre.now.api.calls()
    assert.deepEqual([call?.direction, call?.ani, call?.dnis], ['outbound', '106', dialled])
    assert.equal(call?.parties.find((party) => party.role === 'customer')?.number, '+442071838750')
    await centre.now.quiet()
  }
})

for (const [dialled, what] of [
  ['999', 'nobody'],
  ['0003*999', 'nobody, with the code of the account'],
  ['0004*210', 'an extension of another account'],
  ['0004*999', 'nobody of another account'],
] as const) {
  test(`dialling ${what} (${dialled}) is answered 404, and no call comes of it`, async () => {
    const line = await paco.call(dialled)
    const { status, reason } = await soon(line.ended, 'the refusal')
    assert.deepEqual([status, reason], [404, 'Q.850;cause=1'])
    assert.deepEqual(await centre.now.api.calls(), [])
  })
}

test('an own extension by its extended number, and by its public one', async () => {
  for (const dialled of ['0003*210', '+15554150210']) {
    const line = await ben.call(dialled)
    await soon(line.answered, `${dialled} answers`)
    await hear({ line, hears: [toneOf(paco)] })
    await centre.now.quiet()
  }
  assert.equal(centre.now.trunk.lines.length, 0, 'nothing went out by the trunk')
})

test('key presses of both kinds reach the other side and the events, each once and in order', async () => {
  const reader = await EventReader.sse({ http: centre.now.sotto.http, key: reference.adminKey, types: 'party.dtmf' })
  const { line: customer, call } = await centre.now.customer('+18661234568')
  const { line } = ben
  customer.sendDtmf('12#')
  await eventually('the agent gets them', () => line.heard.digits === '12#')
  for (const digit of ['4', '5']) assert.equal(await line.sendInfo(digit), 200)
  await eventually('the customer gets them', () => `${customer.infoDigits}${customer.heard.digits}` === '45')
  const presses = () => reader.events.map(({ data }) => `${parties.get(data.party)}${data.digit}`)
  const parties = new Map<unknown, string>(call.parties.map((party) => [party.id, party.role]))
  const expected = ['customer1', 'customer2', 'customer#', 'agent4', 'agent5']
  await eventually('the events tell them', () => presses().length >= expected.length)
  assert.deepEqual(presses(), expected)
  await hear({ line: customer, hears: [toneOf(ben)] }, { line, hears: [outsideTone] })
  reader.close()
})

test('the phone transfers blind to a number outside: the two outside talk, the phone is free', async () => {
  const customer = await centre.now.trunk.call('+18661234568', { from: '+15550001111', tone: 1_900 })
  await soon(customer.answered, 'the agent answers')
  assert.equal(await soon(ben.line.transfer('+442079460000'), 'the transfer'), 200)
  await eventually('the agent is out', () => ben.lines.length === 0)
  const outside = await centre.now.trunk.next('incoming')
  assert.equal(outside.number, '08008888888', "the account's first number: the customer's own may not be presented")
  await hear({ line: customer, hears: [outsideTone] }, { line: outside, hears: [1_900] })
  const [call] = await centre.now.api.calls()
  const live = call?.parties.filter((party) => party.state !== 'ended').map((party) => party.number)
  assert.deepEqual(live, ['+15550001111', '+442079460000'])
  await customer.hangUp()
  await soon(outside.ended, 'the end')
})

test('a transfer that leads nowhere is reported as failed, and the call goes on', async () => {
  const { line: customer } = await centre.now.customer('+18661234568')
  assert.ok((await soon(ben.line.transfer('999'), 'the transfer')) >= 400)
  await hear({ line: customer, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
})

test('a colleague picks the call up with Replaces: the one who had it is out, the supervision stays', async () => {
  const supervisor = await centre.now.phone('101')
  const { line: customer, call } = await centre.now.customer('+18661234568')
  await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
  await supervisor.next('answered')
  const line = await paco.call('106', { replaces: replacesOf(ben) })
  await soon(line.answered, 'the colleague has the call')
  await eventually('the first agent is out', () => ben.lines.length === 0)
  await hear(
    { line: customer, hears: [toneOf(paco)] },
    { line, hears: [outsideTone, toneOf(supervisor)] },
    { line: supervisor.line, hears: [outsideTone, toneOf(paco)] },
  )
  assert.equal((await centre.now.api.call(call.id)).state, 'active')
})

test('Replaces of a call that does not exist, and of another account, is refused', async () => {
  await centre.now.customer('+18661234568')
  const none = await paco.call('106', { replaces: 'nothing;to-tag=a;from-tag=b' })
  assert.equal((await soon(none.ended, 'the refusal')).status, 481)
  const foreigner = await centre.now.phone('210', reference.otherPhone('210'))
  const foreign = await foreigner.call('101', { replaces: replacesOf(ben) })
  assert.ok(((await soon(foreign.ended, 'the refusal')).status ?? 0) >= 400)
  assert.equal(ben.lines.length, 1)
  await hear({ line: ben.line, hears: [outsideTone] })
})

/** As the server, the peer of that phone, sees the call. */
const replacesOf = (phone: Phone): string => phone.line.dialog.replaces()

/** Supervision (contract voipnow, section 5), on the wire. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { accountB } from '../../../testkit/desk.ts'
import { pathTo, VoipnowOffice } from '../../../testkit/voipnow-office.ts'
import type { Call } from '../../call/call.ts'
import { hexId } from '../call-ids.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())
afterEach(() => office.clear())

const order = {
  action: 'Whisper',
  sendCallTo: '0003*024',
  callerId: 'Whisper To Me <42420042>',
  waitForPickup: '20',
  phoneCallViewId: '01',
  private: '0',
}
const { private: _, ...listening } = { ...order, action: 'Monitor' }
const success = (call: Call, extension = '0003*210') => {
  const link = { self: `https://sotto.test${pathTo(call, { extension })}` }
  return JSON.stringify({ id: hexId(call), extension, link, links: link })
}
const rest = { '210': ['7778888'], '7778888': ['210'] }
const code = (reply: { readonly status: number; readonly json: { error: { code: string } } }) => `${reply.status} ${reply.json.error?.code}`

test('Whisper: answered before pick-up, heard after it, a view then and only then', async () => {
  const call = office.talks()
  const reply = await office.ask(`PUT ${pathTo(call)}/`, order)
  assert.equal(reply.status, 202)
  assert.equal(reply.text, success(call))
  assert.equal(reply.headers['content-type'], 'application/json')
  assert.equal(reply.headers['x-sotto-lenient'], undefined)
  assert.deepEqual(office.exchange.hearing(call), rest)
  const views = async () => (await office.ask(`GET ${pathTo(call)}`)).json.phoneCallView
  assert.equal((await views()).length, 1)
  const invited = office.exchange.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
  assert.deepEqual(invited?.kind === 'invite' && invited.from, { number: '42420042', name: 'Whisper To Me' })
  office.exchange.answers('024')
  assert.deepEqual(office.exchange.hearing(call), { '210': ['024', '7778888'], '7778888': ['210'], '024': ['210', '7778888'] })
  assert.deepEqual((await views())[1], {
    ...{ id: '02', extension: '0003*210', answered: '2026-11-20T14:00:05+02:00', status: '5', flow: '2' },
    ...{ callerId: 'Whisper To Me <42420042>', source: ['0003*024'], destination: ['0003*210'] },
  })
})

for (const [action, isPrivate, hearing] of [
  ['Monitor', undefined, { ...rest, '024': ['210', '7778888'] }],
  ['Monitor', '1', { ...rest, '024': ['210', '7778888'] }],
  ['Monitor', 'ignored', { ...rest, '024': ['210', '7778888'] }],
  ['Whisper', 0, { ...rest, '210': ['024', '7778888'], '024': ['210', '7778888'] }],
  ['Whisper', 1, { ...rest, '210': ['024', '7778888'] }],
  ['Whisper', '1', { ...rest, '210': ['024', '7778888'] }],
  ['BargeIn', undefined, { '210': ['024', '7778888'], '7778888': ['024', '210'], '024': ['210', '7778888'] }],
  ['bargein', 1, { '210': ['024', '7778888'], '7778888': ['024', '210'], '024': ['210', '7778888'] }],
] as const) {
  test(`who hears whom: ${action}, private ${isPrivate}`, async () => {
    const call = office.talks()
    const reply = await office.ask(`PUT ${pathTo(call)}`, { action, sendCallTo: '024', phoneCallViewId: 1, private: isPrivate })
    assert.equal(reply.status, 202, reply.text)
    assert.deepEqual(office.exchange.hearing(call), rest)
    office.exchange.answers('024')
    assert.deepEqual(office.exchange.hearing(call), hearing)
    office.exchange.hangsUp('024')
    assert.deepEqual(office.exchange.hearing(call), rest)
  })
}

test('another mode changes the hearing in place; the same order again is answered as it was', async () => {
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, listening)
  office.exchange.answers('024')
  const legs = office.exchange.engine.legs.size
  assert.equal((await office.ask(`PUT ${pathTo(call)}`, listening)).text, success(call))
  assert.equal((await office.ask(`PUT ${pathTo(call)}`, { ...order, private: 1 })).status, 202)
  assert.deepEqual(office.exchange.hearing(call), { ...rest, '210': ['024', '7778888'] })
  assert.equal((await office.ask(`PUT ${pathTo(call)}`, { ...order, action: 'BargeIn' })).status, 202)
  assert.deepEqual(office.exchange.hearing(call), { '210': ['024', '7778888'], '7778888': ['024', '210'], '024': ['210', '7778888'] })
  assert.equal(office.exchange.engine.legs.size, legs, 'no second leg')
})

test('not picked up in time: only the supervisor’s leg ends', async () => {
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, { ...order, waitForPickup: 20 })
  office.exchange.advance(19_900)
  assert.equal(office.exchange.leg('024').phase, 'ringing')
  office.exchange.advance(200)
  assert.throws(() => office.exchange.leg('024'))
  assert.deepEqual(office.exchange.hearing(call), rest)
})

test('25 seconds where the request says nothing', async () => {
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, { action: 'Monitor', sendCallTo: '0003*024', phoneCallViewId: '01' })
  office.exchange.advance(24_900)
  assert.equal(office.exchange.leg('024').phase, 'ringing')
  office.exchange.advance(200)
  assert.throws(() => office.exchange.leg('024'))
})

test('the supervision follows the extension: it ends when that leaves the call', async () => {
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, listening)
  office.exchange.answers('024')
  await office.ask(`PUT ${pathTo(call)}`, { action: 'Transfer', sendCallTo: '106', phoneCallViewId: '01' })
  office.exchange.answers('106')
  assert.deepEqual(office.exchange.hearing(call), { '106': ['7778888'], '7778888': ['106'] })
})

test('the terminal’s own caller id is shown where none is given', async () => {
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, { action: 'Monitor', sendCallTo: '024', phoneCallViewId: '1' })
  office.exchange.answers('024')
  const { json } = await office.ask(`GET ${pathTo(call)}`)
  assert.equal(json.phoneCallView[1].callerId, 'Wanda Whisper <0003*024>')
})

test('the vendor’s own example, broken as it is, is repaired, obeyed and marked', async () => {
  const call = office.talks()
  const text = `{
  'action":"Whisper",
  "sendCallTo":"0003*024*,
  "private":0, 
  "callerId":"Whisper To Me <42420042>",
  "waitForPickup":"20",
  "phoneCallViewId":"01"
}`
  const reply = await office.ask(`PUT /${pathTo(call, { extension: '0003%2A210' })}`, text)
  assert.equal(reply.status, 202)
  assert.equal(reply.text, success(call))
  assert.equal(reply.headers['x-sotto-lenient'], '1')
  office.exchange.answers('024')
  assert.deepEqual(office.exchange.hearing(call), { ...rest, '210': ['024', '7778888'], '024': ['210', '7778888'] })
  const refused = await office.ask(`PUT ${pathTo(call)}`, text.replace('"01"', '"09"'))
  assert.equal(code(refused), '400 pc_phonecallview_invalid')
  assert.equal(refused.headers['x-sotto-lenient'], '1')
})

test('@me/@self with the call’s id alone; the singular; the other root; with the user’s name as @owner', async () => {
  const call = office.talks()
  for (const path of [
    `/uapi/phoneCalls/@me/@self/${hexId(call)}/`,
    `/uapi/phoneCalls/@viewer/@self/${hexId(call)}`,
    `/unifiedapi/phoneCall/%40me/%40self/${hexId(call)}`,
    `//uapi//phoneCalls/@owner/0003*210/${hexId(call)}`,
    `/uapi/phoneCalls/@owner/210/${hexId(call)}`,
  ]) {
    const reply = await office.ask(`PUT ${path}`, listening)
    assert.equal(reply.text, success(call), path)
  }
})

/** One field wrong after the other, in the order in which they are told. */
const faults: readonly (readonly [what: string, change: object, says: string])[] = [
  ['no action', { action: undefined }, 'pc_action_invalid'],
  ['an empty action', { action: '' }, 'pc_action_invalid'],
  ['an action of a list', { action: ['Whisper'] }, 'pc_action_invalid'],
  ['an unknown action', { action: 'Explode' }, 'pc_action_invalid'],
  ['an action of the prototype chain', { action: 'constructor' }, 'pc_action_invalid'],
  ['no sendCallTo', { sendCallTo: undefined }, 'pc_sendcallto_invalid'],
  ['an empty sendCallTo', { sendCallTo: '' }, 'pc_sendcallto_invalid'],
  ['a queue', { sendCallTo: '0003*830' }, 'pc_sendcallto_invalid'],
  ['nobody', { sendCallTo: '0003*999' }, 'pc_sendcallto_invalid'],
  ['the extension itself', { sendCallTo: '0003*210' }, 'pc_sendcallto_invalid'],
  ['a number outside', { sendCallTo: '+442079460000' }, 'pc_sendcallto_invalid'],
  ['a list of terminals', { sendCallTo: ['0003*024'] }, 'pc_sendcallto_invalid'],
  ['no view', { phoneCallViewId: undefined }, 'pc_phonecallview_invalid'],
  ['another view', { phoneCallViewId: '09' }, 'pc_phonecallview_invalid'],
  ['a view 00', { phoneCallViewId: '00' }, 'pc_phonecallview_invalid'],
  ['a bad callerId', { callerId: '42420042' }, 'pc_callerid_invalid'],
  ['no time', { waitForPickup: '0' }, 'pc_timeout_invalid'],
  ['too much time', { waitForPickup: 3601 }, 'pc_timeout_invalid'],
  ['a boolean for private', { private: true }, 'pc_private_invalid'],
  ['private 2', { private: '2' }, 'pc_private_invalid'],
]
for (const [what, change, says] of faults) {
  test(`refused: ${what}`, async () => {
    const call = office.talks()
    const reply = await office.ask(`PUT ${pathTo(call)}`, { ...order, ...change })
    assert.equal(code(reply), `400 ${says}`)
    assert.throws(() => office.exchange.leg('024'), 'nobody is rung')
  })
}

test('the order of checks: each fault is told before those behind it', async () => {
  const call = office.talks()
  const unknown = { user: '99', extension: '0003*999' }
  const wrong = { action: 'Explode', sendCallTo: '1', phoneCallViewId: '9', callerId: '1', waitForPickup: 0, private: 7 }
  const steps: readonly (readonly [string, object | string, string, string?])[] = [
    [pathTo(call, unknown), '{', '400 user_invalid'],
    [pathTo(call, { extension: '0003*999' }), '{', '400 extension_invalid'],
    [pathTo(call, { extension: '0003*024' }), '{', '400 extension_invalid'],
    [`${pathTo(call)}00`, '{', '400 request_invalid', 'app-14'],
    [`${pathTo(call)}00`, wrong, '400 pc_action_invalid'],
    [`${pathTo(call)}00`, wrong, '400 pc_action_invalid', 'app-14'],
    [`${pathTo(call)}00`, { ...wrong, action: 'Whisper' }, '403 access_denied', 'app-14'],
    [`${pathTo(call)}00`, { ...wrong, action: 'Whisper' }, '400 pc_honecall_invalid'],
    [`${pathTo(call)}00`, { ...wrong, action: 'Monitor' }, '400 pc_phonecall_invalid'],
    [pathTo(call), { ...wrong, action: 'Whisper' }, '400 pc_sendcallto_invalid'],
    [pathTo(call), { ...wrong, action: 'Whisper', sendCallTo: '102' }, '400 pc_phonecallview_invalid'],
    [pathTo(call), { ...wrong, action: 'Whisper', sendCallTo: '102', phoneCallViewId: 1 }, '400 pc_callerid_invalid'],
    [pathTo(call), { ...order, sendCallTo: '102', waitForPickup: 0, private: 7 }, '400 pc_timeout_invalid'],
    [pathTo(call), { ...order, sendCallTo: '102', private: 7 }, '400 pc_private_invalid'],
    [pathTo(call), { ...order, sendCallTo: '102' }, '403 access_denied'],
    [pathTo(call), { ...order, sendCallTo: '213' }, '403 access_denied'],
  ]
  for (const [path, body, says, app] of steps)
    assert.equal(code(await office.ask(`PUT ${path}`, body, app === undefined ? {} : { app })), says, `${path} ${JSON.stringify(body)}`)
})

test('a call that rings still, a call that is over, and no call id at all', async () => {
  const ringing = office.rings('106', '7778889')
  const asked = { action: 'Monitor', sendCallTo: '0003*024', phoneCallViewId: '01' }
  assert.equal(code(await office.ask(`PUT ${pathTo(ringing, { extension: '0003*106' })}`, asked)), '400 pc_state_invalid')
  assert.equal(code(await office.ask('PUT /uapi/phoneCalls/12/0003*106', order)), '400 pc_honecall_invalid')
  const before = await office.ask(`PUT ${pathTo(ringing, { extension: '0003*106' })}`.replace(/.{4}$/, 'ffff'), order)
  office.exchange.hangsUp('7778889')
  const ended = await office.ask(`PUT ${pathTo(ringing, { extension: '0003*106' })}`, order)
  assert.equal(ended.text, before.text)
  assert.equal(code(ended), '400 pc_honecall_invalid')
})

test('what the terminal and the target permit', async () => {
  const call = office.talks()
  assert.equal(
    (await office.ask(`PUT ${pathTo(call)}`, { ...order, sendCallTo: '102' })).json.error.message,
    'The extension given in sendCallTo is not permitted to use this action.',
  )
  office.exchange.engine.emit({ kind: 'registration', account: call.account, extension: '101', contacts: 0 })
  assert.equal(code(await office.ask(`PUT ${pathTo(call)}`, { ...order, sendCallTo: '101' })), '400 pc_sendcallto_unavailable')
  office.exchange.register(['101'])
  const closed = office.rings('212', '7778880')
  office.exchange.answers('212')
  const reply = await office.ask(`PUT ${pathTo(closed, { user: '@owner', extension: '0003*212' })}`, listening)
  assert.deepEqual([reply.status, reply.json.error.message], [403, 'The extension does not allow supervision.'])
})

test('the app of an agent supervises nobody, and touches nobody else’s calls', async () => {
  const call = office.talks()
  const own = office.rings('211', '7778881')
  office.exchange.answers('211')
  const denied = '{"error":{"code":"access_denied","message":"The app is not permitted to perform this operation."}}'
  for (const path of [pathTo(call), pathTo(own, { user: '14', extension: '0003*211' }), pathTo(own, { user: '@me', extension: '@self' })])
    assert.equal((await office.ask(`PUT ${path}`, order, { app: 'app-14' })).text, denied)
  for (const [line, body] of [
    [`PUT ${pathTo(call)}`, { action: 'OnHold', phoneCallViewId: 1 }],
    [`GET ${pathTo(call)}`, undefined],
    ['GET /uapi/phoneCalls/12/@self', undefined],
    ['GET /uapi/phoneCalls/@owner/0003*210', undefined],
    [`DELETE ${pathTo(call)}`, undefined],
    ['GET /uapi/extensions/12/@self/presence', undefined],
    ['GET /uapi/extensions/12/0003*210/phoneCallEvents', undefined],
  ] as const)
    assert.equal((await office.ask(line, body, { app: 'app-14' })).text, denied, line)
  assert.equal(
    (
      await office.ask(
        `PUT ${pathTo(own, { user: '@me', extension: '0003*211' })}`,
        { action: 'OnHold', phoneCallViewId: 1 },
        { app: 'app-14' },
      )
    ).status,
    202,
  )
})

test('another organization’s things are told like things that do not exist, byte for byte', async () => {
  const call = office.talks()
  office.exchange.register(['101', '210'], accountB)
  const theirs = office.exchange.dials('101', '210', accountB)
  office.exchange.answers('210')
  const same = async (there: string, nowhere: string, body?: object) => {
    const [a, b] = [await office.ask(there, body), await office.ask(nowhere, body)]
    assert.deepEqual([a.status, a.text], [b.status, b.text], there)
    assert.ok(a.status >= 400, there)
  }
  await same(`PUT ${pathTo(theirs)}`, `PUT ${pathTo(call)}`.replace(/.{4}$/, '0000'), order)
  await same(`GET ${pathTo(theirs, { user: '@me', extension: '@self' })}`, 'GET /uapi/phoneCalls/@me/@self/00000000000000000000')
  await same(`DELETE ${pathTo(theirs)}`, 'DELETE /uapi/phoneCalls/12/0003*210/00000000000000000000')
  await same('GET /uapi/phoneCalls/21/@self', 'GET /uapi/phoneCalls/99/@self')
  await same('GET /uapi/phoneCalls/@me/0004*101', 'GET /uapi/phoneCalls/@me/0003*999')
  await same('GET /uapi/phoneCalls/@owner/0004*101', 'GET /uapi/phoneCalls/@owner/0003*999')
  await same('GET /uapi/phoneCalls/@global/@self', 'GET /uapi/phoneCalls/99/@self')
  await same('GET /uapi/extensions/@me/0004*830/queue/agents', 'GET /uapi/extensions/@me/0003*999/queue/agents')
  await same('GET /uapi/extensions/@me/0003*830/queue/agents/7777', 'GET /uapi/extensions/@me/0003*830/queue/agents/9999')
  await same('GET /uapi/cdr/4', 'GET /uapi/cdr/99')
  for (const fields of [
    (to: string) => ({ ...order, sendCallTo: to }),
    (to: string) => ({ action: 'Transfer', sendCallTo: to, phoneCallViewId: 1 }),
  ]) {
    const [a, b] = [
      await office.ask(`PUT ${pathTo(call)}`, fields('0004*101')),
      await office.ask(`PUT ${pathTo(call)}`, fields('0003*999')),
    ]
    assert.deepEqual([a.status, a.text], [b.status, b.text])
  }
})

test('switches: 200 instead of 202, the corrected spelling, no repair', async () => {
  const strict = await VoipnowOffice.open({
    change: (configuration) => {
      configuration.dialects = { voipnow: { updateStatus: 200, errorSpelling: 'corrected', lenientJson: false, numberStyle: 'number' } }
    },
  })
  try {
    const call = strict.talks()
    assert.equal((await strict.ask(`PUT ${pathTo(call)}`, order)).status, 200)
    assert.equal(code(await strict.ask(`PUT ${pathTo(call)}ff`, order)), '400 pc_phonecall_invalid')
    assert.equal(code(await strict.ask(`PUT ${pathTo(call)}`, `{\n'action":"Whisper"}`)), '400 request_invalid')
    const [view] = (await strict.ask(`GET ${pathTo(call)}`)).json.phoneCallView
    assert.deepEqual([view.status, view.flow], [5, 8])
  } finally {
    await strict.close()
  }
})

test('a phone that answers nothing: the order times out and the leg is taken back', async () => {
  const call = office.talks()
  office.exchange.engine.deaf.add('024')
  const asked = office.ask(`PUT ${pathTo(call)}`, order)
  for (let i = 0; i < 100 && !office.exchange.call(call).parties.some((p) => p.role === 'supervisor'); i += 1)
    await new Promise((r) => setTimeout(r, 5))
  office.exchange.advance(5_100)
  const reply = await asked
  office.exchange.engine.deaf.delete('024')
  assert.deepEqual([code(reply), reply.json.error.message], ['500 internal_server_error', 'The phone call could not be updated in time.'])
  assert.deepEqual(office.exchange.hearing(call), rest)
})

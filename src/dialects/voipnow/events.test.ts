/** Event settings, and what is sent by them (contract voipnow, section 9). */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { accountB } from '../../../testkit/desk.ts'
import { pathTo, VoipnowOffice } from '../../../testkit/voipnow-office.ts'
import { hexId } from '../call-ids.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())
afterEach(async () => {
  await office.clear()
  for (const extension of ['210', '106']) await office.ask(`DELETE /uapi/extensions/12/${extension}/phoneCallEvents`)
  office.exchange.sent.length = 0
})

const path = '/uapi/extensions/@me/0003*210/phoneCallEvents'
const setting = { type: '0', method: '0', note: 'mine', url: 'http://client.test/events?mine=1', status: '1' }
const add = (change: object = {}, at = path) => office.ask(`POST ${at}`, { ...setting, ...change })
const code = (reply: { readonly status: number; readonly json: { error?: { code: string } } }) =>
  `${reply.status} ${reply.json.error?.code ?? ''}`
const told = (): readonly Record<string, string>[] =>
  office.exchange.sent.map(({ method, url, body }) => {
    const fields = body === undefined ? new URL(url).searchParams : new URLSearchParams(body)
    return { method, ...Object.fromEntries(fields) }
  })

test('added, shown, listed, changed, removed', async () => {
  const added = await add()
  assert.equal(added.status, 200)
  const { id, modified, links, ...rest } = added.json
  assert.match(id, /^[\da-f]{30}$/)
  assert.deepEqual(rest, { type: '0', url: setting.url, method: '0', status: '1', note: 'mine' })
  assert.match(modified, /^2026-11-20T14:00:0\d\+02:00$/)
  assert.equal(links.self, `https://sotto.test${path}/0/${id}`)
  assert.deepEqual((await office.ask(`GET ${path}/0/${id}`)).json.entry, [added.json])
  assert.deepEqual((await office.ask(`GET ${path}`)).json.entry, [added.json])
  assert.deepEqual((await office.ask(`GET ${path}/1`)).json.entry, [])
  const changed = await office.ask(`PUT ${path}/0/${id}`, { method: '1', note: 'other' })
  assert.deepEqual([changed.status, changed.json.method, changed.json.note, changed.json.url], [200, '1', 'other', setting.url])
  assert.deepEqual((await office.ask(`DELETE ${path}/0/${id}`)).json, [{ id }])
  assert.equal(code(await office.ask(`DELETE ${path}/0/${id}`)), '400 pce_id_invalid')
  assert.equal((await office.ask(`DELETE ${path}`)).text, '[]')
})

test('the type may stand in the path', async () => {
  const added = await add({ type: undefined }, `${path}/2`)
  assert.equal(added.json.type, '2')
  assert.equal((await office.ask(`DELETE ${path}/2`)).json.length, 1)
})

for (const [what, change, says] of [
  ['no type', { type: undefined }, '400 pce_type_invalid'],
  ['an unknown type', { type: 5 }, '400 pce_type_invalid'],
  ['no url', { url: undefined }, '400 pce_url_invalid'],
  ['a file', { url: 'file:///etc/passwd' }, '400 pce_url_invalid'],
  ['no address', { url: 'http://' }, '400 pce_url_invalid'],
  ['another method', { method: 'PUT' }, '400 pce_method_invalid'],
  ['another status', { status: 2 }, '400 pce_status_invalid'],
  ['an endless note', { note: 'x'.repeat(1_001) }, '400 pce_note_invalid'],
] as const)
  test(`refused: ${what}`, async () => assert.equal(code(await add(change)), says))

test('@self is not allowed; other users, extensions and organizations are not there', async () => {
  assert.equal(code(await add({}, '/uapi/extensions/@me/@self/phoneCallEvents')), '400 extension_invalid')
  assert.equal(code(await add({}, '/uapi/extensions/@me/0004*101/phoneCallEvents')), '400 extension_invalid')
  const { id } = (await add()).json
  const other = '/uapi/extensions/@me/0003*106/phoneCallEvents'
  assert.equal(code(await office.ask(`GET ${other}/0/${id}`)), '400 pce_id_invalid')
  assert.equal(code(await office.ask(`GET ${path}/1/${id}`)), '400 pce_id_invalid')
  assert.equal(
    code(await office.ask(`GET /uapi/extensions/21/0004*210/phoneCallEvents/0/${id}`, undefined, { app: 'app-21' })),
    '400 pce_id_invalid',
  )
})

test('a whole incoming call, by GET: rings, answered, hung up', async () => {
  for (const type of ['0', '1', '2', '3', '4']) await add({ type })
  const call = office.talks()
  office.exchange.hangsUp('7778888')
  const common = {
    ...{ method: 'GET', mine: '1', CallID: hexId(call), CallerIDNum: '3334444', CallerIDName: 'John Doe' },
    ...{ CalledDID: '+15554150210', CalledExtension: '0003*210', CalledNumber: '0003*210', CallFlow: 'IN' },
  }
  assert.deepEqual(told(), [
    { ...common, CallStatus: 'CALLING' },
    { ...common, CallStatus: 'ANSWER' },
    { ...common, CallStatus: 'ANSWER' },
  ])
  assert.deepEqual(new Set(office.exchange.sent.map(({ receiver }) => receiver)), new Set([setting.url]))
})

test('a call that nobody answers ends as UNKNOWN, by POST in a form', async () => {
  await add({ type: '2', method: '1' })
  office.rings('210')
  office.exchange.hangsUp('7778888')
  const [event] = told()
  assert.deepEqual([event?.method, event?.CallStatus, office.exchange.sent.length], ['POST', 'UNKNOWN', 1])
  assert.equal(office.exchange.sent[0]?.headers['Content-Type'], 'application/x-www-form-urlencoded')
  assert.equal(office.exchange.sent[0]?.url, setting.url)
})

test('a call from one phone to another: both sides are told theirs', async () => {
  for (const type of ['0', '1', '2', '3', '4']) {
    await add({ type, url: 'http://caller.test/' })
    await add({ type, url: 'http://called.test/' }, path.replace('210', '106'))
  }
  const call = office.exchange.dials('210', '106')
  office.exchange.answers('106')
  office.exchange.hangsUp('210')
  const lines = office.exchange.sent.map(({ url }) => {
    const { hostname, searchParams: of } = new URL(url)
    return `${hostname} ${of.get('CallFlow')} ${of.get('CallStatus')} ${of.get('CallerExtension')}>${of.get('CalledExtension')} ${of.get('CallID') === hexId(call)}`
  })
  const [caller, called] = ['caller.test OUT', 'called.test IN']
  const parties = '0003*210>0003*106 true'
  assert.deepEqual(lines.toSorted(), [
    `${called} ANSWER ${parties}`,
    `${called} ANSWER ${parties}`,
    `${called} CALLING ${parties}`,
    `${caller} ANSWER ${parties}`,
    `${caller} ANSWER ${parties}`,
    `${caller} CALLING ${parties}`,
  ])
})

test('a call that a program orders: out for the source, in for the destination', async () => {
  await add({ type: '0' })
  await add({ type: '1' })
  await add({ type: '0' }, path.replace('210', '106'))
  await office.ask('POST /uapi/phoneCalls/@me/simple', { extension: '210', phoneCallView: [{ source: '210', destination: '106' }] })
  office.exchange.answers('210')
  assert.deepEqual(
    told().map(({ CallFlow, CallerExtension, CalledExtension }) => [CallFlow, CallerExtension, CalledExtension]),
    [
      ['OUT', '0003*210', undefined],
      ['IN', '0003*210', '0003*106'],
    ],
  )
})

test('nothing of supervisors, of settings that are off, or of another organization', async () => {
  for (const type of ['0', '2', '3']) await add({ type }, '/uapi/extensions/13/0003*024/phoneCallEvents')
  await add({ status: 0 })
  const call = office.talks()
  await office.ask(`PUT ${pathTo(call)}`, { action: 'BargeIn', sendCallTo: '024', phoneCallViewId: 1 })
  office.exchange.answers('024')
  office.exchange.hangsUp('024')
  office.exchange.register(['101', '210'], accountB)
  office.exchange.dials('101', '210', accountB)
  assert.deepEqual(told(), [])
  await office.ask('DELETE /uapi/extensions/13/0003*024/phoneCallEvents')
})

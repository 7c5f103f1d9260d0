/** Calls told and hung up (contract voipnow, sections 6 and 7), on the wire. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { pathTo, VoipnowOffice } from '../../../testkit/voipnow-office.ts'
import { hexId } from '../call-ids.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())
afterEach(() => office.clear())

const empty = '{"entry":[],"startIndex":0,"itemsPerPage":20,"totalResults":0}'

test('one call: at the top and as the only entry, with the token in the query', async () => {
  const call = office.talks()
  const id = hexId(call)
  const link = { self: `https://sotto.test/uapi/phoneCalls/12/0003*210/${id}` }
  const phoneCall = {
    ...{ id, extension: '0003*210', ownerId: '3', ownerName: 'Default Organization' },
    ...{ answered: '2026-11-20T14:00:05+02:00', published: '2026-11-20T14:00:00+02:00' },
    phoneCallView: [
      {
        ...{ id: '01', extension: '0003*210', answered: '2026-11-20T14:00:05+02:00', status: '5', flow: '8' },
        ...{ callerId: 'John Doe <3334444>', source: ['7778888'], destination: ['0003*210'] },
      },
    ],
    ...{ link, links: link },
  }
  const expected = JSON.stringify({ ...phoneCall, entry: [phoneCall], startIndex: 0, itemsPerPage: 20, totalResults: 1 })
  const token = await office.token()
  for (const query of [`?accessRequestToken=Bearer+${token}`, `?&accessRequestToken=+${token}`, `?accessRequestToken=${token}`]) {
    const reply = await office.exchange.ask(`GET ${pathTo(call)}${query}`)
    assert.equal(reply.text, expected)
    assert.equal(reply.headers['content-type'], 'application/json')
  }
})

test('the header wins over the query', async () => {
  const token = await office.token()
  const reply = await office.exchange.ask(`GET /uapi/phoneCalls/@me/@self/?accessRequestToken=${token}`, {
    headers: { Authorization: 'Bearer nonsense' },
  })
  assert.equal(reply.status, 401)
})

test('no credential, and one that was never given', async () => {
  const none = await office.exchange.ask('GET /uapi/phoneCalls/@me/@self/')
  assert.deepEqual([none.status, none.text], [401, '{"error":{"code":"access_denied","message":"The request is not authorized."}}'])
  assert.equal(none.headers['www-authenticate'], 'Bearer')
  const wrong = await office.exchange.ask('GET /uapi/nothing/at/all', { headers: { Authorization: 'Bearer x' } })
  assert.equal(wrong.text, none.text)
})

test('an empty list is a list; extensions of the user in any spelling', async () => {
  for (const path of ['@me/@self', '12/0003*210', '@viewer/210', '@owner/0003%2A106', '%40me/%40self/', '@owner/@self'])
    assert.equal((await office.ask(`GET /uapi/phoneCalls/${path}`)).text, empty, path)
})

test('selected fields, pages, order and links', async () => {
  const [first, second] = [office.talks(), office.rings('106', '7778889')]
  const [a, b] = [`{"id":"${hexId(first)}","extension":"0003*210"}`, `{"id":"${hexId(second)}","extension":"0003*106"}`]
  const { published } = (await office.ask(`GET ${pathTo(first)}`)).json
  const list = async (query: string) => (await office.ask(`GET /uapi/phoneCalls/@me/@self/?fields=id%2Cextension&${query}`)).text
  const pages = '"startIndex":0,"itemsPerPage":20,"totalResults":2}'
  assert.equal(await list('count=20&startIndex=0'), `{"entry":[${a},${b}],${pages}`)
  assert.equal(await list('sortOrder=desc'), `{"entry":[${b},${a}],${pages}`)
  assert.equal(await list('sortOder=desc'), `{"entry":[${a},${b}],${pages}`)
  const link = 'https://sotto.test/uapi/phoneCalls/@me/@self?fields=id%2Cextension&'
  assert.equal(
    await list('count=1'),
    `{"entry":[${a}],"startIndex":0,"itemsPerPage":1,"totalResults":2,"next":"${link}count=1&startIndex=1"}`,
  )
  assert.equal(
    await list('count=1&startIndex=1'),
    `{"entry":[${b}],"startIndex":1,"itemsPerPage":1,"totalResults":2,"prev":"${link}count=1&startIndex=0"}`,
  )
  assert.equal(await list(`filterBy=id&filterValue=${hexId(second)}`), `{"entry":[${b}],"startIndex":0,"itemsPerPage":20,"totalResults":1}`)
  assert.equal(
    await list(`filterBy=published&filterOp=greaterThan&filterValue=${published}`),
    `{"entry":[${b}],"startIndex":0,"itemsPerPage":20,"totalResults":1}`,
  )
})

test('the token never comes back in a link', async () => {
  office.talks()
  office.rings('106', '7778889')
  const token = await office.token()
  const { text } = await office.exchange.ask(`GET /uapi/phoneCalls/@me/@self?count=1&accessRequestToken=${token}`)
  assert.match(text, /"next":/)
  assert.equal(text.includes(token), false)
})

test('views of a call between two phones, while it rings and after', async () => {
  const call = office.exchange.dials('210', '106')
  const views = async (extension: string) =>
    (await office.ask(`GET ${pathTo(call, { extension })}?fields=phoneCallView`)).json.phoneCallView.map(
      (v: Record<string, unknown>) =>
        `${v.id} ${v.extension} ${v.status} ${v.flow} ${v.callerId} ${v.source}>${v.destination} ${v.ringing ?? ''}`,
    )
  const line = (id: string, own: string, status: number, ringing = '') =>
    `${id} 0003*${own} ${status} 2 Paco Vu <0003*210> 0003*210>0003*106 ${ringing}`
  const at = (await office.ask(`GET ${pathTo(call)}`)).json.published
  assert.deepEqual(await views('0003*106'), [line('01', '210', 4), line('02', '106', 3, at)])
  office.exchange.answers('106')
  assert.deepEqual(await views('0003*210'), [line('01', '210', 5), line('02', '106', 5)])
  const { json } = await office.ask('GET /uapi/phoneCalls/@me/@self?fields=extension')
  assert.deepEqual(json.entry, [{ extension: '0003*210' }], 'two phones of the user in one call: told once')
})

test('a call to outside shows who called whom', async () => {
  const call = office.exchange.dials('210', '+442079460000')
  const [view] = (await office.ask(`GET ${pathTo(call)}`)).json.phoneCallView
  assert.deepEqual([view.status, view.flow, view.source, view.destination], ['4', '4', ['0003*210'], ['+442079460000']])
})

test('hang up: the call, by a party’s number, and nothing where the number is not in it', async () => {
  const call = office.talks()
  assert.deepEqual((await office.ask(`DELETE ${pathTo(call)}/?phoneNumber=5550000`)).text, '[]')
  assert.deepEqual(office.exchange.hearing(call), { '210': ['7778888'], '7778888': ['210'] })
  const reply = await office.ask(`DELETE ${pathTo(call)}/?phoneNumber=7778888`)
  assert.deepEqual([reply.status, reply.text], [200, `[{"id":"${hexId(call)}","extension":"0003*210"}]`])
  assert.deepEqual(office.exchange.hearing(call), {})
  assert.equal((await office.ask(`DELETE ${pathTo(call)}`)).json.error.code, 'pc_phonecall_invalid')
  assert.equal((await office.ask(`DELETE ${pathTo(call)}ff`)).json.error.code, 'pc_phonecall_invalid')
})

test('numbers compare by their digits, a raw plus included; the claimed number counts as well', async () => {
  for (const number of ['+7778888', '%2B7778888', '777-88-88', '3334444', '0003*210', '210']) {
    const call = office.talks()
    assert.equal((await office.ask(`DELETE ${pathTo(call)}?phoneNumber=${number}`)).json.length, 1, number)
  }
})

test('a supervisor’s number ends his supervision and nothing else', async () => {
  const call = office.talks()
  const order = { action: 'BargeIn', sendCallTo: '0003*024', phoneCallViewId: '01' }
  await office.ask(`PUT ${pathTo(call)}`, order)
  office.exchange.answers('024')
  assert.equal((await office.ask(`DELETE ${pathTo(call)}?phoneNumber=0003*024`)).json.length, 1)
  assert.deepEqual(office.exchange.hearing(call), { '210': ['7778888'], '7778888': ['210'] })
  assert.equal((await office.ask(`GET ${pathTo(call)}`)).json.phoneCallView.length, 1)
  await office.ask(`PUT ${pathTo(call)}`, order)
  assert.deepEqual((await office.ask('DELETE /uapi/phoneCalls/13/0003*024')).json, [{ id: hexId(call), extension: '0003*024' }])
  assert.deepEqual(office.exchange.hearing(call), { '210': ['7778888'], '7778888': ['210'] }, 'his own phone has no other call')
})

test('an agent’s app cannot end who supervises him, and is not told of him', async () => {
  const call = office.rings('211')
  office.exchange.answers('211')
  await office.ask(`PUT ${pathTo(call, { user: '14', extension: '0003*211' })}`, {
    action: 'Monitor',
    sendCallTo: '024',
    phoneCallViewId: 1,
  })
  office.exchange.answers('024')
  const own = pathTo(call, { user: '@me', extension: '0003*211' })
  assert.equal(
    (await office.ask(`DELETE ${own}?phoneNumber=024`, undefined, { app: 'app-14' })).text,
    '[]',
    'as of a number that is not in it',
  )
  assert.deepEqual(office.exchange.hearing(call)['024'], ['211', '7778888'])
  assert.equal((await office.ask(`DELETE ${own}`, undefined, { app: 'app-14' })).status, 200)
})

test('all calls of an extension', async () => {
  const [call, other] = [office.talks(), office.rings('106', '7778889')]
  const reply = await office.ask('DELETE /uapi/phoneCalls/@me/@self')
  assert.deepEqual(reply.json, [
    { id: hexId(call), extension: '0003*210' },
    { id: hexId(other), extension: '0003*106' },
  ])
  assert.equal((await office.ask('DELETE /uapi/phoneCalls/@me/@self')).text, '[]')
})

test('of three in a conference only the one who is named goes', async () => {
  const centre = await VoipnowOffice.open({ change: (c) => (c.accounts[0].conferences = [{ number: '900', pin: '4711' }]) })
  try {
    const invite = (destination: string) =>
      centre.ask('POST /uapi/phoneCalls/@me/conferenceInvite?number=900&pin=4711', {
        extension: '210',
        phoneCallView: [{ source: '900', destination: [destination] }],
      })
    const [created] = (await invite('210')).json
    centre.exchange.answers('210')
    for (const extension of ['106', '211']) {
      assert.equal((await invite(extension)).json[0].id, created.id)
      centre.exchange.answers(extension)
    }
    const [call] = centre.exchange.desk.calls(centre.exchange.settings.accounts[0]?.id as never)
    assert.ok(call !== undefined)
    assert.deepEqual(centre.exchange.hearing(call), { '106': ['210', '211'], '210': ['106', '211'], '211': ['106', '210'] })
    assert.equal((await centre.ask(`DELETE ${pathTo(call)}?phoneNumber=0003*106`)).json.length, 1)
    assert.deepEqual(centre.exchange.hearing(call), { '210': ['211'], '211': ['210'] })
    const wrong = await centre.ask('POST /uapi/phoneCalls/@me/conferenceInvite?number=900&pin=1', {
      extension: '210',
      phoneCallView: [{ destination: '106' }],
    })
    const nowhere = await centre.ask('POST /uapi/phoneCalls/@me/conferenceInvite?number=901&pin=1', {
      extension: '210',
      phoneCallView: [{ destination: '106' }],
    })
    assert.deepEqual([wrong.status, wrong.json.error.code], [400, 'extension_invalid'])
    assert.equal(wrong.text, nowhere.text)
  } finally {
    await centre.close()
  }
})

test('switch: nothing matched is 204', async () => {
  const centre = await VoipnowOffice.open({ change: (c) => (c.dialects = { voipnow: { emptyStatus: 204 } }) })
  try {
    const reply = await centre.ask('DELETE /uapi/phoneCalls/@me/@self')
    assert.deepEqual([reply.status, reply.text], [204, ''])
  } finally {
    await centre.close()
  }
})

test('methods and paths that do not exist', async () => {
  const patched = await office.ask('PATCH /uapi/phoneCalls/@me/@self')
  assert.deepEqual([patched.status, patched.json.error.code], [501, 'request_not_implemented'])
  assert.match(patched.headers.allow ?? '', /GET/)
  assert.equal((await office.ask('GET /uapi/phonecalls/@me/@self')).json.error.code, 'request_invalid')
  assert.equal((await office.ask('POST /uapi/faxes/@me/210', '{}')).status, 501)
  assert.equal((await office.exchange.ask('POST /uapi/faxes/@me/210')).status, 401)
  const zipped = await office.exchange.ask(`PUT /uapi/phoneCalls/@me/@self`, {
    headers: { Authorization: `Bearer ${await office.token()}`, 'Content-Encoding': 'gzip' },
    body: 'x',
  })
  assert.deepEqual([zipped.status, zipped.json.error.message], [415, 'The content coding is not supported.'])
  const large = await office.ask('PUT /uapi/phoneCalls/@me/@self', `{"a":"${'x'.repeat(70_000)}"}`)
  assert.deepEqual([large.status, large.json.error.code], [413, 'request_invalid'])
})

/** The code grant (contract voipnow, section 2), on the wire. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { form, VoipnowOffice } from '../../../testkit/voipnow-office.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())

const redirect = 'https://client.test/back?keep=1'
const wanted = { response_type: 'code', client_id: 'app-12', redirect_uri: redirect, state: 's t&a"te' }
const wana = { number: '0003*024', password: 'pw-024' }
const query = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const show = (fields: Record<string, string>) => office.exchange.ask(`GET /oauth/authorize.php?${query(fields)}`)
const enter = (fields: Record<string, string>, path = '/oauth/authorize.php') =>
  office.exchange.ask(`POST ${path}`, { headers: form, body: query(fields) })
const exchangeCode = (fields: Record<string, string>) =>
  office.exchange.ask('POST /oauth/token.php', {
    headers: form,
    body: query({ client_id: 'app-12', client_secret: 'secret-12', ...fields }),
  })
const codeIn = (location: string | undefined) => new URL(location ?? '').searchParams.get('code') ?? ''

test('the page is safe: escaped, nothing loaded, no frames, and it may lead on to the app only', async () => {
  const reply = await show({ ...wanted, state: '"><script>alert(1)</script>', client_id: 'app-12' })
  assert.equal(reply.status, 200)
  assert.match(reply.headers['content-type'] ?? '', /^text\/html; charset=utf-8$/)
  assert.equal(reply.text.includes('<script'), false)
  assert.match(reply.text, /value="&quot;&gt;&lt;script&gt;/)
  assert.equal(
    reply.headers['content-security-policy'],
    "default-src 'none'; form-action 'self' https://client.test; frame-ancestors 'none'; base-uri 'none'",
  )
  assert.equal(reply.headers['x-frame-options'], 'DENY')
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['referrer-policy'], 'no-referrer')
})

test('from the page to a token of the user who signed in, renewed once', async () => {
  const reply = await enter({ ...wanted, ...wana })
  assert.equal(reply.status, 302)
  const location = new URL(reply.headers.location ?? '')
  assert.equal(`${location.origin}${location.pathname}`, 'https://client.test/back')
  assert.deepEqual([location.searchParams.get('keep'), location.searchParams.get('state')], ['1', wanted.state])
  const grant = { grant_type: 'authorization_code', code: codeIn(reply.headers.location), redirect_uri: redirect }
  const first = await exchangeCode(grant)
  assert.deepEqual(Object.keys(first.json), ['access_token', 'expires_in', 'token_type', 'refresh_token'])
  const call = office.talks()
  await office.exchange.ask(`PUT /uapi/phoneCalls/12/0003*210/${call.id.slice(2)}`, {
    headers: { Authorization: `Bearer ${first.json.access_token}` },
    body: JSON.stringify({ action: 'Monitor', sendCallTo: '101', phoneCallViewId: 1 }),
  })
  const mine = await office.exchange.ask('GET /uapi/phoneCalls/@me/@self?fields=extension', {
    headers: { Authorization: `Bearer ${first.json.access_token}` },
  })
  assert.deepEqual(mine.json.entry, [{ extension: '0003*101' }], '@me is Wanda, user 13, whose phone 101 rings')
  assert.equal((await exchangeCode(grant)).json.error, 'invalid_grant', 'a code is good once')
  const renewal = { grant_type: 'refresh_token', refresh_token: first.json.refresh_token }
  const second = await exchangeCode(renewal)
  assert.equal(second.status, 200)
  assert.notEqual(second.json.refresh_token, first.json.refresh_token)
  assert.equal((await exchangeCode(renewal)).json.error, 'invalid_grant', 'the old one is spent')
  await office.clear()
})

test('a code is bound to its app, its redirect_uri and ten minutes', async () => {
  const fresh = async () => ({
    grant_type: 'authorization_code',
    code: codeIn((await enter({ ...wanted, ...wana })).headers.location),
    redirect_uri: redirect,
  })
  assert.equal((await exchangeCode({ ...(await fresh()), redirect_uri: 'https://client.test/other' })).json.error, 'invalid_grant')
  assert.equal((await exchangeCode({ ...(await fresh()), client_id: 'app-14', client_secret: 'secret-14' })).json.error, 'invalid_grant')
  const late = await fresh()
  office.exchange.advance(601_000)
  assert.equal((await exchangeCode(late)).json.error, 'invalid_grant')
})

test('a code or a refresh token opens nothing by itself', async () => {
  const { location } = (await enter({ ...wanted, ...wana })).headers
  const reply = await office.exchange.ask('GET /uapi/phoneCalls/@me/@self', { headers: { Authorization: `Bearer ${codeIn(location)}` } })
  assert.equal(reply.status, 401)
})

test('a native app waits on the user’s own machine; the other spelling of the path', async () => {
  for (const redirect_uri of ['http://127.0.0.1:5000/cb', 'http://localhost/cb', 'http://[::1]:99/cb']) {
    const reply = await enter({ ...wanted, ...wana, redirect_uri, state: '' }, '/oauth/authorize')
    assert.equal(reply.status, 302, redirect_uri)
    assert.ok(reply.headers.location?.startsWith(redirect_uri))
  }
})

for (const [what, change] of [
  ['plain http', { redirect_uri: 'http://client.test/back' }],
  ['a name that begins like loopback', { redirect_uri: 'http://127.0.0.1.client.test/' }],
  ['a script', { redirect_uri: 'javascript:alert(1)' }],
  ['data', { redirect_uri: 'data:text/html,x' }],
  ['a user in front of the host', { redirect_uri: 'https://sotto.test@client.test/' }],
  ['a fragment', { redirect_uri: 'https://client.test/#x' }],
  ['a line break', { redirect_uri: 'https://client.test/\r\nX: y' }],
  ['no address', { redirect_uri: 'client' }],
  ['none', { redirect_uri: '' }],
  ['an unknown app', { client_id: 'app-99' }],
  ['no app', { client_id: '' }],
  ['another response', { response_type: 'token' }],
  ['a state without end', { state: 'x'.repeat(3_000) }],
] as const) {
  test(`no redirect, but a page that says no: ${what}`, async () => {
    for (const reply of [await show({ ...wanted, ...change }), await enter({ ...wanted, ...wana, ...change })]) {
      assert.equal(reply.status, 400)
      assert.equal(reply.headers.location, undefined)
      assert.match(reply.headers['content-type'] ?? '', /^text\/html/)
      assert.match(String(reply.headers['content-security-policy']), /form-action 'none'/)
    }
  })
}

test('wrong passwords: the form again, then the door is closed', async () => {
  for (const fields of [
    { number: '024', password: 'pw-101' },
    { number: '999', password: 'x' },
    { number: '0004*101', password: 'pw-b101' },
    { number: '212', password: 'pw-212' },
  ]) {
    const reply = await enter({ ...wanted, ...fields })
    assert.equal(reply.status, 401, fields.number)
    assert.match(reply.text, /The extension or the password is wrong\./)
    assert.equal(reply.headers.location, undefined)
  }
  await enter({ ...wanted, number: '024', password: '' })
  const locked = await enter({ ...wanted, ...wana })
  assert.equal(locked.status, 429)
  assert.ok(Number(locked.headers['retry-after']) > 0)
  office.exchange.advance(600_000)
  assert.equal((await enter({ ...wanted, ...wana })).status, 302)
})

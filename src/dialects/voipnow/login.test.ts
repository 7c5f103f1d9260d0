/** Tokens (contract voipnow, section 2), on the wire. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Exchange } from '../../../testkit/exchange.ts'
import { form, VoipnowOffice } from '../../../testkit/voipnow-office.ts'

let office: VoipnowOffice
before(async () => {
  office = await VoipnowOffice.open()
})
after(() => office.close())

const good = { client_id: 'app-12', client_secret: 'secret-12', grant_type: 'client_credentials' }
const login = (fields: Record<string, string>, headers: Record<string, string> = {}, path = '/oauth/token.php') =>
  office.exchange.ask(`POST ${path}`, { headers: { ...form, ...headers }, body: new URLSearchParams(fields).toString() })
const reaches = async (token: string) =>
  (await office.exchange.ask('GET /uapi/phoneCalls/@me/@self', { headers: { Authorization: `Bearer ${token}` } })).status

test('client_credentials, with all that real clients send along', async () => {
  const reply = await login({ ...good, type: 'unifiedapi', redirect_uri: 'https://sotto.test/ouath/token.php', state: 'x' })
  assert.equal(reply.status, 200)
  assert.match(reply.text, /^\{"access_token":"[A-Za-z0-9_.-]+","expires_in":3600,"token_type":"Bearer"\}$/)
  assert.equal(reply.headers['content-type'], 'application/json')
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(await reaches(reply.json.access_token), 200)
})

test('the other spelling of the path; JSON; multipart; HTTP Basic; no content type', async () => {
  assert.equal((await login(good, {}, '/oauth/token')).status, 200)
  const post = (headers: Record<string, string>, body: string) => office.exchange.ask('POST //oauth/token.php/', { headers, body })
  assert.equal((await post({ 'Content-Type': 'application/json' }, JSON.stringify(good))).status, 200)
  assert.equal((await post({}, new URLSearchParams(good).toString())).status, 200)
  const parts = Object.entries(good).map(([name, value]) => `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const multipart = `${parts.join('')}--xyz--\r\n`
  for (const boundary of ['boundary=xyz', 'boundary="xyz"; charset=utf-8'])
    assert.equal((await post({ 'Content-Type': `multipart/form-data; ${boundary}` }, multipart)).status, 200, boundary)
  assert.equal((await post({ 'Content-Type': 'multipart/form-data' }, multipart)).json.error, 'invalid_request')
  const basic = `Basic ${Buffer.from('app-12:secret-12').toString('base64')}`
  assert.equal((await post({ ...form, Authorization: basic }, 'grant_type=client_credentials')).status, 200)
})

for (const [what, fields, status, error] of [
  ['a wrong secret', { ...good, client_secret: 'nope' }, 401, 'invalid_client'],
  ['another app’s secret', { ...good, client_secret: 'secret-14' }, 401, 'invalid_client'],
  ['an unknown app', { ...good, client_id: 'app-99' }, 401, 'invalid_client'],
  ['no secret', { client_id: 'app-12', grant_type: 'client_credentials' }, 400, 'invalid_request'],
  ['no grant type', { client_id: 'app-12', client_secret: 'secret-12' }, 400, 'invalid_request'],
  ['another grant type', { ...good, grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['a code that never was', { ...good, grant_type: 'authorization_code', code: 'x', redirect_uri: 'y' }, 400, 'invalid_grant'],
  ['no code', { ...good, grant_type: 'authorization_code' }, 400, 'invalid_request'],
  ['a refresh token that never was', { ...good, grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
] as const) {
  test(`refused: ${what}`, async () => {
    const reply = await login(fields as Record<string, string>)
    assert.deepEqual([reply.status, reply.json.error], [status, error])
    assert.deepEqual(Object.keys(reply.json), ['error', 'error_description'])
    await login(good)
  })
}

test('the very words at a wrong secret', async () => {
  const reply = await login({ ...good, client_secret: 'nope' })
  assert.equal(reply.text, '{"error":"invalid_client","error_description":"The client credentials are not valid."}')
  await login(good)
})

test('too many failures close the door for a while, for the right secret too', async () => {
  for (let i = 0; i < 5; i += 1) await login({ ...good, client_secret: `guess-${i}` })
  const reply = await login(good)
  assert.deepEqual([reply.status, reply.json.error], [429, 'temporarily_unavailable'])
  assert.ok(Number(reply.headers['retry-after']) > 0)
  office.exchange.advance(600_000)
  assert.equal((await login(good)).status, 200)
})

test('a token lapses, and is told so for a day', async () => {
  const { access_token: token } = (await login(good)).json
  office.exchange.advance(3_599_000)
  assert.equal(await reaches(token), 200)
  office.exchange.advance(2_000)
  const lapsed = await office.exchange.ask('GET /uapi/phoneCalls/@me/@self/', { headers: { Authorization: `Bearer ${token}` } })
  assert.deepEqual([lapsed.status, lapsed.text], [401, '{"error":{"code":"access_denied","message":"The access token has expired."}}'])
})

test('no life below ten minutes; 403 by switch', async () => {
  const short = await Exchange.open({ change: (c) => (c.dialects = { voipnow: { tokenSeconds: 1, expiredTokenStatus: 403 } }) })
  try {
    const reply = await short.ask('POST /oauth/token.php', { headers: form, body: new URLSearchParams(good).toString() })
    assert.equal(reply.json.expires_in, 600)
    short.advance(601_000)
    const lapsed = await short.ask('GET /uapi/phoneCalls/@me/@self', { headers: { Authorization: `Bearer ${reply.json.access_token}` } })
    assert.deepEqual([lapsed.status, lapsed.json.error.code], [403, 'access_denied'])
  } finally {
    await short.close()
  }
})

test('credentials of other APIs are worth nothing here', async () => {
  for (const token of ['sk_test_admin_a', 'smartflo-token-a', 'rcx-api-token-a']) assert.equal(await reaches(token), 401)
})

test('the login path needs no credential to say that it has no such method', async () => {
  const reply = await office.exchange.ask('GET /oauth/token.php')
  assert.deepEqual([reply.status, reply.json.error.code], [501, 'request_not_implemented'])
  assert.equal((await office.exchange.ask('GET /oauth/nothing')).status, 404)
})

/** Token endpoints and credentials (contract newvoicemedia, section 2). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'

let exchange: Exchange

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts }) => accounts[0].credentials.newvoicemedia.push({ clientId: 'odd', clientSecret: 'p+q:r%41' }),
  })
})
after(() => exchange.close())
/** Failed logins are forgotten after ten minutes. */
beforeEach(() => exchange.advance(600_000))

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const good = 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a'
const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
const account = (body: string, headers: Readonly<Record<string, string>> = form) => exchange.ask('POST /v0/oauth2/token', { headers, body })
const scoped = (body: string) => exchange.ask('POST /auth/connect/token', { headers: form, body })
const read = (token: string, key = 'a1b2c3d4e5') =>
  exchange.ask(`GET /v0/${key}/agents/1234`, { headers: { Authorization: `Bearer ${token}` } })

const told = ({ status, text }: Reply) => [status, text]
const oauth = (error: string, error_description: string) => [400, JSON.stringify({ error, error_description })]

describe('buying a token', () => {
  test('by form, by JSON, by Basic, without a content type, under any version and case', async () => {
    const tokens = [
      await account(good),
      await account('{"grant_type":"client_credentials","client_id":"a1b2c3d4e5","client_secret":"nvm-secret-a"}', {
        'Content-Type': 'application/json',
      }),
      await account('grant_type=client_credentials', { ...form, ...basic('a1b2c3d4e5:nvm-secret-a') }),
      await account('grant_type=client_credentials', { ...form, ...basic('odd:p+q:r%41') }),
      await account('grant_type=client_credentials', { ...form, ...basic('odd:p%2Bq%3Ar%2541') }),
      await account(good, {}),
      await exchange.ask('POST /V12/OAuth2//Token/', { headers: form, body: good }),
    ]
    for (const { status, json, headers, text } of tokens) {
      assert.equal(status, 200, text)
      assert.match(text, /^\{"access_token":"[A-Za-z0-9_.-]+","expires_in":3600,"token_type":"Bearer"\}$/)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal((await read(json.access_token)).status, 200)
    }
  })

  test('at the other endpoint for two hours, with every known scope', async () => {
    const scopes =
      'agents-availability:read users:read users:write interactions:write interaction-content:read interaction-content:delete stats globalpci admin:read admin:write'
    const { json, text } = await scoped(`${good}&scope=${encodeURIComponent(scopes)}`)
    assert.match(text, /"expires_in":7200,/)
    exchange.advance(7_199_000)
    assert.equal((await read(json.access_token)).status, 200)
    exchange.advance(1_000)
    assert.equal((await read(json.access_token)).headers['www-authenticate'], 'Bearer error="invalid_token"')
  })

  test('is refused in the words of OAuth', async () => {
    const grant = oauth('unsupported_grant_type', 'Invalid grant_type')
    assert.deepEqual(told(await account('')), grant)
    assert.deepEqual(told(await account('grant_type=password&client_id=a1b2c3d4e5&client_secret=nvm-secret-a')), grant)
    assert.deepEqual(told(await scoped(good.replace('client_credentials', 'x'))), grant)
    assert.deepEqual(told(await scoped(`${good}&scope=`)), oauth('invalid_scope', 'You must specify a scope'))
    assert.deepEqual(told(await scoped(`${good}&scope=stats+calls:write+x`)), oauth('invalid_scope', '"calls:write" is an invalid scope'))
  })

  test('with a wrong name or secret is refused in one way', async () => {
    const wrong = oauth('invalid_client', 'Invalid client credentials')
    assert.deepEqual(told(await account('grant_type=client_credentials')), wrong)
    assert.deepEqual(told(await account('grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-b')), wrong)
    assert.deepEqual(told(await account('grant_type=client_credentials', { ...form, ...basic('nobody:nvm-secret-a') })), wrong)
    assert.deepEqual(told(await account(good, { ...form, ...basic('no colon') })), wrong, 'Basic goes before the form')
  })

  test('needs a body that can be read', async () => {
    assert.deepEqual(told(await account('{"', { 'Content-Type': 'application/json' })), [400, '{"message":"The request is invalid."}'])
    assert.equal((await account('x', { 'Content-Type': 'text/plain' })).status, 415)
    assert.equal((await account(`${good}&x=${'x'.repeat(65_536)}`)).status, 413)
  })

  test('five wrong secrets close the door for the rest of ten minutes', async () => {
    for (let i = 0; i < 5; i += 1) assert.equal((await account(`${good}x`)).status, 400)
    const locked = await account(good)
    assert.deepEqual([locked.status, locked.json.error, locked.headers['retry-after']], [429, 'temporarily_unavailable', '600'])
    exchange.advance(599_500)
    assert.equal((await account(good)).headers['retry-after'], '1')
    exchange.advance(500)
    assert.equal((await account(good)).status, 200)
  })
})

describe('the token', () => {
  test('opens its own account only; a key of another or of nobody is answered alike', async () => {
    const { access_token } = (await account(good)).json
    const [other, nobody, none, bad] = [
      await read(access_token, 'f6g7h8i9j0'),
      await read(access_token, 'A1B2C3D4E5'),
      await exchange.ask('GET /v0/a1b2c3d4e5/agents/1234'),
      await read('nonsense'),
    ]
    for (const reply of [other, nobody, none, bad]) {
      assert.deepEqual(told(reply), [401, '{"message":"Authorization has been denied for this request."}'])
      assert.equal(reply.headers['www-authenticate'], 'Bearer')
    }
  })

  test('lapses after an hour, is told so for a day and is then unknown', async () => {
    const { access_token } = (await account(good)).json
    exchange.advance(3_600_000)
    assert.equal((await read(access_token)).headers['www-authenticate'], 'Bearer error="invalid_token"')
    exchange.advance(24 * 3_600_000)
    assert.equal((await read(access_token)).headers['www-authenticate'], 'Bearer')
  })

  test('is looked at before the body and before the path', async () => {
    const big = await exchange.ask('POST /v0/a1b2c3d4e5/calls', { body: 'x'.repeat(70_000) })
    assert.equal(big.status, 401)
    assert.equal((await exchange.ask('DELETE /v0/a1b2c3d4e5/calls/x')).status, 401)
    assert.equal((await exchange.ask('GET /v0/a1b2c3d4e5/calls/x/y')).status, 401)
  })

  test('the scheme may be written in any case', async () => {
    const { access_token } = (await account(good)).json
    const { status } = await exchange.ask('GET /v0/a1b2c3d4e5/agents/1234', { headers: { Authorization: `bearer  ${access_token} ` } })
    assert.equal(status, 200)
  })

  test('nobody needs one to learn that the token endpoints take POST only', async () => {
    for (const path of ['/v0/oauth2/token', '/Auth/Connect/Token']) {
      const reply = await exchange.ask(`GET ${path}`)
      assert.deepEqual(told(reply), [405, '{"message":"The requested resource does not support http method \'GET\'."}'])
      assert.equal(reply.headers.allow, 'POST')
    }
  })
})

test('tokenSeconds sets the life of tokens of both endpoints', async () => {
  const short = await Exchange.open({
    change: (configuration) => {
      configuration.dialects = { newvoicemedia: { tokenSeconds: 60 } }
    },
  })
  const first = await short.ask('POST /v0/oauth2/token', { headers: form, body: good })
  const second = await short.ask('POST /auth/connect/token', { headers: form, body: `${good}&scope=stats` })
  await short.close()
  assert.deepEqual([first.json.expires_in, second.json.expires_in], [60, 60])
})

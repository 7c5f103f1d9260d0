/** Logging in, byte for byte (contract ringcx, section 2), and what a token is worth afterwards. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Exchange, type Reply } from '../../../testkit/exchange.ts'

let exchange: Exchange

before(async () => {
  exchange = await Exchange.open({
    change: ({ accounts: [first] }) => {
      const key = { role: 'observer', apiToken: 'rcx-viewer', username: 'viewer@example.com', password: 'pw' }
      first.credentials.ringcx.push({ ...key, clientId: 'rcx-client', clientSecret: 'rcx-client-secret', assertion: 'rcx-assertion-v' })
    },
  })
})
after(() => exchange.close())

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const basic = { ...form, Authorization: 'Basic cmN4LWNsaWVudDpyY3gtY2xpZW50LXNlY3JldA==' }
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const list = 'GET /voice/api/v1/admin/accounts/12440011/activeCalls/list?product=ACCOUNT&productId=12440011'
const jwt = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion='

const oauth = (body: string, headers: Record<string, string> = basic) => exchange.ask('POST /restapi/oauth/token', { headers, body })
const oauthToken = async (assertion = 'rcx-assertion-a'): Promise<string> => (await oauth(jwt + assertion)).json.access_token
const exchanged = (token: string, query = '?includeRefresh=true', headers: Record<string, string> = form) =>
  exchange.ask(`POST /api/auth/login/rc/accesstoken${query}`, { headers, body: `rcAccessToken=${token}&rcTokenType=Bearer` })
const refreshed = (token: string, headers: Record<string, string> = {}) =>
  exchange.ask('POST /api/auth/token/refresh', { headers: { ...form, ...headers }, body: `refresh_token=${token}&rcTokenType=Bearer` })

const patterns = [
  [/"(refreshToken|accessToken|access_token|refresh_token)":"[A-Za-z0-9_.-]+"/g, '"$1":"T"'],
  [/"timestamp":\d{13}/, '"timestamp":0'],
] as const
const normal = (text: string) => patterns.reduce((so, [pattern, to]) => so.replace(pattern as RegExp, to), text)

function said(reply: Reply, status: number, type: string, body: string): void {
  assert.equal(normal(reply.text), body)
  assert.equal(reply.status, status)
  assert.equal(reply.headers['content-type'], type)
}

const details =
  '"tokenType":"Bearer","mainAccountId":"12440011","agentDetails":[{"agentId":502842370097,"firstName":"Sara","lastName":"Monitor","email":"sara@example.com","username":"sara@example.com","agentType":"SUPERVISOR","accountId":"12440011","accountName":"Default Organization"}],"adminUrl":"/voice/admin/","agentUrl":"/voice/agent/","ssoLogin":true}'
const withRefresh = `{"refreshToken":"T","accessToken":"T",${details}`
const error = (errorCode: string, generalMessage: string, requestUri: string, more = '') =>
  `{"errorCode":"${errorCode}","generalMessage":"${generalMessage}","details":"","requestUri":"${requestUri} - POST","timestamp":0${more}}`
const missing = (uri: string, name: string) =>
  error(
    'validation.exception',
    'The supplied data is not valid',
    uri,
    `,"validationErrors":[{"attributeName":"${name}","message":"required","value":null}]`,
  )
const refused = (uri: string) => error('authentication.failed', 'Authentication failed', uri)

describe('the OAuth step', () => {
  test('RC-20: an assertion', async () => {
    const reply = await oauth(`${jwt}rcx-assertion-a`)
    said(
      reply,
      200,
      'application/json',
      '{"access_token":"T","token_type":"bearer","expires_in":3600,"refresh_token":"T","refresh_token_expires_in":604800}',
    )
    assert.equal(reply.headers['cache-control'], 'no-store')
  })

  test('user name and password; the client in the body', async () => {
    assert.equal((await oauth('grant_type=password&username=admin@example.com&password=rcx-password')).status, 200)
    const inBody = `client_id=rcx-client&client_secret=rcx-client-secret&${jwt}rcx-assertion-a`
    assert.equal((await oauth(inBody, form)).status, 200)
  })

  test('a refresh token of this step, and of no other', async () => {
    const { refresh_token: first } = (await oauth(`${jwt}rcx-assertion-a`)).json
    const { refresh_token: second, access_token } = (await oauth(`grant_type=refresh_token&refresh_token=${first}`)).json
    assert.notEqual(second, first)
    const { refreshToken } = (await exchanged(access_token)).json
    assert.equal((await oauth(`grant_type=refresh_token&refresh_token=${refreshToken}`)).status, 400)
    assert.equal((await refreshed(second)).status, 401)
  })

  test('a client that is not believed: 401; a grant that is not: 400', async () => {
    const wrongClient = await oauth(`${jwt}rcx-assertion-a`, { ...form, Authorization: 'Basic cmN4LWNsaWVudDp4' })
    said(wrongClient, 401, 'application/json', '{"error":"invalid_client","error_description":"Authentication failed"}')
    assert.equal(wrongClient.headers['www-authenticate'], 'Basic realm="ringcx"')
    for (const body of [`${jwt}x`, 'grant_type=password&username=admin@example.com&password=x', 'grant_type=refresh_token&refresh_token=x'])
      said(await oauth(body), 400, 'application/json', '{"error":"invalid_grant","error_description":"Authentication failed"}')
    await oauth(`${jwt}rcx-assertion-a`)
    said(
      await oauth('grant_type=authorization_code&code=x'),
      400,
      'application/json',
      '{"error":"invalid_grant","error_description":"Authentication failed"}',
    )
    await oauth(`${jwt}rcx-assertion-a`)
  })

  test('what is missing or unknown', async () => {
    const uri = '/restapi/oauth/token'
    said(await oauth(''), 400, 'application/json', missing(uri, 'grant_type'))
    said(await oauth('grant_type=password'), 400, 'application/json', missing(uri, 'username'))
    assert.match((await oauth('grant_type=magic')).text, /"attributeName":"grant_type","message":"must be one of .*","value":"magic"/)
    said(
      await oauth('{"grant_type":', { ...basic, 'Content-Type': 'application/json' }),
      400,
      'application/json',
      error('malformed.request', 'The supplied data is not valid', uri),
    )
  })
})

describe('the exchange', () => {
  test('RC-01: the Authorization header is not looked at', async () => {
    const reply = await exchanged(await oauthToken(), '?includeRefresh=true', { ...form, Authorization: 'Basic basic' })
    said(reply, 200, 'application/json', withRefresh)
    assert.equal(reply.headers['cache-control'], 'no-store')
    assert.equal((await exchange.ask(list, { headers: bearer(reply.json.accessToken) })).status, 200)
  })

  test('without includeRefresh there is no refresh token; parameters may be in the query', async () => {
    said(await exchanged(await oauthToken(), ''), 200, 'application/json', `{"accessToken":"T",${details}`)
    const query = await exchange.ask(`POST /api/auth/login/rc/accesstoken?rcAccessToken=${await oauthToken()}&rcTokenType=Bearer`)
    assert.equal(query.status, 200)
  })

  test('RC-02: refused', async () => {
    const uri = '/api/auth/login/rc/accesstoken'
    said(await exchanged('wrong', ''), 401, 'application/json', refused(uri))
    const { accessToken } = (await exchanged(await oauthToken())).json
    said(await exchanged(accessToken, ''), 401, 'application/json', refused(uri))
    said(await exchange.ask(`POST ${uri}`, { headers: form }), 400, 'application/json', missing(uri, 'rcAccessToken'))
    const old = await oauthToken()
    exchange.advance(3_600_000)
    said(await exchanged(old, ''), 401, 'application/json', refused(uri))
  })

  test('an account without supervisors has one entry all the same', async () => {
    const reply = await exchange.ask('POST /api/auth/login/admin?username=admin@example.org&password=rcx-password-b&platformId=aws80')
    assert.deepEqual(reply.json.agentDetails, [
      {
        ...{ agentId: 0, firstName: '', lastName: '', email: 'admin@example.org', username: 'admin@example.org' },
        ...{ agentType: 'SUPERVISOR', accountId: '12440022', accountName: 'Other Organization' },
      },
    ])
  })
})

describe('the refresh', () => {
  test('RC-19: with the lapsed token in the header', async () => {
    const { accessToken, refreshToken } = (await exchanged(await oauthToken())).json
    exchange.advance(300_000)
    said(await exchange.ask(list, { headers: bearer(accessToken) }), 401, 'text/plain', 'Jwt is expired')
    const reply = await refreshed(refreshToken, bearer(accessToken))
    said(reply, 200, 'application/json', withRefresh)
    assert.notEqual(reply.json.refreshToken, refreshToken)
    assert.equal((await exchange.ask(list, { headers: bearer(reply.json.accessToken) })).status, 200)
  })

  test('sent again within 10 s, it is given the same pair; later it is spent', async () => {
    const { refreshToken } = (await exchanged(await oauthToken())).json
    const first = await refreshed(refreshToken)
    exchange.advance(9_000)
    assert.equal((await refreshed(refreshToken)).text, first.text)
    exchange.advance(1_000)
    said(await refreshed(refreshToken), 401, 'application/json', refused('/api/auth/token/refresh'))
    assert.equal((await refreshed(first.json.refreshToken)).status, 200)
  })

  test('it lasts seven days', async () => {
    const [a, b] = [(await exchanged(await oauthToken())).json, (await exchanged(await oauthToken())).json]
    exchange.advance(7 * 86_400_000 - 1)
    assert.equal((await refreshed(a.refreshToken)).status, 200)
    exchange.advance(1)
    said(await refreshed(b.refreshToken), 401, 'application/json', refused('/api/auth/token/refresh'))
  })

  test('an access token is none', async () => {
    const { accessToken } = (await exchanged(await oauthToken())).json
    assert.equal((await refreshed(accessToken)).status, 401)
    said(await exchange.ask('POST /api/auth/token/refresh'), 400, 'application/json', missing('/api/auth/token/refresh', 'refresh_token'))
  })
})

describe('the direct login', () => {
  const admin = '/api/auth/login/admin'

  test('in the query or a form', async () => {
    said(
      await exchange.ask(`POST ${admin}?username=admin@example.com&password=rcx-password&platformId=aws80&includeRefresh=true`),
      200,
      'application/json',
      withRefresh,
    )
    said(
      await exchange.ask(`POST ${admin}`, { headers: form, body: 'username=admin%40example.com&password=rcx-password' }),
      200,
      'application/json',
      `{"accessToken":"T",${details}`,
    )
  })

  test('five wrong passwords lock the door for ten minutes', async () => {
    const uri = '/api/auth/login/admin'
    const login = (password: string) => exchange.ask(`POST ${admin}?username=admin@example.com&password=${password}`)
    for (let n = 0; n < 5; n += 1) said(await login('x'), 401, 'application/json', refused(uri))
    const locked = await login('rcx-password')
    said(locked, 429, 'application/json', error('too.many.attempts', 'Too many failed logins', uri))
    assert.equal(locked.headers['retry-after'], '600')
    assert.equal((await oauth(`${jwt}rcx-assertion-a`)).status, 429)
    exchange.advance(600_000)
    assert.equal((await login('rcx-password')).status, 200)
  })
})

describe('a credential', () => {
  const short = 'GET /api/v1/admin/accounts/12440011/activeCalls/list'

  test('RC-04 and RC-05: lapsed, missing and never issued', async () => {
    said(await exchange.ask(short), 401, 'text/plain', 'Jwt is missing')
    for (const headers of [bearer('x'), { 'X-Auth-Token': 'x' }, { 'X-Auth-Token': 'aws80:x' }, bearer('rcx-api-token-a')])
      said(await exchange.ask(short, { headers }), 401, 'text/plain', 'Jwt verification fails')
    for (const headers of [{ Authorization: 'Basic basic' }, { 'X-Auth-Token': ' ' }, { Authorization: 'Bearer ' }])
      said(await exchange.ask(short, { headers }), 401, 'text/plain', 'Jwt is missing')
  })

  test('is valid in this dialect and for its use only', async () => {
    const token = await oauthToken()
    said(await exchange.ask(short, { headers: bearer(token) }), 401, 'text/plain', 'Jwt verification fails')
    for (const key of ['sk_test_admin_a', 'smartflo-token-a'])
      said(await exchange.ask(short, { headers: { 'X-Auth-Token': key } }), 401, 'text/plain', 'Jwt verification fails')
  })

  test('is asked for before the body, the account and the route', async () => {
    const lines = [
      'POST /voice/api/v1/admin/accounts/12440022/activeCalls/createManualAgentCall',
      'GET /voice/api/v1/nothing',
      'DELETE /voice/api/v1/admin/accounts',
    ]
    for (const line of lines) said(await exchange.ask(line, { body: '{' }), 401, 'text/plain', 'Jwt is missing')
  })

  test('has the role of the login it came from', async () => {
    const { accessToken } = (await exchanged(await oauthToken('rcx-assertion-v'))).json
    assert.equal((await exchange.ask(short, { headers: bearer(accessToken) })).status, 200)
    const line = `POST /api/v1/admin/accounts/12440011/activeCalls/${'1'.repeat(30)}/hangupCall`
    assert.equal((await exchange.ask(line, { headers: bearer(accessToken) })).status, 403)
    assert.equal((await exchange.ask(line, { headers: { 'X-Auth-Token': 'rcx-viewer' } })).status, 403)
  })

  test('no answer but that to a lapsed token has the word by which clients know one', async () => {
    for (const reply of [
      await exchanged('x'),
      await refreshed('x'),
      await oauth('x=1'),
      await exchange.ask(short),
      await exchange.ask('POST /api/auth/nothing'),
    ])
      assert.doesNotMatch(reply.text, /expired/i)
  })
})

describe('API tokens', () => {
  const tokens = '/voice/api/v1/admin/token'
  const admin = { headers: { 'X-Auth-Token': 'rcx-api-token-a' } }

  test('are made, listed without being told, used for years, and ended', async () => {
    const made = await exchange.ask(`POST ${tokens}`, admin)
    assert.match(made.text, /^aws80:[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/)
    assert.equal(made.headers['content-type'], 'text/plain')
    assert.equal(made.headers['cache-control'], 'no-store')
    assert.deepEqual((await exchange.ask(`GET ${tokens}`, admin)).json, [`${made.text.slice(0, 14)}-****-****-****-************`])
    exchange.advance(365 * 86_400_000)
    const own = { headers: { 'X-Auth-Token': made.text } }
    assert.equal(
      (await exchange.ask('GET /voice/api/v1/admin/accounts', own)).text,
      '[{"accountId":"12440011","accountName":"Default Organization","mainAccountId":"12440011"}]',
    )
    assert.equal((await exchange.ask(`DELETE ${tokens}/${made.text}`, { headers: { 'X-Auth-Token': 'rcx-api-token-b' } })).text, 'false')
    assert.equal((await exchange.ask(`DELETE ${tokens}/${made.text}`, admin)).text, 'true')
    assert.equal((await exchange.ask(`DELETE ${tokens}/${made.text}`, admin)).text, 'false')
    assert.equal((await exchange.ask(`GET ${tokens}`, own)).status, 401)
  })

  test('observers make none, and no error tells one', async () => {
    const viewer = { headers: { 'X-Auth-Token': 'rcx-viewer' } }
    assert.equal((await exchange.ask(`POST ${tokens}`, viewer)).status, 403)
    const reply = await exchange.ask(`DELETE ${tokens}/aws80:secret`, viewer)
    assert.equal(reply.json.requestUri, '/api/v1/admin/token/* - DELETE')
  })
})

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { accountAUser, md5, YeastarBench } from '../../../testkit/yeastar-bench.ts'

const minutes = (n: number): number => n * 60_000

let bench: YeastarBench
before(async () => {
  bench = await YeastarBench.open()
})
after(() => bench.close())

const uses = (token: string) => bench.said(bench.post('extensionlist/query', undefined, { token }))

describe('login', () => {
  // Failures count by address, and all of them come from here.
  beforeEach(() => bench.exchange.advance(minutes(11)))

  const good: readonly (readonly [string, object])[] = [
    ['the documented fields', { ...accountAUser, port: '8260' }],
    ['a port as a number', { ...accountAUser, port: 8260 }],
    ['no port, as a real client', accountAUser],
    ['the hash in upper case', { ...accountAUser, password: accountAUser.password.toUpperCase() }],
    ['a path, a tag and a version', { ...accountAUser, port: '1', url: 'reports', urltag: '0', version: '1.0.2' }],
    ['an address of its own', { ...accountAUser, url: 'crm.example.com:9000/yeastar', urltag: 1 }],
    ['fields that nobody knows', { ...accountAUser, colour: { deep: ['blue'] } }],
  ]
  for (const [what, fields] of good) test(`with ${what}`, async () => assert.match(await bench.login(fields), /^[\da-f]{32}$/))

  test('the answer is not to be kept by anybody on the way', async () => {
    const { headers } = await bench.raw('/api/v1.1.0/login', JSON.stringify(accountAUser))
    assert.equal(headers['cache-control'], 'no-store')
  })

  const bad: readonly (readonly [string, object | string, string])[] = [
    ['a wrong password', { ...accountAUser, password: md5('wrong') }, '20003'],
    ['the password itself', { ...accountAUser, password: 'api-password' }, '20003'],
    ["another account's password", { ...accountAUser, password: md5('api-password-b') }, '20003'],
    ['a wrong name', { ...accountAUser, username: 'Api' }, '20003'],
    ['no name', { password: accountAUser.password }, '10004'],
    ['an empty password', { ...accountAUser, password: '' }, '10004'],
    ['no body', '', '10004'],
    ['port 0', { ...accountAUser, port: 0 }, '20008'],
    ['port 65536', { ...accountAUser, port: '65536' }, '20008'],
    ['port abc', { ...accountAUser, port: 'abc' }, '20008'],
    ['a tag that is none', { ...accountAUser, port: 8260, urltag: '2' }, '10004'],
    ['a tag without an address', { ...accountAUser, urltag: '1' }, '10004'],
    ['an address that is none', { ...accountAUser, urltag: '1', url: 'http://' }, '10004'],
    ['an endless path', { ...accountAUser, port: 8260, url: 'x'.repeat(3_000) }, '10004'],
    ['a form', 'username=api', '20000'],
  ]
  for (const [what, fields, errno] of bad) {
    test(`with ${what}: ${errno}`, async () => {
      const body = typeof fields === 'string' ? fields : JSON.stringify(fields)
      assert.equal(await bench.said(bench.raw('/api/v1.1.0/login', body)), errno)
    })
  }

  test('five wrong ones in a row close the door for ten minutes, to the right one too', async () => {
    const attempt = (password: string) => bench.said(bench.raw('/api/v1.10/login', JSON.stringify({ username: 'api', password })))
    for (let i = 0; i < 4; i += 1) assert.equal(await attempt(md5('wrong')), '20003')
    assert.equal(await attempt(accountAUser.password), 'Success')
    for (let i = 0; i < 5; i += 1) assert.equal(await attempt(md5('wrong')), '20003')
    assert.equal(await attempt(accountAUser.password), '20002')
    assert.equal(await attempt(''), '20002')
    bench.exchange.advance(minutes(10))
    assert.equal(await attempt(accountAUser.password), 'Success')
  })

  test('in XML, for OpenVox', async () => {
    const { text } = await bench.raw(
      '/api/v0.0.1/login?type=xml',
      `<xml><username>api</username><password>${accountAUser.password}</password><port>99999</port></xml>`,
    )
    assert.equal(text, '<?xml version="1.0" encoding="UTF-8" ?>\n<xml><status>Failed</status><errno>20008</errno></xml>')
  })
})

describe('tokens', () => {
  test('each request lets it live half an hour more; then it has lapsed, and is forgotten after a day', async () => {
    const token = await bench.login(accountAUser)
    bench.exchange.advance(minutes(29))
    assert.equal(await uses(token), 'Success')
    bench.exchange.advance(minutes(29))
    assert.equal(await uses(token), 'Success')
    bench.exchange.advance(minutes(30))
    assert.equal(await uses(token), '20006')
    bench.exchange.advance(minutes(24 * 60 - 1))
    assert.equal(await uses(token), '20006')
    bench.exchange.advance(minutes(2))
    assert.equal(await uses(token), '20004')
  })

  test('none, an empty one and one that never was', async () => {
    for (const [query, errno] of [
      ['', '20005'],
      ['?token=', '20005'],
      ['?&token=', '20005'],
      ['?token=ffffffffffffffffffffffffffffffff', '20004'],
    ] as const) {
      assert.equal(await bench.said(bench.raw(`/api/v1.1.0/extensionlist/query${query}`)), errno)
      // Whether an endpoint exists, and by which method, is told to those who are logged in.
      assert.equal(await bench.said(bench.raw(`/api/v1.1.0/no/such${query}`)), errno)
      assert.equal(await bench.said(bench.exchange.ask(`GET /api/v1.1.0/extensionlist/query${query}`)), errno)
    }
  })

  test('a heartbeat without a body, with a JSON content type, keeps it; logout ends it', async () => {
    const token = await bench.login(accountAUser)
    bench.exchange.advance(minutes(29))
    const headers = { 'Content-Type': 'application/json' }
    assert.equal(await bench.said(bench.post('heartbeat', undefined, { token, headers })), 'Success')
    bench.exchange.advance(minutes(29))
    assert.equal(await bench.said(bench.post('heartbeat', { port: 'x' }, { token })), '20008')
    assert.equal(await bench.said(bench.post('heartbeat', { ipaddr: 'host' }, { token })), '10004')
    assert.equal(await bench.said(bench.post('logout', undefined, { token })), 'Success')
    assert.equal(await uses(token), '20004')
    assert.equal(await bench.said(bench.post('logout', undefined, { token })), '20004')
  })

  test('one token serves all versions, and none of another dialect does', async () => {
    const token = await bench.login(accountAUser, 'v2.0.0')
    for (const version of ['v0.0.1', 'v1.0.4', 'v1.1.0', 'v1.10'])
      assert.equal(await bench.said(bench.post('extensionlist/query', undefined, { token, version })), 'Success')
    assert.equal(await bench.said(bench.post('extension/list', undefined, { token, version: 'v2.0.0' })), 'Success')
    assert.equal(await uses('smartflo-token-a'), '20004')
  })
})

describe('the wire', () => {
  before(async () => {
    bench.token = await bench.login(accountAUser)
  })

  test('GET of a login is a wrong method, without a token too', async () => {
    assert.equal(await bench.said(bench.exchange.ask('GET /api/v1.1.0/login')), '20001')
  })

  test('OPTIONS is answered for browsers', async () => {
    const { status, text, headers } = await bench.exchange.ask('OPTIONS /api/v1.1.0/extension/whisper')
    assert.deepEqual([status, text], [200, ''])
    assert.equal(headers['access-control-allow-headers'], 'content-type')
    assert.equal(headers['content-type'], undefined)
    assert.equal(headers['access-control-allow-methods'], 'GET, POST, OPTIONS, PUT, DELETE')
    assert.equal(headers['access-control-allow-origin'], '*')
  })

  test('a body that is too large: 20000, and the connection is closed', async () => {
    const { json, headers } = await bench.post('extension/query', `{"extid":"${'1'.repeat(70_000)}"}`)
    assert.equal(json.errno, '20000')
    assert.equal(headers.connection, 'close')
    assert.equal(headers['access-control-allow-origin'], '*')
  })

  test('a content coding: 20000', async () => {
    assert.equal(await bench.said(bench.post('extension/query', '{}', { headers: { 'Content-Encoding': 'gzip' } })), '20000')
  })

  test('a content type does not decide, not even one that is none', async () => {
    for (const type of ['text/html', 'garbage', 'a/b/c', '=;', ''])
      assert.equal(
        await bench.said(bench.post('extension/query', '{"extid":"106"}', { headers: { 'Content-Type': type } })),
        'Success',
        type,
      )
  })

  test('a broken escape: 20000', async () => {
    assert.equal(await bench.said(bench.raw(`/api/v1.1.0/extension/%zz?token=${bench.token}`)), '20000')
  })

  test('a type that is none: 10002', async () => {
    assert.equal(await bench.said(bench.post('extensionlist/query', undefined, { query: 'type=yaml' })), '10002')
  })

  test('what is not built: 10003, and what there is not: 10003', async () => {
    for (const path of ['trunklist/query', 'apply', 'token/refresh', 'ivr/dial_extension', 'nothing', 'v1/login', ''])
      assert.equal(await bench.said(bench.post(path)), '10003', path)
  })
})

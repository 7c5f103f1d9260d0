import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiTokens, failure, SmartfloOffice } from '../../../testkit/smartflo-office.ts'
import type { Holder } from '../holder.ts'
import { TokenBook } from '../tokens.ts'

let office: SmartfloOffice
before(async () => {
  office = await SmartfloOffice.open()
})
after(() => office.close())

const json = { 'Content-Type': 'application/json' }
const login = (fields: object) => office.exchange.ask('POST /v1/auth/login', { headers: json, body: JSON.stringify(fields) })
const ops = { email: 'ops@example.com', password: 'smartflo-password' }
const token = async (): Promise<string> => (await login(ops)).json.access_token
const refresh = (authorization?: string) =>
  office.exchange.ask('POST /v1/auth/refresh', { headers: authorization === undefined ? {} : { Authorization: authorization } })
const isTaken = async (authorization: string) =>
  (await office.exchange.ask('GET /v1/live_calls', { headers: { Authorization: authorization } })).status === 200

describe('the header', () => {
  test('with and without the word, whatever its letters, with space around', async () => {
    const text = await token()
    for (const header of [
      text,
      `Bearer ${text}`,
      `bearer ${text}`,
      `BEARER  ${text}`,
      ` ${text}`,
      apiTokens.admin,
      `beareR ${apiTokens.admin}`,
    ])
      assert.ok(await isTaken(header), header)
  })

  for (const [header, message] of [
    ['', 'Unauthorized'],
    ['Bearer', 'Unauthorized'],
    ['Bearer ', 'Unauthorized'],
    ['nope', 'Deleted or blacklisted token provided'],
    ['Basic nope', 'Deleted or blacklisted token provided'],
    [`Token ${apiTokens.admin}`, 'Deleted or blacklisted token provided'],
    [apiTokens.admin.toUpperCase(), 'Deleted or blacklisted token provided'],
    ['sk_test_admin_a', 'Deleted or blacklisted token provided'],
    ['rcx-api-token-a', 'Deleted or blacklisted token provided'],
  ] as const) {
    test(`refused: "${header}"`, async () => {
      const { status, text } = await office.exchange.ask('GET /v1/users', { headers: { Authorization: header } })
      assert.deepEqual([status, text], [401, failure(message)])
    })
  }

  test('a path that does not exist says so only to those who may know', async () => {
    assert.equal((await office.get('/v1/nothing', 'nope')).status, 401)
    assert.deepEqual([(await office.get('/v1/nothing')).status, (await office.get('/v1/nothing')).text], [404, failure('Not found')])
  })
})

describe('a login', () => {
  test('as JSON, as JSON that claims to be a form, as a form, as multipart', async () => {
    const multipart = ['--b', 'Content-Disposition: form-data; name="email"', '', ops.email, '--b']
    multipart.push('Content-Disposition: form-data; name="password"', '', ops.password, '--b--', '')
    for (const [type, body] of [
      ['application/json; charset=utf-8', JSON.stringify(ops)],
      ['application/x-www-form-urlencoded', JSON.stringify(ops)],
      ['application/x-www-form-urlencoded', new URLSearchParams(ops).toString()],
      ['multipart/form-data; boundary=b', multipart.join('\r\n')],
      ['text/plain', JSON.stringify(ops)],
    ] as const) {
      const answer = await office.exchange.ask('POST /v1/auth/login', { headers: { 'Content-Type': type }, body })
      assert.deepEqual([answer.status, answer.json.success], [200, true], type)
    }
    assert.equal((await office.exchange.ask('POST /v1/auth/login', { body: JSON.stringify(ops) })).status, 200)
  })

  test('the e-mail in any letters', async () => assert.equal((await login({ ...ops, email: 'OPS@Example.com' })).status, 200))

  test('what is missing is named, in order', async () => {
    for (const [fields, name] of [
      [{}, 'email'],
      [{ password: 'x' }, 'email'],
      [{ email: 'x', password: '' }, 'password'],
    ] as const) {
      const { status, text } = await login(fields)
      assert.deepEqual([status, text], [422, failure(`The ${name} field is required.`)])
    }
  })

  test('an hour, and then it has lapsed; a day later it is unknown', async () => {
    const text = await token()
    office.exchange.advance(3_599_999)
    assert.ok(await isTaken(text))
    office.exchange.advance(1)
    assert.equal((await office.get('/v1/users', text)).text, failure('Token has expired'))
    office.exchange.advance(24 * 3_600_000)
    assert.equal((await office.get('/v1/users', text)).text, failure('Deleted or blacklisted token provided'))
  })

  test('five refused ones lock the e-mail and the source for ten minutes', async () => {
    const wrong = { email: 'paco@example.com', password: 'guess' }
    for (const count of [1, 2, 3, 4, 5]) {
      const { status, json: body } = await login(wrong)
      assert.deepEqual([status, body.login_failed_count], [401, count])
      office.exchange.advance(1_000)
    }
    const locked = await login({ ...wrong, password: 'paco' })
    const until = '2026-11-21 18:40:04'
    assert.equal(locked.text, JSON.stringify({ success: false, message: 'Too many login attempts.', retry_after: until }))
    assert.deepEqual([locked.status, locked.headers['retry-after']], [429, '599'])
    assert.equal((await login(ops)).status, 429)
    office.exchange.advance(598_999)
    assert.equal((await login(ops)).status, 429)
    office.exchange.advance(1)
    assert.equal((await login({ ...wrong, password: 'paco' })).status, 200)
  })

  test('a right one forgets the wrong ones of its e-mail', async () => {
    office.exchange.advance(600_000)
    assert.equal((await login({ ...ops, password: 'x' })).json.login_failed_count, 1)
    await login(ops)
    assert.equal((await login({ ...ops, password: 'x' })).json.login_failed_count, 1)
  })
})

describe('a refresh', () => {
  test('of a valid token: the new one is taken, the old one not any more', async () => {
    const old = await token()
    const answer = await refresh(`Bearer ${old}`)
    assert.deepEqual([answer.status, answer.headers['cache-control']], [200, 'no-store'])
    assert.deepEqual(Object.keys(answer.json), ['success', 'access_token', 'token_type', 'expires_in', 'number_of_days_left'])
    assert.deepEqual([await isTaken(answer.json.access_token), await isTaken(old)], [true, false])
    assert.equal((await refresh(old)).text, failure('Deleted or blacklisted token provided'))
  })

  test('of one that lapsed less than a day ago', async () => {
    const old = await token()
    office.exchange.advance(24 * 3_600_000)
    const answer = await refresh(old)
    assert.deepEqual([answer.status, await isTaken(answer.json.access_token)], [200, true])
  })

  test('of one that lapsed a day ago, of none, of a wrong one', async () => {
    const old = await token()
    office.exchange.advance(25 * 3_600_000)
    assert.equal((await refresh(old)).text, failure('Deleted or blacklisted token provided'))
    assert.equal((await refresh()).text, failure('Unauthorized'))
    assert.equal((await refresh('nope')).status, 401)
  })

  test('of an API token, which stays valid', async () => {
    const answer = await refresh(apiTokens.viewer)
    assert.equal(answer.status, 200)
    assert.deepEqual([await isTaken(apiTokens.viewer), await isTaken(answer.json.access_token)], [true, true])
  })
})

test('a token of one use or dialect is none of another', () => {
  const { now, random } = office.exchange
  const book = new TokenBook(random)
  const holder: Holder = { account: office.exchange.settings.accounts[0]?.id ?? assert.fail(), role: 'admin', credential: 'x' }
  const text = book.issue(now, { dialect: 'smartflo', use: 'access', holder, lifeMs: 1000 })
  assert.equal(book.remembered(now, { dialect: 'ringcx', use: 'access' }, text), undefined)
  assert.equal(book.remembered(now, { dialect: 'smartflo', use: 'refresh' }, text), undefined)
  assert.equal(book.remembered(now, { dialect: 'smartflo', use: 'access' }, text)?.holder, holder)
})

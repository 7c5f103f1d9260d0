import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Asking, keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall } from '../../testkit/desk.ts'
import { refusal, refusalCodes } from '../call/refusal.ts'
import { fail } from '../kernel/outcome.ts'
import { problemOf } from './problem.ts'
import { explanations, refusals } from './refusals.ts'

const logged: { readonly fields: object; readonly message: string }[] = []
const keep = (fields: object, message: string) => void logged.push({ fields, message })

let server: TestServer
before(async () => {
  server = await startApi({ log: { debug: keep, info: keep, warn: keep, error: keep } })
  server.desk.put(aCall('c1'))
})
after(() => server.close())

const json = { 'Content-Type': 'application/json' }
const originate = 'POST /calls'

describe('every failure is a problem', () => {
  const rows: readonly (readonly [what: string, line: string, asking: Asking, status: number, code: string])[] = [
    ['broken JSON', originate, { raw: '{"from":', headers: json }, 400, 'body-malformed'],
    ['an array', originate, { raw: '[]', headers: json }, 400, 'body-malformed'],
    ['too much', originate, { raw: `{"a":"${'x'.repeat(65_536)}"}`, headers: json }, 413, 'body-too-large'],
    ['another type', originate, { raw: 'a=1', headers: { 'Content-Type': 'text/plain' } }, 415, 'media-type-unsupported'],
    ['a type that is none', originate, { raw: '{}', headers: { 'Content-Type': 'nonsense' } }, 415, 'media-type-unsupported'],
    ['a compressed body', originate, { raw: '{}', headers: { ...json, 'Content-Encoding': 'gzip' } }, 415, 'media-type-unsupported'],
    ['an unknown path', 'GET /nowhere', {}, 404, 'route-unknown'],
    ['an unknown path outside', 'GET //nowhere', {}, 404, 'route-unknown'],
    ['the base path itself', 'GET //sotto/v1', {}, 404, 'route-unknown'],
    ['dots', 'GET /calls/%2e%2e%2fcalls', {}, 404, 'call-unknown'],
    ['a broken escape in the path', 'GET /calls/%zz', {}, 400, 'body-malformed'],
    ['a broken escape in the query', 'GET /calls?agent=%zz', {}, 400, 'body-malformed'],
    ['an escape that is no UTF-8', 'GET /calls/%ff', {}, 400, 'body-malformed'],
    ['a very long id', `GET /calls/${'x'.repeat(4000)}`, {}, 404, 'call-unknown'],
    ['a method that the path does not take', 'PUT /calls', { body: {} }, 405, 'method-not-allowed'],
    ['a method of another protocol', 'PROPFIND /calls', {}, 405, 'method-not-allowed'],
    ['a method of which nobody has heard', 'BREW /calls', {}, 400, 'body-malformed'],
    ['a method outside', 'POST //health', { raw: 'x' }, 405, 'method-not-allowed'],
  ]
  for (const [what, line, asking, status, code] of rows) {
    test(`${what}: ${status} ${code}`, async () => {
      const answer = await server.ask(line, { key: keys.admin, ...asking })
      assert.deepEqual([answer.status, answer.json?.status, answer.json?.code], [status, status, code], answer.text)
      assert.deepEqual(Object.keys(answer.json).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type'])
      assert.equal(answer.json.requestId, answer.headers.get('x-request-id'))
      assert.equal(answer.headers.get('content-type'), 'application/problem+json', 'no charset: the type has no parameters (RFC 9457 §6.1)')
    })
  }

  test('405 says what the path does take', async () => {
    const call = await server.ask('PATCH /calls/c1', { key: keys.admin })
    const events = await server.ask('DELETE /events', { key: keys.admin })
    assert.deepEqual([call.headers.get('allow'), events.headers.get('allow')], ['DELETE, GET, HEAD', 'GET, HEAD'])
  })

  test('a bug is a 500 that tells nothing, and the log everything', async () => {
    server.desk.answers(() => {
      throw new Error('the password is 12345')
    })
    const { status, json: problem, text } = await server.ask('DELETE /calls/c1', { key: keys.admin })
    assert.deepEqual([status, problem.code, text.includes('12345')], [500, 'internal-error', false])
    const line = logged.find(({ message }) => message === 'request failed')
    assert.match(
      JSON.stringify(line?.fields, (_name, value) => (value instanceof Error ? value.message : value)),
      new RegExp(`12345.*${problem.requestId}`),
    )
  })
})

describe('the catalogue', () => {
  for (const code of refusalCodes) {
    test(`${code} is answered as the table says`, async () => {
      server.desk.answers(() => fail(refusal(code, { name: 'x', why: 'Because.' })))
      const asking = { key: keys.admin, body: { from: { agent: '1' }, to: { agent: '2' } }, unheardOf: true } as const
      const { status, json: problem, headers } = await server.ask(originate, asking)
      assert.equal(status, refusals[code].status)
      assert.equal(problem.code, refusals[code].shownAs ?? code)
      assert.equal(headers.has('retry-after'), status === 429 || status === 503)
      assert.equal(problem.parameter, code.startsWith('parameter-') ? 'x' : undefined)
    })
  }

  test('each title and sentence is for people: a capital, an end, no code', () => {
    for (const code of refusalCodes) {
      assert.match(refusals[code].title, /^[A-Z][a-z ]+$/)
      assert.match(explanations[code], /^[A-Z].*\.$/)
      assert.equal(problemOf(refusal(code), 'r').detail, explanations[refusals[code].shownAs ?? code])
    }
  })

  test('what belongs to another account is told in the words of what is unknown', () => {
    assert.deepEqual(
      problemOf(refusal('other-tenant', { why: 'Extension 101 is of account 2.' }), 'r'),
      problemOf(refusal('endpoint-unknown'), 'r'),
    )
  })
})

describe('request ids', () => {
  test('are taken over where they are harmless, and made where they are not', async () => {
    const id = async (given: string) =>
      (await server.ask('GET //health', { headers: { 'X-Request-Id': given } })).headers.get('x-request-id')
    assert.equal(await id('trace-1:a.b'), 'trace-1:a.b')
    for (const bad of ['a b', 'x'.repeat(65), '<script>']) assert.match((await id(bad)) ?? '', /^req_[0-9a-f]{20}$/)
  })

  test('differ from request to request', async () => {
    const ids = await Promise.all([1, 2, 3].map(async () => (await server.ask('GET //health')).headers.get('x-request-id')))
    assert.equal(new Set(ids).size, 3)
  })
})

test('no credential is ever logged', async () => {
  await server.ask('GET /calls', { key: keys.admin })
  await server.ask(`GET /calls?access_token=${keys.admin}&%61ccess_token=${keys.admin}&token=${keys.admin}`, { key: 'sk_wrong_one' })
  await server.ask('POST /oauth/token', {
    body: { grant_type: 'client_credentials', client_id: '12440011', client_secret: 'sk_wrong_two' },
  })
  const text = JSON.stringify(logged)
  assert.doesNotMatch(text, /sk_/)
  assert.match(text, /access_token=~[0-9a-f]{8}&%61ccess_token=~[0-9a-f]{8}&token=~[0-9a-f]{8}/)
})

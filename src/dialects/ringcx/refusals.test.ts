/** The whole catalogue in this dialect's words (contract ringcx, section 6), and those of the edge over the wire. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Exchange } from '../../../testkit/exchange.ts'
import { type RefusalCode, refusal, refusalCodes } from '../../call/refusal.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { Sent } from '../dialect.ts'
import { refuseAsRingcx } from './refusals.ts'

const sent: Sent = {
  at: instant(1_800_000_000_000.5),
  requestId: 'req_1',
  method: 'POST',
  segments: ['voice', 'api', 'v1', 'admin', 'a b"'],
  query: {},
  headers: {},
  source: '127.0.0.1',
  base: 'https://sotto.test',
  route: undefined,
}
const invalid = 'The supplied data is not valid'
const notFound = 'The requested resource was not found'
const denied = 'You do not have permission to access this resource'
const failed = 'An Internal Server Error occurred while processing this request'
const noAgent = 'Unable to make call: The provided agent was not found'
const notThere = 'Unable to make call: The provided agent is not logged in'

type Expected = readonly [status: number, text: string] | readonly [status: number, code: string, general: string, details: string]

const table: Readonly<Record<RefusalCode, Expected>> = {
  unauthenticated: [401, 'Jwt is missing'],
  'credentials-invalid': [401, 'authentication.failed', 'Authentication failed', ''],
  'token-expired': [401, 'Jwt is expired'],
  'login-locked': [429, 'too.many.attempts', 'Too many failed logins', ''],
  forbidden: [403, 'access.denied.exception', denied, ''],
  'other-tenant': [403, 'access.denied.exception', denied, ''],
  'call-unknown': [404, 'active.calls.call.not.found', notFound, 'The call was not found'],
  'call-ended': [404, 'active.calls.call.not.found', notFound, 'The call was not found'],
  'party-unknown': [200, 'false'],
  'endpoint-unknown': [400, 'active.calls.agent.not.found', invalid, noAgent],
  'endpoint-unavailable': [400, 'active.calls.agent.not.logged.in', invalid, notThere],
  'endpoint-busy': [200, 'false'],
  'supervision-not-allowed': [403, 'access.denied.exception', denied, 'The agent may not be monitored'],
  'mode-not-allowed': [403, 'access.denied.exception', denied, 'The session type is not permitted'],
  'already-supervised-by-you': [200, 'true'],
  'supervisor-limit': [400, 'active.calls.session.limit', invalid, 'The call has the maximum number of sessions'],
  'wrong-state': [400, 'active.calls.invalid.state', invalid, 'The call is not in a state that allows this operation'],
  'number-invalid': [400, 'validation.exception', invalid, ''],
  'destination-not-allowed': [403, 'access.denied.exception', denied, 'The destination is not permitted'],
  'parameter-missing': [400, 'validation.exception', invalid, ''],
  'parameter-invalid': [400, 'validation.exception', invalid, ''],
  'resource-unknown': [404, 'gate.not.found', notFound, ''],
  'disposition-unknown': [400, 'active.calls.disposition.not.found', invalid, 'The disposition was not found'],
  'recording-not-permitted': [403, 'access.denied.exception', denied, 'Recording is not permitted'],
  'consent-invalid': [400, 'validation.exception', invalid, ''],
  'no-agent-available': [200, 'false'],
  timeout: [500, 'unknown.exception', failed, 'The operation timed out'],
  'rate-limited': [429, 'too.many.attempts', 'Too many requests', ''],
  'capacity-exceeded': [503, 'service.unavailable', 'The service is temporarily unavailable', ''],
  unsupported: [501, 'not.implemented', 'The operation is not supported', ''],
  'engine-failed': [500, 'unknown.exception', failed, ''],
  'internal-error': [500, 'unknown.exception', failed, ''],
  'body-malformed': [400, 'malformed.request', invalid, ''],
  'body-too-large': [413, 'malformed.request', invalid, ''],
  'media-type-unsupported': [415, 'malformed.request', invalid, ''],
  'method-not-allowed': [405, 'method.not.allowed', 'The method is not supported', ''],
  'route-unknown': [404, 'resource.not.found', notFound, ''],
}

const messages: Partial<Record<RefusalCode, string>> = {
  'number-invalid': 'must be a phone number',
  'parameter-missing': 'required',
  'parameter-invalid': 'why not',
  'consent-invalid': 'not valid',
}

describe('every refusal', () => {
  for (const code of refusalCodes) {
    test(code, () => {
      const answer = refuseAsRingcx(new Refused(refusal(code, { name: 'gate', why: 'why not' })), sent)
      const [status, first, general, details] = table[code]
      assert.equal(answer.status, status)
      const isText = general === undefined
      assert.equal(answer.headers['Content-Type'], isText ? 'text/plain' : 'application/json')
      if (isText) return assert.equal(answer.body, first)
      const body = {
        errorCode: first,
        generalMessage: general,
        details,
        requestUri: '/api/v1/admin/a%20b%22 - POST',
        timestamp: 1_800_000_000_000,
        ...(messages[code] && { validationErrors: [{ attributeName: 'gate', message: messages[code], value: null }] }),
      }
      assert.equal(answer.body, JSON.stringify(body))
      const isLater = status === 429 || status === 503
      assert.equal(answer.headers['Retry-After'] !== undefined, isLater)
    })
  }

  test('where only JSON is taken, false is JSON', () => {
    const cases: readonly (readonly [string | undefined, string])[] = [
      [undefined, 'text/plain'],
      ['', 'text/plain'],
      ['*/*', 'text/plain'],
      ['text/plain', 'text/plain'],
      ['text/html', 'text/plain'],
      ['application/json', 'application/json'],
      ['Application/*;q=0.5', 'application/json'],
      ['application/json, text/plain, */*', 'text/plain'],
      ['application/json, text/plain;q=0', 'application/json'],
      ['application/json;charset=utf-8', 'application/json'],
    ]
    for (const [accept, type] of cases) {
      const answer = refuseAsRingcx(new Refused(refusal('party-unknown')), { ...sent, headers: accept === undefined ? {} : { accept } })
      assert.deepEqual([answer.headers['Content-Type'], answer.body], [type, 'false'], accept)
    }
  })
})

describe('over the wire', () => {
  let exchange: Exchange
  before(async () => {
    exchange = await Exchange.open()
  })
  after(() => exchange.close())
  const headers = { 'X-Auth-Token': 'rcx-api-token-a' }
  const root = '/voice/api/v1/admin/accounts/12440011'

  const cases: readonly (readonly [line: string, status: number, code: string])[] = [
    [`GET ${root}/activeCalls/nothing`, 404, 'resource.not.found'],
    [`GET ${root}/nothing`, 404, 'resource.not.found'],
    ['GET /voice/nothing', 404, 'resource.not.found'],
    ['GET /api/v7/nothing', 404, 'resource.not.found'],
    ['POST /api/auth/nothing', 404, 'resource.not.found'],
    [`PUT ${root}/activeCalls/list`, 405, 'method.not.allowed'],
    ['GET /restapi/oauth/token', 405, 'method.not.allowed'],
    [`GET ${root}/../x`, 404, 'resource.not.found'],
    [`GET ${root}/%zz`, 400, 'malformed.request'],
    [`GET ${root}/dialGroups`, 501, 'not.implemented'],
    [`GET ${root}/activeCalls/prerouteChecks/checkQueueStatus?destination_number=1&maxq=1`, 501, 'not.implemented'],
    ['POST /api/v1/auth/login', 501, 'not.implemented'],
  ]
  for (const [line, status, code] of cases) {
    test(line, async () => {
      const reply = await exchange.ask(line, { headers })
      assert.deepEqual([reply.status, reply.json?.errorCode], [status, code])
      assert.equal(reply.headers['content-type'], 'application/json')
      assert.equal(reply.headers.allow !== undefined, status === 405)
      assert.ok(reply.headers['x-request-id'] !== undefined)
    })
  }

  test('a body that is too large, or compressed', async () => {
    const line = `POST ${root}/activeCalls/createManualAgentCall`
    const large = await exchange.ask(line, { headers, body: 'x'.repeat(65_537) })
    assert.deepEqual([large.status, large.json.errorCode], [413, 'malformed.request'])
    const coded = await exchange.ask(line, { headers: { ...headers, 'Content-Encoding': 'gzip' }, body: 'x' })
    assert.deepEqual([coded.status, coded.json.errorCode], [415, 'malformed.request'])
  })

  test('bodies of actions that do not parse are no bodies, whatever they say they are', async () => {
    for (const [type, body] of [
      ['application/json', '{"username"'],
      ['application/json', '[1]'],
      ['text/xml', '<a/>'],
      ['application/x-www-form-urlencoded', 'a=%zz'],
      ['application/json', Buffer.from([0xff, 0xfe])],
    ] as const) {
      const reply = await exchange.ask(`POST ${root}/activeCalls/createManualAgentCall`, {
        headers: { ...headers, 'Content-Type': type },
        body,
      })
      assert.deepEqual(reply.json.validationErrors, [{ attributeName: 'username', message: 'required', value: null }], body.toString())
    }
  })

  test('a value that is no single one is refused by its name', async () => {
    const body = '{"username":["a"],"destination":{"x":1}}'
    const reply = await exchange.ask(`POST ${root}/activeCalls/createManualAgentCall`, { headers, body })
    assert.deepEqual(reply.json.validationErrors, [{ attributeName: 'username', message: 'must be a single value', value: null }])
  })

  test('HEAD is GET without the body', async () => {
    const reply = await exchange.ask(`HEAD ${root}/activeCalls/list`, { headers })
    assert.deepEqual([reply.status, reply.text], [200, ''])
  })
})

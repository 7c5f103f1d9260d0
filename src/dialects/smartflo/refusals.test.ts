import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiTokens, failure, SmartfloOffice } from '../../../testkit/smartflo-office.ts'
import { type RefusalCode, refusal, refusalCodes } from '../../call/refusal.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { Sent } from '../dialect.ts'
import { refuse } from './refusals.ts'

const sent = (authorization?: string): Sent => ({
  at: instant(Date.UTC(2026, 10, 20, 12)),
  requestId: 'req_1',
  method: 'POST',
  segments: ['v1', 'call', 'options'],
  query: {},
  headers: { authorization },
  source: '127.0.0.1',
  base: 'https://sotto.test',
  route: undefined,
})

/** Section 8, row by row: refusal, status, message, and what the refusal is about. */
const rows: readonly (readonly [RefusalCode, number, string, string?])[] = [
  ['unauthenticated', 401, 'Unauthorized'],
  ['credentials-invalid', 401, 'The username or password is incorrect.'],
  ['token-expired', 401, 'Token has expired'],
  ['login-locked', 429, 'Too many login attempts.'],
  ['forbidden', 403, 'You are not authorized to perform this operation'],
  ['other-tenant', 422, 'Invalid Call ID', 'call_id'],
  ['other-tenant', 422, 'Invalid Agent ID', 'agent_id'],
  ['other-tenant', 422, 'Invalid Intercom', 'intercom'],
  ['call-unknown', 422, 'Invalid Call ID'],
  ['call-ended', 422, 'Invalid Call ID'],
  ['party-unknown', 422, 'Invalid Agent ID'],
  ['endpoint-unknown', 422, 'Invalid Agent ID', 'agent_id'],
  ['endpoint-unknown', 422, 'Invalid Agent ID', 'agent_number'],
  ['endpoint-unknown', 422, 'Invalid Intercom', 'intercom'],
  ['endpoint-unknown', 404, 'User not found', 'user'],
  ['endpoint-unavailable', 422, 'Agent is offline', 'agent_id'],
  ['endpoint-unavailable', 422, 'Destination is offline', 'intercom'],
  ['endpoint-busy', 422, 'Agent is busy', 'agent_id'],
  ['endpoint-busy', 422, 'Destination is busy', 'intercom'],
  ['supervision-not-allowed', 403, 'Supervision is not allowed for this call'],
  ['mode-not-allowed', 403, 'Agent is not authorized for this type of operation'],
  ['supervisor-limit', 422, 'Maximum number of supervisors reached'],
  ['wrong-state', 422, 'Call is not in a valid state for this operation'],
  ['number-invalid', 422, 'Invalid Intercom', 'intercom'],
  ['number-invalid', 422, 'Invalid destination number', 'destination_number'],
  ['number-invalid', 422, 'Invalid caller ID', 'caller_id'],
  ['destination-not-allowed', 403, 'Destination is not allowed'],
  ['parameter-missing', 422, 'The call_id field is required.', 'call_id'],
  ['parameter-invalid', 422, 'The type field is invalid.', 'type'],
  ['resource-unknown', 422, 'Invalid Intercom', 'group'],
  ['resource-unknown', 422, 'Invalid recording', 'recording'],
  ['disposition-unknown', 422, 'Invalid disposition'],
  ['recording-not-permitted', 403, 'Recording is not allowed'],
  ['consent-invalid', 422, 'The consent field is invalid.'],
  ['no-agent-available', 422, 'No agent is available'],
  ['timeout', 500, 'Call operation failed. Please try again'],
  ['capacity-exceeded', 503, 'Service temporarily unavailable'],
  ['unsupported', 501, 'Operation is not supported'],
  ['engine-failed', 500, 'Call operation failed. Please try again'],
  ['internal-error', 500, 'Internal server error'],
  ['body-malformed', 400, 'Invalid request body'],
  ['body-too-large', 413, 'Request body is too large'],
  ['media-type-unsupported', 415, 'Content encoding is not supported'],
  ['method-not-allowed', 405, 'Method not allowed'],
  ['route-unknown', 404, 'Not found'],
]

describe('the table', () => {
  for (const [code, status, message, name] of rows) {
    test(`${code} ${name ?? ''}`, () => {
      const answer = refuse(new Refused(refusal(code, name === undefined ? {} : { name })), sent())
      const { success, message: said } = JSON.parse(answer.body.toString())
      assert.deepEqual([answer.status, success, said, answer.headers['Content-Type']], [status, false, message, 'application/json'])
    })
  }

  test('every code of the catalogue has an answer, and 200 is none of a failure', () => {
    for (const code of refusalCodes) {
      const { status, body } = refuse(new Refused(refusal(code)), sent())
      const { success, message } = JSON.parse(body.toString())
      assert.ok(typeof message === 'string' && message !== '')
      if (code === 'already-supervised-by-you') assert.deepEqual([status, success, message], [200, true, 'Call monitoring started'])
      else assert.ok(status >= 400 && (code === 'rate-limited' ? success === 'false' : success === false), code)
    }
  })

  test('too many requests: the vendor spells it as a text', () => {
    const answer = refuse(new Refused(refusal('rate-limited')), sent())
    assert.equal(answer.body, '{"success":"false","message":"Too many requests."}')
    assert.deepEqual([answer.status, Number(answer.headers['Retry-After']) > 0], [429, true])
  })

  test('an unknown token is told from none', () => {
    const answer = refuse(new Refused(refusal('unauthenticated')), sent('Bearer x'))
    assert.equal(answer.body, failure('Deleted or blacklisted token provided'))
  })

  test('a locked login says until when, on Indian clocks', () => {
    const answer = refuse(new Refused(refusal('login-locked')), sent())
    assert.equal(answer.body, '{"success":false,"message":"Too many login attempts.","retry_after":"2026-11-20 17:40:00"}')
    assert.equal(answer.headers['Retry-After'], '600')
  })
})

describe('on the wire', () => {
  let office: SmartfloOffice
  before(async () => {
    office = await SmartfloOffice.open()
  })
  after(() => office.close())

  const ask = async (line: string, more: { readonly body?: string | Buffer; readonly headers?: Readonly<Record<string, string>> } = {}) => {
    const answer = await office.exchange.ask(line, {
      headers: { Authorization: apiTokens.admin, 'Content-Type': 'application/json', ...more.headers },
      ...(more.body === undefined ? {} : { body: more.body }),
    })
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.text))
    assert.ok(answer.headers['x-request-id'])
    return answer
  }
  const path = 'POST /v1/call/options'

  for (const [what, line, more, status, message] of [
    ['broken JSON', path, { body: '{"type":1' }, 400, 'Invalid request body'],
    ['a JSON list', path, { body: '[1]' }, 400, 'Invalid request body'],
    [
      'a form that is none',
      path,
      { body: 'a=%zz', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      400,
      'Invalid request body',
    ],
    [
      'multipart without its end',
      path,
      { body: '--b', headers: { 'Content-Type': 'multipart/form-data; boundary=b' } },
      400,
      'Invalid request body',
    ],
    [
      'multipart without a boundary',
      path,
      { body: '--b', headers: { 'Content-Type': 'multipart/form-data' } },
      400,
      'Invalid request body',
    ],
    ['no UTF-8', path, { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'Invalid request body'],
    ['depth', path, { body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` }, 400, 'Invalid request body'],
    ['a long body', path, { body: ' '.repeat(65_537) }, 413, 'Request body is too large'],
    ['a packed body', path, { body: '{}', headers: { 'Content-Encoding': 'gzip' } }, 415, 'Content encoding is not supported'],
    ['a broken escape', 'GET /v1/live_calls/%zz', {}, 400, 'Invalid request body'],
    ['dots', 'GET /v1/live_calls/..', {}, 404, 'Not found'],
    ['a path that does not exist', 'GET /v1/calls_of_yesterday', {}, 404, 'Not found'],
    ['a wrong case', 'GET /v1/Live_Calls', {}, 404, 'Not found'],
    ['a wrong method', 'DELETE /v1/call/options', {}, 405, 'Method not allowed'],
    ['what is not built', 'POST /v1/agent/1234/block', {}, 501, 'Operation is not supported'],
    ['what is not built', 'PUT /v1/user/12', { body: '{' }, 501, 'Operation is not supported'],
  ] as const) {
    test(what, async () => {
      const answer = await ask(line, more)
      assert.deepEqual([answer.status, answer.text], [status, failure(message)])
    })
  }

  test('a wrong method says which are right', async () => assert.equal((await ask('PUT /v1/call/hangup')).headers.allow, 'POST'))

  test('what is not built is told to nobody without a credential', async () => {
    assert.equal((await ask('POST /v1/agent/1234/block', { headers: { Authorization: 'nope' } })).status, 401)
  })

  test('slashes do not matter, and HEAD is GET without a body', async () => {
    assert.equal((await ask('GET //v1///live_calls//')).text, '[]')
    const head = await office.exchange.ask('HEAD /v1/live_calls', { headers: { Authorization: apiTokens.admin } })
    assert.deepEqual([head.status, head.text], [200, ''])
  })

  test('a node without media takes no new calls', async () => {
    office.exchange.engine.emit({ kind: 'media', up: false })
    const answer = await office.post('/v1/click_to_call', { agent_number: '1234', destination_number: '6501234567' })
    assert.deepEqual([answer.status, answer.text, answer.headers['retry-after']], [503, failure('Service temporarily unavailable'), '5'])
    office.exchange.engine.emit({ kind: 'media', up: true })
  })

  test('more supervisors than there is room for', async () => {
    const call = office.answered()
    const { supervisionsPerCall } = (await import('../../kernel/limits.ts')).limits
    const supervisors = Array.from({ length: supervisionsPerCall }, (_, i) => `+4477009000${10 + i}`)
    for (const number of supervisors) {
      const command = { kind: 'supervise', call: call.id, supervisor: { number }, mode: 'monitor' } as const
      assert.ok((await office.exchange.desk.request({ account: call.account, role: 'admin' }, command)).ok)
    }
    const { status, text } = await office.options({ type: 1, call_id: office.id(call) })
    assert.deepEqual([status, text], [422, failure('Maximum number of supervisors reached')])
  })
})

/** The refusal map (contract newvoicemedia, section 7). */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Exchange } from '../../../testkit/exchange.ts'
import { type RefusalCode, refusal, refusalCodes } from '../../call/refusal.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { DialectRoute, Sent } from '../dialect.ts'
import { refusalAnswer } from './refusals.ts'

const route = (id: string): DialectRoute => ({
  ...{ id, method: 'POST', path: '/', tier: 'must', summary: '', refusals: [] },
  handle: () => assert.fail(),
})

const sent = (more: Partial<Sent> = {}): Sent => ({
  ...{ at: instant(0), requestId: 'r', method: 'POST', segments: [], query: {}, headers: { 'content-type': 'text/plain; x=1' } },
  ...{ source: '127.0.0.1', base: 'https://sotto.test', route: undefined },
  ...more,
})

const create = { route: route('createCall') }
const recording = { route: route('setRecording') }
const reading = { method: 'GET' }

const denied = 'Authorization has been denied for this request.'
const invalid = 'The request is invalid.'
const failed = 'Unable to place call to Agent. Please try again'
const notAvailable = 'Unable to place call - dialed Agent is not currently available'
const badNumber = 'Unable to place call - number is invalid'

type Case = readonly [code: RefusalCode, status: number, message: string, name?: string | undefined, more?: Partial<Sent>]

const cases: readonly Case[] = [
  ['unauthenticated', 401, denied],
  ['token-expired', 401, denied],
  ['forbidden', 403, 'You are not permitted to perform this request.'],
  ['other-tenant', 401, denied],
  ['call-unknown', 404, 'The call was not found.'],
  ['call-ended', 404, 'The call was not found.'],
  ['call-ended', 400, 'The call is not in progress.', undefined, recording],
  ['party-unknown', 400, invalid],
  ['endpoint-unknown', 400, 'Unable to place call - Agent Id is unknown'],
  ['endpoint-unknown', 400, 'Unable to place call - invalid Agent Id.', 'to'],
  ['endpoint-unknown', 404, 'The agent was not found.', undefined, reading],
  ['endpoint-unavailable', 400, failed, 'from'],
  ['endpoint-unavailable', 400, notAvailable, 'to'],
  ['endpoint-busy', 400, 'Unable to place call - Agent number busy', 'from'],
  ['endpoint-busy', 400, notAvailable, 'to'],
  ['supervision-not-allowed', 403, 'You are not permitted to perform this request.'],
  ['mode-not-allowed', 403, 'You are not permitted to perform this request.'],
  ['already-supervised-by-you', 400, invalid],
  ['supervisor-limit', 400, invalid],
  ['wrong-state', 400, 'The call is not in progress.'],
  ['number-invalid', 400, badNumber],
  ['number-invalid', 400, 'Unable to place call - presented CLID is invalid', 'presentedNumber'],
  ['destination-not-allowed', 400, badNumber],
  ['parameter-missing', 400, 'Agent Id must be specified', 'from.agentId'],
  ['parameter-missing', 400, 'Either telephone number or agent id required', 'to'],
  ['parameter-missing', 400, invalid, 'recordingStatus'],
  ['parameter-invalid', 400, invalid, 'availability'],
  ['resource-unknown', 400, 'Unable to place call - Group Id is unknown', 'group'],
  ['disposition-unknown', 400, invalid],
  ['recording-not-permitted', 403, 'Recording is not permitted for this call.'],
  ['consent-invalid', 400, 'Consent is not valid for this combination of from and to'],
  ['no-agent-available', 400, 'Unable to place call - no Agent is currently available'],
  ['timeout', 400, failed],
  ['rate-limited', 429, 'Too many requests.'],
  ['capacity-exceeded', 503, 'The service is temporarily unavailable.'],
  ['unsupported', 400, 'Ccxml must be enabled for this account', undefined, create],
  ['unsupported', 501, 'The requested resource is not supported.'],
  ['engine-failed', 400, failed],
  ['internal-error', 500, 'An error has occurred.'],
  ['body-malformed', 400, invalid],
  ['body-too-large', 413, 'The request is too large.'],
  ['media-type-unsupported', 415, "The requested resource does not support content type 'text/plain'."],
  ['method-not-allowed', 405, "The requested resource does not support http method 'POST'."],
  ['route-unknown', 404, 'The requested resource was not found.'],
]

describe('the refusal map', () => {
  for (const [code, status, message, name, more] of cases)
    test([code, name, more && Object.keys(more)[0], status].filter((part) => part !== undefined).join(' '), () => {
      const reason = refusal(code, name === undefined ? { why: 'Told to nobody.' } : { name })
      const answer = refusalAnswer(new Refused(reason), sent(more))
      assert.deepEqual([answer.status, answer.body], [status, JSON.stringify({ message })])
      assert.equal(answer.headers['Content-Type'], 'application/json; charset=utf-8')
    })

  test('token endpoints answer in the words of OAuth', () => {
    const wrong = refusalAnswer(new Refused(refusal('credentials-invalid')), sent())
    assert.deepEqual([wrong.status, wrong.body], [400, '{"error":"invalid_client","error_description":"Invalid client credentials"}'])
    const locked = refusalAnswer(new Refused(refusal('login-locked')), sent())
    assert.deepEqual([locked.status, JSON.parse(locked.body.toString()).error], [429, 'temporarily_unavailable'])
  })

  test('covers the catalogue', () => {
    const covered = new Set<RefusalCode>([...cases.map(([code]) => code), 'credentials-invalid', 'login-locked'])
    assert.deepEqual(
      refusalCodes.filter((code) => !covered.has(code)),
      [],
    )
  })

  test('what is to come back later says when', () => {
    for (const code of ['login-locked', 'rate-limited', 'capacity-exceeded'] as const)
      assert.match(refusalAnswer(new Refused(refusal(code)), sent()).headers['Retry-After'] ?? '', /^\d+$/)
    const known = new Refused(refusal('rate-limited'), { headers: { 'Retry-After': '17' } })
    assert.equal(refusalAnswer(known, sent()).headers['Retry-After'], '17')
  })
})

describe('over the wire', () => {
  let exchange: Exchange
  let headers: Record<string, string>

  before(async () => {
    exchange = await Exchange.open({
      change: (configuration) => {
        configuration.dialects = { newvoicemedia: { hosts: ['emea.api.cc.vonage.com'], prefix: '/vcc' } }
      },
    })
    const body = 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nvm-secret-a'
    headers = { Authorization: `Bearer ${(await exchange.ask('POST /vcc/v0/oauth2/token', { body })).json.access_token}` }
  })

  after(() => exchange.close())

  test('methods and paths that do not exist', async () => {
    const removed = await exchange.ask('DELETE /v0/a1b2c3d4e5/calls/x', { headers })
    assert.deepEqual(
      [removed.status, removed.text, removed.headers.allow],
      [405, '{"message":"The requested resource does not support http method \'DELETE\'."}', 'GET, HEAD, POST'],
    )
    assert.equal((await exchange.ask('GET /v0/a1b2c3d4e5/calls', { headers })).status, 405)
    const lost = await exchange.ask('GET /v0/a1b2c3d4e5/calls/x/y', { headers })
    assert.deepEqual([lost.status, lost.text], [404, '{"message":"The requested resource was not found."}'])
    assert.equal((await exchange.ask('GET /vcc/v0/a1b2c3d4e5', { headers })).text, '{"message":"The requested resource was not found."}')
  })

  test('too large, badly escaped, compressed', async () => {
    const json = { ...headers, 'Content-Type': 'application/json' }
    const large = await exchange.ask('POST /v0/a1b2c3d4e5/calls', { headers: json, body: `{"x":"${'x'.repeat(65_536)}"}` })
    assert.deepEqual([large.status, large.text], [413, '{"message":"The request is too large."}'])
    const broken = await exchange.ask('GET /v0/a1b2c3d4e5/calls/%zz', { headers })
    assert.deepEqual([broken.status, broken.text], [400, '{"message":"The request is invalid."}'])
    const gzip = await exchange.ask('POST /v0/a1b2c3d4e5/calls', { headers: { ...json, 'Content-Encoding': 'gzip' }, body: '{}' })
    assert.deepEqual([gzip.status, gzip.text], [415, '{"message":"The requested resource does not support content type \'gzip\'."}'])
  })

  test('what comes later is told so, where a host or a prefix has chosen the dialect', async () => {
    const told = [501, '{"message":"The requested resource is not supported."}']
    for (const line of ['GET /stats/interactions', 'GET /useradmin/users', 'PATCH /agents/12/presence']) {
      const hosted = await exchange.ask(line, { headers: { ...headers, Host: 'EMEA.api.cc.vonage.com:443' } })
      const prefixed = await exchange.ask(line.replace(' ', ' /vcc'), { headers })
      assert.deepEqual([hosted.status, hosted.text], told, line)
      assert.deepEqual([prefixed.status, prefixed.text], told, line)
      assert.equal((await exchange.ask(line.replace(' ', ' /vcc'))).status, 401)
    }
  })
})

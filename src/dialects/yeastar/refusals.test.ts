import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type RefusalCode, refusal, refusalCodes } from '../../call/refusal.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { DialectRoute, Sent } from '../dialect.ts'
import { refusalAnswer } from './refusals.ts'

const routeAt = (path: string): DialectRoute => ({
  id: path,
  summary: '',
  tier: 'must',
  method: 'POST',
  path,
  refusals: [],
  handle: () => assert.fail(),
})

const sent = (path: string, query: Record<string, string> = {}): Sent => ({
  ...{ at: instant(0), requestId: 'r', method: 'POST', segments: ['api', 'v0.0.1'], query, headers: {}, source: '10.0.0.9', base: '' },
  route: path === '' ? undefined : routeAt(path),
})

/** Section 8 of the contract. */
const usual: Readonly<Record<RefusalCode, string>> = {
  unauthenticated: '20005',
  'credentials-invalid': '20003',
  'token-expired': '20006',
  'login-locked': '20002',
  forbidden: '10003',
  'other-tenant': '10006',
  'call-unknown': '10007',
  'call-ended': '10007',
  'party-unknown': '10007',
  'endpoint-unknown': '10006',
  'endpoint-unavailable': '10008',
  'endpoint-busy': '10008',
  'supervision-not-allowed': '10009',
  'mode-not-allowed': '10010',
  'already-supervised-by-you': '10008',
  'supervisor-limit': '10009',
  'wrong-state': '10015',
  'number-invalid': '10031',
  'destination-not-allowed': '10024',
  'parameter-missing': '10004',
  'parameter-invalid': '10004',
  'resource-unknown': '10004',
  'disposition-unknown': '10004',
  'recording-not-permitted': '20014',
  'consent-invalid': '10004',
  'no-agent-available': '10008',
  timeout: '30001',
  'rate-limited': '10025',
  'capacity-exceeded': '30001',
  unsupported: '10003',
  'engine-failed': '30001',
  'internal-error': '30001',
  'body-malformed': '20000',
  'body-too-large': '20000',
  'media-type-unsupported': '20000',
  'method-not-allowed': '20001',
  'route-unknown': '10003',
}

describe('the catalogue in the vendor numbers', () => {
  for (const code of refusalCodes) {
    test(`${code} is ${usual[code]}, in both formats and with or without a route`, () => {
      for (const path of ['', '/v1/extensionlist/query']) {
        const json = refusalAnswer(new Refused(refusal(code)), sent(path), 'auto')
        assert.equal(json.status, 200)
        assert.equal(json.headers['Content-Type'], 'application/json; charset=utf-8')
        assert.equal(json.body, `{"status":"Failed","errno":"${usual[code]}"}`)
        const xml = refusalAnswer(new Refused(refusal(code)), sent(path, { type: 'xml' }), 'auto')
        assert.equal(xml.headers['Content-Type'], 'application/xml; charset=utf-8')
        assert.equal(xml.body, `<?xml version="1.0" encoding="UTF-8" ?>\n<xml><status>Failed</status><errno>${usual[code]}</errno></xml>`)
      }
    })
  }

  const finer: readonly (readonly [RefusalCode, string | undefined, string, Record<string, string>, string])[] = [
    ['unauthenticated', undefined, '', { token: 'ffff' }, '20004'],
    ['unauthenticated', undefined, '', { token: ' ' }, '20005'],
    ['call-unknown', undefined, '/v2/call/hangup', {}, '10005'],
    ['call-ended', undefined, '/v2/call/transfer', {}, '10005'],
    ['call-unknown', undefined, '/v2/call/listen', {}, '10007'],
    ['wrong-state', undefined, '/v1/extension/whisper', {}, '10007'],
    ['wrong-state', undefined, '/v2/call/listen', {}, '10007'],
    ['parameter-invalid', 'port', '/v1/login', {}, '20008'],
    ['parameter-invalid', 'extid', '/v1/extension/hangup', {}, '10006'],
    ['parameter-invalid', 'whisperer', '/v1/extension/whisper', {}, '10006'],
    ['parameter-invalid', 'ringtimeout', '/v1/extension/update', {}, '10017'],
    ['parameter-invalid', 'extid', '/v1/extension/update', {}, '10006'],
    ['resource-unknown', 'ivr', '', {}, '10012'],
    ['resource-unknown', 'queue', '', {}, '10013'],
    ['resource-unknown', 'ringgroup', '', {}, '10014'],
    ['resource-unknown', 'prompt', '', {}, '10023'],
    ['resource-unknown', 'recording', '', {}, '20014'],
    ['resource-unknown', 'download', '', {}, '20012'],
  ]
  for (const [code, name, path, query, errno] of finer) {
    test(`${code} ${name ?? ''} at ${path || 'any path'} ${JSON.stringify(query)} is ${errno}`, () => {
      const answer = refusalAnswer(new Refused(refusal(code, name === undefined ? {} : { name })), sent(path, query), 'auto')
      assert.equal(answer.body, `{"status":"Failed","errno":"${errno}"}`)
    })
  }
})

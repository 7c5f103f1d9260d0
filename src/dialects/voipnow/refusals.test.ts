import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RefusalCode, refusal, refusalCodes } from '../../call/refusal.ts'
import type { DialectSettings } from '../../directory/settings.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import type { DialectRoute, Sent } from '../dialect.ts'
import { pageRoutes, refuseWith, tokenRoute, whisperCall } from './refusals.ts'

const usual = { errorSpelling: 'documented', expiredTokenStatus: 401 } as DialectSettings['voipnow']
const sent = (routeId?: string, authorization?: string): Sent => ({
  ...{ at: instant(0), requestId: 'r', method: 'PUT', segments: [], query: {}, headers: { authorization }, source: '127.0.0.1', base: '' },
  route: routeId === undefined ? undefined : ({ id: routeId } as DialectRoute),
})
const told = (code: RefusalCode, { name = undefined as string | undefined, switches = usual, from = sent() } = {}) =>
  refuseWith(switches)(new Refused(refusal(code, name === undefined ? {} : { name })), from)
const body = (answer: { readonly body: string | Buffer }) => JSON.parse(answer.body.toString())

const missing = (name: string) => `Value supplied in ${name} parameter is missing or invalid.`
const callText =
  'Value supplied in phoneCallId from the URI-Fragment is invalid. The parameter must be set to an alpha-numeric value and reference an existing phone call.'
const viewText = `${missing('phoneCallViewId')} The parameter must reference a view of the phone call identified by the phoneCallId given in the URI-Fragment.`
const terminalText = `${missing('sendCallTo')} The parameter must be set to the number of a phone terminal extension.`

/** Contract voipnow, section 10. */
const table: readonly (readonly [code: RefusalCode, name: string | undefined, status: number, says: string, message: string])[] = [
  ['unauthenticated', undefined, 401, 'access_denied', 'The request is not authorized.'],
  ['token-expired', undefined, 401, 'access_denied', 'The access token has expired.'],
  ['forbidden', undefined, 403, 'access_denied', 'The app is not permitted to perform this operation.'],
  ['other-tenant', 'user', 400, 'user_invalid', 'The user does not exist.'],
  ['other-tenant', 'extension', 400, 'extension_invalid', 'The extension does not exist.'],
  ['other-tenant', 'sendCallTo', 400, 'pc_sendcallto_invalid', terminalText],
  ['call-unknown', whisperCall, 400, 'pc_honecall_invalid', callText],
  ['call-unknown', undefined, 400, 'pc_phonecall_invalid', callText],
  ['call-ended', whisperCall, 400, 'pc_honecall_invalid', callText],
  ['call-ended', undefined, 400, 'pc_phonecall_invalid', callText],
  ['party-unknown', undefined, 400, 'pc_phonecallview_invalid', viewText],
  ['party-unknown', 'transferFromNumber', 400, 'pc_transferfromnumber_invalid', missing('transferFromNumber')],
  ['party-unknown', 'transferNumber', 400, 'pc_transfernumber_invalid', missing('transferNumber')],
  ['endpoint-unknown', 'user', 400, 'user_invalid', 'The user does not exist.'],
  ['endpoint-unknown', 'extension', 400, 'extension_invalid', 'The extension does not exist.'],
  ['endpoint-unknown', 'sendCallTo', 400, 'pc_sendcallto_invalid', terminalText],
  ['endpoint-unavailable', undefined, 400, 'pc_sendcallto_unavailable', 'The extension given in sendCallTo is not registered.'],
  ['endpoint-busy', undefined, 400, 'pc_sendcallto_busy', 'The extension given in sendCallTo is busy.'],
  ['supervision-not-allowed', undefined, 403, 'access_denied', 'The extension does not allow supervision.'],
  ['mode-not-allowed', 'mode', 403, 'access_denied', 'The extension given in sendCallTo is not permitted to use this action.'],
  ['supervisor-limit', undefined, 400, 'pc_supervisor_limit', 'The phone call has the maximum number of supervisors.'],
  ['wrong-state', undefined, 400, 'pc_state_invalid', 'The phone call is not in a state that allows this action.'],
  ['number-invalid', 'source', 400, 'pc_source_invalid', missing('source')],
  ['number-invalid', 'destination', 400, 'pc_destination_invalid', missing('destination')],
  ['number-invalid', 'sendCallTo', 400, 'pc_sendcallto_invalid', terminalText],
  ['destination-not-allowed', undefined, 403, 'access_denied', 'The destination is not permitted.'],
  ['parameter-missing', 'action', 400, 'pc_action_invalid', missing('action')],
  [
    ...(['parameter-invalid', 'waitForPickup', 400, 'pc_timeout_invalid'] as const),
    `${missing('waitForPickup')} The parameter must be numeric and higher than 0.`,
  ],
  [
    ...(['parameter-invalid', 'callerId', 400, 'pc_callerid_invalid'] as const),
    `${missing('callerId')} The parameter must be set to a value with the format: John Doe <+3334444>.`,
  ],
  [
    ...(['parameter-invalid', 'private', 400, 'pc_private_invalid'] as const),
    `${missing('private')} The parameter must be set to 0 for non private calls or 1 for private calls.`,
  ],
  ['parameter-missing', 'phoneCallViewId', 400, 'pc_phonecallview_invalid', viewText],
  ['parameter-invalid', 'maxInParking', 400, 'pc_maxinparking_invalid', missing('maxInParking')],
  ['parameter-invalid', 'format', 400, 'pc_format_invalid', missing('format')],
  ['parameter-invalid', 'number', 400, 'pc_number_invalid', missing('number')],
  ['parameter-invalid', 'pin', 400, 'pc_pin_invalid', missing('pin')],
  ['parameter-invalid', 'count', 400, 'count_invalid', missing('count')],
  ['parameter-invalid', 'filterBy', 400, 'filterby_invalid', missing('filterBy')],
  ['parameter-invalid', 'filterOp', 400, 'filterop_invalid', missing('filterOp')],
  ['parameter-invalid', 'filterValue', 400, 'filtervalue_invalid', missing('filterValue')],
  ['parameter-invalid', 'sortOrder', 400, 'sortorder_invalid', missing('sortOrder')],
  ['parameter-invalid', 'fields', 400, 'fields_invalid', missing('fields')],
  ['parameter-invalid', 'cdr.startDate', 400, 'cdr_startdate_invalid', missing('startDate')],
  ['parameter-invalid', 'pce.url', 400, 'pce_url_invalid', missing('url')],
  [
    'parameter-invalid',
    'ringTimeoutMs',
    400,
    'pc_timeout_invalid',
    `${missing('waitForPickup')} The parameter must be numeric and higher than 0.`,
  ],
  ['resource-unknown', 'event', 400, 'pce_id_invalid', 'The event does not exist.'],
  ['resource-unknown', 'queue', 400, 'extension_invalid', 'The extension does not exist.'],
  ['resource-unknown', 'conference', 400, 'extension_invalid', 'The extension does not exist.'],
  ['disposition-unknown', undefined, 501, 'request_not_implemented', 'The operation is not implemented.'],
  ['recording-not-permitted', undefined, 403, 'access_denied', 'Recording is not permitted.'],
  ['consent-invalid', undefined, 501, 'request_not_implemented', 'The operation is not implemented.'],
  ['no-agent-available', undefined, 400, 'pc_destination_invalid', missing('destination')],
  ['timeout', undefined, 500, 'internal_server_error', 'The phone call could not be updated in time.'],
  ['rate-limited', undefined, 429, 'limit_exceeded', 'Too many requests.'],
  ['capacity-exceeded', undefined, 503, 'service_unavailable', 'The server cannot take more calls now.'],
  ['unsupported', undefined, 501, 'request_not_implemented', 'The operation is not implemented.'],
  ['engine-failed', undefined, 500, 'internal_server_error', 'The phone call could not be updated.'],
  ['internal-error', undefined, 500, 'internal_server_error', 'An internal error occurred.'],
  ['body-malformed', undefined, 400, 'request_invalid', 'The request could not be parsed.'],
  ['body-too-large', undefined, 413, 'request_invalid', 'The request body is too large.'],
  ['media-type-unsupported', undefined, 415, 'request_invalid', 'The content coding is not supported.'],
  ['method-not-allowed', undefined, 501, 'request_not_implemented', 'The operation is not implemented.'],
  ['route-unknown', undefined, 404, 'request_invalid', 'The resource does not exist.'],
]

for (const [code, name, status, says, message] of table) {
  test(`${code}${name === undefined ? '' : ` of ${name}`} is ${status} ${says}`, () => {
    const answer = told(code, { name })
    assert.equal(answer.status, status)
    assert.equal(answer.headers['Content-Type'], 'application/json')
    assert.equal(answer.body.toString(), JSON.stringify({ error: { code: says, message } }))
  })
}

test('the catalogue is covered, in the table above or below', () => {
  const elsewhere: readonly RefusalCode[] = ['credentials-invalid', 'login-locked', 'already-supervised-by-you']
  assert.deepEqual(
    refusalCodes.filter((code) => !elsewhere.includes(code) && !table.some(([listed]) => listed === code)),
    [],
  )
})

test('logins are refused as OAuth says, whatever the route', () => {
  for (const from of [sent(), sent(tokenRoute)]) {
    assert.deepEqual(body(told('credentials-invalid', { from })), {
      ...{ error: 'invalid_client', error_description: 'The client credentials are not valid.' },
    })
    assert.equal(told('credentials-invalid', { from }).status, 401)
    assert.deepEqual(body(told('credentials-invalid', { name: 'code', from })), {
      error: 'invalid_grant',
      error_description: 'The code is not valid.',
    })
    assert.equal(told('credentials-invalid', { name: 'code', from }).status, 400)
    assert.deepEqual(body(told('login-locked', { from })), {
      error: 'temporarily_unavailable',
      error_description: 'Too many failed attempts.',
    })
    assert.equal(told('login-locked', { from }).status, 429)
    assert.match(told('login-locked', { from }).headers['Retry-After'] ?? '', /^\d+$/)
  }
})

test('every refusal at the token endpoint has the members of RFC 6749 §5.2', () => {
  for (const code of refusalCodes.filter((one) => one !== 'already-supervised-by-you')) {
    const answer = told(code, { from: sent(tokenRoute) })
    assert.ok(answer.status >= 400, code)
    assert.deepEqual(Object.keys(body(answer)), ['error', 'error_description'], code)
    assert.match(body(answer).error, /^[a-z_]+$/)
  }
  assert.equal(body(told('parameter-invalid', { name: 'grant_type', from: sent(tokenRoute) })).error, 'unsupported_grant_type')
  assert.equal(body(told('parameter-missing', { name: 'grant_type', from: sent(tokenRoute) })).error, 'invalid_request')
  assert.equal(told('credentials-invalid', { from: sent(tokenRoute, 'Basic eA==') }).headers['WWW-Authenticate'], 'Basic realm="sotto"')
})

test('people at the login page get a page', () => {
  for (const code of refusalCodes) {
    const answer = told(code, { from: sent(pageRoutes[0]) })
    assert.match(answer.headers['Content-Type'] ?? '', /^text\/html/)
    assert.match(answer.headers['Content-Security-Policy'] ?? '', /default-src 'none'/)
  }
})

test('the same order again is a success', () => assert.equal(told('already-supervised-by-you').status, 202))

test('switches: spelling of the call’s code, status of a lapsed token', () => {
  const corrected = { ...usual, errorSpelling: 'corrected' } as const
  assert.equal(body(told('call-unknown', { name: whisperCall, switches: corrected })).error.code, 'pc_phonecall_invalid')
  assert.equal(told('token-expired', { switches: { ...usual, expiredTokenStatus: 403 } }).status, 403)
})

test('WWW-Authenticate and Retry-After where they belong', () => {
  assert.equal(told('unauthenticated').headers['WWW-Authenticate'], 'Bearer')
  assert.match(told('rate-limited').headers['Retry-After'] ?? '', /^\d+$/)
  assert.match(told('capacity-exceeded').headers['Retry-After'] ?? '', /^\d+$/)
})

test('odd names of parameters stay out of codes', () => {
  for (const name of ['<script>', '__proto__!', 'a b', 'toString()', 'x'.repeat(100), 'constructor'])
    assert.match(body(told('parameter-invalid', { name })).error.code, /^[a-z_]+_invalid$/)
})

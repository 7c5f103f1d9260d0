/** Every refusal in the words of the UnifiedAPI (contract voipnow, section 10). */
import type { Refusal, RefusalCode } from '../../call/refusal.ts'
import type { DialectSettings } from '../../directory/settings.ts'
import type { Answer } from '../../http/answer.ts'
import type { Refused } from '../../http/refused.ts'
import type { Sent } from '../dialect.ts'
import { jsonOf } from './answer.ts'
import { pageAnswer, refusalPage } from './answer-page.ts'

export interface Problem {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

type Switches = DialectSettings['voipnow']
type Say = (refusal: Refusal, switches: Switches) => Problem

/** `Refusal.name` of a call that a Whisper asked for: its code is misspelt in the vendor's documentation, and there only. */
export const whisperCall = 'Whisper'

const text = (field: string, more = ''): string => `Value supplied in ${field} parameter is missing or invalid.${more}`
const callText =
  'Value supplied in phoneCallId from the URI-Fragment is invalid. The parameter must be set to an alpha-numeric value and reference an existing phone call.'

/** Codes and texts of fields that do not follow the pattern of all others. */
const known: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  user: { code: 'user_invalid', message: 'The user does not exist.' },
  extension: { code: 'extension_invalid', message: 'The extension does not exist.' },
  waitForPickup: { code: 'pc_timeout_invalid', message: text('waitForPickup', ' The parameter must be numeric and higher than 0.') },
  callerId: {
    code: 'pc_callerid_invalid',
    message: text('callerId', ' The parameter must be set to a value with the format: John Doe <+3334444>.'),
  },
  phoneCallId: { code: 'pc_phonecall_invalid', message: callText },
  phoneCallViewId: {
    code: 'pc_phonecallview_invalid',
    message: text(
      'phoneCallViewId',
      ' The parameter must reference a view of the phone call identified by the phoneCallId given in the URI-Fragment.',
    ),
  },
  private: {
    code: 'pc_private_invalid',
    message: text('private', ' The parameter must be set to 0 for non private calls or 1 for private calls.'),
  },
  sendCallTo: {
    code: 'pc_sendcallto_invalid',
    message: text('sendCallTo', ' The parameter must be set to the number of a phone terminal extension.'),
  },
}

/** Parameters of listings, whose codes have no prefix. */
const unprefixed: readonly string[] = ['count', 'startIndex', 'fields', 'filterBy', 'filterOp', 'filterValue', 'sortOrder', 'status']

/** What the desk calls by its own names. */
const deskNames: Readonly<Record<string, string>> = {
  ringTimeoutMs: 'waitForPickup',
  toRingTimeoutMs: 'waitForPickup',
  maxDurationMs: 'callDuration',
  timeoutMs: 'maxInParking',
  presentedNumber: 'callerId',
  presentedName: 'callerId',
  from: 'source',
  to: 'destination',
  target: 'phoneCallViewId',
  supervisor: 'sendCallTo',
  mode: 'action',
  labels: 'nonce',
}

/** `name` may carry its family in front: `cdr.startDate`, `pce.url`. */
function field(name: string | undefined): Pick<Problem, 'code' | 'message'> {
  const [, family = 'pc', plain] = /^(?:([a-z]{1,4})\.)?([A-Za-z_]{1,40})$/.exec(name ?? '') ?? []
  if (plain === undefined) return { code: 'request_invalid', message: 'The request could not be parsed.' }
  const own = (Object.hasOwn(deskNames, plain) ? deskNames[plain] : undefined) ?? plain
  if (family !== 'pc') return { code: `${family}_${own.toLowerCase()}_invalid`, message: text(own) }
  const special = Object.hasOwn(known, own) ? known[own] : undefined
  return special ?? { code: `${unprefixed.includes(own) ? '' : 'pc_'}${own.toLowerCase()}_invalid`, message: text(own) }
}

const problem =
  (status: number, code: string, message: string, headers?: Readonly<Record<string, string>>): Say =>
  () => ({ status, code, message, ...(headers && { headers }) })

const ofField: Say = ({ name }) => ({ status: 400, ...field(name) })
const orField =
  (usual: string): Say =>
  ({ name }) => ({ status: 400, ...field(name ?? usual) })
const notImplemented = problem(501, 'request_not_implemented', 'The operation is not implemented.')
const denied = (message: string): Say => problem(403, 'access_denied', message)

const callUnknown: Say = ({ name }, { errorSpelling }) => ({
  status: 400,
  code: name === whisperCall && errorSpelling === 'documented' ? 'pc_honecall_invalid' : 'pc_phonecall_invalid',
  message: callText,
})

const table: Readonly<Record<RefusalCode, Say>> = {
  unauthenticated: problem(401, 'access_denied', 'The request is not authorized.', { 'WWW-Authenticate': 'Bearer' }),
  'credentials-invalid': ({ name }) =>
    name === undefined
      ? { status: 401, code: 'invalid_client', message: 'The client credentials are not valid.' }
      : { status: 400, code: 'invalid_grant', message: `The ${name} is not valid.` },
  'token-expired': (_refusal, { expiredTokenStatus: status }) => ({
    ...{ status, code: 'access_denied', message: 'The access token has expired.' },
    ...(status === 401 && { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }),
  }),
  'login-locked': problem(429, 'temporarily_unavailable', 'Too many failed attempts.', { 'Retry-After': '60' }),
  forbidden: denied('The app is not permitted to perform this operation.'),
  'other-tenant': orField('extension'),
  'call-unknown': callUnknown,
  'call-ended': callUnknown,
  'party-unknown': orField('phoneCallViewId'),
  'endpoint-unknown': orField('extension'),
  'endpoint-unavailable': problem(400, 'pc_sendcallto_unavailable', 'The extension given in sendCallTo is not registered.'),
  'endpoint-busy': problem(400, 'pc_sendcallto_busy', 'The extension given in sendCallTo is busy.'),
  'supervision-not-allowed': denied('The extension does not allow supervision.'),
  'mode-not-allowed': denied('The extension given in sendCallTo is not permitted to use this action.'),
  // Handlers answer this with the first answer again; a refusal of this name has nothing to tell.
  'already-supervised-by-you': problem(202, '', ''),
  'supervisor-limit': problem(400, 'pc_supervisor_limit', 'The phone call has the maximum number of supervisors.'),
  'wrong-state': problem(400, 'pc_state_invalid', 'The phone call is not in a state that allows this action.'),
  'number-invalid': orField('sendCallTo'),
  'destination-not-allowed': denied('The destination is not permitted.'),
  'parameter-missing': ofField,
  'parameter-invalid': ofField,
  'resource-unknown': ({ name }) =>
    name === 'event'
      ? { status: 400, code: 'pce_id_invalid', message: 'The event does not exist.' }
      : { status: 400, ...field('extension') },
  'disposition-unknown': notImplemented,
  'recording-not-permitted': denied('Recording is not permitted.'),
  'consent-invalid': notImplemented,
  'no-agent-available': problem(400, 'pc_destination_invalid', text('destination')),
  timeout: problem(500, 'internal_server_error', 'The phone call could not be updated in time.'),
  'rate-limited': problem(429, 'limit_exceeded', 'Too many requests.', { 'Retry-After': '1' }),
  'capacity-exceeded': problem(503, 'service_unavailable', 'The server cannot take more calls now.', { 'Retry-After': '5' }),
  unsupported: notImplemented,
  'engine-failed': problem(500, 'internal_server_error', 'The phone call could not be updated.'),
  'internal-error': problem(500, 'internal_server_error', 'An internal error occurred.'),
  'body-malformed': problem(400, 'request_invalid', 'The request could not be parsed.'),
  'body-too-large': problem(413, 'request_invalid', 'The request body is too large.'),
  'media-type-unsupported': problem(415, 'request_invalid', 'The content coding is not supported.'),
  'method-not-allowed': notImplemented,
  'route-unknown': problem(404, 'request_invalid', 'The resource does not exist.'),
}

/** Routes whose errors are OAuth's, and pages for people. */
export const tokenRoute = 'issueVoipnowToken'
export const pageRoutes: readonly string[] = ['showVoipnowLogin', 'signInVoipnowUser']

export function refuseWith(switches: Switches): (refused: Refused, sent: Sent) => Answer {
  return (refused, sent) => {
    const { refusal } = refused
    const said = table[refusal.code](refusal, switches)
    const headers = { ...said.headers, ...refused.headers }
    const { status, code, message } = said
    if (pageRoutes.includes(sent.route?.id ?? '')) return pageAnswer(status, refusalPage(message), headers)
    if (refusal.code === 'already-supervised-by-you') return jsonOf(status, {}, headers)
    if (sent.route?.id === tokenRoute) return tokenRefusal(refusal, said, { headers, sent })
    if (refusal.code === 'credentials-invalid' || refusal.code === 'login-locked') return oauth(said, headers)
    return jsonOf(status, { error: { code, message } }, headers)
  }
}

/** RFC 6749 §5.2. */
function tokenRefusal(
  refusal: Refusal,
  said: Problem,
  { headers, sent }: { readonly headers: Readonly<Record<string, string>>; readonly sent: Sent },
): Answer {
  if (refusal.code === 'login-locked') return oauth(said, headers)
  if (refusal.code === 'credentials-invalid') return oauth(said, { ...headers, ...challenge(said, sent) })
  if (refusal.code === 'parameter-invalid' && refusal.name === 'grant_type') {
    return oauth({ status: 400, code: 'unsupported_grant_type', message: 'The grant type is not supported.' }, headers)
  }
  if (refusal.name !== undefined) return oauth({ status: said.status, code: 'invalid_request', message: text(refusal.name) }, headers)
  return oauth({ ...said, code: said.status >= 500 && said.status !== 501 ? 'server_error' : 'invalid_request' }, headers)
}

/** RFC 6749 §5.2: whoever tried HTTP Basic is told the scheme. */
const challenge = ({ status }: Problem, { headers }: Sent): Readonly<Record<string, string>> =>
  status === 401 && /^basic /i.test(headers.authorization ?? '') ? { 'WWW-Authenticate': 'Basic realm="sotto"' } : {}

const oauth = ({ status, code, message }: Problem, headers: Readonly<Record<string, string>>): Answer =>
  jsonOf(status, { error: code, error_description: message }, { 'Cache-Control': 'no-store', ...headers })

/** What is told when something is not done (contract newvoicemedia, sections 4 and 7). The texts are matched by programs: every character counts. */
import { type Refusal, type RefusalCode, refusal } from '../../call/refusal.ts'
import { type Answer, jsonAnswer } from '../../http/answer.ts'
import { Refused } from '../../http/refused.ts'
import type { Sent } from '../dialect.ts'

interface Text {
  readonly code: RefusalCode
  readonly name: string
  readonly message: string
}

const text = (code: RefusalCode, name: string, message: string): Text => ({ code, name, message })

/** Section 4, rows 2 to 25: what may be wrong with an order for a call, in the order in which it is looked at. */
export const complaints = {
  callerByNumber: text('parameter-invalid', 'from.telephoneNumber', 'Telephone number not supported in this context'),
  callerMissing: text('parameter-missing', 'from.agentId', 'Agent Id must be specified'),
  callerTwice: text('parameter-invalid', 'from', 'Either agent id or groups required, not both'),
  calledMissing: text('parameter-missing', 'to', 'Either telephone number or agent id required'),
  calledTwice: text('parameter-invalid', 'to', 'Either telephone number or agent id required, not both'),
  numberTooLong: text('parameter-invalid', 'to.telephoneNumber', 'Telephone number exceeds 30 characters'),
  agentIdCharacters: text('parameter-invalid', 'agentId', 'Agent Id must contain digits only'),
  agentIdTooLong: text('parameter-invalid', 'agentId', 'Agent Id exceeds 11 digits'),
  referenceTooLong: text('parameter-invalid', 'regarding.reference', 'Reference exceeded 2000 characters'),
  referenceCharacters: text('parameter-invalid', 'regarding.reference', 'Reference contained invalid characters'),
  applicationTooLong: text('parameter-invalid', 'application', 'Application exceeded 32 characters'),
  applicationCharacters: text('parameter-invalid', 'application', 'Application contains non-alphanumeric characters'),
  consentUnknown: text('consent-invalid', 'consent', 'Consent must be Unknown, OneParty or TwoParty'),
  consentCombination: text('consent-invalid', 'consent', 'Consent is not valid for this combination of from and to'),
  callingOff: text('unsupported', 'calls', 'Ccxml must be enabled for this account'),
  callerUnknown: text('endpoint-unknown', 'from', 'Unable to place call - Agent Id is unknown'),
  calledUnknown: text('endpoint-unknown', 'to', 'Unable to place call - invalid Agent Id.'),
  groupUnknown: text('resource-unknown', 'group', 'Unable to place call - Group Id is unknown'),
  numberInvalid: text('number-invalid', 'to', 'Unable to place call - number is invalid'),
  presentedInvalid: text('number-invalid', 'presentedNumber', 'Unable to place call - presented CLID is invalid'),
  callerBusy: text('endpoint-busy', 'from', 'Unable to place call - Agent number busy'),
  callerUnavailable: text('endpoint-unavailable', 'from', 'Unable to place call to Agent. Please try again'),
  nobodyAvailable: text('no-agent-available', 'group', 'Unable to place call - no Agent is currently available'),
  calledUnavailable: text('endpoint-unavailable', 'to', 'Unable to place call - dialed Agent is not currently available'),
} as const satisfies Readonly<Record<string, Text>>

export type Complaint = keyof typeof complaints

export function complain(about: Complaint): Refused {
  const { code, name, message } = complaints[about]
  return new Refused(refusal(code, { name, why: message }), { members: { message } })
}

const texts = {
  denied: 'Authorization has been denied for this request.',
  forbidden: 'You are not permitted to perform this request.',
  invalid: 'The request is invalid.',
  callUnknown: 'The call was not found.',
  notInProgress: 'The call is not in progress.',
  failed: complaints.callerUnavailable.message,
} as const

interface Told {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

type Form = (refusal: Refusal, sent: Sent) => Told

const tell = (status: number, message: string, headers: Told['headers'] = {}): Told => ({ status, body: { message }, headers })
const always = (status: number, message: string, headers?: Told['headers']): Form => constantly(tell(status, message, headers))
const constantly =
  (told: Told): Form =>
  () =>
    told

/** Contract section 2: a lapsed token differs from any other bad one in this header only. */
const bearer = { 'WWW-Authenticate': 'Bearer' } as const
const lapsed = { 'WWW-Authenticate': 'Bearer error="invalid_token"' } as const
/** What `Retry-After` says where nobody knows better. */
const later = { 'Retry-After': '5' } as const

/** RFC 6749 §5.2, at the token endpoints. */
const oauth = (status: number, error: string, description: string, headers: Told['headers'] = {}): Form =>
  constantly({ status, body: { error, error_description: description }, headers })

const forms: Readonly<Record<RefusalCode, Form>> = {
  unauthenticated: always(401, texts.denied, bearer),
  'credentials-invalid': oauth(400, 'invalid_client', 'Invalid client credentials'),
  'token-expired': always(401, texts.denied, lapsed),
  'login-locked': oauth(429, 'temporarily_unavailable', 'Too many failed requests', later),
  forbidden: always(403, texts.forbidden),
  'other-tenant': always(401, texts.denied, bearer),
  'call-unknown': always(404, texts.callUnknown),
  'call-ended': (_refusal, { route }) => (route?.id === 'setRecording' ? tell(400, texts.notInProgress) : tell(404, texts.callUnknown)),
  'party-unknown': always(400, texts.invalid),
  'endpoint-unknown': endpointUnknown,
  'endpoint-unavailable': ({ name }) => tell(400, isCalled(name) ? complaints.calledUnavailable.message : texts.failed),
  'endpoint-busy': ({ name }) => tell(400, (isCalled(name) ? complaints.calledUnavailable : complaints.callerBusy).message),
  'supervision-not-allowed': always(403, texts.forbidden),
  'mode-not-allowed': always(403, texts.forbidden),
  'already-supervised-by-you': always(400, texts.invalid),
  'supervisor-limit': always(400, texts.invalid),
  'wrong-state': always(400, texts.notInProgress),
  'number-invalid': ({ name }) => tell(400, (name === 'presentedNumber' ? complaints.presentedInvalid : complaints.numberInvalid).message),
  'destination-not-allowed': always(400, complaints.numberInvalid.message),
  'parameter-missing': parameterMissing,
  'parameter-invalid': always(400, texts.invalid),
  'resource-unknown': always(400, complaints.groupUnknown.message),
  'disposition-unknown': always(400, texts.invalid),
  'recording-not-permitted': always(403, 'Recording is not permitted for this call.'),
  'consent-invalid': always(400, complaints.consentCombination.message),
  'no-agent-available': always(400, complaints.nobodyAvailable.message),
  timeout: always(400, texts.failed),
  'rate-limited': always(429, 'Too many requests.', later),
  'capacity-exceeded': always(503, 'The service is temporarily unavailable.', later),
  unsupported: (_refusal, { route }) =>
    route?.id === 'createCall' ? tell(400, complaints.callingOff.message) : tell(501, 'The requested resource is not supported.'),
  'engine-failed': always(400, texts.failed),
  'internal-error': always(500, 'An error has occurred.'),
  'body-malformed': always(400, texts.invalid),
  'body-too-large': always(413, 'The request is too large.'),
  'media-type-unsupported': ({ name }, { headers }) =>
    tell(415, `The requested resource does not support content type '${name ?? mediaType(headers['content-type'])}'.`),
  'method-not-allowed': (_refusal, { method }) => tell(405, `The requested resource does not support http method '${method}'.`),
  'route-unknown': always(404, 'The requested resource was not found.'),
}

/** Whether a refusal is about the called side. */
const isCalled = (name: string | undefined): boolean => name?.startsWith('to') === true

function endpointUnknown({ name }: Refusal, { method }: Sent): Told {
  if (method === 'GET' || method === 'HEAD') return tell(404, 'The agent was not found.')
  return tell(400, (isCalled(name) ? complaints.calledUnknown : complaints.callerUnknown).message)
}

function parameterMissing({ name }: Refusal): Told {
  const known = [complaints.callerMissing, complaints.calledMissing].find((complaint) => complaint.name === name)
  return tell(400, known?.message ?? texts.invalid)
}

/** As it was sent, without parameters. RFC 9110 §8.3: a body without a type may be taken for `application/octet-stream`. */
export function mediaType(contentType: string | undefined): string {
  const type = (contentType ?? '').split(';', 1).join('').trim()
  return type === '' ? 'application/octet-stream' : type
}

/** `members` are a text of its own, where the code alone does not say enough. */
export function refusalAnswer({ refusal: reason, status, headers, members }: Refused, sent: Sent): Answer {
  const told = forms[reason.code](reason, sent)
  const body = Object.keys(members).length > 0 ? members : told.body
  return jsonAnswer(status ?? told.status, JSON.stringify(body), { ...told.headers, ...headers })
}

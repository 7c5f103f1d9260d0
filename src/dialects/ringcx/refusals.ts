/** Refusals as RingCX says them (contract ringcx, section 6). The word by which clients know a lapsed token stands in no other answer. */
import type { Refusal, RefusalCode } from '../../call/refusal.ts'
import { type Answer, answer } from '../../http/answer.ts'
import type { Refused } from '../../http/refused.ts'
import type { Sent } from '../dialect.ts'
import { plainText, truth } from './answer.ts'

interface Form {
  readonly status: number
  readonly code: string
  readonly general: string
  readonly details?: string
  /** Seconds, where nobody knows better. */
  readonly retryAfter?: number
  /** Names the parameter and says what is wrong with it. */
  readonly validation?: (refusal: Refusal) => { readonly attributeName: string; readonly message: string }
}

type Say = (refused: Refused, sent: Sent) => Answer

/** Said with `unauthenticated` where a token was sent that nobody issued. */
export const unknownToken = 'Jwt verification fails'

const invalid = { status: 400, general: 'The supplied data is not valid' } as const
const notFound = { status: 404, general: 'The requested resource was not found' } as const
const denied = { status: 403, code: 'access.denied.exception', general: 'You do not have permission to access this resource' } as const
const failed = {
  status: 500,
  code: 'unknown.exception',
  general: 'An Internal Server Error occurred while processing this request',
} as const
const tooMany = { status: 429, code: 'too.many.attempts' } as const
const malformed = { ...invalid, code: 'malformed.request' } as const
const noCall: Form = { ...notFound, code: 'active.calls.call.not.found', details: 'The call was not found' }

const validation = (name: string, message: (refusal: Refusal) => string): Form => ({
  ...invalid,
  code: 'validation.exception',
  validation: (refusal) => ({ attributeName: refusal.name ?? name, message: message(refusal) }),
})

const soft =
  (value: boolean): Say =>
  (_refused, sent) =>
    truth(value, sent.headers.accept)

const forms: Readonly<Record<RefusalCode, Form | Say>> = {
  unauthenticated: ({ refusal }) => plainText(401, refusal.why === unknownToken ? unknownToken : 'Jwt is missing'),
  'credentials-invalid': sayLoginFailed,
  'token-expired': () => plainText(401, 'Jwt is expired'),
  'login-locked': { ...tooMany, general: 'Too many failed logins', retryAfter: 600 },
  forbidden: denied,
  'other-tenant': denied,
  'call-unknown': noCall,
  'call-ended': noCall,
  'party-unknown': soft(false),
  'endpoint-unknown': sayNoAgent,
  'endpoint-unavailable': {
    ...invalid,
    code: 'active.calls.agent.not.logged.in',
    details: 'Unable to make call: The provided agent is not logged in',
  },
  'endpoint-busy': soft(false),
  'supervision-not-allowed': { ...denied, details: 'The agent may not be monitored' },
  'mode-not-allowed': { ...denied, details: 'The session type is not permitted' },
  'already-supervised-by-you': soft(true),
  'supervisor-limit': { ...invalid, code: 'active.calls.session.limit', details: 'The call has the maximum number of sessions' },
  'wrong-state': { ...invalid, code: 'active.calls.invalid.state', details: 'The call is not in a state that allows this operation' },
  'number-invalid': validation('destination', () => 'must be a phone number'),
  'destination-not-allowed': { ...denied, details: 'The destination is not permitted' },
  'parameter-missing': validation('body', () => 'required'),
  'parameter-invalid': validation('body', ({ why = 'not valid' }) => why),
  'resource-unknown': (refused, sent) => sayJson({ ...notFound, code: `${refused.refusal.name ?? 'resource'}.not.found` }, refused, sent),
  'disposition-unknown': { ...invalid, code: 'active.calls.disposition.not.found', details: 'The disposition was not found' },
  'recording-not-permitted': { ...denied, details: 'Recording is not permitted' },
  'consent-invalid': validation('consent', () => 'not valid'),
  'no-agent-available': soft(false),
  timeout: { ...failed, details: 'The operation timed out' },
  'rate-limited': { ...tooMany, general: 'Too many requests', retryAfter: 60 },
  'capacity-exceeded': {
    status: 503,
    code: 'service.unavailable',
    general: 'The service is temporarily unavailable',
    retryAfter: 5,
  },
  unsupported: { status: 501, code: 'not.implemented', general: 'The operation is not supported' },
  'engine-failed': failed,
  'internal-error': failed,
  'body-malformed': malformed,
  'body-too-large': { ...malformed, status: 413 },
  'media-type-unsupported': { ...malformed, status: 415 },
  'method-not-allowed': { status: 405, code: 'method.not.allowed', general: 'The method is not supported' },
  'route-unknown': { ...notFound, code: 'resource.not.found' },
}

export function refuseAsRingcx(refused: Refused, sent: Sent): Answer {
  const form = forms[refused.refusal.code]
  return typeof form === 'function' ? form(refused, sent) : sayJson(form, refused, sent)
}

function sayJson(form: Form, refused: Refused, sent: Sent): Answer {
  const wrong = form.validation?.(refused.refusal)
  const body = {
    errorCode: form.code,
    generalMessage: form.general,
    details: form.details ?? '',
    requestUri: requestUri(sent),
    timestamp: Math.floor(sent.at),
    ...(wrong && { validationErrors: [{ ...wrong, value: refused.members.value ?? null }] }),
  }
  return answer(refused.status ?? form.status, JSON.stringify(body), {
    'Content-Type': 'application/json',
    ...(form.retryAfter !== undefined && { 'Retry-After': String(form.retryAfter) }),
    ...refused.headers,
  })
}

/** The OAuth step has the errors of RFC 6749 §5.2, which wants 401 where the client itself is not believed. */
function sayLoginFailed(refused: Refused, sent: Sent): Answer {
  const form = { status: 401, code: 'authentication.failed', general: 'Authentication failed' }
  if (sent.segments[0] !== 'restapi') return sayJson(form, refused, sent)
  const isGrant = refused.members.error === 'invalid_grant'
  const body = JSON.stringify({ error: isGrant ? 'invalid_grant' : 'invalid_client', error_description: 'Authentication failed' })
  return answer(isGrant ? 400 : 401, body, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(!isGrant && { 'WWW-Authenticate': 'Basic realm="ringcx"' }),
  })
}

/** Where an agent is read and not called, it is he who was not found. */
function sayNoAgent(refused: Refused, sent: Sent): Answer {
  const isRead = sent.method === 'GET' || sent.method === 'HEAD'
  const form: Form = isRead
    ? { ...notFound, code: 'agent.not.found' }
    : { ...invalid, code: 'active.calls.agent.not.found', details: 'Unable to make call: The provided agent was not found' }
  return sayJson(form, refused, sent)
}

/** The path as it was sent, without `/voice`. An API token in it is left out (W14). */
function requestUri({ segments, method }: Sent): string {
  const path = segments[0] === 'voice' ? segments.slice(1) : segments
  const told = path.map((segment, i) => (path[i - 1] === 'token' && path[i - 2] === 'admin' ? '*' : encoded(segment)))
  return `/${told.join('/')} - ${method}`
}

/** RFC 3986 §3.3; a lone surrogate, which has no encoding, cannot come out of a decoded segment. */
const encoded = (segment: string): string =>
  encodeURIComponent(segment).replaceAll(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, (spelt) => decodeURIComponent(spelt))

/** Refusals in Smartflo's words (contract smartflo, section 8). */
import type { Refusal, RefusalCode } from '../../call/refusal.ts'
import { type Answer, answer } from '../../http/answer.ts'
import type { Refused } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { Sent } from '../dialect.ts'
import { dateAndTime } from '../wall-time.ts'
import { tokenOf } from './request.ts'

interface Row {
  readonly status: number
  readonly message: string | ((refusal: Refusal, sent: Sent) => string)
}

const table: Readonly<Record<RefusalCode, Row>> = {
  unauthenticated: {
    status: 401,
    message: (_refusal, sent) => (tokenOf(sent) === undefined ? 'Unauthorized' : 'Deleted or blacklisted token provided'),
  },
  'credentials-invalid': { status: 401, message: 'The username or password is incorrect.' },
  'token-expired': { status: 401, message: 'Token has expired' },
  'login-locked': { status: 429, message: 'Too many login attempts.' },
  forbidden: { status: 403, message: 'You are not authorized to perform this operation' },
  'other-tenant': { status: 422, message: unknown },
  'call-unknown': { status: 422, message: 'Invalid Call ID' },
  'call-ended': { status: 422, message: 'Invalid Call ID' },
  'party-unknown': { status: 422, message: 'Invalid Agent ID' },
  'endpoint-unknown': { status: 422, message: unknown },
  'endpoint-unavailable': { status: 422, message: ({ name }) => `${isDestination(name) ? 'Destination' : 'Agent'} is offline` },
  'endpoint-busy': { status: 422, message: ({ name }) => `${isDestination(name) ? 'Destination' : 'Agent'} is busy` },
  'supervision-not-allowed': { status: 403, message: 'Supervision is not allowed for this call' },
  'mode-not-allowed': { status: 403, message: 'Agent is not authorized for this type of operation' },
  'already-supervised-by-you': { status: 200, message: 'Call monitoring started' },
  'supervisor-limit': { status: 422, message: 'Maximum number of supervisors reached' },
  'wrong-state': { status: 422, message: 'Call is not in a valid state for this operation' },
  'number-invalid': { status: 422, message: ({ name }) => numberMessages[name ?? ''] ?? 'Invalid Intercom' },
  'destination-not-allowed': { status: 403, message: 'Destination is not allowed' },
  'parameter-missing': { status: 422, message: ({ name }) => `The ${name ?? 'requested'} field is required.` },
  'parameter-invalid': { status: 422, message: ({ name }) => `The ${name ?? 'requested'} field is invalid.` },
  'resource-unknown': { status: 422, message: ({ name = 'Resource' }) => `Invalid ${departments.includes(name) ? 'Intercom' : name}` },
  'disposition-unknown': { status: 422, message: 'Invalid disposition' },
  'recording-not-permitted': { status: 403, message: 'Recording is not allowed' },
  'consent-invalid': { status: 422, message: 'The consent field is invalid.' },
  'no-agent-available': { status: 422, message: 'No agent is available' },
  timeout: { status: 500, message: 'Call operation failed. Please try again' },
  'rate-limited': { status: 429, message: 'Too many requests.' },
  'capacity-exceeded': { status: 503, message: 'Service temporarily unavailable' },
  unsupported: { status: 501, message: 'Operation is not supported' },
  'engine-failed': { status: 500, message: 'Call operation failed. Please try again' },
  'internal-error': { status: 500, message: 'Internal server error' },
  'body-malformed': { status: 400, message: 'Invalid request body' },
  'body-too-large': { status: 413, message: 'Request body is too large' },
  'media-type-unsupported': { status: 415, message: 'Content encoding is not supported' },
  'method-not-allowed': { status: 405, message: 'Method not allowed' },
  'route-unknown': { status: 404, message: 'Not found' },
}

const numberMessages: Readonly<Record<string, string>> = {
  destination_number: 'Invalid destination number',
  customer_number: 'Invalid destination number',
  caller_id: 'Invalid caller ID',
}

const departments: readonly string[] = ['group', 'department', 'intercom']
const isDestination = (name: string | undefined): boolean => name === 'intercom' || name === 'destination_number'

/** Of which field it was is in the refusal's name. */
function unknown({ name = '' }: Refusal): string {
  if (name === 'intercom') return 'Invalid Intercom'
  if (name === 'call_id') return 'Invalid Call ID'
  if (name === 'user') return 'User not found'
  return numberMessages[name] ?? 'Invalid Agent ID'
}

export function refuse({ refusal, headers, members }: Refused, sent: Sent): Answer {
  const { code } = refusal
  const row = table[code]
  const message = typeof row.message === 'string' ? row.message : row.message(refusal, sent)
  const body = { success: successOf(code), message, ...defaults(code, sent.at), ...members }
  return answer(statusOf(row, refusal), JSON.stringify(body), { 'Content-Type': 'application/json', ...waiting(code), ...headers })
}

const statusOf = ({ status }: Row, { code, name }: Refusal): number => (code === 'endpoint-unknown' && name === 'user' ? 404 : status)

/** The one refusal of the vendor that spells it as a text. */
function successOf(code: RefusalCode): boolean | 'false' {
  if (code === 'rate-limited') return 'false'
  return code === 'already-supervised-by-you'
}

/** What the two refused logins carry; whoever knows it better says so in `members`. */
function defaults(code: RefusalCode, at: Instant): object {
  if (code === 'credentials-invalid') return { login_failed_count: 1 }
  return code === 'login-locked' ? { retry_after: indianTime(addMs(at, limits.dialectLoginWindowMs)) } : {}
}

/** The vendor's clock, whatever the zone of the account. */
export const indianTime = (at: Instant): string => dateAndTime(at, 'Asia/Kolkata')

function waiting(code: RefusalCode): Record<string, string> {
  if (code === 'login-locked') return { 'Retry-After': String(limits.dialectLoginWindowMs / 1000) }
  return code === 'rate-limited' || code === 'capacity-exceeded' ? { 'Retry-After': '5' } : {}
}

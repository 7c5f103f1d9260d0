/** Why not, in the vendor's numbers (contract openvox-yeastar, section 8). Every answer has status 200. */
import { type Refusal, type RefusalCode, refusal } from '../../call/refusal.ts'
import type { Answer } from '../../http/answer.ts'
import { Refused } from '../../http/refused.ts'
import type { Sent } from '../dialect.ts'
import { failure } from './answer.ts'
import { type FlavourSetting, flavourOf, formatOf } from './request-flavour.ts'

type Errno = string | ((refusal: Refusal, sent: Sent) => string)

const isOfV2 = ({ route }: Sent): boolean => route?.path.startsWith('/v2/') === true

/** v1 knows calls; v2 knows call ids. */
const unknownCall: Errno = (_refusal, sent) => (isOfV2(sent) && !isSupervising(sent) ? '10005' : '10007')

const isSupervising = ({ route }: Sent): boolean => /\/(?:extension\/(?:listen|whisper|barge)|call\/listen)$/.test(route?.path ?? '')

/** Fields that name an extension: what is no extension number names none. */
const extensionFields: readonly string[] = [
  ...['extid', 'caller', 'callee', 'fromext', 'transferor', 'dialpermission', 'number', 'monitor', 'extension'],
  ...['listener', 'listenedext', 'whisperer', 'whisperedext', 'bargein', 'bargedext'],
]

const invalidParameter: Errno = ({ name = '' }, { route }) => {
  if (name === 'port' && route?.path !== updatePath) return '20008'
  if (extensionFields.includes(name)) return '10006'
  return route?.path === updatePath ? '10017' : '10004'
}

/** A setting that cannot be set so is a change that failed. */
const updatePath = '/v1/extension/update'

const kinds: Readonly<Record<string, string>> = {
  ivr: '10012',
  queue: '10013',
  ringgroup: '10014',
  prompt: '10023',
  recording: '20014',
  download: '20012',
}

export const errnos: Readonly<Record<RefusalCode, Errno>> = {
  unauthenticated: (_refusal, { query }) => ((query.token ?? '').trim() === '' ? '20005' : '20004'),
  'credentials-invalid': '20003',
  'token-expired': '20006',
  'login-locked': '20002',
  forbidden: '10003',
  'other-tenant': '10006',
  'call-unknown': unknownCall,
  'call-ended': unknownCall,
  'party-unknown': '10007',
  'endpoint-unknown': '10006',
  'endpoint-unavailable': '10008',
  'endpoint-busy': '10008',
  'supervision-not-allowed': '10009',
  'mode-not-allowed': '10010',
  'already-supervised-by-you': '10008',
  'supervisor-limit': '10009',
  'wrong-state': (_refusal, sent) => (isSupervising(sent) ? '10007' : '10015'),
  'number-invalid': '10031',
  'destination-not-allowed': '10024',
  'parameter-missing': '10004',
  'parameter-invalid': invalidParameter,
  'resource-unknown': ({ name = '' }) => kinds[name] ?? '10004',
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

/** Where the place of the refusal says more than its code. */
export const failing = (code: RefusalCode, errno: string, detail: Omit<Refusal, 'code'> = {}): Refused =>
  new Refused(refusal(code, detail), { members: { errno } })

export function refusalAnswer(refused: Refused, sent: Sent, setting: FlavourSetting): Answer {
  const format = formatOf(sent, flavourOf(sent, setting))
  return failure(format, errnoOf(refused, sent), refused.headers)
}

function errnoOf({ refusal: reason, members }: Refused, sent: Sent): string {
  if (typeof members.errno === 'string') return members.errno
  const errno = errnos[reason.code]
  return typeof errno === 'string' ? errno : errno(reason, sent)
}

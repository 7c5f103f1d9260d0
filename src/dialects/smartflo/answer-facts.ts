/** What live calls, records and webhooks all tell of a call. */
import { type Call, handlingParty } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import { isCore, type Party } from '../../call/party.ts'
import type { EndReason } from '../../call/reason.ts'
import { recordingOf } from '../../call/recording.ts'
import type { Agent } from '../../directory/people.ts'
import { digest } from '../../http/secrets.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs } from '../../kernel/time.ts'
import { hexId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import { digits } from '../phone-number.ts'

/** Whoever tells of a call needs to know who is who. */
export type Names = Pick<House, 'directory'>

/** Who tells of calls to programs, recordings included. */
export type Tellers = Names & Pick<House, 'shelf' | 'clock'>

/** Marks of ours on calls that were ordered here. */
export const labels = { kind: 'smartflo.kind', identifier: 'smartflo.custom_identifier' } as const

export const isClickToCall = (call: Call): boolean => call.labels[labels.kind] === 'c2c'

/** The vendor tells it of ordered calls only. */
export const refIdOf = (call: Call): string | null => (isClickToCall(call) ? hexId(call) : null)

/** Without `+`, as the vendor writes numbers; nothing where the caller hides his. */
export const bareNumber = (number: string | undefined): string | null => (number === undefined || number === '' ? null : digits(number))

/** Its own number on the account's side: what an inbound caller dialled, what an outbound call shows. */
export const didOf = (call: Call): string | null => {
  if (call.direction === 'inbound') return bareNumber(call.dnis)
  return call.direction === 'outbound' ? bareNumber(call.presented) : null
}

/** The customer, whether he is still there or not; between two extensions the one who called. */
export function customerOfCall(call: Call): Party | undefined {
  return call.parties.find((p) => p.role === 'customer') ?? (call.direction === 'internal' ? call.parties.find(isCore) : undefined)
}

export function customerNumber(call: Call): string | null {
  const customer = customerOfCall(call)
  if (customer !== undefined) return bareNumber(addressOf(customer.endpoint))
  return bareNumber(call.direction === 'inbound' ? call.ani : call.dnis)
}

/** Who handles the call, or did when it ended; nobody as long as nobody has answered. */
export const answeredBy = (call: Call): Party | undefined =>
  handlingParty(call) ?? call.parties.findLast((p) => p.role === 'agent' && p.answeredAt !== undefined)

/** Agents whose phones ring. */
export const ringing = (call: Call): readonly Party[] =>
  call.parties.filter((p) => p.role === 'agent' && (p.state === 'ringing' || p.state === 'inviting'))

/** Agents whose phones rang until somebody gave up. */
export const missedBy = (call: Call): readonly Party[] =>
  call.parties.filter(
    (p) => p.role === 'agent' && p.state === 'ended' && p.answeredAt === undefined && p.endReason !== 'answered-elsewhere',
  )

export function agentOfParty({ directory }: Names, party: Party | undefined): Agent | undefined {
  const endpoint = party?.endpoint
  if (endpoint === undefined || endpoint.kind === 'number' || endpoint.agent === undefined) return undefined
  return directory.agent(endpoint.account, endpoint.agent)
}

export const nameOfAgent = ({ firstName, lastName }: Agent): string => `${firstName} ${lastName}`.trim()

/** The agent's name, else the phone's. */
export function nameOfParty(house: Names, party: Party | undefined): string | null {
  const agent = agentOfParty(house, party)
  if (agent !== undefined) return nameOfAgent(agent)
  return party?.endpoint.name ?? null
}

export const zoneOf = ({ directory }: Names, { account }: Pick<Call, 'account'>): string => directory.account(account)?.timezone ?? 'UTC'

export const groupNameOf = ({ directory }: Names, { account, group }: Call): string | null =>
  group === undefined ? null : (directory.group(account, group)?.name ?? null)

export const secondsOfCall = ({ startedAt, endedAt }: Call, now: number): number => wholeSeconds((endedAt ?? now) - startedAt)

export const secondsAnswered = ({ answeredAt, endedAt }: Call, now: number): number =>
  answeredAt === undefined ? 0 : wholeSeconds((endedAt ?? now) - answeredAt)

const wholeSeconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000))

/** The names that the telephone switches of the vendor's kind give to ends of calls; none may contain "fail". */
export const hangupCauses: Readonly<Record<EndReason, string>> = {
  hangup: 'NORMAL_CLEARING',
  cancelled: 'ORIGINATOR_CANCEL',
  'no-answer': 'NO_ANSWER',
  busy: 'USER_BUSY',
  declined: 'CALL_REJECTED',
  unavailable: 'SUBSCRIBER_ABSENT',
  'unknown-number': 'UNALLOCATED_NUMBER',
  failed: 'NETWORK_OUT_OF_ORDER',
  'media-lost': 'MEDIA_TIMEOUT',
  'answered-elsewhere': 'LOSE_RACE',
  transferred: 'ATTENDED_TRANSFER',
  parked: 'NORMAL_CLEARING',
  replaced: 'PICKED_OFF',
  removed: 'NORMAL_CLEARING',
  'taken-over': 'PICKED_OFF',
  'target-left': 'NORMAL_CLEARING',
  'not-allowed': 'CALL_REJECTED',
  'call-ended': 'NORMAL_CLEARING',
  moved: 'NORMAL_CLEARING',
  'ended-by-request': 'MANAGER_REQUEST',
  'queue-timeout': 'ALLOTTED_TIMEOUT',
  shutdown: 'SYSTEM_SHUTDOWN',
}

export const hangupCauseOf = ({ endReason }: Call): string | null => (endReason === undefined ? null : hangupCauses[endReason])

/** The vendor's `uuid`, which differs for each leg of a call: a UUID of version 8 (RFC 9562 §5.8) made from the call and the party. */
export function legId({ id }: Call, party: Party | undefined): string {
  const hex = digest(`${id}/${party?.id ?? ''}`).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-b${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Works for an hour, and without a credential; the file is there a moment after the call. */
export function recordingUrl({ shelf, clock }: Tellers, call: Call): string | undefined {
  const recording = recordingOf(call)
  return recording === undefined
    ? undefined
    : shelf.links.link({ account: call.account, recording }, addMs(clock(), limits.recordingLinkMs))
}

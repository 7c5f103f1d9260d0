/** A call in the vendor's words (contract newvoicemedia, sections 4 and 5). Supervisors never appear in it. */
import type { Call } from '../../call/call.ts'
import { addressOf, type Endpoint } from '../../call/endpoint.ts'
import { isCore, type Party } from '../../call/party.ts'
import type { EndReason } from '../../call/reason.ts'
import type { RecordingState } from '../../call/recording.ts'
import { guidOf } from '../call-ids.ts'
import { callLink } from './answer.ts'
import type { Place } from './request.ts'
import { submitted } from './request-call.ts'

type Status = 'Initiating' | 'RingingOriginator' | 'RingingDestination' | 'InProgress' | 'Completed' | 'Failed'
type Reason = 'NoAnswer' | 'Busy' | 'Rejected' | 'NetworkError'
type Result =
  | { readonly code: 'Success' }
  | { readonly code: 'Failure'; readonly party: 'Originator' | 'Destination'; readonly reason: Reason }
type Members = Readonly<Record<string, unknown>>

/** The answer to POST calls. */
export const createdText = (call: Call, place: Place): string => `${head(call, place)},${members(created(call))}`

export const detailText = (call: Call, place: Place): string => `${head(call, place)},${rest(call)}`

function head(call: Call, place: Place): string {
  const guid = guidOf(call)
  return `{"id":"${guid}","links":[${JSON.stringify({ href: callLink(place, guid), rel: '_self' })}]`
}

const rests = new WeakMap<Call, string>()

/** A call is immutable, so what does not depend on where the reader stands is written once per revision. */
function rest(call: Call): string {
  const known = rests.get(call)
  if (known !== undefined) return known
  const text = members(detail(call))
  rests.set(call, text)
  return text
}

/** With the closing brace, without the opening one. */
const members = (of: Members): string => JSON.stringify(of).slice(1)

const created = (call: Call): Members => ({ from: memberOf(call, submitted.from), to: memberOf(call, submitted.to), ...about(call) })

function detail(call: Call): Members {
  return {
    from: fromOf(call),
    to: toOf(call),
    status: statusOf(call),
    recordingStatus: recordingStatusOf(call),
    result: resultOf(call),
    dispositionCode: call.disposition?.name ?? null,
    ...about(call),
  }
}

function about({ reference, application }: Call): Members {
  return { ...(reference === undefined ? {} : { regarding: { reference } }), ...(application === undefined ? {} : { application }) }
}

/** As it was submitted, and who was found in a group. Of calls that were made elsewhere: who called. */
function fromOf(call: Call): Members {
  const echo = memberOf(call, submitted.from)
  if (echo === undefined) return isOriginated(call) ? addressed(chosen(call)?.endpoint) : called(call.ani, originators(call)[0]?.endpoint)
  const agent = agentOf(chosen(call)?.endpoint)
  return 'groups' in echo && agent !== undefined ? { ...echo, agentId: agent } : echo
}

function toOf(call: Call): Members {
  const echo = memberOf(call, submitted.to)
  if (echo !== undefined) return echo
  const [first] = destinations(call)
  const answered = destinations(call).find((party) => party.answeredAt !== undefined)
  const endpoint = (answered ?? (call.group === undefined ? first : undefined))?.endpoint ?? call.next?.to
  return called(call.dnis, endpoint)
}

function memberOf(call: Call, label: string): Members | undefined {
  const text = call.labels[label]
  return text === undefined ? undefined : JSON.parse(text)
}

/** The agent where there is one, else the number that was dialled. */
function called(number: string, endpoint: Endpoint | undefined): Members {
  const agent = agentOf(endpoint)
  return agent === undefined ? { telephoneNumber: number } : { agentId: agent }
}

function addressed(endpoint: Endpoint | undefined): Members {
  if (endpoint === undefined) return {}
  return called(addressOf(endpoint), endpoint)
}

const agentOf = (endpoint: Endpoint | undefined): string | undefined =>
  endpoint === undefined || endpoint.kind === 'number' ? undefined : endpoint.agent

/** A call that a program asked for: its first parties rang as an offer. Who calls us by himself is no offer. */
const isOriginated = ({ parties: [first] }: Call): boolean => first?.offer === 1

/** Who called, or those of whom one was to call. */
function originators(call: Call): readonly Party[] {
  return isOriginated(call) ? call.parties.filter((party) => isCore(party) && party.offer === 1) : call.parties.slice(0, 1)
}

/** The one who picked up, or the only one who was rung. */
function chosen(call: Call): Party | undefined {
  const parties = originators(call)
  return parties.find((party) => party.answeredAt !== undefined) ?? (parties.length === 1 ? parties[0] : undefined)
}

function destinations(call: Call): readonly Party[] {
  const first = originators(call)
  return call.parties.filter((party) => isCore(party) && !first.includes(party))
}

function statusOf(call: Call): Status {
  if (call.endedAt !== undefined) return call.answeredAt === undefined ? 'Failed' : 'Completed'
  if (call.answeredAt !== undefined) return 'InProgress'
  if (!isOriginated(call) || isReached(call)) return 'RingingDestination'
  return originators(call).some((party) => party.state === 'ringing') ? 'RingingOriginator' : 'Initiating'
}

const isReached = (call: Call): boolean => originators(call).some((party) => party.answeredAt !== undefined)

const recordingStates: Readonly<Record<RecordingState, string>> = { on: 'Started', paused: 'Paused', off: 'Stopped' }

/** Null: it has never been recorded. */
const recordingStatusOf = ({ recording }: Call): string | null => (recording.since === undefined ? null : recordingStates[recording.state])

function resultOf(call: Call): Result | null {
  if (call.endedAt === undefined) return null
  return call.answeredAt === undefined ? { code: 'Failure', ...failureOf(call) } : { code: 'Success' }
}

/** Whose leg it was: the first one's until he has picked up, and also when he gave up before the other did. */
function failureOf(call: Call): { readonly party: 'Originator' | 'Destination'; readonly reason: Reason } {
  const caller = isOriginated(call) ? chosen(call) : originators(call)[0]
  const gaveUp = caller?.endReason === 'hangup' || caller?.endReason === 'cancelled'
  const isCallers = (isOriginated(call) && !isReached(call)) || gaveUp
  const last = isCallers ? (caller ?? originators(call).at(-1)) : destinations(call).at(-1)
  return { party: isCallers ? 'Originator' : 'Destination', reason: reasons[last?.endReason ?? call.endReason ?? 'failed'] }
}

const reasons: Readonly<Record<EndReason, Reason>> = {
  'no-answer': 'NoAnswer',
  'queue-timeout': 'NoAnswer',
  'answered-elsewhere': 'NoAnswer',
  busy: 'Busy',
  hangup: 'Rejected',
  cancelled: 'Rejected',
  declined: 'Rejected',
  transferred: 'Rejected',
  parked: 'Rejected',
  replaced: 'Rejected',
  removed: 'Rejected',
  'taken-over': 'Rejected',
  'target-left': 'Rejected',
  'not-allowed': 'Rejected',
  'call-ended': 'Rejected',
  moved: 'Rejected',
  'ended-by-request': 'Rejected',
  unavailable: 'NetworkError',
  'unknown-number': 'NetworkError',
  failed: 'NetworkError',
  'media-lost': 'NetworkError',
  shutdown: 'NetworkError',
}

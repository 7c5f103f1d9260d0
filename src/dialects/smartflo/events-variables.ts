/** What webhooks may tell (contract smartflo, section 7). */
import type { Call } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import type { Party } from '../../call/party.ts'
import type { Instant } from '../../kernel/time.ts'
import { dottedId } from '../call-ids.ts'
import { dateAndTime } from '../wall-time.ts'
import * as facts from './answer-facts.ts'

/** An event, and whom it was about. */
export interface Moment {
  readonly call: Call
  readonly party: Party | undefined
  readonly at: Instant
  /** The key that was pressed. */
  readonly digit: string
}

export type Variables = Readonly<Record<string, unknown>>

/** Texts, but for the agents: receivers read members of `answered_agent` without asking whether there is one. */
export function variablesOf(house: facts.Tellers, moment: Moment): Variables {
  return { ...numbers(moment), ...times(house, moment), ...outcome(house, moment), ...agents(house, moment), ...ownWords(moment) }
}

function numbers({ call, party, digit }: Moment): Variables {
  const customer = facts.customerNumber(call) ?? ''
  const isInbound = call.direction === 'inbound'
  return {
    uuid: facts.legId(call, party ?? facts.customerOfCall(call)),
    call_id: dottedId(call),
    call_to_number: isInbound ? (facts.didOf(call) ?? '') : customer,
    caller_id_number: isInbound ? customer : (facts.didOf(call) ?? facts.bareNumber(call.ani) ?? ''),
    digits_dialed: digit,
    customer_no_with_prefix: customer,
    customer_number_with_prefix: customer,
    customer_number: customer,
  }
}

function times(house: facts.Names, { call, at }: Moment): Variables {
  const zone = facts.zoneOf(house, call)
  const stamp = (time: Instant | undefined) => (time === undefined ? '' : dateAndTime(time, zone))
  return {
    start_stamp: stamp(call.startedAt),
    answer_stamp: stamp(call.answeredAt),
    end_stamp: stamp(call.endedAt),
    billsec: String(facts.secondsAnswered(call, at)),
    duration: String(facts.secondsOfCall(call, at)),
  }
}

function outcome(house: facts.Tellers, { call }: Moment): Variables {
  const isAnswered = call.answeredAt !== undefined
  return {
    hangup_cause: facts.hangupCauseOf(call) ?? '',
    direction: facts.isClickToCall(call) ? 'clicktocall' : call.direction === 'inbound' ? 'inbound' : 'outbound',
    // Neither while it still rings.
    call_status: isAnswered ? 'answered' : call.endedAt === undefined ? '' : 'missed',
    call_connected: isAnswered,
    recording_url: facts.recordingUrl(house, call) ?? '',
  }
}

function agents(house: facts.Names, { call }: Moment): Variables {
  const answered = agentView(house, facts.answeredBy(call))
  return {
    answered_agent: answered,
    answered_agent_name: answered.name,
    answered_agent_number: answered.number,
    missed_agent: facts.missedBy(call).map((party) => agentView(house, party)),
    call_flow: callFlow(house, call),
  }
}

function agentView(house: facts.Names, party: Party | undefined): { readonly id: string; readonly name: string; readonly number: string } {
  return {
    id: facts.agentOfParty(house, party)?.id ?? '',
    name: facts.nameOfParty(house, party) ?? '',
    number: party === undefined ? '' : addressOf(party.endpoint),
  }
}

/** The stations of the call, with the time of each in seconds since 1970. */
function callFlow(house: facts.Names, call: Call): readonly object[] {
  const phones = call.parties.filter((p) => p.role === 'agent')
  const department = facts.groupNameOf(house, call)
  return [
    { type: 'init', value: facts.didOf(call) ?? '', time: seconds(call.startedAt) },
    ...(department === null ? [] : [{ type: 'dept', id: call.group, name: department, time: seconds(call.startedAt) }]),
    ...phones.map((party) => ({ type: 'Agent', dialst: dialled(party), ...agentView(house, party), time: seconds(party.joinedAt) })),
    ...(call.endedAt === undefined ? [] : [{ type: 'hangup', time: seconds(call.endedAt) }]),
  ]
}

const dialled = ({ answeredAt, endedAt }: Party): string =>
  answeredAt !== undefined ? 'Answered' : endedAt === undefined ? 'Ringing' : 'Missed'

const seconds = (at: Instant): number => Math.floor(at / 1000)

function ownWords({ call }: Moment): Variables {
  return { custom_identifier: call.labels[facts.labels.identifier] ?? '', ref_id: facts.refIdOf(call) ?? '' }
}

/** Call detail records (contract smartflo, section 6). */
import type { Call } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import { dottedId, hexId } from '../call-ids.ts'
import { dateAndTime } from '../wall-time.ts'
import * as facts from './answer-facts.ts'

const texts = new WeakMap<Call, string>()

/** Made once: an ended call changes no more, but for its disposition. Links expire, so that who may listen gets new ones. */
export function recordText(house: facts.Tellers, call: Call, mayListen: boolean): string {
  const url = mayListen ? facts.recordingUrl(house, call) : undefined
  if (url !== undefined) return JSON.stringify(recordView(house, call, url))
  const known = texts.get(call)
  if (known !== undefined) return known
  const text = JSON.stringify(recordView(house, call, null))
  texts.set(call, text)
  return text
}

function recordView(house: facts.Names, call: Call, recordingUrl: string | null): object {
  const zone = facts.zoneOf(house, call)
  const agent = facts.answeredBy(call)
  const [date, time] = dateAndTime(call.startedAt, zone).split(' ')
  const isAnswered = call.answeredAt !== undefined
  return {
    id: hexId(call),
    call_id: dottedId(call),
    uuid: facts.legId(call, facts.customerOfCall(call)),
    direction: directionOf(call),
    description: isAnswered ? 'Call answered' : 'Call missed',
    status: statusOf(call),
    recording_url: recordingUrl,
    agent_number: agent === undefined ? null : addressOf(agent.endpoint),
    client_number: facts.customerNumber(call),
    call_duration: facts.secondsOfCall(call, call.startedAt),
    answered_seconds: facts.secondsAnswered(call, call.startedAt),
    hangup_cause: facts.hangupCauseOf(call),
    date,
    time,
    end_stamp: call.endedAt === undefined ? null : dateAndTime(call.endedAt, zone),
    ref_id: facts.refIdOf(call),
  }
}

export const directionOf = (call: Call): 'inbound' | 'outbound' => (call.direction === 'inbound' ? 'inbound' : 'outbound')

export const statusOf = (call: Call): 'answered' | 'missed' => (call.answeredAt === undefined ? 'missed' : 'answered')

/** Events as JSON (contract `native.md`, "Events"). */
import type { CallEvent } from '../call/event.ts'
import type { OutEvent } from '../control/command.ts'
import { rfc3339 } from '../kernel/time.ts'
import { addressView, agentView, callText, timeOf } from './views.ts'

/** All types that the contract knows; a filter that names another one is a mistake. */
export const eventTypes = [
  'call.created',
  'call.queued',
  'call.ringing',
  'call.answered',
  'call.held',
  'call.resumed',
  'call.transferred',
  'call.transfer-failed',
  'call.parked',
  'call.unparked',
  'call.ended',
  'party.joined',
  'party.left',
  'party.role',
  'party.muted',
  'party.unmuted',
  'party.dtmf',
  'supervision.requested',
  'supervision.active',
  'supervision.mode-changed',
  'supervision.refused',
  'supervision.ended',
  'hearing.applied',
  'recording.started',
  'recording.paused',
  'recording.stopped',
  'recording.stored',
  'agent.state',
  'disposition.set',
] as const satisfies readonly string[]

type AgentEvent = Extract<OutEvent, { readonly agent: unknown }>
type HappenedInCall = Extract<OutEvent, { readonly event: unknown }>

export type EventType = (typeof eventTypes)[number]

export const typeOf = (out: OutEvent): EventType => ('agent' in out ? 'agent.state' : out.event.type)

/** The call in whose sequence an event stands. That of an agent stands in none, also where `data` names the call that he is in. */
export const callOfEvent = (out: OutEvent): string | undefined => ('agent' in out ? undefined : out.event.call)

const texts = new WeakMap<OutEvent, string>()

/** Made once per event, however many read it. */
export function eventText(out: OutEvent): string {
  const known = texts.get(out)
  if (known !== undefined) return known
  const text = 'agent' in out ? agentEventText(out) : callEventText(out)
  texts.set(out, text)
  return text
}

/** `seq` counts within a call; what belongs to none has 0, and no `callId` either, so that whoever counts by call finds no gap. */
function agentEventText({ id, agent, at }: AgentEvent): string {
  return JSON.stringify({ id, seq: 0, type: 'agent.state', at: rfc3339(at), data: agentView(agent) })
}

/** The call's text is spliced in as it is. */
function callEventText({ id, event, call }: HappenedInCall): string {
  const { seq, type, at } = event
  const head = JSON.stringify({ id, seq, type, at: rfc3339(at), callId: event.call })
  return `${head.slice(0, -1)},"call":${callText(call)},"data":${JSON.stringify(dataOf(event))}}`
}

/** The endpoint of the core names trunks and rights, which are nobody's business outside; its times are numbers. Credentials are the audit's. */
function dataOf(event: CallEvent): object {
  switch (event.type) {
    case 'party.joined': {
      const { party, role, endpoint } = event.data
      return { party, role, ...addressView(endpoint) }
    }
    case 'disposition.set':
      return { ...event.data, callbackAt: timeOf(event.data.callbackAt) }
    case 'supervision.requested':
    case 'supervision.mode-changed':
    case 'supervision.refused':
    case 'supervision.ended': {
      const { by, ...data } = event.data
      return by === undefined ? data : { ...data, by: { ...by, credential: undefined } }
    }
    default:
      return event.data
  }
}

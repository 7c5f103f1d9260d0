/** Events as JSON (contract `native.md`, "Events"). */
import type { CallEvent } from '../call/event.ts'
import type { OutEvent, PastEvent } from '../control/command.ts'
import { rfc3339 } from '../kernel/time.ts'
import { addressView, agentView, callText, lineView, timeOf } from './views.ts'

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
  'agent.hand',
  'line.state',
  'disposition.set',
] as const satisfies readonly string[]

type OtherEvent = Exclude<OutEvent, { readonly event: unknown }>
type HappenedInCall = Extract<OutEvent | PastEvent, { readonly event: unknown }>

export type EventType = (typeof eventTypes)[number]

export function typeOf(out: OutEvent | PastEvent): EventType {
  if ('agent' in out) return `agent.${out.about ?? 'state'}`
  return 'line' in out ? 'line.state' : out.event.type
}

/** The call in whose sequence an event stands. That of an agent or a line stands in none, also where `data` names the call that he is in. */
export const callOfEvent = (out: OutEvent | PastEvent): string | undefined => ('event' in out ? out.event.call : undefined)

const texts = new WeakMap<OutEvent | PastEvent, string>()

/** Made once per event, however many read it. */
export function eventText(out: OutEvent | PastEvent): string {
  const known = texts.get(out)
  if (known !== undefined) return known
  const text = 'event' in out ? callEventText(out) : otherEventText(out)
  texts.set(out, text)
  return text
}

/** `seq` counts within a call; what belongs to none has 0, and no `callId` either, so that whoever counts by call finds no gap. */
function otherEventText(out: OtherEvent): string {
  const data = 'agent' in out ? agentView(out.agent) : lineView(out.line)
  return JSON.stringify({ id: out.id, seq: 0, type: typeOf(out), at: rfc3339(out.at), data })
}

/** The call's text is spliced in as it is; of a past event it is not known any more. */
function callEventText({ id, event, call }: HappenedInCall): string {
  const { seq, type, at } = event
  const head = JSON.stringify({ id, seq, type, at: rfc3339(at), callId: event.call })
  const stood = call === undefined ? '' : `"call":${callText(call)},`
  return `${head.slice(0, -1)},${stood}"data":${JSON.stringify(dataOf(event))}}`
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

/** Live calls, field by field in the vendor's order (contract smartflo, section 5). */
import { type Call, callState, handlingParty } from '../../call/call.ts'
import { addressOf } from '../../call/endpoint.ts'
import type { Party } from '../../call/party.ts'
import type { Instant } from '../../kernel/time.ts'
import { dottedId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import { dateAndTime } from '../wall-time.ts'
import { asNumber, clockTime } from './answer.ts'
import * as facts from './answer-facts.ts'

/** The domain is told beside the names. */
type Teller = facts.Names & Pick<House, 'realm'>

/** The text before and after the one value that changes by itself. */
interface Halves {
  readonly before: string
  readonly after: string
}

const halves = new WeakMap<Call, Halves>()

export const liveCallsText = (house: Teller, at: Instant, calls: readonly Call[]): string =>
  `[${calls.map((call) => liveCallText(house, at, call)).join(',')}]`

/** A call is immutable: all but the time that has passed is made once per revision. */
function liveCallText(house: Teller, at: Instant, call: Call): string {
  const known = halves.get(call)
  const { before, after } = known ?? halvesOf(house, call)
  if (known === undefined) halves.set(call, { before, after })
  return `${before}${clockTime(call.answeredAt === undefined ? 0 : at - call.answeredAt)}${after}`
}

function halvesOf(house: Teller, call: Call): Halves {
  const head = JSON.stringify({ ...identity(house, call), ...direction(call), ...destination(house, call), ...progress(house, call) })
  const tail = JSON.stringify({ agent_name: facts.nameOfParty(house, agentOf(call)), customer_number: facts.customerNumber(call) })
  return { before: `${head.slice(0, -1)},"call_time":"`, after: `",${tail.slice(1)}` }
}

function identity(house: Teller, call: Call): object {
  const agent = facts.agentOfParty(house, agentOf(call))
  return {
    id: call.serial,
    user_id: agent === undefined ? null : asNumber(agent.id.replace(/^0+(?=.)/, '')),
    client_id: asNumber(call.account),
    call_id: dottedId(call),
  }
}

/** A call between two extensions goes out, as far as its caller is concerned. */
function direction(call: Call): object {
  return {
    direction: call.direction === 'inbound' ? 1 : 2,
    source: facts.bareNumber(call.ani),
    type: facts.isClickToCall(call) ? 'click-to-call' : call.direction === 'inbound' ? 'inbound' : 'outbound',
    did: facts.didOf(call),
  }
}

function destination(house: Teller, call: Call): object {
  const name = facts.groupNameOf(house, call)
  const shown = agentOf(call)
  const phones = shown === undefined ? facts.ringing(call) : [shown]
  return {
    multiple_destination_type: facts.isClickToCall(call) ? 'c2c' : name === null ? 'agent' : 'department',
    multiple_destination_name: name ?? facts.nameOfParty(house, shown),
    destination: phones.length === 0 ? null : phones.map(({ endpoint }) => addressOf(endpoint)).join(','),
  }
}

function progress(house: Teller, call: Call): object {
  return {
    state: states[callState(call)],
    queue_state: call.queue !== undefined && facts.ringing(call).length === 0 ? 'Waiting' : null,
    channel_id: dottedId(call),
    created_at: dateAndTime(call.startedAt, facts.zoneOf(house, call)),
    sip_domain: house.realm,
    broadcast_id: null,
    broadcast_no: null,
  }
}

const states: Readonly<Record<ReturnType<typeof callState>, string>> = {
  queued: 'Ringing',
  ringing: 'Ringing',
  active: 'Answered',
  held: 'Hold',
  ended: 'Hangup',
}

/** Who handles the call, else whose phone alone rings. */
function agentOf(call: Call): Party | undefined {
  const [first, ...others] = facts.ringing(call)
  return handlingParty(call) ?? (others.length === 0 ? first : undefined)
}

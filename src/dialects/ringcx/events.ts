/** Agent states on their way to the programs that want them (contract ringcx, section 8). */
import type { Call } from '../../call/call.ts'
import type { AgentView } from '../../control/command.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { dateAndTime } from '../wall-time.ts'
import { nationalDigits, withoutZeros } from './answer.ts'
import { groupName, uiiOf, zoneOf } from './answer-calls.ts'
import { auxStateOf, awaitsDisposition, phoneOf, stateOf } from './answer-people.ts'
import { endOf, type Wanted } from './request-subscriptions.ts'

export const wantedOf = ({ fields }: Subscription): Wanted => JSON.parse(fields.wanted ?? '{}')

/** Those whose time has passed are forgotten here. */
export function liveSubscriptions({ subscriptions }: House, account: AccountId, at: Instant): readonly Subscription[] {
  const isOver = (one: Subscription) => wantedOf(one).expiresAt !== 0 && endOf(wantedOf(one).expiresAt) <= at
  const all = subscriptions.list('ringcx', account)
  for (const one of all.filter(isOver)) subscriptions.remove(one)
  return all.filter((one) => !isOver(one))
}

/** A receiver that wants to be sure answers with the same token; whether it did is not looked at, so its events come in any case. */
export function askForValidation(house: House, subscription: Subscription): void {
  send(house, subscription, { event_type: 'VALIDATION' }, { 'Validation-Token': house.random.hex(16) })
}

/** Begins for every account; the returned function ends it. */
export function sendAgentStates(house: House): () => void {
  const stops = house.directory.accounts.map(({ id }) => follow(house, id))
  return () => {
    for (const stop of stops) stop()
  }
}

/** An event tells what an agent is; what he was before is remembered from the last one. */
function follow(house: House, account: AccountId): () => void {
  const last = new Map(house.desk.agents(account).map((view) => [view.id, view]))
  return house.desk.subscribe(account, (event) => {
    if (!('agent' in event) || event.about !== undefined) return
    const { agent, at } = event
    const before = last.get(agent.id)
    last.set(agent.id, agent)
    if (before !== undefined && looksSame(before, agent)) return
    const active = liveSubscriptions(house, account, at).filter((one) => wantedOf(one).active)
    if (active.length === 0) return
    const body = stateEvent(house, { account, at, before }, agent)
    for (const subscription of active) send(house, subscription, body)
  })
}

const looksSame = (a: AgentView, b: AgentView): boolean =>
  stateOf(a) === stateOf(b) && auxStateOf(a) === auxStateOf(b) && awaitsDisposition(a.state) === awaitsDisposition(b.state)

function send(house: House, subscription: Subscription, body: object, headers: Readonly<Record<string, string>> = {}): void {
  const { notificationUrl, customHeaders } = wantedOf(subscription)
  house.courier.send({
    ...{ account: subscription.account, dialect: 'ringcx', receiver: `ringcx/${subscription.id}` },
    ...{ method: 'POST', url: notificationUrl, body: JSON.stringify(body), success: 200 },
    headers: { ...customHeaders, 'Content-Type': 'application/json', ...headers },
  })
}

interface Moment {
  readonly account: AccountId
  readonly at: Instant
  readonly before: AgentView | undefined
}

/** All values are texts. Who comes from nowhere has logged in. */
function stateEvent(house: House, { account, at, before }: Moment, agent: AgentView): object {
  const call = agent.call === undefined ? undefined : house.desk.call(account, agent.call)
  const wasHere = before !== undefined && before.state !== 'offline'
  return {
    agent_id: withoutZeros(agent.id),
    prev_state: wasHere ? stateOf(before) : 'LOGIN',
    prev_aux_state: wasHere ? auxStateOf(before) : '',
    agent_phone: phoneOf(house.directory, { account, extension: agent.extension }),
    event_type: stateOf(agent),
    event_aux_type: auxStateOf(agent),
    date_time: dateAndTime(at, zoneOf(house, account)),
    pending_disp: awaitsDisposition(agent.state) ? '1' : '0',
    username: agent.username,
    ...(call !== undefined && callFields(house, call)),
  }
}

const callFields = (house: House, call: Call): object => ({
  call_id: uiiOf(house, call),
  call_source_id: withoutZeros(call.group ?? ''),
  call_source_name: groupName(house, call) ?? '',
  dnis: nationalDigits(call.dnis),
  call_type: call.direction === 'outbound' ? 'VPD' : 'ACD',
})

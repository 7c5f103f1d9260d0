/** What an agent is doing, as the API says it and as the events tell it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AgentState } from '../../testkit/call-control.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { type Config, reference } from '../../testkit/sotto.ts'

const wrapUpMs = 1_000
const number = '+18661230600'
const centre = centreFor({ change })

function change({ accounts: [account] }: Config): void {
  account?.groups.push({ id: '600', name: 'Orderly', extension: '860', agents: ['1234'], wrapUpMs })
  account?.numbers.push({ number, routeTo: { group: '600' } })
}

before(centre.open)
after(centre.close)

const agent = '1234'
const statesIn = ({ events }: EventReader): readonly unknown[] => events.map((event) => event.data.state)

test('the states of a day: registered, rung, talking, wrapping up, away, back, offline, back; each told once, in order', async () => {
  const { now } = centre
  const reader = await EventReader.sse({ http: now.sotto.http, key: reference.adminKey, types: 'agent.state' })
  const told: AgentState[] = []
  const becomes = async (state: AgentState) => {
    told.push(state)
    await now.agentIs(agent, state)
    await eventually(`the events tell ${told}`, () => String(statesIn(reader)) === String(told))
  }
  assert.equal((await now.api.agents()).find((one) => one.id === agent)?.state, 'offline')
  const phone = await now.phone('210', { behaviour: 'ring' })
  await becomes('available')
  const customer = await now.trunk.call(number, { from: '+442071838750' })
  const line = await phone.next('incoming')
  await becomes('ringing')
  line.answer()
  await soon(customer.answered, 'the agent is through')
  await becomes('on-call')
  const [call] = await now.api.calls()
  assert.deepEqual(
    reader.events.slice(-2).map((event) => [event.callId, event.data.callId, event.seq]),
    [
      [undefined, call?.id, 0],
      [undefined, call?.id, 0],
    ],
  )
  await customer.hangUp()
  await becomes('wrap-up')
  const at = performance.now()
  await becomes('available')
  assert.ok(performance.now() - at > wrapUpMs / 2, 'he rests as long as the group says')
  assert.equal((await now.api.setAgentState(agent, 'away')).state, 'away')
  await becomes('away')
  await now.api.setAgentState(agent, 'available')
  await becomes('available')
  await now.api.setAgentState(agent, 'offline')
  await becomes('offline')
  await now.api.setAgentState(agent, 'available')
  await becomes('available')
  await now.putAway(phone)
  reader.close()
})

test('an agent who wraps up is left alone until he has; then the customer who waited is his', async () => {
  const { now } = centre
  const phone = await now.phone('210')
  const first = await now.customer(number)
  await first.line.hangUp()
  await now.agentIs(agent, 'wrap-up')
  const second = await now.trunk.call(number, { from: '+15550002222' })
  await soon(second.answered, 'the customer waits')
  assert.equal((await now.agentIs(agent, 'wrap-up')) !== undefined && phone.lines.length, 0)
  await eventually('the agent has wrapped up', () => phone.lines.length === 1)
  await hear({ line: second, hears: [toneOf(phone)] }, { line: phone.line, hears: [outsideTone] })
  await second.hangUp()
  await now.agentIs(agent, 'wrap-up')
  const third = await now.trunk.call(number, { from: '+15550003333' })
  await now.api.setAgentState(agent, 'available')
  await soon(third.answered, 'he has said that he is ready, before the time was over')
  await eventually('the agent is through', () => phone.lines.length === 1)
  await now.quiet()
})

test('who is away gets no calls of his group, and can still be dialled and dial', async () => {
  const { now } = centre
  const phone = await now.phone('210')
  const other = await now.phone('211')
  await now.api.setAgentState(agent, 'away')
  const direct = await other.call('210')
  await soon(direct.answered, 'he answers')
  await now.agentIs(agent, 'on-call')
  await direct.hangUp()
  await now.agentIs(agent, 'away')
  await soon((await phone.call('211')).answered, 'he calls')
  await now.agentIs(agent, 'on-call')
  await now.quiet()
  await now.agentIs(agent, 'away')
})

test('an agent or a state that does not exist is refused', async () => {
  await assert.rejects(centre.now.api.setAgentState('999', 'away'), { status: 404, code: 'endpoint-unknown' })
  await assert.rejects(centre.now.api.setAgentState(agent, 'ringing' as 'away'), { status: 422, code: 'parameter-invalid' })
})

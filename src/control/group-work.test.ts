import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { home } from '../../testkit/people.ts'
import { World } from '../../testkit/world.ts'
import { callCentre, ringingAll } from '../../testkit/world-call-centre.ts'
import { callState } from '../call/call.ts'
import { limits } from '../kernel/limits.ts'
import type { AgentState } from './command.ts'

const sales = '+18661234567'
const caller = '+15550001111'

describe('longest idle', () => {
  test('one agent rings, the one who is idle longest', () => {
    const world = open()
    talk(world, '210')
    call(world)
    assert.deepEqual(ringing(world), ['211'], '210 has just had a call')
  })

  test('nobody answers: the other one rings, and the first is left alone for a while', () => {
    const world = open()
    call(world)
    const [first] = ringing(world)
    world.run(limits.agentRingMs)
    const [second] = ringing(world)
    assert.notEqual(second, first)
    world.run(limits.agentRingMs)
    assert.deepEqual(ringing(world), [first], 'he has rested')
  })

  test('a declined call goes to the next agent at once', () => {
    const world = open()
    call(world)
    const [first] = ringing(world)
    world.hangsUp(first as string)
    world.run(100)
    assert.notEqual(ringing(world)[0], first)
    assert.equal(ringing(world).length, 1)
  })

  for (const [how, end] of [
    ['the caller gives up', (world: World) => world.hangsUp(caller)],
    ['a program ends the call', (world: World) => void world.ask({ kind: 'end-call', call: world.theCall().id })],
  ] as const) {
    test(`${how} while an agent rings: he has done nothing wrong, and the next caller reaches him`, () => {
      const world = open()
      world.ask({ kind: 'set-agent-state', agent: '4567', state: 'away' })
      call(world)
      assert.deepEqual(ringing(world), ['210'])
      end(world)
      world.run(100)
      assert.deepEqual(ringing(world), [])
      call(world)
      assert.deepEqual(ringing(world), ['210'])
    })
  }

  test('the phone cannot be reached although it is registered: the agent rests', () => {
    const world = open()
    world.ask({ kind: 'set-agent-state', agent: '4567', state: 'away' })
    world.habit('210', { fails: { afterMs: 5, reason: 'unavailable' } })
    call(world)
    assert.equal(world.engine.orders.filter(({ effect }) => effect.kind === 'invite').length, 1, 'no storm of invitations')
    world.habit('210', { acceptsAfterMs: 1, ringsAfterMs: 2 })
    world.run(10_100)
    assert.deepEqual(ringing(world), ['210'])
  })
})

describe('the queue', () => {
  test('nobody is free: the caller is answered and hears music, and the first who is free gets the first caller', () => {
    const world = open()
    for (const agent of ['1234', '4567']) world.ask({ kind: 'set-agent-state', agent, state: 'away' })
    call(world)
    call(world, '+15550002222')
    assert.deepEqual(world.desk.table.live(home).map(callState), ['queued', 'queued'])
    assert.equal(world.leg(caller).phase, 'up')
    world.ask({ kind: 'set-agent-state', agent: '4567', state: 'available' })
    world.run(100)
    const [first, second] = world.desk.table.live(home)
    assert.equal(first?.queue?.offering, 1)
    assert.equal(second?.queue?.offering, undefined)
    assert.deepEqual(ringing(world), ['211'])
  })

  test('a registration makes an agent free', () => {
    const world = open()
    for (const extension of ['210', '211']) world.report({ kind: 'registration', account: home, extension, contacts: 0 })
    world.run(100)
    call(world)
    assert.deepEqual(ringing(world), [])
    world.report({ kind: 'registration', account: home, extension: '210', contacts: 1 })
    world.run(100)
    assert.deepEqual(ringing(world), ['210'])
  })

  test('a group that nobody belongs to cannot be called', () => {
    const world = open()
    world.phoneCalls('101', '840')
    world.run(100)
    assert.equal(world.leg('101').goodbye, 'unavailable')
  })

  test('the wait is over when the configuration says so', () => {
    const world = new World(
      1,
      callCentre(({ accounts }) => Object.assign(accounts[0]?.groups[0] ?? {}, { queueTimeoutMs: 15_000 })),
    )
    for (const agent of ['1234', '4567']) world.ask({ kind: 'set-agent-state', agent, state: 'away' })
    call(world)
    world.run(15_000)
    assert.equal(world.leg(caller).goodbye, 'call-ended')
    assert.equal(world.calls()[0]?.endReason, 'queue-timeout')
  })
})

describe('ring all', () => {
  test('all who are free ring, and the first takes the call', () => {
    const world = new World(1, ringingAll())
    call(world)
    assert.deepEqual(ringing(world), ['210', '211'])
    world.answers('211')
    world.run(100)
    assert.equal(world.leg('210').goodbye, 'answered-elsewhere')
    assert.equal(callState(world.theCall()), 'active')
  })

  test('no more phones ring at once than a call has room for', () => {
    const world = new World(1, crowd(40))
    for (let i = 0; i < 40; i++) world.report({ kind: 'registration', account: home, extension: String(500 + i), contacts: 1 })
    world.run(100)
    call(world)
    const rung = world.theCall().parties.filter((p) => p.role === 'agent')
    assert.equal(rung.length, limits.agentsRungAtOnce)
  })
})

describe('what agents do', () => {
  test('is told whenever it changes', () => {
    const world = open()
    world.habit('210', { acceptsAfterMs: 1, answersAfterMs: 1_000 })
    world.customerCalls('+15554150210')
    world.run(2_000)
    world.hangsUp(caller)
    world.run(100)
    world.ask({ kind: 'set-agent-state', agent: '1234', state: 'away' })
    world.run(10)
    world.report({ kind: 'registration', account: home, extension: '210', contacts: 0 })
    world.run(100)
    assert.deepEqual(states(world, '1234'), ['available', 'ringing', 'on-call', 'available', 'away'])
  })

  test('follows the registration until somebody says otherwise; who said that he is available is not rung without a phone', () => {
    const world = open()
    const contacts = (count: number) => {
      world.report({ kind: 'registration', account: home, extension: '210', contacts: count })
      world.run(100)
    }
    contacts(0)
    contacts(1)
    contacts(0)
    world.ask({ kind: 'set-agent-state', agent: '1234', state: 'available' })
    world.ask({ kind: 'set-agent-state', agent: '4567', state: 'away' })
    world.run(10)
    assert.deepEqual(states(world, '1234'), ['available', 'offline', 'available', 'offline', 'available'])
    world.customerCalls(sales)
    world.run(1_000)
    assert.deepEqual(
      world.engine.alive().map((leg) => leg.address),
      [caller],
    )
  })

  test('after a call of a group with wrap-up time he has that time', () => {
    const world = new World(
      1,
      callCentre(({ accounts }) => Object.assign(accounts[0]?.groups[0] ?? {}, { wrapUpMs: 5_000 })),
    )
    call(world)
    const [extension] = ringing(world)
    const agent = extension === '210' ? '1234' : '4567'
    world.answers(extension as string)
    world.run(100)
    world.hangsUp(caller)
    world.run(4_800)
    assert.equal(states(world, agent).at(-1), 'wrap-up')
    world.run(400)
    assert.equal(states(world, agent).at(-1), 'available')
  })

  test('an unknown agent is refused', () => {
    const world = open()
    const request = world.ask({ kind: 'set-agent-state', agent: '999', state: 'away' })
    world.run(10)
    assert.equal(request.outcomes[0]?.ok, false)
  })
})

function open(): World {
  return new World(1, callCentre())
}

function call(world: World, from = caller): void {
  world.customerCalls(sales, from)
  world.run(100)
}

function talk(world: World, extension: string): void {
  world.habit(extension, { acceptsAfterMs: 1, answersAfterMs: 5 })
  world.customerCalls(`+15554150${extension}`, '+15550009999')
  world.run(200)
  world.hangsUp('+15550009999')
  world.run(200)
  world.habit(extension, { acceptsAfterMs: 1, ringsAfterMs: 2 })
}

function ringing(world: World): readonly string[] {
  return world.engine
    .alive()
    .filter((leg) => leg.phase === 'ringing')
    .map((leg) => leg.address)
    .toSorted()
}

const states = (world: World, agent: string): readonly AgentState[] =>
  world.events.flatMap((e) => ('agent' in e && e.account === home && e.agent.id === agent ? [e.agent.state] : []))

function crowd(size: number) {
  return callCentre(({ accounts }) => {
    const [account] = accounts as unknown as [{ extensions: object[]; agents: object[]; groups: { agents: string[]; strategy: string }[] }]
    const [group] = account.groups
    for (let i = 0; i < size; i++) {
      const extension = String(500 + i)
      account.extensions.push({ number: extension, name: extension, password: 'pw', monitorMode: 'disabled', mayBeMonitored: true })
      account.agents.push({ id: `9${extension}`, username: `${extension}@example.com`, firstName: 'A', lastName: extension, extension })
      group?.agents.push(`9${extension}`)
    }
    if (group !== undefined) group.strategy = 'ring-all'
  })
}

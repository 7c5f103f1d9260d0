import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, cleo, inSales, open, ringing, sales, states, taken, talking } from '../../testkit/desk-scenes.ts'
import { home } from '../../testkit/people.ts'
import type { World } from '../../testkit/world.ts'
import { limits } from '../kernel/limits.ts'
import type { AgentView, GroupView } from './command.ts'
import { Presence } from './presence.ts'
import { Tally } from './tally.ts'

const demanding = { sales: { requireDisposition: true } }

function agent(world: World, id = '1234'): AgentView {
  const found = world.directory.agent(home, id)
  assert.ok(found)
  return world.desk.presence.view(world.clock.now, found)
}

function group(world: World, id = '030'): GroupView {
  const found = world.directory.group(home, id)
  assert.ok(found)
  return world.desk.presence.groupView(world.clock.now, found)
}

/** After a call of a group that demands dispositions. */
function owing(more: object = {}): World {
  const world = inSales({ sales: { ...demanding.sales, ...more } })
  world.hangsUp(cleo)
  world.run(100)
  return world
}

test('of an agent who is as he was at the start there is nothing to tell, however often he is looked at', () => {
  const world = open()
  const nobody = world.directory.agent(home, '0502842370097')
  assert.ok(nobody)
  const at = world.clock.now
  const { directory } = world
  const presence = new Presence({ directory, table: world.desk.table, tally: new Tally(directory, at), at })
  assert.equal(presence.refresh(at, nobody), undefined)
})

describe('an agent whose group demands a disposition', () => {
  test('gets no call of a group before he has said what came of the last one', () => {
    const world = owing()
    const [call] = world.calls()
    assert.ok(call)
    assert.deepEqual([agent(world).state, agent(world).awaits], ['pending-disposition', call.id])
    world.customerCalls(sales, '+15550002222')
    world.run(60_000)
    assert.deepEqual(ringing(world), [])
    assert.equal(ask(world, { kind: 'dispose', call: call.id, disposition: 'Sale' }), 'done')
    assert.deepEqual(ringing(world), ['210'])
    assert.equal(agent(world).awaits, undefined)
  })

  test('who has said it during the call is free at its end', () => {
    const world = inSales(demanding)
    ask(world, { kind: 'dispose', call: world.theCall().id, disposition: 'Sale' })
    world.hangsUp(cleo)
    world.run(100)
    assert.equal(agent(world).state, 'available')
  })

  test('a state that is set ends it, whichever', () => {
    for (const state of ['available', 'away', 'offline'] as const) {
      const world = owing({ wrapUpMs: 60_000 })
      const [call] = world.calls()
      ask(world, { kind: 'set-agent-state', agent: '1234', state })
      assert.equal(agent(world).state, state)
      assert.equal(ask(world, { kind: 'dispose', call: call?.id as never, disposition: 'Sale' }), 'call-ended')
    }
  })

  test('comes before wrap-up, which goes on meanwhile', () => {
    const world = owing({ wrapUpMs: 5_000 })
    assert.equal(agent(world).state, 'pending-disposition')
    ask(world, { kind: 'dispose', call: world.calls()[0]?.id as never, disposition: 'Sale' })
    assert.equal(agent(world).state, 'wrap-up')
    assert.ok((agent(world).wrapUpUntil ?? 0) > world.clock.now, 'he is told until when')
    world.run(5_000)
    assert.deepEqual(states(world, '1234').slice(-3), ['pending-disposition', 'wrap-up', 'available'])
  })

  test('still owes it after a call that came to him directly', () => {
    const world = owing()
    talking(world)
    assert.equal(agent(world).state, 'on-call')
    world.hangsUp(cleo)
    world.run(100)
    assert.deepEqual([agent(world).state, agent(world).awaits], ['pending-disposition', world.calls()[0]?.id])
  })

  test('a call to him directly, one that he only supervised and one that he parked demand nothing', () => {
    const direct = talking(open(demanding))
    direct.hangsUp(cleo)
    direct.run(100)
    assert.equal(agent(direct).state, 'available')
    const supervised = inSales(demanding)
    ask(supervised, { kind: 'supervise', call: supervised.theCall().id, supervisor: { agent: '0502842370097' }, mode: 'monitor' })
    supervised.answers('101')
    supervised.run(100)
    supervised.hangsUp(cleo)
    supervised.run(100)
    assert.equal(agent(supervised, '502842370097').state, 'available')
    const parked = inSales(demanding)
    ask(parked, { kind: 'park', call: parked.theCall().id })
    assert.equal(agent(parked).state, 'available')
  })
})

describe('what is told of an agent', () => {
  test('why he is away, as long as he is', () => {
    const world = open()
    ask(world, { kind: 'set-agent-state', agent: '01234', state: 'away', reason: 'Lunch' })
    assert.equal(agent(world).reason, 'Lunch')
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'away', reason: 'Training' })
    const told = world.events.flatMap((e) => ('agent' in e && e.agent.id === '1234' ? [e.agent.reason] : []))
    assert.deepEqual(told, [undefined, 'Lunch', 'Training'], 'another reason is told although the state is the same')
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'available' })
    assert.equal(agent(world).reason, undefined)
  })

  test('since when he is logged in', () => {
    const world = open()
    const first = agent(world).loggedInAt
    assert.equal(first, agent(world).since)
    world.run(10_000)
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'away' })
    assert.equal(agent(world).loggedInAt, first)
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'offline' })
    world.run(10_000)
    ask(world, { kind: 'set-agent-state', agent: '1234', state: 'available' })
    assert.ok((agent(world).loggedInAt ?? 0) > (first ?? 0) + 20_000)
    assert.deepEqual(
      world.directory.agents(home).map((a) => agent(world, a.id).loggedInAt !== undefined),
      [true, true, true, true],
    )
  })
})

describe('tallies', () => {
  test('of an agent: calls that he talked in, calls that he let ring, and for how long', () => {
    const world = inSales()
    world.run(30_000)
    world.hangsUp(cleo)
    world.run(100)
    const { handled, missed, talkMs } = agent(world).tally
    assert.deepEqual([handled, missed], [1, 0])
    assert.ok(talkMs >= 30_000 && talkMs < 30_500, String(talkMs))
    world.customerCalls(sales)
    world.run(limits.agentRingMs + 1_000)
    assert.deepEqual([agent(world).tally.handled, agent(world).tally.missed], [1, 1])
    assert.equal(agent(world, '4567').tally.handled, 0)
  })

  test('somebody who fetches his own parked call again has handled one call', () => {
    const world = talking()
    ask(world, { kind: 'park', call: world.theCall().id })
    ask(world, { kind: 'unpark', call: world.theCall().id, to: { agent: '1234' } })
    taken(world, '210')
    assert.equal(agent(world).tally.handled, 1)
  })

  test('who takes a call over has handled it, and talks from then on', () => {
    const world = talking()
    ask(world, { kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'monitor' })
    world.answers('101')
    world.run(60_000)
    ask(world, { kind: 'take-over', supervision: world.theCall().supervisions[0]?.id as never })
    world.run(5_000)
    world.hangsUp(cleo)
    world.run(100)
    const { handled, talkMs } = agent(world, '0502842370097').tally
    assert.equal(handled, 1)
    assert.ok(talkMs >= 5_000 && talkMs < 6_000, String(talkMs))
  })

  test('of a group: who was answered in time, who late, and who gave up', () => {
    const world = open()
    ask(world, { kind: 'set-agent-state', agent: '4567', state: 'away' })
    const tally = () => group(world).tally
    world.customerCalls(sales)
    world.run(100)
    assert.deepEqual([group(world).waiting, group(world).waitingSince], [1, world.theCall().startedAt])
    assert.deepEqual(tally(), { received: 1, answered: 0, abandoned: 0, inTime: 0, late: 0 })
    taken(world, '210')
    assert.deepEqual([group(world).waiting, group(world).waitingSince], [0, undefined])
    world.customerCalls(sales, '+15550002222')
    world.run(limits.serviceLevelMs)
    world.hangsUp(cleo)
    world.run(100)
    world.answers('210')
    world.run(100)
    world.customerCalls(sales, '+15550003333')
    world.run(100)
    world.hangsUp('+15550003333')
    world.run(100)
    assert.deepEqual(tally(), { received: 3, answered: 2, abandoned: 1, inTime: 1, late: 1 })
  })

  test('a call that goes to another group is received there, and answered there', () => {
    const world = inSales()
    ask(world, { kind: 'requeue', call: world.theCall().id, group: '200' })
    taken(world, '106')
    assert.deepEqual(group(world).tally, { received: 1, answered: 1, abandoned: 0, inTime: 1, late: 0 })
    assert.deepEqual(group(world, '200').tally, { received: 1, answered: 1, abandoned: 0, inTime: 1, late: 0 })
  })

  test('begin anew at midnight UTC; a talk over midnight counts from then', () => {
    const world = inSales()
    const midnight = Math.ceil(world.clock.now / 86_400_000) * 86_400_000
    world.run(midnight + 10_000 - world.clock.now)
    assert.deepEqual(agent(world).tally, { handled: 0, missed: 0, talkMs: 0 })
    assert.equal(group(world).tally.received, 0)
    world.hangsUp(cleo)
    world.run(100)
    const { talkMs } = agent(world).tally
    assert.ok(talkMs >= 9_900 && talkMs < 10_300, String(talkMs))
  })
})

describe('an extension that is amended', () => {
  const amend = (changes: object, extension = '101') => ({ kind: 'amend-extension', extension, changes }) as const
  const monitor = (world: World) =>
    ask(world, { kind: 'supervise', call: world.theCall().id, supervisor: { extension: '101' }, mode: 'monitor' })

  test('is another supervisor from then on', () => {
    const world = talking()
    assert.equal(ask(world, amend({ monitorMode: 'whisper' })), 'done')
    assert.equal(monitor(world), 'mode-not-allowed mode')
    assert.equal(ask(world, amend({ monitorMode: 'listen' })), 'done')
    assert.equal(monitor(world), 'done')
  })

  test('may be supervised from then on, or not any more, also in the call that is under way', () => {
    const world = talking()
    ask(world, amend({ mayBeMonitored: false }, '210'))
    assert.equal(monitor(world), 'supervision-not-allowed')
    world.hangsUp(cleo)
    world.run(100)
    const later = talking(world)
    assert.equal(monitor(later), 'supervision-not-allowed')
    ask(world, amend({ mayBeMonitored: true }, '210'))
    world.hangsUp(cleo)
    world.run(100)
    assert.equal(monitor(talking(world)), 'done')
  })

  test('has its new name and rings as long as it now should, by its public number too', () => {
    const world = open()
    ask(world, amend({ name: 'Paco the Second', ringTimeoutMs: 3_000 }, '210'))
    world.customerCalls('+15554150210')
    world.run(100)
    assert.equal(world.theCall().parties.at(-1)?.endpoint.name, 'Paco the Second')
    world.run(3_000)
    assert.equal(world.leg('210').phase, 'over')
  })

  for (const [what, command, code] of [
    ['a phone that does not exist', amend({ name: 'x' }, '999'), 'endpoint-unknown'],
    ['another account’s', amend({ name: 'x' }, '999'), 'endpoint-unknown'],
    ['an empty name', amend({ name: '' }), 'parameter-invalid name'],
    ['a name with a line end', amend({ name: 'a\r\nb' }), 'parameter-invalid name'],
    ['too long a ring', amend({ ringTimeoutMs: 300_001 }), 'parameter-invalid ringTimeoutMs'],
  ] as const) {
    test(`is refused for ${what}`, () => {
      assert.equal(ask(open(), command), code)
    })
  }
})

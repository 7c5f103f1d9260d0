import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agents, customers, onDemand, supervisors } from '../../testkit/people.ts'
import { CallWorld } from '../../testkit/world-call.ts'
import { type LegId, supervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Party } from './party.ts'

test('a call that is answered, held, transferred and supervised, to the second', () => {
  const world = ringingCall()
  const [c, a] = world.call.parties as [Party, Party]
  world.pass(4_000)
  answer(world, a.leg)
  world.pass(10_000)
  hold(world, c, true)
  world.pass(3_000)
  hold(world, c, false)
  world.pass(2_000)
  const s = supervise(world)
  world.pass(1_000)
  answer(world, s.leg)
  world.pass(5_000)
  world.ask({ kind: 'change-supervision', supervision: supervisionId('s'), mode: 'barge' })
  world.settle()
  world.pass(6_000)
  const b = transfer(world)
  world.pass(2_000)
  answer(world, b.leg)
  world.pass(20_000)
  hangUp(world, c.leg)

  const { cdr } = world
  assert.deepEqual([cdr.waitingMs, cdr.talkMs, cdr.holdMs, cdr.totalMs], [4_000, 44_000, 5_000, 53_000])
  assert.deepEqual([cdr.direction, cdr.ani, cdr.dnis, cdr.endReason], ['inbound', '+15550001111', '210', 'hangup'])
  assert.deepEqual([second(world, cdr.answeredAt), second(world, cdr.endedAt)], [4, 53])
  assert.deepEqual(
    cdr.parties.map((p) => [p.id, p.role, second(world, p.joinedAt), second(world, p.leftAt), p.reason]),
    [
      [a.id, 'agent', 4, 31, 'transferred'],
      [c.id, 'customer', 4, 53, 'hangup'],
      [s.id, 'supervisor', 20, 53, 'call-ended'],
      [b.id, 'agent', 33, 53, 'call-ended'],
    ],
  )
  assert.deepEqual(
    cdr.transfers.map((t) => [second(world, t.at), t.to, t.result]),
    [[33, b.id, { done: 'blind', from: a.id }]],
  )
  const [record] = cdr.supervisions
  assert.deepEqual(
    [record?.requestedAt, record?.activeAt, record?.endedAt].map((at) => second(world, at)),
    [19, 20, 53],
  )
  assert.equal(record?.reason, 'call-ended')
  assert.deepEqual(
    record?.intervals.map((i) => [i.mode, i.target, second(world, i.from), second(world, i.to)]),
    [
      ['monitor', a.id, 20, 25],
      ['barge', a.id, 25, 31],
      ['barge', b.id, 31, 53],
    ],
  )
})

test('a call that nobody answers is all waiting', () => {
  const world = ringingCall()
  world.pass(60_000)
  const { waitingMs, talkMs, holdMs, totalMs, endReason, parties } = world.cdr
  assert.deepEqual([waitingMs, talkMs, holdMs, totalMs, endReason, parties], [60_000, 0, 0, 60_000, 'no-answer', []])
})

test('a supervisor who does not pick up has no intervals, and a transfer that nobody takes is told as such', () => {
  const world = ringingCall()
  const [, a] = world.call.parties as [Party, Party]
  answer(world, a.leg)
  supervise(world)
  const b = transfer(world)
  world.pass(1_000)
  const leg = world.engine.legs.get(b.leg)
  if (leg !== undefined) world.engine.end(leg, 'busy')
  world.pass(30_000)
  const { supervisions, transfers } = world.cdr
  assert.deepEqual([supervisions[0]?.reason, supervisions[0]?.activeAt, supervisions[0]?.intervals], ['no-answer', undefined, []])
  assert.deepEqual(
    transfers.map((t) => t.result),
    [{ failed: 'busy' }],
  )
})

test('what the mixer says after the end adds no time', () => {
  const world = ringingCall()
  const [c, a] = world.call.parties as [Party, Party]
  answer(world, a.leg)
  world.pass(1_000)
  const leg = world.engine.legs.get(c.leg)
  if (leg !== undefined) world.engine.end(leg, 'hangup')
  world.pass(5_000)
  world.settle()
  assert.equal(world.events.at(-1)?.type, 'hearing.applied')
  assert.equal(world.cdr.totalMs, 1_000)
})

function ringingCall(): CallWorld {
  const [customer] = customers
  const [agent] = agents
  assert.ok(customer && agent)
  return new CallWorld((world) => ({
    ...{ kind: 'received', ani: '+15550001111', dnis: '210', shown: { number: '+15550001111' }, ringTimeoutMs: 60_000 },
    recording: onDemand,
    caller: { ...world.newParty(), endpoint: customer, role: 'customer' },
    to: { party: { ...world.newParty(), endpoint: agent, role: 'agent' } },
  }))
}

function answer(world: CallWorld, id: LegId): void {
  const legs = [world.engine.legs.get(id), ...world.engine.alive().filter((leg) => leg.phase === 'answering')]
  for (const leg of legs) if (leg !== undefined) world.engine.answer(leg)
  for (const leg of world.engine.alive()) if (leg.phase === 'answering') world.engine.answer(leg)
  world.settle()
}

function hangUp(world: CallWorld, id: LegId): void {
  const leg = world.engine.legs.get(id)
  if (leg !== undefined) world.engine.end(leg, 'hangup')
  world.settle()
}

function hold(world: CallWorld, { id }: Party, on: boolean): void {
  world.ask({ kind: 'hold', party: id, on })
  world.settle()
}

function supervise(world: CallWorld): Party {
  const [endpoint] = supervisors
  assert.ok(endpoint)
  const how = { mode: 'monitor', target: 'agent', private: false, follow: 'call', hearPeers: false, autoAnswer: false } as const
  world.ask({ kind: 'supervise', id: supervisionId('s'), as: world.newParty(), supervisor: endpoint, ...how, ringTimeoutMs: 30_000 })
  return accepted(world)
}

function transfer(world: CallWorld): Party {
  const [, colleague] = agents
  assert.ok(colleague)
  world.ask({ kind: 'transfer', how: 'blind', as: world.newParty(), to: colleague, ringTimeoutMs: 60_000 })
  const party = accepted(world)
  const leg = world.engine.legs.get(party.leg)
  if (leg !== undefined) world.engine.ring(leg)
  world.settle()
  return party
}

function accepted(world: CallWorld): Party {
  const party = world.call.parties.at(-1) as Party
  const leg = world.engine.legs.get(party.leg)
  if (leg !== undefined) world.engine.accept(leg)
  return party
}

const second = (world: CallWorld, at: Instant | undefined): number | undefined =>
  at === undefined ? undefined : (at - world.call.startedAt) / 1000

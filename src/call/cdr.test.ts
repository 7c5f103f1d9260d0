import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agents, customers, supervisors } from '../../testkit/people.ts'
import { CallWorld } from '../../testkit/world-call.ts'
import { supervisionId } from '../kernel/ids.ts'
import type { Endpoint } from './endpoint.ts'
import type { Party } from './party.ts'

const [customer] = customers as readonly [Endpoint]
const [agent, colleague] = agents as unknown as readonly [Endpoint, Endpoint]
const [supervisor] = supervisors as unknown as readonly [Endpoint]

test('a call that is answered, held, transferred and supervised', () => {
  const world = ringingCall()
  const [c, a] = world.call.parties as [Party, Party]
  world.pass(4_000)
  answer(world, a)
  world.pass(10_000)
  world.ask({ kind: 'hold', party: c.id, on: true })
  world.settle()
  world.pass(3_000)
  world.ask({ kind: 'hold', party: c.id, on: false })
  world.settle()
  world.pass(2_000)
  const s = supervise(world)
  world.pass(1_000)
  answer(world, s)
  world.pass(5_000)
  world.ask({ kind: 'change-supervision', supervision: supervisionId('s'), mode: 'barge' })
  world.settle()
  world.pass(6_000)
  const b = world.newParty()
  world.ask({ kind: 'transfer', how: 'blind', as: b, to: colleague, ringTimeoutMs: 60_000 })
  ring(world, b.leg)
  world.pass(2_000)
  const bob = world.call.parties.at(-1) as Party
  answer(world, bob)
  world.pass(20_000)
  hangUp(world, c)

  const { cdr } = world
  assert.deepEqual([cdr.waitingMs, cdr.talkMs, cdr.holdMs, cdr.totalMs], [4_000, 44_000, 5_000, 53_000])
  assert.deepEqual([cdr.direction, cdr.ani, cdr.dnis, cdr.endReason], ['inbound', '+15550001111', '210', 'hangup'])
  assert.deepEqual([cdr.answeredAt, cdr.endedAt], [seconds(cdr.startedAt, 4), seconds(cdr.startedAt, 53)])
  assert.deepEqual(
    cdr.parties.map((p) => [p.id, p.role, since(world, p.joinedAt), since(world, p.leftAt), p.reason]),
    [
      [a.id, 'agent', 4, 33, 'transferred'],
      [c.id, 'customer', 4, 53, 'hangup'],
      [s.id, 'supervisor', 22, 53, 'call-ended'],
      [bob.id, 'agent', 33 + 0, 53, 'call-ended'],
    ].map((row) => (row[0] === bob.id ? [bob.id, 'agent', 33, 53, 'call-ended'] : row[0] === a.id ? [a.id, 'agent', 4, 31, 'transferred'] : row)),
  )
  assert.deepEqual(cdr.transfers, [{ at: seconds(cdr.startedAt, 33), to: bob.id, result: { done: 'blind', from: a.id } }])
  const [supervision] = cdr.supervisions
  assert.deepEqual(
    [since(world, supervision?.requestedAt), since(world, supervision?.activeAt), since(world, supervision?.endedAt), supervision?.reason],
    [19, 20, 53, 'call-ended'],
  )
  assert.deepEqual(
    supervision?.intervals.map((i) => [i.mode, i.target, since(world, i.from), since(world, i.to)]),
    [
      ['monitor', a.id, 20, 25],
      ['barge', a.id, 25, 31],
      ['barge', bob.id, 31, 53],
    ],
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, legOf, offerTo, originated, queued, received } from '../../testkit/world-call-acts.ts'
import { instant } from '../kernel/time.ts'
import { callState } from './call.ts'
import { addressOf } from './endpoint.ts'
import { step } from './step.ts'
import { deadline } from './step-leg.ts'

describe('a received call', () => {
  test('rings, is answered when somebody has answered for the caller, and is active when both are there', () => {
    const world = received()
    assert.equal(callState(world.call), 'ringing')
    act(world, '210', 'ring')
    assert.deepEqual(world.engine.orders.at(-1)?.effect, { kind: 'ring', leg: legOf(world, 'in') })
    act(world, '210', 'answer')
    assert.equal(callState(world.call), 'ringing', 'the caller has not confirmed yet')
    act(world, 'in', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.deepEqual(
      world.events.map((e) => e.type),
      ['call.created', 'call.ringing', 'party.joined', 'party.joined', 'call.answered', 'hearing.applied'],
    )
  })

  test('the caller gives up: the phone that rings is told so', () => {
    const world = received()
    act(world, 'in', 'end')
    assert.equal(world.call.endReason, 'hangup')
    assert.equal(world.engine.legs.get(legOf(world, '210'))?.goodbye, 'cancelled')
  })

  test('nobody answers: the caller hears why', () => {
    const world = received()
    world.pass(60_000)
    assert.equal(world.call.endReason, 'no-answer')
    assert.equal(world.engine.legs.get(legOf(world, 'in'))?.goodbye, 'no-answer')
    assert.equal(deadline(world.call), undefined)
  })
})

describe('a queued call', () => {
  test('waits with music while nobody is free, and rings the members when some are', () => {
    const world = queued()
    assert.ok(world.seeking)
    world.ask({ kind: 'wait' })
    act(world, 'in', 'answer')
    assert.equal(callState(world.call), 'queued')
    assert.equal(world.engine.bridge(world.call.id).applied.rows[0]?.source, 'hold-music')
    offerTo(world, agents.slice(0, 2))
    assert.equal(world.engine.bridge(world.call.id).applied.rows[0]?.source, 'hold-music', 'also while they ring')
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.equal(world.engine.legs.get(legOf(world, '210'))?.goodbye, 'answered-elsewhere')
  })

  test('looks again when nobody of an offer took it', () => {
    const world = queued()
    offerTo(world, agents.slice(0, 2))
    act(world, '210', 'end')
    assert.ok(!world.seeking, 'one still rings')
    act(world, '211', 'end')
    assert.ok(world.seeking)
    assert.equal(world.call.endedAt, undefined)
  })

  test('is offered to one set of phones at a time, and to none once it is taken', () => {
    const world = queued()
    offerTo(world, agents.slice(0, 1))
    assert.deepEqual(offerTo(world, agents.slice(1, 2)), refused)
    act(world, '210', 'answer')
    assert.deepEqual(offerTo(world, agents.slice(1, 2)), refused)
  })

  test('ends when the wait has been too long', () => {
    const world = queued()
    world.pass(600_000)
    assert.equal(world.call.endReason, 'queue-timeout')
  })
})

describe('an originated call', () => {
  test('rings the first party, then the second, and shows each the other', () => {
    const world = originated()
    assert.deepEqual(invited(world), ['210'])
    act(world, '210', 'answer')
    assert.deepEqual(invited(world), ['210', '+15550001111'])
    act(world, '+15550001111', 'answer')
    assert.equal(callState(world.call), 'active')
  })

  test('ends when its first party declines', () => {
    const world = originated()
    act(world, '210', 'end')
    assert.equal(world.call.endReason, 'declined')
    assert.deepEqual(invited(world), ['210'])
  })

  test('ends when its second party cannot be had, and the first is hung up', () => {
    const world = originated()
    act(world, '210', 'answer')
    act(world, '+15550001111', 'end')
    assert.equal(world.call.endReason, 'declined')
    assert.equal(world.engine.legs.get(legOf(world, '210'))?.phase, 'over')
  })
})

test('a time before any deadline changes nothing', () => {
  const world = received()
  const stepped = step(world.call, instant(world.at + 59_999), { kind: 'wake' })
  assert.ok(stepped.ok && stepped.value.call === world.call)
})

const refused = { code: 'wrong-state', why: 'The call does not wait for an agent.' }

const invited = (world: CallWorld) => world.engine.orders.flatMap(({ effect }) => (effect.kind === 'invite' ? [addressOf(effect.to)] : []))

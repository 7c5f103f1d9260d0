import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, outside, supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conference, legOf, partyOf, supervise } from '../../testkit/world-call-acts.ts'
import { callState, handlingParty } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { deadline } from './step-leg.ts'

const join = (world: CallWorld, to: Endpoint, shown?: { readonly number: string }) => {
  const how = { kind: 'add-party', role: 'participant', ringTimeoutMs: 60_000, ...(shown === undefined ? {} : { shown }) } as const
  const { answer } = world.ask({ ...how, as: world.newParty(), to })
  return typeof answer === 'string' ? answer : answer.code
}

const heardBy = (world: CallWorld, address: string) =>
  world.engine.heard(world.call.id).filter(({ listener }) => listener === legOf(world, address)).length

const source = (world: CallWorld, address: string) =>
  world.engine.bridge(world.call.id).applied.rows.find((row) => row.listener === legOf(world, address))?.source

describe('a conference', () => {
  test('begins with one phone, which hears music until somebody joins', () => {
    const world = conference()
    assert.deepEqual([world.call.room, world.call.dnis, world.call.ani, world.call.direction], ['900', '900', '210', 'internal'])
    assert.equal(callState(world.call), 'ringing')
    act(world, '210', 'answer')
    assert.equal(callState(world.call), 'held')
    assert.equal(source(world, '210'), 'hold-music')
    assert.equal(join(world, agents[1] as Endpoint), 'waiting')
    world.settle()
    assert.equal(source(world, '210'), 'hold-music', 'also while others ring')
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.ok(world.call.answeredAt !== undefined)
    join(world, outside('+15550007777'))
    act(world, '+15550007777', 'answer')
    assert.deepEqual(
      ['210', '211', '+15550007777'].map((who) => heardBy(world, who)),
      [2, 2, 2],
    )
  })

  test('goes on with one, without any time limit, and ends with the last', () => {
    const world = conference()
    act(world, '210', 'answer')
    join(world, agents[1] as Endpoint)
    act(world, '211', 'answer')
    act(world, '210', 'end')
    assert.equal(source(world, '211'), 'hold-music')
    assert.equal(callState(world.call), 'held')
    assert.equal(deadline(world.call), undefined)
    act(world, '211', 'end')
    assert.equal(world.call.endReason, 'hangup')
  })

  test('may be joined while its only party still rings, which need not come', () => {
    const world = conference()
    assert.equal(join(world, agents[1] as Endpoint, { number: 'come here' }), 'waiting')
    act(world, '210', 'end')
    assert.equal(world.call.endedAt, undefined)
    act(world, '211', 'answer')
    assert.equal(source(world, '211'), 'hold-music')
    assert.deepEqual(partyOf(world, '211').shown, { number: 'come here' })
    assert.deepEqual(partyOf(world, '210').shown, { number: '900' })
  })

  test('ends when nobody comes', () => {
    const world = conference()
    world.pass(60_000)
    assert.equal(world.call.endReason, 'no-answer')
  })

  test('is supervised like any call: the last phone that joined is its agent', () => {
    const world = conference()
    act(world, '210', 'answer')
    join(world, agents[1] as Endpoint)
    act(world, '211', 'answer')
    assert.equal(handlingParty(world.call)?.id, partyOf(world, '211').id)
    assert.equal(supervise(world, supervisors[0] as Endpoint), 'waiting')
    act(world, '101', 'answer')
    assert.deepEqual([heardBy(world, '101'), heardBy(world, '210'), heardBy(world, '211')], [2, 1, 1])
  })

  test('a supervisor alone is no conference', () => {
    const world = conference()
    act(world, '210', 'answer')
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    act(world, '210', 'end')
    assert.equal(world.call.endReason, 'hangup')
    assert.equal(world.engine.alive().length, 0)
  })
})

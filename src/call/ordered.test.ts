/** What was said of a call when it was ordered, and what its phones are shown and called. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, onDemand, outside, supervisors } from '../../testkit/people.ts'
import { act, conversation, originated, partyOf, received, supervise } from '../../testkit/world-call-acts.ts'
import type { Endpoint } from './endpoint.ts'
import { deadline } from './step-leg.ts'

describe('an ordered call', () => {
  test('keeps what it was given', () => {
    const { call } = originated({ labels: { ticket: '42' }, reference: 'r', application: 'a', presented: '+1', presentedName: 'Sales' })
    const { labels, reference, application, presented, presentedName, recording, serial, phones } = call
    assert.deepEqual(
      { labels, reference, application, presented, presentedName },
      { labels: { ticket: '42' }, reference: 'r', application: 'a', presented: '+1', presentedName: 'Sales' },
    )
    assert.deepEqual(recording, { ...onDemand, state: 'off' })
    assert.ok(serial > 0)
    assert.equal(phones, 1)
    assert.deepEqual(received().call.labels, {})
  })

  test('shows the second party the number and the name that were ordered', () => {
    const world = originated({ presented: '+15554150000', presentedName: 'Sales' })
    assert.deepEqual(partyOf(world, '210').shown, { number: '+15550001111' })
    act(world, '210', 'answer')
    assert.deepEqual(partyOf(world, '+15550001111').shown, { number: '+15554150000', name: 'Sales' })
    const invited = world.engine.orders.findLast(({ effect }) => effect.kind === 'invite')?.effect
    assert.deepEqual(invited?.kind === 'invite' ? invited.from : undefined, { number: '+15554150000', name: 'Sales' })
  })

  test('shows the first party where nothing was ordered', () => {
    const world = originated()
    act(world, '210', 'answer')
    assert.deepEqual(partyOf(world, '+15550001111').shown, { number: '210' })
  })

  test('rings the second party for its own time', () => {
    const world = originated({ toRingTimeoutMs: 7_000 })
    act(world, '210', 'answer')
    world.pass(6_999)
    assert.equal(world.call.endedAt, undefined)
    world.pass(1)
    assert.equal(world.call.endReason, 'no-answer')
  })

  test('ends after its longest time, counted from the answer', () => {
    const world = originated({ maxDurationMs: 30_000 })
    world.pass(5_000)
    act(world, '210', 'answer')
    assert.equal(world.call.endBy, undefined)
    world.pass(5_000)
    act(world, '+15550001111', 'answer')
    assert.equal(deadline(world.call), world.at + 30_000)
    world.pass(29_999)
    assert.equal(world.call.endedAt, undefined)
    world.pass(1)
    assert.equal(world.call.endReason, 'ended-by-request')
    assert.equal(world.engine.alive().length, 0)
    assert.equal(deadline(world.call), undefined)
  })
})

describe('the phones of a call', () => {
  test('are counted in the order of joining, supervisors too; numbers outside are none, and no number is given twice', () => {
    const world = conversation()
    const add = (to: Endpoint) => world.ask({ kind: 'add-party', as: world.newParty(), to, role: 'participant', ringTimeoutMs: 60_000 })
    assert.deepEqual([partyOf(world, 'in').ordinal, partyOf(world, '210').ordinal], [0, 1])
    supervise(world, supervisors[0] as Endpoint)
    supervise(world, outside('+15550009999'))
    add(outside('+15550008888'))
    add(agents[1] as Endpoint)
    assert.deepEqual(
      ['101', '+15550009999', '+15550008888', '211'].map((who) => partyOf(world, who).ordinal),
      [2, 3, 0, 4],
    )
    act(world, '211', 'end')
    add(agents[1] as Endpoint)
    assert.equal(partyOf(world, '211').ordinal, 5)
    assert.equal(world.call.phones, 5)
  })

  test('a caller at a phone of the account is the first', () => {
    assert.equal(partyOf(originated(), '210').ordinal, 1)
  })

  test('a supervisor’s phone shows what it was told to, and else the customer', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    assert.deepEqual(partyOf(world, '101').shown, { number: '+15550001111' })
    supervise(world, supervisors[1] as Endpoint, { number: '42420042', name: 'Whisper To Me' })
    assert.deepEqual(partyOf(world, '024').shown, { number: '42420042', name: 'Whisper To Me' })
  })
})

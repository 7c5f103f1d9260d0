/** Picking up what rings elsewhere, going back into a queue, handing over. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, home, outside, supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, legOf, offerTo, originated, partyOf, queued, received, supervise } from '../../testkit/world-call-acts.ts'
import { callState, handlingParty } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import type { Command } from './input.ts'

const [agent, colleague, third] = agents as readonly Endpoint[] as [Endpoint, Endpoint, Endpoint]

function ask(world: CallWorld, command: Command): string {
  const { answer } = world.ask(command)
  world.settle()
  return typeof answer === 'string' ? answer : answer.code
}

const pickUp = (world: CallWorld, to: Endpoint) => ask(world, { kind: 'pick-up', as: world.newParty(), to, ringTimeoutMs: 20_000 })
const requeue = (world: CallWorld) => ask(world, { kind: 'requeue', group: '030', queueMs: 600_000 })
const handOver = (world: CallWorld, to: Endpoint) =>
  ask(world, { kind: 'transfer', how: 'hand-over', as: world.newParty(), to, ringTimeoutMs: 60_000 })

describe('pick-up', () => {
  test('another phone rings beside the one that is called; the first to answer has the call', () => {
    const world = received()
    act(world, '210', 'ring')
    assert.equal(pickUp(world, colleague), 'waiting')
    assert.equal(partyOf(world, '210').state, 'ringing')
    act(world, '211', 'answer')
    act(world, 'in', 'answer')
    assert.equal(partyOf(world, '210').endReason, 'answered-elsewhere')
    assert.equal(callState(world.call), 'active')
    assert.equal(handlingParty(world.call)?.id, partyOf(world, '211').id)
  })

  test('the one who was called is faster', () => {
    const world = received()
    pickUp(world, colleague)
    pickUp(world, third)
    act(world, '210', 'answer')
    assert.deepEqual([partyOf(world, '211').endReason, partyOf(world, '106').endReason], ['answered-elsewhere', 'answered-elsewhere'])
  })

  test('it fails: the other rings on', () => {
    const world = received()
    pickUp(world, colleague)
    act(world, '211', 'end')
    assert.equal(partyOf(world, '210').state, 'inviting')
    assert.equal(world.call.endedAt, undefined)
  })

  test('from a queue, beside those of the offer', () => {
    const world = queued()
    offerTo(world, [agent])
    pickUp(world, colleague)
    act(world, '211', 'answer')
    act(world, 'in', 'answer')
    assert.equal(partyOf(world, '210').endReason, 'answered-elsewhere')
    assert.equal(world.call.queue, undefined)
    assert.equal(callState(world.call), 'active')
  })

  test('from a queue where nobody rings just now; if it fails an agent is sought again', () => {
    const world = queued()
    world.ask({ kind: 'wait' })
    act(world, 'in', 'answer')
    world.seeking = false
    assert.equal(pickUp(world, colleague), 'waiting')
    act(world, '211', 'end')
    assert.ok(world.seeking)
    assert.equal(world.call.endedAt, undefined)
    pickUp(world, third)
    act(world, '106', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.equal(world.call.queue, undefined)
  })

  test('by a phone that replaces the one that rings (RFC 3891) from a queue', () => {
    const world = queued()
    offerTo(world, [agent, third])
    const as = world.newParty()
    world.engine.offer({ id: as.leg, account: home, address: 'new' })
    world.ask({ kind: 'adopt', as, endpoint: colleague, replaces: partyOf(world, '210').id, state: 'offered', phoneHeld: false })
    act(world, 'new', 'answer')
    act(world, 'in', 'answer')
    assert.equal(world.call.queue, undefined)
    assert.equal(partyOf(world, '106').endReason, 'answered-elsewhere')
    assert.equal(callState(world.call), 'active')
  })

  test('shows what it was told to', () => {
    const world = received()
    ask(world, { kind: 'pick-up', as: world.newParty(), to: colleague, shown: { number: '7' }, ringTimeoutMs: 20_000 })
    assert.deepEqual(partyOf(world, '211').shown, { number: '7' })
  })

  test('is refused where there is nothing to pick up', () => {
    const world = conversation()
    assert.equal(pickUp(world, colleague), 'wrong-state')
    supervise(world, supervisors[0] as Endpoint)
    assert.equal(pickUp(world, colleague), 'wrong-state', 'a supervisor who rings is no call')
    ask(world, { kind: 'add-party', as: world.newParty(), to: third, role: 'agent', ringTimeoutMs: 60_000 })
    assert.equal(pickUp(world, colleague), 'wrong-state', 'there is a conversation')
    assert.equal(pickUp(received(), agent), 'wrong-state', 'his own phone rings')
    const transferred = conversation()
    ask(transferred, { kind: 'transfer', how: 'blind', as: transferred.newParty(), to: third, ringTimeoutMs: 60_000 })
    act(transferred, '106', 'ring')
    assert.equal(pickUp(transferred, colleague), 'wrong-state', 'it is promised to another')
  })
})

describe('requeue', () => {
  test('the customer waits with music, all others leave, and an agent is sought', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    const { answeredAt } = world.call
    world.pass(3_000)
    requeue(world)
    assert.deepEqual([partyOf(world, '210').endReason, partyOf(world, '101').endReason], ['transferred', 'target-left'])
    assert.deepEqual([world.call.group, world.call.queue?.group, world.call.answeredAt], ['030', '030', answeredAt])
    assert.ok(world.seeking)
    assert.equal(callState(world.call), 'queued')
    assert.equal(world.engine.bridge(world.call.id).applied.rows[0]?.source, 'hold-music')
    world.pass(20_000)
    offerTo(world, [colleague])
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
    world.pass(1_000)
    act(world, 'in', 'end')
    const { waitingMs, talkMs, holdMs, totalMs } = world.cdr
    assert.deepEqual([waitingMs, talkMs, holdMs, totalMs], [0, 4_000, 20_000, 24_000])
  })

  test('ends what the agent was about to do', () => {
    const world = conversation()
    ask(world, { kind: 'transfer', how: 'attended', as: world.newParty(), to: colleague, ringTimeoutMs: 60_000 })
    act(world, '211', 'ring')
    ask(world, { kind: 'add-party', as: world.newParty(), to: third, role: 'agent', ringTimeoutMs: 60_000 })
    requeue(world)
    assert.deepEqual([partyOf(world, '211').endReason, partyOf(world, '106').endReason], ['cancelled', 'cancelled'])
    assert.equal(world.call.transfer, undefined)
    assert.equal(partyOf(world, 'in').held, false)
    offerTo(world, [third])
    act(world, '106', 'answer')
    assert.equal(callState(world.call), 'active')
  })

  test('in a call between two phones the one who called waits, and is served like anybody', () => {
    const world = originated()
    act(world, '210', 'answer')
    act(world, '+15550001111', 'answer')
    ask(world, {
      kind: 'transfer',
      how: 'blind',
      party: partyOf(world, '+15550001111').id,
      as: world.newParty(),
      to: colleague,
      ringTimeoutMs: 60_000,
    })
    act(world, '211', 'answer')
    requeue(world)
    offerTo(world, [third])
    act(world, '106', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.equal(world.call.queue, undefined)
  })

  test('nobody of the group comes: the call ends', () => {
    const world = conversation()
    requeue(world)
    world.pass(600_000)
    assert.equal(world.call.endReason, 'queue-timeout')
  })

  test('from one queue to another', () => {
    const world = queued()
    assert.equal(requeue(world), 'wrong-state', 'he has not been answered')
    world.ask({ kind: 'wait' })
    act(world, 'in', 'answer')
    offerTo(world, [agent])
    ask(world, { kind: 'requeue', group: '200', queueMs: 600_000 })
    assert.equal(partyOf(world, '210').endReason, 'cancelled')
    assert.equal(world.call.queue?.group, '200')
  })

  test('is refused where nobody could wait', () => {
    assert.equal(requeue(received()), 'wrong-state')
    const world = originated()
    act(world, '210', 'answer')
    assert.equal(requeue(world), 'wrong-state', 'the customer still rings')
  })
})

describe('a hand-over', () => {
  test('nobody is held, the agent stays until the other answers, and no one hears both', () => {
    const world = conversation()
    assert.equal(handOver(world, colleague), 'waiting')
    act(world, '211', 'ring')
    assert.equal(callState(world.call), 'active')
    assert.equal(world.engine.heard(world.call.id).length, 2)
    act(world, '211', 'answer')
    assert.equal(partyOf(world, '210').endReason, 'transferred')
    const transferred = world.events.find((e) => e.type === 'call.transferred')?.data
    assert.deepEqual(transferred, { from: partyOf(world, '210').id, to: partyOf(world, '211').id, how: 'attended' })
    const both = [legOf(world, '210'), legOf(world, '211')]
    const rewired = world.engine.orders.flatMap(({ effect }) => (effect.kind === 'rewire' ? effect.rows : []))
    assert.ok(rewired.every(({ listener, talkers }) => !both.every((leg) => leg === listener || talkers.includes(leg))))
  })

  test('not answered: everything is as it was', () => {
    const world = conversation()
    const rows = JSON.stringify(world.engine.bridge(world.call.id).applied)
    handOver(world, colleague)
    act(world, '211', 'ring')
    act(world, '211', 'end')
    assert.equal(JSON.stringify(world.engine.bridge(world.call.id).applied), rows)
    assert.equal(callState(world.call), 'active')
    assert.equal(partyOf(world, '210').state, 'connected')
    assert.equal(world.call.transfer, undefined)
  })

  test('the agent leaves before: the customer waits for the other, and else the agent is called back', () => {
    const world = conversation()
    handOver(world, colleague)
    act(world, '210', 'end')
    assert.equal(world.call.endedAt, undefined)
    act(world, '211', 'end')
    assert.equal(partyOf(world, '210').state, 'inviting')
  })
})

test('one who is asked for by number is shown and called like any other', () => {
  const world = received()
  assert.equal(pickUp(world, outside('+15550007777')), 'waiting')
  act(world, '+15550007777', 'answer')
  assert.equal(handlingParty(world.call)?.ordinal, 0)
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, outside, supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, legOf, partyOf, queued, received, supervise } from '../../testkit/world-call-acts.ts'
import { partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { callState } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import type { Command } from './input.ts'
import { deadline } from './step-leg.ts'

const colleague = agents[1] as Endpoint
const third = agents[2] as Endpoint

function ask(world: CallWorld, command: Command): string {
  const { answer } = world.ask(command)
  world.settle()
  return typeof answer === 'string' ? answer : answer.code
}

const park = (world: CallWorld, who = '210') =>
  ask(world, { kind: 'park', party: partyOf(world, who).id, place: '701', timeoutMs: 180_000 })
const unpark = (world: CallWorld, to: Endpoint) => ask(world, { kind: 'unpark', as: world.newParty(), to, ringTimeoutMs: 20_000 })

function parked(): CallWorld {
  const world = conversation()
  assert.notEqual(park(world), 'wrong-state')
  return world
}

const source = (world: CallWorld, address = 'in') =>
  world.engine.bridge(world.call.id).applied.rows.find((row) => row.listener === legOf(world, address))?.source

const told = (world: CallWorld) => world.events.filter((e) => /^call\.(un)?parked|^call\.ended/.test(e.type)).map((e) => [e.type, e.data])

describe('a parked call', () => {
  test('its agent leaves, and the customer hears music', () => {
    const world = parked()
    assert.equal(partyOf(world, '210').endReason, 'parked')
    assert.equal(world.engine.legs.get(legOf(world, '210'))?.goodbye, 'parked')
    assert.equal(source(world), 'hold-music')
    assert.equal(callState(world.call), 'held')
    assert.equal(deadline(world.call), world.at + 180_000)
    assert.deepEqual(told(world), [['call.parked', { party: partyOf(world, '210').id, place: '701' }]])
  })

  test('stays parked until the phone that was called for it answers', () => {
    const world = parked()
    assert.equal(unpark(world, colleague), 'waiting')
    act(world, '211', 'ring')
    assert.equal(source(world), 'hold-music')
    assert.equal(callState(world.call), 'held')
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.equal(world.call.parked, undefined)
    assert.equal(partyOf(world, '211').role, 'agent')
    assert.deepEqual(told(world).at(-1), ['call.unparked', { place: '701', party: partyOf(world, '211').id }])
    assert.equal(world.engine.heard(world.call.id).length, 2)
  })

  test('two are called for it: the first has it', () => {
    const world = parked()
    unpark(world, colleague)
    unpark(world, third)
    act(world, '106', 'answer')
    assert.equal(partyOf(world, '211').endReason, 'answered-elsewhere')
    assert.equal(callState(world.call), 'active')
  })

  test('whoever is called for it does not come: it is parked as before', () => {
    const world = parked()
    const due = deadline(world.call)
    unpark(world, colleague)
    act(world, '211', 'end')
    assert.equal(deadline(world.call), due)
    assert.equal(source(world), 'hold-music')
    assert.equal(unpark(world, third), 'waiting', 'another one may try')
  })

  test('its time passes while somebody is being called for it: it gets some more', () => {
    const world = parked()
    world.pass(179_000)
    unpark(world, colleague)
    world.engine.accept(world.engine.legs.get(legOf(world, '211')) ?? assert.fail())
    world.pass(20_000)
    assert.equal(partyOf(world, '211').endReason, 'no-answer')
    assert.equal(world.call.endedAt, undefined)
    assert.equal(deadline(world.call), world.at + limits.parkedAgainMs)
    world.pass(limits.parkedAgainMs)
    assert.equal(partyOf(world, '210').state, 'inviting', 'now its parker is called back')
  })

  test('nobody comes: whoever parked it is called back in his role, and has it', () => {
    const world = parked()
    world.pass(180_000)
    const recalled = partyOf(world, '210')
    assert.deepEqual([recalled.state, recalled.role, recalled.shown], ['inviting', 'agent', { number: '+15550001111' }])
    assert.equal(source(world), 'hold-music')
    assert.equal(world.call.parked?.recall, recalled.id)
    act(world, '210', 'answer')
    assert.equal(callState(world.call), 'active')
    assert.deepEqual(told(world).at(-1), ['call.unparked', { place: '701', party: recalled.id }])
  })

  test('he does not come either: the call ends', () => {
    const world = parked()
    world.pass(180_000)
    act(world, '210', 'end')
    assert.equal(world.call.endReason, 'declined')
    assert.deepEqual(told(world).slice(-2), [
      ['call.unparked', { place: '701' }],
      ['call.ended', { reason: 'declined' }],
    ])
  })

  test('while he is called back another one may fetch it', () => {
    const world = parked()
    world.pass(180_000)
    unpark(world, colleague)
    act(world, '211', 'answer')
    assert.equal(partyOf(world, '210').endReason, 'answered-elsewhere')
    assert.equal(callState(world.call), 'active')
  })

  test('the recall fails while another one is called for it: he is the last hope', () => {
    const world = parked()
    world.pass(180_000)
    unpark(world, colleague)
    act(world, '210', 'end')
    assert.equal(world.call.endedAt, undefined)
    act(world, '211', 'end')
    assert.equal(world.call.endReason, 'declined')
  })

  test('it is parked, called back and parked again, many times, and no id comes twice', () => {
    const world = parked()
    for (let n = 0; n < 20; n++) {
      world.pass(180_000)
      act(world, '210', 'answer')
      assert.equal(callState(world.call), 'active')
      park(world)
    }
    const ids = world.call.parties.flatMap((p) => [p.id, p.leg])
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(ids.every((id) => id.length < 8))
    assert.equal(world.cdr.parks.length, 21)
  })

  test('the customer hangs up: the call ends, whoever is being called for it or not', () => {
    for (const prepare of [() => {}, (world: CallWorld) => void unpark(world, colleague), (world: CallWorld) => world.pass(180_000)]) {
      const world = parked()
      prepare(world)
      act(world, 'in', 'end')
      assert.equal(world.call.endReason, 'hangup')
      assert.equal(world.engine.alive().length, 0)
    }
  })

  test('somebody who was being called into the call when it was parked fetches it by answering', () => {
    const world = conversation()
    ask(world, { kind: 'add-party', as: world.newParty(), to: colleague, role: 'agent', ringTimeoutMs: 60_000 })
    park(world)
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
  })

  test('a customer whom the agent had put on hold is not left there', () => {
    const world = conversation()
    ask(world, { kind: 'hold', party: partyOf(world, 'in').id, on: true })
    park(world)
    unpark(world, colleague)
    act(world, '211', 'answer')
    assert.equal(callState(world.call), 'active')
  })

  test('the time in its place counts as hold', () => {
    const world = conversation()
    world.pass(10_000)
    park(world)
    world.pass(30_000)
    unpark(world, colleague)
    act(world, '211', 'answer')
    world.pass(5_000)
    act(world, 'in', 'end')
    const { talkMs, holdMs, totalMs, parks } = world.cdr
    assert.deepEqual([talkMs, holdMs, totalMs], [15_000, 30_000, 45_000])
    const [{ from, to, ...rest } = assert.fail()] = parks
    assert.deepEqual(
      [(to ?? from) - from, rest],
      [30_000, { place: '701', by: partyOf(world, '210').id, fetchedBy: partyOf(world, '211').id }],
    )
  })

  test('three are left with music, apart from each other', () => {
    const world = conversation()
    for (const to of [colleague, outside('+15550007777')]) {
      ask(world, { kind: 'add-party', as: world.newParty(), to, role: 'participant', ringTimeoutMs: 60_000 })
      act(world, to === colleague ? '211' : '+15550007777', 'answer')
    }
    park(world)
    assert.deepEqual(world.engine.heard(world.call.id), [])
    assert.deepEqual(
      ['in', '211', '+15550007777'].map((who) => source(world, who)),
      ['hold-music', 'hold-music', 'hold-music'],
    )
    world.pass(7_000)
    assert.equal(world.cdr.holdMs, 0, 'nothing has been told since')
    unpark(world, third)
    act(world, '106', 'answer')
    assert.equal(world.cdr.holdMs, 7_000)
    assert.equal(world.engine.heard(world.call.id).length, 12)
  })

  test('a supervisor of the customer stays, and hears nothing of the music', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    const supervision = world.call.supervisions[0]?.id ?? assert.fail()
    ask(world, { kind: 'change-supervision', supervision, target: 'customer', mode: 'barge' })
    park(world)
    assert.deepEqual(world.engine.heard(world.call.id), [])
    assert.equal(ask(world, { kind: 'take-over', supervision }), 'wrong-state')
    unpark(world, colleague)
    act(world, '211', 'answer')
    assert.equal(world.engine.heard(world.call.id).length, 6)
  })

  test('one who parked from a phone outside is not called back: the call ends', () => {
    const world = conversation()
    ask(world, { kind: 'transfer', how: 'blind', as: world.newParty(), to: outside('+15550007777'), ringTimeoutMs: 60_000 })
    act(world, '+15550007777', 'answer')
    assert.notEqual(park(world, '+15550007777'), 'wrong-state')
    world.pass(180_000)
    assert.equal(world.call.endReason, 'no-answer')
  })
})

describe('what cannot be parked or fetched', () => {
  test('a call in which nobody talks', () => {
    assert.equal(park(received()), 'wrong-state')
    assert.equal(unpark(conversation(), colleague), 'wrong-state')
    assert.equal(unpark(queued(), colleague), 'wrong-state')
  })

  test('one who is not there, a supervisor, a call that is parked or transferred', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    assert.equal(ask(world, { kind: 'park', party: partyId('none'), place: '701', timeoutMs: 1 }), 'party-unknown')
    assert.equal(park(world, '101'), 'wrong-state')
    ask(world, { kind: 'transfer', how: 'hand-over', as: world.newParty(), to: colleague, ringTimeoutMs: 60_000 })
    assert.equal(park(world), 'wrong-state')
    assert.equal(park(parked(), 'in'), 'wrong-state')
  })

  test('by one who is in the call already; nor is anybody added, transferred, picked up or queued meanwhile', () => {
    const world = parked()
    unpark(world, colleague)
    assert.equal(unpark(world, colleague), 'wrong-state')
    const as = () => world.newParty()
    const ring = { to: third, ringTimeoutMs: 60_000 } as const
    const commands: readonly Command[] = [
      { kind: 'add-party', as: as(), role: 'agent', ...ring },
      { kind: 'transfer', how: 'blind', party: partyOf(world, 'in').id, as: as(), ...ring },
      { kind: 'pick-up', as: as(), ...ring },
      { kind: 'requeue', group: '030', queueMs: 1_000 },
    ]
    for (const command of commands) assert.equal(ask(world, command), 'wrong-state', command.kind)
  })
})

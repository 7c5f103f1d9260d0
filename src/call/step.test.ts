import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agents, home, supervisors } from '../../testkit/people.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import { act, conversation, legOf, partyOf, supervise } from '../../testkit/world-call-acts.ts'
import { supervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { callState } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { step } from './step.ts'

describe('orders', () => {
  test('silence comes before goodbye, and the bridge goes last', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    const before = world.engine.orders.length
    world.ask({ kind: 'end', reason: 'ended-by-request' })
    const kinds = world.engine.orders.slice(before).map((o) => o.effect.kind)
    assert.deepEqual(kinds, ['rewire', 'hang-up', 'hang-up', 'hang-up', 'close'])
  })

  test('the matrix is sent only when it changes', () => {
    const world = conversation()
    const revision = world.call.wiring.revision
    act(world, '210', 'dtmf')
    world.ask({ kind: 'hold', party: partyOf(world, 'in').id, on: false })
    assert.equal(world.call.wiring.revision, revision)
  })

  test('an old confirmation, or one of a revision that was never sent, changes nothing', () => {
    const world = conversation()
    for (const revision of [0, world.call.wiring.applied, 99]) {
      const stepped = step(world.call, world.at, { kind: 'wired', revision, at: world.at })
      assert.ok(stepped.ok && stepped.value.call === world.call)
    }
  })

  test('a call whose matrix the mixer cannot carry out ends', () => {
    const world = conversation()
    world.engine.emit({ kind: 'wiring-failed', call: world.call.id, revision: world.call.wiring.revision, why: 'test' })
    assert.equal(world.call.endReason, 'failed')
    assert.equal(world.engine.alive().length, 0)
  })

  test('the phone that asked for a transfer is told how it goes, as long as it is there', () => {
    const world = conversation()
    const requested = { leg: legOf(world, '210'), transfer: 't' }
    const transfer = () =>
      world.ask({ kind: 'transfer', how: 'blind', as: world.newParty(), to: agents[1] as Endpoint, ringTimeoutMs: 60_000, requested })
    transfer()
    act(world, '211', 'end')
    transfer()
    act(world, '211', 'ring')
    act(world, '211', 'answer')
    const progress = world.engine.orders.flatMap(({ effect }) => (effect.kind === 'transfer-progress' ? [effect.progress] : []))
    assert.deepEqual(progress, ['trying', 'failed', 'trying', 'ringing', 'done'])
  })
})

function superviseAs(world: CallWorld, id: string): void {
  const how = { mode: 'monitor', target: 'agent', private: false, follow: 'call', hearPeers: false, autoAnswer: false } as const
  const supervisor = supervisors[0] as Endpoint
  world.ask({ kind: 'supervise', id: supervisionId(id), as: world.newParty(), supervisor, ...how, ringTimeoutMs: 30_000 })
}

describe('a long call', () => {
  test('forgets who left first, and never somebody who is there', () => {
    const world = conversation()
    for (let n = 0; n < limits.partiesKeptPerCall + 50; n++) {
      superviseAs(world, `s${n}`)
      act(world, '101', 'answer')
      act(world, '101', 'end')
    }
    assert.equal(world.call.parties.length, limits.partiesKeptPerCall)
    assert.equal(world.call.supervisions.length, limits.partiesKeptPerCall - 2)
    assert.equal(callState(world.call), 'active')
    assert.ok(partyOf(world, 'in').state === 'connected' && partyOf(world, '210').state === 'connected')
  })
})

describe('a leg takes another’s place', () => {
  test('a connected leg of another call: the old party leaves at once', () => {
    const world = conversation()
    const as = world.newParty()
    world.engine.offer({ id: as.leg, account: home, address: 'new' })
    const leg = world.engine.legs.get(as.leg)
    if (leg !== undefined) leg.phase = 'up'
    world.ask({
      kind: 'adopt',
      as,
      endpoint: agents[1] as Endpoint,
      replaces: partyOf(world, '210').id,
      state: 'connected',
      phoneHeld: false,
    })
    world.settle()
    assert.equal(partyOf(world, '210').endReason, 'transferred')
    assert.equal(world.engine.heard(world.call.id).length, 2)
  })

  test('a leg that is to be answered: the old party stays until then', () => {
    const world = conversation()
    const as = world.newParty()
    world.engine.offer({ id: as.leg, account: home, address: 'new' })
    world.ask({
      kind: 'adopt',
      as,
      endpoint: agents[1] as Endpoint,
      replaces: partyOf(world, '210').id,
      state: 'offered',
      phoneHeld: false,
    })
    assert.equal(partyOf(world, '210').state, 'connected')
    act(world, 'new', 'answer')
    assert.equal(partyOf(world, '210').endReason, 'transferred')
  })

  test('a leg that goes to another call is not hung up here', () => {
    const world = conversation()
    world.ask({ kind: 'release', party: partyOf(world, 'in').id })
    assert.equal(world.engine.legs.get(legOf(world, 'in'))?.phase, 'up')
    assert.equal(world.call.endReason, 'transferred', 'one alone is no conversation')
  })
})

describe('what can be seen', () => {
  test('a revision for every change, also for a party who is only being called', () => {
    const world = conversation()
    const { revision } = world.call
    supervise(world, supervisors[0] as Endpoint)
    assert.equal(world.call.revision, revision + 1)
    world.ask({ kind: 'add-party', as: world.newParty(), to: agents[1] as Endpoint, role: 'agent', ringTimeoutMs: 60_000 })
    assert.equal(world.call.revision, revision + 2)
    world.settle()
    act(world, '210', 'dtmf')
    assert.equal(world.call.revision, revision + 2, 'the mixer has its own, and a digit is no change')
  })

  test('a call is held as long as anybody in it is, by whichever means', () => {
    const world = conversation()
    const { id } = partyOf(world, 'in')
    act(world, 'in', 'hold')
    assert.equal(callState(world.call), 'held')
    world.ask({ kind: 'hold', party: id, on: true })
    act(world, 'in', 'resume')
    assert.equal(callState(world.call), 'held')
    world.ask({ kind: 'hold', party: id, on: false })
    assert.equal(callState(world.call), 'active')
    assert.deepEqual(
      world.events.filter((e) => e.type === 'call.held' || e.type === 'call.resumed').map((e) => e.type),
      ['call.held', 'call.resumed'],
    )
  })

  test('who takes a call over with a phone that holds puts the call on hold', () => {
    const world = conversation()
    supervise(world, supervisors[0] as Endpoint)
    act(world, '101', 'answer')
    act(world, '101', 'hold')
    assert.equal(callState(world.call), 'active')
    world.ask({ kind: 'take-over', supervision: supervisionId('s101') })
    assert.equal(callState(world.call), 'held')
    assert.equal(world.events.findLast((e) => e.type === 'call.held')?.data.party, partyOf(world, '101').id)
  })

  test('digits are told', () => {
    const world = conversation()
    act(world, '210', 'dtmf')
    assert.deepEqual(world.events.at(-1)?.data, { party: partyOf(world, '210').id, digit: '5' })
  })
})

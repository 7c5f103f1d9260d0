import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act, conversation, partyOf } from '../../testkit/world-call-acts.ts'
import { supervisionId } from '../kernel/ids.ts'
import { abandon } from './abandon.ts'
import { type Call, isEnded } from './call.ts'
import { emptyCdr, fold } from './cdr.ts'
import { step } from './step.ts'

/** A call that is recorded and parked, and that names a party whom nobody knows. */
function broken() {
  const world = conversation()
  world.ask({ kind: 'record', state: 'on' })
  world.ask({ kind: 'park', party: partyOf(world, '210').id, place: '701', timeoutMs: 180_000 })
  const target = partyOf(world, '210').id
  const lost = { id: supervisionId('s'), revision: 1, party: 'nobody', target, mode: 'monitor', private: false, follow: 'call' } as const
  const supervision = { ...lost, hearPeers: false, state: 'active', startedAt: world.at }
  return { world, call: { ...world.call, supervisions: [supervision] } as unknown as Call }
}

test('a call that ends in an orderly way is ended in that way', () => {
  const world = conversation()
  const { call, events } = abandon(world.call, world.at)
  assert.equal(call.endReason, 'failed')
  assert.ok(events.some((e) => e.type === 'party.left'))
})

test('a call that cannot be ended in an orderly way is cut off, and its record is whole all the same', () => {
  const { world, call } = broken()
  const cut = abandon(call, world.at)
  assert.deepEqual(
    cut.events.map((e) => [e.type, e.seq - call.seq]),
    [
      ['recording.stopped', 1],
      ['call.unparked', 2],
      ['call.ended', 3],
    ],
  )
  assert.ok(isEnded(cut.call) && cut.call.seq === call.seq + 3)
  assert.deepEqual([cut.call.recording.state, cut.call.parked], ['off', undefined])
  assert.deepEqual(
    cut.effects.map((e) => e.kind),
    ['rewire', 'hang-up', 'close'],
  )
  const cdr = [...world.events, ...cut.events].reduce(fold, emptyCdr(call.id))
  assert.deepEqual([cdr.parks[0]?.to, cdr.recordings[0]?.to, cdr.endReason], [world.at, world.at, 'failed'])
})

test('a disposition afterwards orders nothing any more', () => {
  const { world, call } = broken()
  const disposed = step(abandon(call, world.at).call, world.at, { kind: 'dispose', disposition: 'Sale' })
  assert.ok(disposed.ok)
  assert.deepEqual(disposed.value.effects, [])
  assert.equal(disposed.value.call.disposition?.name, 'Sale')
})

test('a call that has ended is not ended again', () => {
  const world = conversation()
  act(world, 'in', 'end')
  assert.ok(!step(world.call, world.at, { kind: 'end', reason: 'failed' }).ok)
})

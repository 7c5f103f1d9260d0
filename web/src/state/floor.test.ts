import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { agentOf, callWith, eventOf } from './examples.ts'
import { afterCall, afterEvents, afterSnapshot, callOf, emptyFloor, touchesGroups } from './floor.ts'

const snapshot = { calls: [callWith({ id: 'c1', revision: 5 })], agents: [agentOf({ id: 'a1' })], groups: [] }

describe('floor', () => {
  test('a snapshot replaces what was known: whoever is not in it is gone', () => {
    const before = afterEvents(emptyFloor, [eventOf('call.created', callWith({ id: 'gone', revision: 1 }))])
    assert.deepEqual([...afterSnapshot(before, snapshot).calls.keys()], ['c1'])
  })

  test('an event that is older than the snapshot changes nothing', () => {
    const floor = afterSnapshot(emptyFloor, snapshot)
    const after = afterEvents(floor, [eventOf('call.held', callWith({ id: 'c1', revision: 4, state: 'held' }))])
    assert.equal(after.calls.get('c1')?.state, 'active')
  })

  test('a snapshot that was read before an answer does not take the answer back', () => {
    const answered = afterCall(emptyFloor, callWith({ id: 'c1', revision: 6, state: 'held' }))
    assert.equal(afterSnapshot(answered, snapshot).calls.get('c1')?.state, 'held')
  })

  test('a call that ends leaves the floor and can still be looked at', () => {
    const floor = afterEvents(afterSnapshot(emptyFloor, snapshot), [
      eventOf('call.ended', callWith({ id: 'c1', revision: 9, state: 'ended' })),
    ])
    assert.equal(floor.calls.size, 0)
    assert.equal(callOf(floor, 'c1')?.state, 'ended')
  })

  test('a late event of a call that has ended does not bring it back', () => {
    const events = [
      eventOf('call.ended', callWith({ id: 'c1', revision: 9, state: 'ended' })),
      eventOf('party.left', callWith({ id: 'c1', revision: 8, state: 'active' })),
    ]
    assert.equal(afterEvents(afterSnapshot(emptyFloor, snapshot), events).calls.size, 0)
  })

  test('only so many ended calls are kept', () => {
    const events = Array.from({ length: 150 }, (_, n) => eventOf('call.ended', callWith({ id: `c${n}`, revision: 2, state: 'ended' })))
    const { ended } = afterEvents(emptyFloor, events)
    assert.equal(ended.size, 100)
    assert.ok(ended.has('c149') && !ended.has('c0'))
  })

  test('an agent is as the last event says, and a lowered hand is gone', () => {
    const raised = agentOf({ id: 'a1', hand: { since: '2026-01-01T00:00:00.000Z' } })
    const floor = afterEvents(afterSnapshot(emptyFloor, snapshot), [eventOf('agent.hand', undefined, raised)])
    assert.ok(floor.agents.get('a1')?.hand)
    assert.equal(afterEvents(floor, [eventOf('agent.hand', undefined, agentOf({ id: 'a1' }))]).agents.get('a1')?.hand, undefined)
  })

  test('groups are read again when a call of one of them comes or goes, and not for what is said in it', () => {
    const call = callWith({ id: 'c1', group: 'g1' })
    assert.equal(touchesGroups([eventOf('call.queued', call)]), true)
    assert.equal(touchesGroups([eventOf('hearing.applied', call), eventOf('call.created', callWith({ id: 'c2' }))]), false)
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type CallQuery, listed } from './calls.ts'
import { agentOf, callWith, partyOf, supervisionOf } from './examples.ts'

const names = {
  groups: new Map([['g1', { id: 'g1', name: 'Sales' } as never]]),
  agents: new Map([['a2', agentOf({ id: 'a2', hand: { since: '2026-01-01T00:00:00.000Z' } })]]),
}
const calls = [
  callWith({ id: 'old', startedAt: '2026-01-01T11:00:00.000Z', group: 'g1' }),
  callWith({ id: 'queued', startedAt: '2026-01-01T12:00:00.000Z', state: 'queued', ani: '+15550001', parties: [] }),
  callWith({
    id: 'bela',
    startedAt: '2026-01-01T11:30:00.000Z',
    state: 'held',
    reference: 'Order-77',
    parties: [partyOf({ id: 'x', name: 'Bela', agent: 'a2' })],
  }),
  callWith({ id: 'watched', startedAt: '2026-01-01T11:45:00.000Z', supervisions: [supervisionOf({ id: 's1' })] }),
]
const ids = (query: Partial<CallQuery>): readonly string[] =>
  listed(calls, { filter: 'all', group: undefined, text: '', order: 'longest', ...query }, names).map((call) => call.id)

describe('the list of calls', () => {
  test('the longest call comes first, or the newest', () => {
    assert.deepEqual(ids({}), ['old', 'bela', 'watched', 'queued'])
    assert.deepEqual(ids({ order: 'newest' }), ['queued', 'watched', 'bela', 'old'])
  })

  test('filters', () => {
    assert.deepEqual(ids({ filter: 'waiting' }), ['queued'])
    assert.deepEqual(ids({ filter: 'supervised' }), ['watched'])
    assert.deepEqual(ids({ filter: 'hands' }), ['bela'])
    assert.deepEqual(ids({ filter: 'held' }), ['bela'])
    assert.deepEqual(ids({ group: 'g1' }), ['old'])
  })

  test('a supervision that has ended supervises nobody', () => {
    const over = callWith({ id: 'over', supervisions: [supervisionOf({ id: 's', state: 'ended' })] })
    assert.deepEqual(listed([over], { filter: 'supervised', group: undefined, text: '', order: 'longest' }, names), [])
  })

  test('the search finds names, references, groups and numbers in national spelling; every word must fit', () => {
    assert.deepEqual(ids({ text: 'BELA' }), ['bela'])
    assert.deepEqual(ids({ text: 'order-77' }), ['bela'])
    assert.deepEqual(ids({ text: 'sales ada' }), ['old'])
    assert.deepEqual(ids({ text: '05550001' }), ['queued'])
    assert.deepEqual(ids({ text: 'sales bela' }), [])
  })

  test('calls with nobody there yet come last by agent', () => {
    assert.equal(ids({ order: 'agent' }).at(-1), 'queued')
    assert.equal(ids({ order: 'state' })[0], 'queued')
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardOf, countByState } from './agents.ts'
import { agentOf } from './examples.ts'

const agents = [
  agentOf({ id: 'off', name: 'Abe', state: 'offline' }),
  agentOf({ id: 'z', name: 'Zoe', state: 'on-call', since: '2026-01-01T11:00:00.000Z' }),
  agentOf({ id: 'b', name: 'Ben', groups: ['g1'] }),
  agentOf({ id: 'hand', name: 'Yan', hand: { since: '2026-01-01T11:59:00.000Z' } }),
]
const ids = (order: Parameters<typeof boardOf>[1], group?: string): readonly string[] => boardOf(agents, order, group).map(({ id }) => id)

test('raised hands lead and the offline follow, whatever the order', () => {
  assert.deepEqual(ids('name'), ['hand', 'b', 'z', 'off'])
  assert.deepEqual(ids('state'), ['hand', 'z', 'b', 'off'])
  assert.deepEqual(ids('longest'), ['hand', 'z', 'b', 'off'])
  assert.deepEqual(ids('name', 'g1'), ['b'])
})

test('every state is counted, also those that nobody is in', () => {
  const counts = countByState(agents)
  assert.deepEqual([counts.available, counts['on-call'], counts.offline, counts.away], [2, 1, 1, 0])
})

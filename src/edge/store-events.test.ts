import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentView, OutEvent } from '../control/command.ts'
import { accountId, callId, partyId } from '../kernel/ids.ts'
import { instant } from '../kernel/time.ts'
import type { StoreRow } from '../store/rows.ts'
import { keepEvents, pastEventOf, rowOf } from './store-events.ts'

const account = accountId('acme')
const noon = instant(1_800_000_000_000.25)

const agent: AgentView = {
  ...{ id: '1234', username: 'ada', name: 'Ada', extension: '210', role: 'agent', groups: [], state: 'away', since: noon },
  tally: { handled: 0, missed: 0, talkMs: 0 },
}
const ringing = { type: 'call.ringing', call: callId('c1'), seq: 2, at: noon, data: { party: partyId('p1') } } as const

test('an event comes out of the history as it was told, without how its call stood', () => {
  const told: readonly OutEvent[] = [
    { id: '1', account, agent, at: noon },
    { id: '2', account, agent, at: noon, about: 'hand' },
    { id: '3', account, event: ringing, call: { id: 'c1' } as never },
  ]
  const expected = [told[0], told[1], { id: '3', account, event: ringing }]
  assert.deepEqual(
    told.map((event) => pastEventOf(JSON.parse(JSON.stringify(rowOf(event))))),
    expected,
  )
})

test('what is of one owner only is told to nobody later, since the row does not name him', () => {
  const line = { id: 'l1', owner: 'key 7', state: 'open', createdAt: noon }
  const row = rowOf({ id: '4', account, line, at: noon } as unknown as OutEvent)
  assert.equal(JSON.stringify(row).includes('key 7'), false)
  assert.equal(pastEventOf(row), undefined)
})

test('events are kept as they happen, until they are no longer wanted', () => {
  const listeners = new Set<(event: OutEvent) => void>()
  const subscribe = (_: unknown, listener: (event: OutEvent) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const rows: StoreRow[] = []
  const stop = keepEvents({ writer: { write: (more) => void rows.push(...more) }, desk: { subscribe }, accounts: [account] })
  for (const listener of listeners) listener({ id: '1', account, agent, at: noon })
  stop()
  for (const listener of listeners) listener({ id: '2', account, agent, at: noon })
  assert.deepEqual(
    rows.map((row) => row.kind === 'event' && row.cursor),
    [1],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { abroad, home } from '../../testkit/people.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { instant } from '../kernel/time.ts'
import type { AgentView } from './command.ts'
import { EventLog } from './event-log.ts'

const at = instant(1_800_000_000_000)
const agent: AgentView = {
  id: '1',
  username: 'u',
  name: 'n',
  extension: '210',
  role: 'agent',
  groups: [],
  tally: { handled: 0, missed: 0, talkMs: 0 },
  state: 'away',
  since: at,
}

test('a reader gets what came after his cursor, of his own account, in order', () => {
  const log = new EventLog(at)
  const ids = [home, abroad, home, home].map((account) => append(log, account))
  assert.deepEqual(idsAfter(log, home, ids[0]), [ids[2], ids[3]])
  assert.deepEqual(idsAfter(log, home, ids[1]), [ids[2], ids[3]], 'another account’s event is a cursor like any other')
  assert.deepEqual(idsAfter(log, home, ids[3]), [])
  assert.deepEqual(idsAfter(log, abroad, ids[1]), [])
})

test('a cursor that was never given out, or is no longer kept, is known as such', () => {
  const log = new EventLog(at)
  const first = append(log, home)
  for (const cursor of ['', 'x', '0', '-1', '1e3', String(Number(first) + 1)]) assert.equal(log.after(home, cursor), undefined, cursor)
  for (let i = 0; i < 1.1 * limits.eventsKept; i++) append(log, home)
  assert.equal(log.after(home, first), undefined)
})

test('the newest events are kept, as many as the limit says', () => {
  const log = new EventLog(at)
  const ids: string[] = []
  for (let i = 0; i < 2 * limits.eventsKept; i++) ids.push(append(log, home))
  const cursor = ids.at(-limits.eventsKept)
  assert.equal(idsAfter(log, home, cursor)?.length, limits.eventsKept - 1)
})

test('ids go on growing over a restart', () => {
  const before = new EventLog(at)
  let last = ''
  for (let i = 0; i < 1000; i++) last = append(before, home)
  assert.ok(BigInt(append(new EventLog(instant(at + 1000)), home)) > BigInt(last))
})

const append = (log: EventLog, account: AccountId): string => log.append({ account, agent, at }).id
const idsAfter = (log: EventLog, account: AccountId, cursor = '') => log.after(account, cursor)?.map((e) => e.id)

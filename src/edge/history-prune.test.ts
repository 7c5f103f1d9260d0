/** What is too old goes, where nobody is disturbed, and the audit says that it went. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { acme, cdr, event, Heard, openIn, temporaryFolder } from '../../testkit/stores.ts'
import { type AuditEntry, genesis, linked } from '../audit/chain.ts'
import type { AuditFact } from '../audit/fact.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { AuditBook } from './audit-book.ts'
import { auditKey } from './audit-key.ts'
import { systemHash } from './hash.ts'
import { HistoryPruning } from './history-prune.ts'
import { StoreArchive } from './store-archive.ts'
import { StoreWriter } from './store-writer.ts'

const usual = { ...limits }
const folders: { remove(): void }[] = []
after(() => {
  Object.assign(limits, usual)
  for (const folder of folders) folder.remove()
})

const day = 86_400_000
const start = instant(1_800_000_000_000)

/** A year of an account: an event, a call and an entry of the audit a day. */
async function aYear() {
  Object.assign(limits, { historyPruneStepMs: 1, storePageRows: 50 })
  const folder = temporaryFolder()
  folders.push(folder)
  const [store, log] = [await openIn(folder.path), new Heard()]
  const archive = new StoreArchive({ store, writer: new StoreWriter(store, log), log })
  let now = start
  const book = new AuditBook({ archive, key: auditKey(), clock: () => now, log })
  let last: AuditEntry | undefined
  const note = (account: typeof acme, fact: AuditFact) => {
    last = linked(last ?? genesis, { account, at: now, fact }, systemHash.sha256)
    book.keepEntry(last)
  }
  for (let n = 1; n <= 365; n += 1) {
    now = addMs(start, n * day)
    await store.write([event(n, { at: now, call: callId(`c${n}`), seq: 1 }), cdr(`c${n}`, { startedAt: now })])
    note(acme, { kind: 'access.denied', act: 'listen', by: { role: 'agent' }, code: 'forbidden' })
  }
  const days = { eventsDays: 90, cdrDays: 180, auditDays: 100 }
  let live = 0
  const pruning = new HistoryPruning({ store, days, accounts: [acme], past: { note }, liveCalls: () => live, clock: () => now, log })
  const left = async () => {
    const found = await store.ask('eventsThere', { first: 1, last: 400 })
    return found.ok ? found.value.length : -1
  }
  const close = async () => {
    pruning.close()
    book.close()
    await store.close()
  }
  const setLive = (calls: number) => {
    live = calls
  }
  return { store, book, pruning, left, close, setLive }
}

test('events, records and audit go after their time, and the chain says since when', async () => {
  const { store, book, pruning, close } = await aYear()
  await pruning.prune()
  const events = await store.ask('eventsThere', { first: 1, last: 400 })
  assert.deepEqual(events.ok && [events.value.length, Math.min(...events.value)], [91, 275])
  const records = []
  for (let cursor: string | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
    const page = await store.ask('cdrs', { account: acme, limit: 50, ...(cursor === undefined ? {} : { cursor }) })
    assert.ok(page.ok)
    records.push(...page.value.items)
    cursor = page.value.next
  }
  assert.equal(records.length, 181)
  const verdict = await book.verify(acme)
  assert.deepEqual([verdict.valid, verdict.flaws], [true, []])
  // Up to a head, which covers a hundred entries: never more than is old.
  assert.equal(verdict.first, 201)
  assert.equal(verdict.pruned?.before, addMs(start, 265 * day))
  await pruning.prune()
  assert.deepEqual((await book.verify(acme)).flaws, [], 'and again')
  await close()
})

test('a busy hour is passed over', async () => {
  const { left, pruning, setLive, close } = await aYear()
  setLive(100)
  await pruning.look()
  await pruning.look()
  assert.equal(await left(), 365)
  setLive(50)
  await pruning.look()
  assert.equal(await left(), 91)
  await close()
})

test('where the day is busy throughout it is done all the same', async () => {
  const { left, pruning, setLive, close } = await aYear()
  setLive(100)
  for (let hour = 0; hour < limits.historyPrunePutOff; hour += 1) await pruning.look()
  assert.equal(await left(), 365)
  await pruning.look()
  assert.equal(await left(), 91)
  await close()
})

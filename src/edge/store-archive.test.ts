import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Heard, partiesOf, temporaryFolder } from '../../testkit/stores.ts'
import { type AuditEntry, genesis, linked } from '../audit/chain.ts'
import type { HearingFact } from '../audit/fact.ts'
import { type Cdr, emptyCdr } from '../call/cdr.ts'
import { accountId, callId, partyId, supervisionId } from '../kernel/ids.ts'
import { addMs, instant } from '../kernel/time.ts'
import { storePlaceIn } from '../store/place.ts'
import { openStore } from '../store/store.ts'
import { AuditBook } from './audit-book.ts'
import { AuditHeadsFile } from './audit-heads-file.ts'
import { auditKey } from './audit-key.ts'
import { systemHash } from './hash.ts'
import { StoreArchive } from './store-archive.ts'
import { StoreWriter } from './store-writer.ts'

const account = accountId('acme')
const noon = instant(1_800_000_000_000.25)
const key = auditKey()
const cleanUp: (() => void)[] = []
after(() => {
  for (const clean of cleanUp) clean()
})

function folderFor(): string {
  const folder = temporaryFolder()
  cleanUp.push(folder.remove)
  return folder.path
}

/** As a server has it that starts on this folder. */
function openOn(folder: string, log = new Heard()) {
  const store = openStore({ ...storePlaceIn(folder, ''), log, clock: () => noon })
  const archive = new StoreArchive({ store, writer: new StoreWriter(store, log), log })
  const headsFile = new AuditHeadsFile(join(folder, 'audit-heads.jsonl'))
  const book = new AuditBook({ archive, key, headsFile, clock: () => noon, log })
  const close = async () => {
    book.close()
    await store.close()
  }
  return { store, archive, book, log, close }
}

const cdr = (n: number): Cdr => ({
  ...{ ...emptyCdr(callId(`c${n}`), account), startedAt: addMs(noon, n), endedAt: addMs(noon, n + 20), ani: '+15550001111' },
  parties: partiesOf(String(n), '+442071838750'),
})

const hearing = (n: number): HearingFact => ({
  ...{ kind: 'hearing', call: callId(`c${n}`), supervision: supervisionId(`s${n}`), mode: 'whisper', target: partyId('p2') },
  ...{ supervisor: { party: partyId('s'), extension: n % 2 === 0 ? '101' : '102' }, private: false, could: 'hear' },
  ...{ other: { party: partyId('p2') }, from: addMs(noon, n * 1_000), to: addMs(noon, n * 1_000 + 500) },
  ...{ revision: n, endRevision: n + 1, reason: 'hangup' },
})

function chain(from: AuditEntry | undefined, count: number): readonly AuditEntry[] {
  const entries: AuditEntry[] = from === undefined ? [] : [from]
  for (let n = (from?.seq ?? 0) + 1; entries.length < count + (from === undefined ? 0 : 1); n += 1)
    entries.push(linked(entries.at(-1) ?? genesis, { account, at: addMs(noon, n * 1_000 + 600), fact: hearing(n) }, systemHash.sha256))
  return from === undefined ? entries : entries.slice(1)
}

describe('an archive in the store', () => {
  test('what is kept is read at once, and again after a restart', async () => {
    const folder = folderFor()
    const first = openOn(folder)
    for (let n = 1; n <= 5; n += 1) first.book.keepCdr(cdr(n))
    first.book.keepCdr({ ...cdr(2), direction: 'outbound' })
    const entries = chain(undefined, 30)
    for (const entry of entries) first.book.keepEntry(entry)
    const here = await first.archive.cdrs({ account, limit: 3 })
    assert.ok(here !== 'bad-cursor')
    assert.deepEqual(here.items, [cdr(5), cdr(4), cdr(3)])
    assert.deepEqual((await first.book.verify(account)).flaws, [])
    await first.close()
    const second = openOn(folder)
    const rest = await second.archive.cdrs({ account, limit: 3, ...(here.next === undefined ? {} : { cursor: here.next }) })
    assert.deepEqual(rest, { items: [{ ...cdr(2), direction: 'outbound' }, cdr(1)] })
    assert.equal(await second.archive.cdrs({ account, limit: 3, cursor: 'mine' }), 'bad-cursor')
    assert.deepEqual(await second.archive.entries({ account, after: 0, limit: 1_000 }), entries)
    const more = chain(entries.at(-1), 3)
    for (const entry of more) second.book.keepEntry(entry)
    const { valid, flaws, head } = await second.book.verify(account)
    assert.deepEqual([valid, flaws, head?.seq], [true, [], 33])
    assert.deepEqual(
      [...second.book.ends].map(({ seq, hash }) => [seq, hash]),
      [[33, more.at(-1)?.hash]],
    )
    assert.equal(second.archive.isDegraded, false)
    await second.close()
  })

  test('entries are found by call, supervisor and by when it was that they tell of', async () => {
    const { archive, close } = openOn(folderFor())
    for (const entry of chain(undefined, 12)) archive.keepEntry(entry)
    const seqs = async (search: object) => (await archive.entries({ account, after: 0, limit: 50, ...search })).map(({ seq }) => seq)
    assert.deepEqual(await seqs({ call: callId('c7') }), [7])
    assert.deepEqual(await seqs({ supervisor: '101', after: 4 }), [6, 8, 10, 12])
    assert.deepEqual(await seqs({ limit: 2, after: 3 }), [4, 5])
    // The third began before and was written down after.
    assert.deepEqual(await seqs({ to: addMs(noon, 3_100) }), [1, 2, 3])
    assert.deepEqual(await seqs({ from: addMs(noon, 10_500) }), [10, 11, 12])
    assert.deepEqual(await seqs({ from: addMs(noon, 10_501), limit: 1 }), [11])
    await close()
  })

  test('the end cut off in the database is noticed after a restart', async () => {
    const folder = folderFor()
    const first = openOn(folder)
    for (const entry of chain(undefined, 5)) first.book.keepEntry(entry)
    await first.close()
    rmSync(join(folder, 'history.db'))
    const second = openOn(folder)
    const { valid, flaws } = await second.book.verify(account)
    assert.equal(valid, false)
    assert.match(flaws.map(({ why }) => why).join(), /missing/)
    await second.close()
  })

  test('a damaged database: reading says so, keeping goes on, and nothing throws', async () => {
    const folder = folderFor()
    writeFileSync(join(folder, 'history.db'), 'This is no database. '.repeat(500))
    const { store, archive, log, close } = openOn(folder)
    await store.opened
    archive.keepCdr(cdr(1))
    for (const entry of chain(undefined, 2)) archive.keepEntry(entry)
    assert.equal(archive.isDegraded, true)
    const isAway = { name: 'ArchiveUnavailable', fault: 'away' }
    await assert.rejects(archive.cdrs({ account, limit: 1 }), isAway)
    await assert.rejects(archive.entries({ account, after: 0, limit: 1 }), isAway)
    await assert.rejects(archive.heads(account), isAway)
    await close()
    // Somebody moves it away: what waited is in the new one.
    rmSync(join(folder, 'history.db'))
    const next = openOn(folder)
    await next.store.opened
    for (let i = 0; i < 500 && next.archive.isDegraded; i += 1) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(await next.archive.cdrs({ account, limit: 1 }), { items: [cdr(1)], next: `${Math.floor(cdr(1).startedAt ?? 0)}_c1` })
    assert.equal((await next.archive.entries({ account, after: 0, limit: 9 })).length, 2)
    await next.close()
    assert.equal(log.lines.filter((line) => line.includes('does not take what happens')).length, 0)
  })

  test('a row that the store does not take is told once, and shows', async () => {
    const { store, archive, log, close } = openOn(folderFor())
    await store.opened
    const long = { ...cdr(1), notes: 'x'.repeat(2_000_000) }
    archive.keepCdr(long)
    archive.keepCdr(long)
    await archive.cdrs({ account, limit: 1 })
    assert.equal(archive.isDegraded, true)
    assert.equal(log.lines.filter((line) => line.includes('does not take what happens')).length, 1)
    await close()
  })
})

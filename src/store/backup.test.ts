/** A backup is the store at one instant, taken while it is written; it is restored into a new place of either kind, or not at all. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { startPostgres, type TestPostgres } from '../../testkit/postgres.ts'
import { missing } from '../../testkit/programs.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { acme, cdr, event, message, openIn, partiesOf, temporaryFolder, until, value } from '../../testkit/stores.ts'
import { instant } from '../kernel/time.ts'
import { backup } from './backup.ts'
import { openDatabase } from './database.ts'
import type { StorePlace } from './messages.ts'
import { restore } from './restore.ts'
import type { StoreRow } from './rows.ts'
import { primaryKeys, type TableName } from './schema.ts'

const rows: readonly StoreRow[] = [
  ...Array.from({ length: 2_500 }, (_, i) => event(i + 1)),
  ...[1, 2, 3].map((i) => cdr(`c${i}`, { parties: partiesOf(String(i), '+49301') })),
  { kind: 'audit', account: acme, seq: 1, hash: 'h', previous: '', at: instant(1), body: { ü: '\0' } },
  { kind: 'audit-head', account: acme, seq: 1, hash: 'h', at: instant(2), body: null },
  message('m1'),
  { kind: 'message-dead', id: 'm1', attempts: 3, why: 'HTTP 410' },
  value('tokens', 'a', { expiresAt: instant(9e12) }),
]

const kinds = [
  { name: 'SQLite to SQLite', from: false, to: false },
  { name: 'PostgreSQL to PostgreSQL', from: true, to: true },
  { name: 'SQLite to PostgreSQL', from: false, to: true },
  { name: 'PostgreSQL to SQLite', from: true, to: false },
]

let server: TestPostgres | undefined
let old: ReturnType<typeof temporaryFolder>
let fresh: ReturnType<typeof temporaryFolder>
const folders: ReturnType<typeof temporaryFolder>[] = []

before(async () => {
  if (missing('postgres') === false) server = await startPostgres()
})
after(async () => {
  await server?.remove()
  for (const folder of folders) folder.remove()
})
beforeEach(() => {
  old = temporaryFolder()
  fresh = temporaryFolder()
  folders.push(old, fresh)
})

const placeIn = (folder: string, isServer: boolean): StorePlace => {
  const url = isServer ? server?.database() : undefined
  return { file: join(folder, 'sotto.db'), ...(url === undefined ? {} : { url }) }
}

for (const { name, from, to } of kinds)
  test(`${name}: everything, as it was at one instant, while writing goes on`, { skip: (from || to) && missing('postgres') }, async () => {
    const source = placeIn(old.path, from)
    const store = await openIn(old.path, source)
    assert.ok((await store.write(rows)).ok)
    let [goesOn, n] = [true, 0]
    const writing = (async () => {
      // Both rows of a write are committed together, so that any one instant has as many of the one kind as of the other.
      while (goesOn) await store.write([event(9_000_000 + n), value('beside', String(n++))])
    })()
    const target = join(old.path, 'backup.gz')
    const counts = await backup(source, target)
    goesOn = false
    await writing
    await store.close()
    assert.ok(n > 5, 'something was written meanwhile')

    const place = placeIn(fresh.path, to)
    assert.equal(statSync(target).mode & 0o077, 0, 'nobody else may read it')
    assert.deepEqual(await restore(target, place), counts)
    const restored = await contentOf(place)
    const beside = (table: TableName, word: string) => restored[table].filter((row) => row.includes(word)).length
    assert.equal(beside('events', '"cursor":9000'), beside('stored_values', 'beside'))
    assert.equal(restored.events.length, counts.events)
    const before = await contentOf(source)
    for (const table of Object.keys(primaryKeys) as TableName[])
      if (table !== 'positions')
        assert.deepEqual(
          restored[table].filter((row) => !before[table].includes(row)),
          [],
          table,
        )
    if (!to) assert.equal(statSync(place.file).mode & 0o077, 0)
    assert.ok(restored.messages[0]?.includes('HTTP 410'))
    assert.equal(restored.cdr_words.length, 9)

    const again = await openIn(fresh.path, place)
    assert.equal(again.health().state, 'ok', again.health().why)
    assert.ok((await again.write([event(99_000_000)])).ok)
    await again.close()
  })

async function contentOf(place: StorePlace): Promise<Record<TableName, string[]>> {
  const database = await openDatabase(place, { check: false })
  try {
    const tables = Object.keys(primaryKeys) as TableName[]
    const all = await Promise.all(
      tables.map(async (table) => (await database.db.selectFrom(table).selectAll().execute()).map((row) => JSON.stringify(row)).sort()),
    )
    return Object.fromEntries(tables.map((table, i) => [table, all[i] ?? []])) as Record<TableName, string[]>
  } finally {
    await database.close()
  }
}

test('what was spilled and is not yet in the database is in the backup too', { skip: missing('postgres') }, async () => {
  const place = placeIn(old.path, true)
  const store = await openIn(old.path, place)
  await store.write([event(1)])
  await server?.kill()
  const spilled = store.write([event(2)])
  await until(store, ({ state }) => state === 'away')
  await store.close()
  assert.ok((await spilled).ok)
  await server?.start()
  await backup(place, join(old.path, 'backup.gz'))
  await restore(join(old.path, 'backup.gz'), placeIn(fresh.path, false))
  const restored = await openIn(fresh.path)
  await until(restored, (health) => !health.isDegraded)
  const found = await restored.ask('eventsAfter', { account: acme, cursor: 0, limit: 10 })
  assert.deepEqual(found.ok && found.value.map((e) => e.cursor), [1, 2])
  await restored.close()
})

describe('what cannot be restored', () => {
  async function made(): Promise<string> {
    const store = await openIn(old.path)
    await store.write(rows.slice(0, 400))
    await store.close()
    const to = join(old.path, 'backup.gz')
    await backup({ file: join(old.path, 'sotto.db') }, to)
    return to
  }

  test('a place where something is already', async () => {
    const path = await made()
    const file = join(old.path, 'sotto.db')
    const before = readFileSync(file)
    await assert.rejects(restore(path, { file }), /exists already/)
    assert.deepEqual(readFileSync(file), before)
    await assert.rejects(backup({ file }, path), /exists already/)
  })

  test('a damaged, shortened or foreign file: refused before anything is written', async () => {
    const path = await made()
    const whole = readFileSync(path)
    const random = new SeededRandom(7)
    const bad = join(old.path, 'bad.gz')
    const place = { file: join(fresh.path, 'sotto.db') }
    for (let round = 0; round < 40; round++) {
      const flipped = Buffer.from(whole)
      // The ten bytes of gzip's head say nothing about the content (RFC 1952 §2.3).
      const byte = 10 + random.integer(whole.length - 10)
      flipped[byte] = (flipped[byte] ?? 0) ^ (1 << random.integer(8))
      writeFileSync(bad, round % 2 === 0 ? flipped : whole.subarray(0, random.integer(whole.length)))
      await assert.rejects(restore(bad, place), { name: 'BadBackup' }, `round ${round}`)
    }
    writeFileSync(bad, 'no backup')
    await assert.rejects(restore(bad, place), { name: 'BadBackup' })
    assert.equal(existsSync(place.file), false)
  })

  test('a damaged database gives no backup', async () => {
    await made()
    const file = join(old.path, 'sotto.db')
    const content = readFileSync(file)
    content.fill(0, 8192, 12_288)
    writeFileSync(file, content)
    const to = join(old.path, 'second.gz')
    await assert.rejects(backup({ file }, to), { name: 'Refused' })
    assert.equal(existsSync(to), false)
    await assert.rejects(backup({ file: join(fresh.path, 'none.db') }, to), /does not exist/)
  })
})

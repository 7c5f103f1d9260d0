/** What can happen to a file: damage, a full disk, I/O errors, removal, a lock. Nothing that was answered is lost, nothing is replaced in silence. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { limits } from '../../src/kernel/limits.ts'
import { eventsAfter } from '../../src/store/answers-history.ts'
import { Keeper } from '../../src/store/keeper.ts'
import type { Store } from '../../src/store/store.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { acme, event, Heard, openIn, temporaryFolder, until } from '../../testkit/stores.ts'

let folder: ReturnType<typeof temporaryFolder>
let file: string
let open: Store[] = []

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder.path, 'sotto.db')
})
afterEach(async () => {
  for (const store of open) await store.close()
  open = []
  folder.remove()
})

async function opened(log = new Heard(), at = folder.path): Promise<Store> {
  const store = await openIn(at, { log })
  open.push(store)
  return store
}

/** Closes it, so that all of it is in the one file. */
async function filled(events: number, at = folder.path): Promise<void> {
  const store = await openIn(at)
  await store.write(Array.from({ length: events }, (_, i) => event(i + 1)))
  await store.close()
}

async function cursors(store: Store): Promise<readonly number[] | string> {
  const found = await store.ask('eventsAfter', { account: acme, cursor: 0, limit: 1_000 })
  return found.ok ? found.value.map((e) => e.cursor) : found.error
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('a damaged file', () => {
  const damages = {
    'is empty': () => truncateSync(file, 0),
    'is cut short': () => truncateSync(file, Math.floor(statSync(file).size / 2)),
    'has another header': () => overwrite(0, Buffer.from('something else, certainly')),
    'has a page of nothing': () => overwrite(4096 * 2, Buffer.alloc(4096)),
    "is another program's": () => {
      rmSync(file)
      const db = new DatabaseSync(file)
      db.exec('create table theirs (a)')
      db.close()
    },
    "is a newer version's": () => {
      const db = new DatabaseSync(file)
      db.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '2030-01-01')")
      db.close()
    },
  }
  const overwrite = (at: number, bytes: Buffer) => {
    const content = readFileSync(file)
    bytes.copy(content, at)
    writeFileSync(file, content)
  }

  for (const [what, damage] of Object.entries(damages))
    test(`that ${what} is named, refused and left alone; what is written meanwhile is kept and found again after the repair`, async () => {
      await filled(300)
      copyFileSync(file, `${file}.good`)
      damage()
      const before = readFileSync(file)
      const log = new Heard()
      const store = await opened(log)
      const { state, why = '', isDegraded } = store.health()
      assert.deepEqual([state, isDegraded], ['refused', true])
      assert.ok(why.includes(file), why)
      assert.ok(log.lines.some((line) => line.includes(file)))
      assert.equal(await cursors(store), 'unavailable')
      assert.ok((await store.write([event(301)])).ok, 'it is safe in the spill file')
      assert.deepEqual(readFileSync(file), before)
      assert.ok(store.health().spilledBytes > 0)

      renameSync(`${file}.good`, file)
      await until(store, (health) => health.state === 'ok' && !health.isDegraded)
      assert.deepEqual(await cursors(store), upTo(301))
    })

  test('that was refused keeps what was spilled over restarts', async () => {
    await filled(10)
    copyFileSync(file, `${file}.good`)
    truncateSync(file, 0)
    for (const n of [11, 12]) {
      const store = await openIn(folder.path)
      assert.ok((await store.write([event(n)])).ok)
      await store.close()
    }
    renameSync(`${file}.good`, file)
    const store = await opened()
    await until(store, (health) => !health.isDegraded)
    assert.deepEqual(await cursors(store), upTo(12))
  })

  test('bit by bit: a flipped bit is refused, or the row is, or it does not matter; never is anything else given out', async () => {
    await filled(120)
    const good = readFileSync(file)
    const truth = await readBy(keeperOf(file))
    assert.equal(truth.length, 120)
    const random = new SeededRandom(20_261_120)
    const seen = { refused: 0, damaged: 0, harmless: 0 }
    for (let round = 0; round < 400; round++) {
      const flipped = Buffer.from(good)
      const byte = random.integer(flipped.length)
      flipped[byte] = (flipped[byte] ?? 0) ^ (1 << random.integer(8))
      rmSync(file)
      writeFileSync(file, flipped)
      const keeper = keeperOf(file)
      const found = await readBy(keeper).catch((error: Error) => error)
      if (!(found instanceof Error)) assert.deepEqual(found, truth, `byte ${byte}: something else is given out`)
      else if (keeper.condition.state === 'refused') assert.deepEqual(readFileSync(file), flipped, `byte ${byte}: the file was changed`)
      else assert.equal(found.name, 'DamagedRow', `byte ${byte}: ${found.message}`)
      seen[!(found instanceof Error) ? 'harmless' : keeper.condition.state === 'refused' ? 'refused' : 'damaged'] += 1
      await keeper.close()
    }
    assert.ok(seen.refused > 20 && seen.damaged > 20, JSON.stringify(seen))
  })
})

const keeperOf = (path: string) => new Keeper({ place: { file: path }, onCondition: () => {}, remark: () => {} })

async function readBy(keeper: Keeper) {
  const found = await keeper.use(async ({ db }) => await eventsAfter(db, { account: acme, cursor: 0, limit: 1_000 }))
  await keeper.close()
  return found
}

describe('a full disk', () => {
  const mounted = mountReason()

  test('holds writes back in order; there is room again and everything is there, once', { skip: mounted }, async () => {
    const small = join(folder.path, 'small')
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small])
    try {
      const store = await opened(new Heard(), small)
      assert.ok((await store.write(upTo(50).map((n) => event(n)))).ok)
      const answered: number[] = []
      const ballast = join(small, 'ballast')
      for (let size = 1 << 20; size >= 1024; size >>= 1) fill(ballast, size)
      const writes = upTo(400).map((n) =>
        store.write([event(50 + n, { body: 'x'.repeat(2_000) })]).then((a) => a.ok && answered.push(50 + n)),
      )
      await until(store, (health) => health.state === 'away')
      assert.match(store.health().why ?? '', /full/)
      assert.equal(await cursors(store), 'unavailable')
      rmSync(ballast)
      await Promise.all(writes)
      await until(store, (health) => !health.isDegraded)
      assert.deepEqual(
        answered,
        upTo(400).map((n) => 50 + n),
      )
      assert.deepEqual(await cursors(store), upTo(450))
      await store.close()
      open = []
    } finally {
      execFileSync('umount', ['-l', small])
    }
  })

  test('an I/O error in the middle of a write: what was answered is there, in order, and nothing twice', async () => {
    const run = spawnSync('prlimit', ['--fsize=600000', process.execPath, writerProgram, folder.path, '3000'], { encoding: 'utf8' })
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /was .*away/, 'the limit was reached')
    const answered = cursorsIn(run.stdout)
    assert.ok(answered.length > 50)
    await answeredAreThere(answered)
  })

  test('and no spill file either: writes wait up to the bound, are refused beyond it, and go in when all is well', async () => {
    await filled(5)
    renameSync(file, `${file}.good`)
    writeFileSync(file, '')
    // Nobody writes lines into a folder.
    mkdirSync(join(folder.path, 'spill.jsonl'))
    const store = await opened()
    const rows = Array.from({ length: 2 * limits.storeWaitingRows }, (_, i) => event(6 + i, { body: 0 }))
    const waiting: Promise<unknown>[] = []
    for (let from = 0; from < rows.length; from += 10_000) waiting.push(store.write(rows.slice(from, from + 10_000)))
    assert.deepEqual(await store.write([event(999_999)]), { ok: false, error: 'full' })
    renameSync(`${file}.good`, file)
    assert.deepEqual(
      await Promise.all(waiting),
      Array.from(waiting, () => ({ ok: true, value: undefined })),
    )
    const last = await store.ask('eventsAfter', { account: acme, cursor: rows.length + 4, limit: 10 })
    assert.deepEqual(last.ok && last.value.map((e) => e.cursor), [rows.length + 5])
    assert.equal(store.health().isDegraded, true, 'the spill file is still unusable')
  })
})

test('a process that is killed at any moment: everything answered is there, in order, and the next one goes on', async () => {
  const answered: number[] = []
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [writerProgram, folder.path, '1000000'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    while (!output.includes('\n')) await pause(5)
    await pause(20 + 35 * round)
    child.kill('SIGKILL')
    await once(child, 'close')
    answered.push(...cursorsIn(output))
  }
  assert.ok(answered.length > 100)
  await answeredAreThere([...new Set(answered)])
})

const writerProgram = join(import.meta.dirname, '../../testkit/store-writer.ts')

/** Whole lines only: the last one may be torn. */
const cursorsIn = (output: string): readonly number[] => [...output.matchAll(/^(\d+)\n/gm)].map((m) => Number(m[1]))

async function answeredAreThere(answered: readonly number[]): Promise<void> {
  const store = await opened()
  await until(store, (health) => !health.isDegraded)
  const all: number[] = []
  for (;;) {
    const page = await store.ask('eventsAfter', { account: acme, cursor: all.at(-1) ?? 0, limit: 1_000 })
    assert.ok(page.ok)
    if (page.value.length === 0) break
    all.push(...page.value.map((e) => e.cursor))
  }
  const there = new Set(all)
  assert.deepEqual(
    answered.filter((n) => !there.has(n)),
    [],
  )
  assert.deepEqual(all, upTo(all.length), 'what came later is there only with all that came before')
}

function fill(path: string, size: number): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
  } catch {}
}

function mountReason(): string | false {
  const probe = temporaryFolder()
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe.path])
  if (made.status === 0) execFileSync('umount', [probe.path])
  probe.remove()
  return made.status === 0 ? false : 'no right to mount a small disk'
}

describe('a file that goes away under the hands of the server', () => {
  test('is written again with all that it held, and said so', async () => {
    const log = new Heard()
    const store = await opened(log)
    await store.write(upTo(20).map((n) => event(n)))
    for (const name of readdirSync(folder.path).filter((n) => n.startsWith('sotto.db'))) rmSync(join(folder.path, name))
    assert.ok((await store.write([event(21)])).ok)
    assert.deepEqual(await cursors(store), upTo(21))
    assert.ok(existsSync(file))
    assert.ok(log.lines.some((line) => line.includes('removed or replaced')))
    await store.close()
    open = []
    assert.deepEqual(await cursors(await opened()), upTo(21))
  })

  test('and is replaced by another one: that one is used, and what was open is saved beside it', async () => {
    const elsewhere = temporaryFolder()
    await filled(3, elsewhere.path)
    const store = await opened()
    await store.write(upTo(20).map((n) => event(n)))
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
    copyFileSync(join(elsewhere.path, 'sotto.db'), `${file}.other`)
    renameSync(`${file}.other`, file)
    elsewhere.remove()
    assert.ok((await store.write([event(21)])).ok)
    assert.deepEqual(await cursors(store), [1, 2, 3, 21])
    const saved = readdirSync(folder.path).find((name) => name.includes('rescued'))
    assert.ok(saved)
    const db = new DatabaseSync(join(folder.path, saved), { readOnly: true })
    assert.equal(db.prepare('select count(*) as n from events').get()?.n, 20)
    db.close()
  })
})

test('a database that another program holds: this thread goes on, the store says that it is slow, then all is written', async () => {
  const store = await opened()
  await store.write([event(1)])
  const holder = new DatabaseSync(file)
  holder.exec('BEGIN IMMEDIATE')
  let isWritten = false
  const writing = store.write([event(2)]).then(() => {
    isWritten = true
  })
  await until(store, (health) => health.state === 'away')
  assert.equal(isWritten, false)
  assert.equal(await cursors(store), 'unavailable')
  holder.exec('ROLLBACK')
  holder.close()
  await writing
  await until(store, (health) => !health.isDegraded)
  assert.deepEqual(await cursors(store), [1, 2])
})

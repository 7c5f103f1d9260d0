/** A PostgreSQL that stands still, dies, comes back, or was never there: order kept, nothing answered lost, nothing twice. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { limits } from '../../src/kernel/limits.ts'
import { instant } from '../../src/kernel/time.ts'
import type { Store } from '../../src/store/store.ts'
import { startPostgres, type TestPostgres } from '../../testkit/postgres.ts'
import { missing } from '../../testkit/programs.ts'
import { acme, event, openIn, temporaryFolder, until, value } from '../../testkit/stores.ts'

describe('a PostgreSQL server', { skip: missing('postgres') }, () => {
  let server: TestPostgres
  let folder: ReturnType<typeof temporaryFolder>
  let url: string
  let store: Store

  before(async () => {
    server = await startPostgres()
  })
  after(async () => await server?.remove())
  beforeEach(async () => {
    folder = temporaryFolder()
    url = server.database()
    store = await openIn(folder.path, { url })
    assert.equal(store.health().state, 'ok', store.health().why)
  })
  afterEach(async () => {
    await store.close()
    folder.remove()
  })

  /** Writes events one every few milliseconds, beside a counter that shows their order, until told to stop. */
  function writer() {
    const answered: number[] = []
    const writes: Promise<unknown>[] = []
    let [cursor, goesOn] = [0, true]
    const done = (async () => {
      while (goesOn) {
        const n = ++cursor
        writes.push(store.write([event(n), value('counter', 'n', { value: n })]).then(({ ok }) => ok && answered.push(n)))
        await pause(4)
      }
    })()
    const stop = async () => {
      goesOn = false
      await done
      return { written: cursor, answered, all: Promise.all(writes) }
    }
    return { answered, stop }
  }

  async function everythingIsThere({
    written,
    answered,
    all,
  }: {
    written: number
    answered: readonly number[]
    all: Promise<unknown>
  }): Promise<void> {
    await all
    await until(store, (health) => !health.isDegraded)
    const expected = Array.from({ length: written }, (_, i) => i + 1)
    assert.deepEqual(answered, expected, 'answered in order')
    const found: number[] = []
    for (let cursor = 0; ; cursor = found.at(-1) ?? 0) {
      const page = await store.ask('eventsAfter', { account: acme, cursor, limit: 1_000 })
      assert.ok(page.ok)
      if (page.value.length === 0) break
      found.push(...page.value.map((e) => e.cursor))
    }
    assert.deepEqual(found, expected)
    const counter = await store.ask('value', { namespace: 'counter', key: 'n', at: instant(0) })
    assert.equal(counter.ok && counter.value?.value, written)
  }

  test('that is frozen for seconds: slow is said, reads are refused, then all is there', async () => {
    const writing = writer()
    await pause(150)
    server.freeze()
    try {
      await until(store, (health) => health.state === 'away' && health.isDegraded)
      const before = writing.answered.length
      const asked = await store.ask('eventsAfter', { account: acme, cursor: 0, limit: 1 })
      assert.deepEqual(asked, { ok: false, error: 'unavailable' })
      await pause(1_500)
      assert.equal(writing.answered.length, before, 'nothing is answered before it is safe')
      assert.ok(store.health().waitingRows > 100)
    } finally {
      server.thaw()
    }
    await everythingIsThere(await writing.stop())
  })

  test('that is frozen for longer than a statement may take: its connections are cut, and a commit that was under way counts once', async () => {
    const writing = writer()
    await pause(150)
    server.freeze()
    try {
      await until(store, (health) => health.why?.includes('did not answer within') === true || health.why?.includes('imeout') === true, 20)
    } finally {
      server.thaw()
    }
    await everythingIsThere(await writing.stop())
  })

  test('that is killed and comes back', async () => {
    const writing = writer()
    await pause(200)
    await server.kill()
    await until(store, (health) => health.state === 'away')
    await server.start()
    await everythingIsThere(await writing.stop())
  })

  test('whose connections are ended again and again', async () => {
    const writing = writer()
    for (let round = 0; round < 8; round++) {
      await pause(120)
      server.endConnections(url)
    }
    await everythingIsThere(await writing.stop())
  })

  test('that is away for so long that memory runs short: the oldest rows are spilled, answered, and go in first when it is back', async () => {
    await server.kill()
    await until(store, (health) => health.state === 'away')
    const rows = Array.from({ length: limits.storeWaitingRows + 2_000 }, (_, i) => i + 1)
    const answered: number[] = []
    const writes = rows.map((n) => store.write([event(n, { body: n })]).then(({ ok }) => ok && answered.push(n)))
    await until(store, (health) => health.spilledBytes > 0 && health.waitingRows <= limits.storeWaitingRows / 2)
    await pause(50)
    assert.ok(answered.length >= limits.storeWaitingRows / 2, `${answered.length} are answered already`)
    await server.start()
    await Promise.all(writes)
    await until(store, (health) => !health.isDegraded, 60)
    assert.deepEqual(answered, rows)
    const last = await store.ask('eventsAfter', { account: acme, cursor: rows.length - 3, limit: 10 })
    assert.deepEqual(last.ok && last.value.map((e) => e.cursor), rows.slice(-3))
  })

  test('that is away when the server ends: what waits is spilled, and the next start brings it in', async () => {
    assert.ok((await store.write([event(1)])).ok)
    await server.kill()
    await until(store, (health) => health.state === 'away')
    const waiting = [2, 3, 4].map((n) => store.write([event(n)]))
    await store.close()
    assert.ok((await Promise.all(waiting)).every(({ ok }) => ok))
    await server.start()
    store = await openIn(folder.path, { url })
    await until(store, (health) => !health.isDegraded)
    const found = await store.ask('eventsAfter', { account: acme, cursor: 0, limit: 10 })
    assert.deepEqual(found.ok && found.value.map((e) => e.cursor), [1, 2, 3, 4])
  })
})

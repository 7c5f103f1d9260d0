/** One suite for both databases: what is written is found again, in order, once. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startPostgres, type TestPostgres } from '../../testkit/postgres.ts'
import { missing } from '../../testkit/programs.ts'
import { acme, cdr, event, Heard, message, openIn, other, partiesOf, temporaryFolder, value } from '../../testkit/stores.ts'
import { callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Outcome } from '../kernel/outcome.ts'
import { instant } from '../kernel/time.ts'
import { applyGroup } from './apply.ts'
import { openDatabase } from './database.ts'
import type { RowOf, StoreRow } from './rows.ts'
import type { Store } from './store.ts'

const kinds = [
  { name: 'SQLite', isServer: false },
  { name: 'PostgreSQL', isServer: true },
]

for (const { name, isServer } of kinds)
  describe(`the store on ${name}`, { skip: isServer && missing('postgres') }, () => {
    const folder = temporaryFolder()
    let server: TestPostgres | undefined
    let url: string | undefined
    let store: Store
    const log = new Heard()

    before(async () => {
      if (isServer) server = await startPostgres()
      url = server?.database()
      store = await openIn(folder.path, { log, ...(url === undefined ? {} : { url }) })
    })
    after(async () => {
      await store?.close()
      await server?.remove()
      folder.remove()
    })
    const write = async (...rows: readonly StoreRow[]) => assert.deepEqual(await store.write(rows), { ok: true, value: undefined })

    test('is open and well', () => {
      assert.deepEqual(store.health(), { state: 'ok', isDegraded: false, waitingRows: 0, waitingBytes: 0, spilledBytes: 0 })
      assert.deepEqual(log.lines, [])
    })

    test('events come back as written, by account, after a cursor, in order; the same event twice is one', async () => {
      const events = [3, 1, 2, 5, 4].map((cursor) => event(cursor))
      await write(...events, event(6, { account: other }))
      await write(event(2, { body: 'another body for the same cursor' }))
      const found = good(await store.ask('eventsAfter', { account: acme, cursor: 1, limit: 3 }))
      assert.deepEqual(
        found,
        [2, 3, 4].map((cursor) => plain(event(cursor))),
      )
      const rest = good(await store.ask('eventsAfter', { account: acme, cursor: 4, limit: 100 }))
      assert.deepEqual(rest, [plain(event(5))])
    })

    test('a cursor as large as the desk makes them survives', async () => {
      const cursor = 1_795_195_113_074_123
      await write(event(cursor, { account: other }))
      const found = good(await store.ask('eventsAfter', { account: other, cursor: cursor - 1, limit: 10 }))
      assert.deepEqual(
        found.map((e) => e.cursor),
        [cursor],
      )
    })

    test("a call's events by sequence, and none of another account's call", async () => {
      const call = callId('one call')
      await write(...[2, 1, 3].map((seq) => event(100 + seq, { call, seq })))
      const found = good(await store.ask('eventsOfCall', { account: acme, call, fromSeq: 2, limit: 10 }))
      assert.deepEqual(
        found.map((e) => e.seq),
        [2, 3],
      )
      assert.deepEqual(good(await store.ask('eventsOfCall', { account: other, call, limit: 10 })), [])
    })

    test('an instant keeps its fraction', async () => {
      await write(event(200, { at: instant(1_000_000.625) }))
      assert.equal(good(await store.ask('eventsAfter', { account: acme, cursor: 199, limit: 1 }))[0]?.at, 1_000_000.625)
    })

    test('a call detail record is replaced by a newer state of it', async () => {
      await write(cdr('c-newer', { talkMs: 1 }), cdr('c-newer', { talkMs: 2 }))
      await write(cdr('c-newer', { talkMs: 3 }))
      assert.equal(good(await store.ask('cdr', { account: acme, id: callId('c-newer') }))?.talkMs, 3)
      assert.equal(good(await store.ask('cdr', { account: other, id: callId('c-newer') })), undefined)
    })

    test('call detail records are found by every filter and by several at once', async () => {
      const at = (ms: number) => instant(5_000_000 + ms)
      await write(
        cdr('f1', { startedAt: at(1), direction: 'inbound', ani: '+491', dnis: '+492', parties: partiesOf('7', '+491') }),
        cdr('f2', { startedAt: at(2), direction: 'outbound', ani: '17', dnis: '+493', parties: partiesOf('7', '+493') }),
        cdr('f3', { startedAt: at(3), direction: 'inbound', ani: '+491', dnis: '+492', parties: partiesOf('8', '+491') }),
      )
      const ids = async (filter: object) => {
        const page = good(await store.ask('cdrs', { account: acme, from: at(0), limit: 10, ...filter }))
        return page.items.map((c) => c.id).join(' ')
      }
      assert.equal(await ids({}), 'f3 f2 f1')
      assert.equal(await ids({ direction: 'inbound' }), 'f3 f1')
      assert.equal(await ids({ agent: '7' }), 'f2 f1')
      assert.equal(await ids({ number: '+491' }), 'f3 f1')
      assert.equal(await ids({ number: '+492', agent: '8' }), 'f3')
      assert.equal(await ids({ from: at(2) }), 'f3 f2')
      assert.equal(await ids({ to: at(2) }), 'f1')
      assert.equal(await ids({ account: other }), '')
    })

    test('a record whose parties changed is no longer found by the old ones', async () => {
      await write(cdr('moved', { parties: partiesOf('moved-from', '+4977') }))
      await write(cdr('moved', { parties: partiesOf('moved-to', '+4977') }))
      const by = async (agent: string) => good(await store.ask('cdrs', { account: acme, agent, limit: 5 })).items.length
      assert.deepEqual([await by('moved-from'), await by('moved-to')], [0, 1])
    })

    test('pages of records join without gap or overlap, also within one millisecond', async () => {
      const account = other
      const made = Array.from({ length: 25 }, (_, i) =>
        cdr(`page-${String(i).padStart(2, '0')}`, { account, startedAt: instant(7_000 + Math.floor(i / 10)) }),
      )
      await write(...made)
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = good(await store.ask('cdrs', { account, limit: 4, ...(cursor === undefined ? {} : { cursor }) }))
        seen.push(...page.items.map((c) => c.id))
        cursor = page.next
      } while (cursor !== undefined)
      assert.deepEqual(seen, made.map(({ cdr: { id } }) => String(id)).toReversed())
      assert.deepEqual(await store.ask('cdrs', { account, limit: 4, cursor: 'nonsense' }), { ok: false, error: 'bad-cursor' })
    })

    test('the audit stands as first written, by account, with its heads', async () => {
      const entry = (seq: number, fields: Partial<RowOf<'audit'>> = {}): RowOf<'audit'> => ({
        ...{ kind: 'audit', account: acme, seq, hash: `h${seq}`, previous: `h${seq - 1}`, at: instant(seq * 10), body: { seq } },
        ...fields,
      })
      await write(entry(1), entry(2, { supervisors: ['21', '7', '21'], call: callId('x') }), entry(3), {
        kind: 'audit-head',
        account: acme,
        seq: 3,
        hash: 'h3',
        at: instant(31),
        body: 'signed',
      })
      await write(entry(2, { hash: 'forged' }), entry(1, { account: other }))
      const all = good(await store.ask('audit', { account: acme, after: 0, limit: 10 }))
      assert.deepEqual(
        all.map((e) => e.hash),
        ['h1', 'h2', 'h3'],
      )
      assert.deepEqual(
        good(await store.ask('audit', { account: acme, supervisor: '7', after: 0, limit: 10 })).map((e) => e.seq),
        [2],
      )
      assert.deepEqual(
        good(await store.ask('audit', { account: acme, call: callId('x'), after: 0, limit: 10 })).map((e) => e.seq),
        [2],
      )
      assert.deepEqual(
        good(await store.ask('audit', { account: acme, from: instant(20), to: instant(30), after: 0, limit: 10 })).map((e) => e.seq),
        [2],
      )
      assert.equal(good(await store.ask('lastAudit', { account: acme }))?.hash, 'h3')
      assert.deepEqual(
        good(await store.ask('auditHeads', { account: acme, after: 0, limit: 10 })).map((h) => h.body),
        ['signed'],
      )
    })

    test('messages: only the first of an order is due, a claim holds, failures wait, dead ones let the next pass and come back', async () => {
      const claim = async (at: number) =>
        good(await store.ask('claimMessages', { at: instant(at), leaseMs: 100, limit: 10 })).map((m) => m.id)
      await write(
        message('m1'),
        message('m2', { sequence: 2 }),
        message('n1', { orderKey: 'call-2', sequence: 3 }),
        message('o1', { receiver: 'r2', sequence: 4 }),
      )
      assert.deepEqual(await claim(999), [])
      assert.deepEqual(await claim(1_000), ['m1', 'n1', 'o1'])
      assert.deepEqual(await claim(1_050), [])
      await write({ kind: 'message-delivered', id: 'n1' }, { kind: 'message-delivered', id: 'o1' })
      await write({ kind: 'message-failed', id: 'm1', attempts: 1, nextTry: instant(5_000), why: 'HTTP 500' })
      assert.deepEqual(await claim(4_999), [])
      const [again] = good(await store.ask('claimMessages', { at: instant(5_000), leaseMs: 100, limit: 10 }))
      assert.deepEqual([again?.id, again?.attempts, again?.why, again?.body], ['m1', 1, 'HTTP 500', { type: 'call.ended' }])
      await write({ kind: 'message-dead', id: 'm1', attempts: 2, why: 'HTTP 410' })
      assert.deepEqual(await claim(5_000), ['m2'])
      const dead = good(await store.ask('deadMessages', { account: acme, receiver: 'r1', limit: 10 }))
      assert.deepEqual(
        dead.map((m) => [m.id, m.state, m.attempts, m.why]),
        [['m1', 'dead', 2, 'HTTP 410']],
      )
      await write({ kind: 'message-delivered', id: 'm2' }, { kind: 'message-requeued', id: 'm1', nextTry: instant(6_000) }, message('m1'))
      assert.equal(good(await store.ask('pendingMessages', { receiver: 'r1' })), 1)
      assert.deepEqual(await claim(6_000), ['m1'])
    })

    test('values: replaced, removed, listed in order, gone when expired', async () => {
      const at = instant(1_000)
      await write(
        value('tokens', 'a'),
        value('tokens', 'b', { expiresAt: instant(1_000) }),
        value('tokens', 'c', { expiresAt: instant(1_001) }),
        value('keys', 'a'),
      )
      await write(value('tokens', 'a', { value: [1, null, 'ü'] }))
      const list = good(await store.ask('values', { namespace: 'tokens', at, limit: 10 }))
      assert.deepEqual(
        list.map((v) => [v.key, v.value]),
        [
          ['a', [1, null, 'ü']],
          ['c', { of: 'c' }],
        ],
      )
      assert.deepEqual(
        good(await store.ask('values', { namespace: 'tokens', at, after: 'a', limit: 10 })).map((v) => v.key),
        ['c'],
      )
      await write({ kind: 'value-removed', namespace: 'tokens', key: 'a' })
      assert.equal(good(await store.ask('value', { namespace: 'tokens', key: 'a', at })), undefined)
      assert.equal(good(await store.ask('value', { namespace: 'tokens', key: 'b', at })), undefined)
      assert.deepEqual(good(await store.ask('value', { namespace: 'keys', key: 'a', at }))?.value, { of: 'a' })
    })

    test('texts that no column could hold as they are do no harm', async () => {
      await write(cdr('nul\0lone\uD800', { ani: '+49\0\0', parties: partiesOf('x\0y', "'; drop table cdrs; --") }))
      assert.equal(good(await store.ask('cdr', { account: acme, id: callId('nul\0lone\uD800') }))?.ani, '+49\0\0')
      assert.equal(good(await store.ask('cdrs', { account: acme, number: "'; drop table cdrs; --", limit: 2 })).items.length, 1)
    })

    test('a thousand writes at once are committed in order and answered', async () => {
      const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => store.write([value('order', 'last', { value: i })])))
      assert.ok(answers.every((a) => a.ok))
      assert.equal(good(await store.ask('value', { namespace: 'order', key: 'last', at: instant(0) }))?.value, 999)
    })

    test('a row that the database cannot take is refused alone, and holds nothing up', async () => {
      const bad = event(Number.NaN)
      const [first, second, third] = await Promise.all([store.write([event(9_001)]), store.write([bad]), store.write([event(9_002)])])
      assert.deepEqual([first?.ok, second, third?.ok], [true, { ok: false, error: 'rejected' }, true])
      assert.equal(good(await store.ask('eventsAfter', { account: acme, cursor: 9_000, limit: 2 })).length, 2)
      assert.equal(store.health().state, 'ok')
      assert.ok(log.lines.some((line) => line.startsWith('bug: the database does not take this row')))
    })

    test('a row beyond all measure is refused', async () => {
      const huge = 'x'.repeat(limits.storeRowBytes)
      assert.deepEqual(await store.write([event(9_100, { body: huge })]), { ok: false, error: 'too-large' })
    })

    test('a group that is applied again does nothing, whatever else was written meanwhile', async () => {
      const writer = randomUUID()
      const database = await openDatabase({ file: join(folder.path, 'sotto.db'), ...(url === undefined ? {} : { url }) }, { check: false })
      const group = (number: number, n: number) => ({
        writer,
        number,
        at: instant(1),
        rows: [JSON.stringify(value('once', 'n', { value: n }))],
      })
      await applyGroup(database.db, group(1, 1))
      await applyGroup(database.db, group(2, 2))
      await applyGroup(database.db, group(1, 1))
      await applyGroup(database.db, group(2, 99))
      await database.close()
      assert.equal(good(await store.ask('value', { namespace: 'once', key: 'n', at: instant(0) }))?.value, 2)
    })

    test('pruning takes what is old, leaves no hole and says so to old cursors', async () => {
      const far = 8_000_000_000_000_000
      const pruned = good(
        await store.ask('prune', {
          events: instant(1_000_004),
          cdrs: instant(6_000_000),
          values: instant(2_000),
          messages: instant(1e9),
        }),
      )
      assert.equal(pruned.events, 3)
      assert.equal(pruned.messages, 3)
      assert.equal(pruned.values, 2)
      assert.deepEqual(await store.ask('eventsAfter', { account: acme, cursor: 2, limit: 5 }), { ok: false, error: 'gone' })
      assert.deepEqual(
        good(await store.ask('eventsAfter', { account: acme, cursor: 3, limit: 2 })).map((e) => e.cursor),
        [4, 5],
      )
      assert.deepEqual(good(await store.ask('cdrs', { account: acme, agent: '7', limit: 5 })).items, [])
      assert.deepEqual(good(await store.ask('eventsAfter', { account: acme, cursor: far, limit: 5 })), [])
    })

    test('the audit is cut at a signed head only, and never wholly', async () => {
      await write(
        ...[4, 5].map((seq) => ({
          kind: 'audit' as const,
          account: acme,
          seq,
          hash: `h${seq}`,
          previous: `h${seq - 1}`,
          at: instant(seq * 10),
          body: {},
        })),
      )
      const cut = async (before: number) => good(await store.ask('auditCut', { account: acme, before: instant(before) }))
      assert.equal(await cut(25), undefined)
      assert.equal(await cut(45), 3)
      await write({ kind: 'audit-head', account: acme, seq: 5, hash: 'h5', at: instant(60), body: {} })
      assert.equal(await cut(1_000), 3, 'the last entry stays')
      assert.equal(good(await store.ask('cutAudit', { account: acme, upTo: 3 })), 3)
      assert.equal(await cut(1_000), undefined)
      assert.deepEqual(
        good(await store.ask('audit', { account: acme, after: 0, limit: 9 })).map((e) => e.seq),
        [4, 5],
      )
      assert.deepEqual(
        good(await store.ask('auditHeads', { account: acme, after: 0, limit: 9 })).map((h) => h.hash),
        ['h3', 'h5'],
      )
    })

    test('closing writes everything that waits, and what comes later is refused', async () => {
      const last = Array.from({ length: 500 }, (_, i) => store.write([event(20_000 + i)]))
      await store.close()
      assert.ok((await Promise.all(last)).every((answer) => answer.ok))
      assert.deepEqual(await store.write([event(1)]), { ok: false, error: 'closed' })
      assert.deepEqual(await store.ask('lastAudit', { account: acme }), { ok: false, error: 'unavailable' })
      store = await openIn(folder.path, url === undefined ? {} : { url })
      const found = good(await store.ask('eventsAfter', { account: acme, cursor: 19_999, limit: 1_000 }))
      assert.deepEqual(
        found.map((e) => e.cursor),
        Array.from({ length: 500 }, (_, i) => 20_000 + i),
      )
    })
  })

function good<T, E>(outcome: Outcome<T, E>): T {
  assert.ok(outcome.ok, `the store answered ${JSON.stringify(outcome)}`)
  return outcome.value
}

function plain({ kind: _, ...row }: RowOf<'event'>) {
  return row
}

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { verifyFile } from '../../cli/verify-file.ts'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { accountA, accountB, noon } from '../../testkit/desk.ts'
import { agents, customers } from '../../testkit/people.ts'
import { type AuditEntry, genesis, linked } from '../audit/chain.ts'
import type { AuditFact, HearingFact } from '../audit/fact.ts'
import type { OpenInterval } from '../audit/watch.ts'
import { type Cdr, emptyCdr } from '../call/cdr.ts'
import { systemHash } from '../edge/hash.ts'
import { type AccountId, callId, partyId, supervisionId } from '../kernel/ids.ts'
import { addMs } from '../kernel/time.ts'

let server: TestServer
const chains = new Map<AccountId, AuditEntry>()

before(async () => {
  server = await startApi()
  for (let n = 1; n <= 60; n += 1) server.history.keepCdr(cdr(n))
  server.history.keepCdr({ ...cdr(1), id: callId('theirs'), account: accountB })
  for (let n = 1; n <= 30; n += 1) write(interval(n))
  write({
    kind: 'supervision.denied',
    act: 'supervise',
    by: { role: 'agent', via: 'ringcx' },
    code: 'mode-not-allowed',
    supervisor: 'extension 102',
  })
  server.desk.openNow = [open]
})
after(() => server.close())

function write(fact: AuditFact): void {
  const entry = linked(chains.get(accountA) ?? genesis, { account: accountA, at: addMs(noon, 1_000), fact }, systemHash.sha256)
  chains.set(accountA, entry)
  server.history.keepEntry(entry)
}

const [customer] = customers
const [agent] = agents
const sara = { party: partyId('s'), role: 'supervisor', extension: '101', name: 'Sara Monitor' } as const
const stance = { mode: 'whisper', target: partyId('a'), private: false } as const
const open: OpenInterval = {
  ...{ kind: 'hearing' as const, call: callId('c9'), supervision: supervisionId('s9'), supervisor: sara, ...stance },
  ...{ could: 'hear' as const, other: { party: partyId('a'), extension: '210' }, from: noon, revision: 7 },
  by: { role: 'supervisor', user: '13', credential: 'abc', via: 'native' },
}

const interval = (n: number): HearingFact => ({
  ...open,
  ...{ call: callId(`c${n}`), supervision: supervisionId(`s${n}`), supervisor: n % 2 === 0 ? sara : { ...sara, extension: '024' } },
  ...{ from: addMs(noon, n * 1_000), to: addMs(noon, n * 1_000 + 500), endRevision: 8, reason: 'hangup' as const },
})

function cdr(n: number): Cdr {
  assert.ok(customer && agent)
  const party = { joinedAt: noon, onHold: false }
  return {
    ...emptyCdr(callId(`c${n}`), accountA),
    ...{ direction: n % 3 === 0 ? 'outbound' : 'inbound', ani: '+15550001111', dnis: '210', startedAt: addMs(noon, n * 1_000) },
    ...{
      answeredAt: addMs(noon, n * 1_000 + 10),
      endedAt: addMs(noon, n * 1_000 + 20),
      endReason: 'hangup',
      totalMs: 20,
      waitingMs: 10,
      talkMs: 10,
    },
    parties: [
      { ...party, id: partyId('c'), role: 'customer', endpoint: customer },
      { ...party, id: partyId('a'), role: 'agent', endpoint: { ...agent, agent: n === 5 ? '4567' : '1234' }, reason: 'hangup' },
    ],
    transfers: [{ at: noon, to: partyId('a'), result: { failed: 'no-answer' } }],
    recordings: [{ from: noon }],
  }
}

const get = async (line: string) => (await server.ask(`GET ${line}`, { key: keys.observer })).json
const ids = (json: { items: { id: string }[] }) => json.items.map(({ id }) => id)

describe('call records', () => {
  test('the newest first, 50 by default, and the rest by cursor', async () => {
    const first = await get('/cdrs')
    assert.deepEqual([first.items.length, first.items[0].id], [50, 'c60'])
    const second = await get(`/cdrs?cursor=${first.next}`)
    assert.deepEqual([ids(second), second.next], [['c10', 'c9', 'c8', 'c7', 'c6', 'c5', 'c4', 'c3', 'c2', 'c1'], null])
  })

  test('a record has all that the call was', async () => {
    const [record] = (await get('/cdrs?limit=1')).items
    const { startedAt, endReason, waitingMs, talkMs, totalMs, parties, transfers } = record
    assert.deepEqual([startedAt, endReason, waitingMs, talkMs, totalMs], ['2026-11-20T12:01:00.250Z', 'hangup', 10, 10, 20])
    assert.deepEqual([parties[0].number, parties[1].extension, parties[1].agent], ['+15550001111', '210', '1234'])
    assert.deepEqual(transfers, [{ at: '2026-11-20T12:00:00.250Z', to: 'a', failed: 'no-answer' }])
  })

  for (const [query, count] of [
    ['direction=outbound', 20],
    ['agent=4567', 1],
    ['number=%2B15550001111', 60],
    ['number=999', 0],
    ['from=2026-11-20T12:00:59.250Z', 2],
    ['to=2026-11-20T13:00:03.250%2B01:00', 2],
    ['direction=outbound&from=2026-11-20T12:00:59Z', 1],
  ] as const) {
    test(`?${query} gives ${count}`, async () => assert.equal((await get(`/cdrs?limit=500&${query}`)).items.length, count))
  }

  for (const [line, parameter] of [
    ['/cdrs?from=yesterday', 'from'],
    ['/cdrs?to=2026-11-20', 'to'],
    ['/cdrs?cursor=x', 'cursor'],
    ['/cdrs?direction=up', 'direction'],
    ['/audit?cursor=x', 'cursor'],
    ['/audit?from=1', 'from'],
  ] as const) {
    test(`${line} is refused and names ${parameter}`, async () => {
      const { code, parameter: named } = await get(line)
      assert.deepEqual([code, named], ['parameter-invalid', parameter])
    })
  }
})

describe('the audit', () => {
  test('intervals by number, and at the end what still lasts', async () => {
    const first = await get('/audit?limit=20')
    const second = await get(`/audit?limit=20&cursor=${first.next}`)
    const seqs = [...first.items, ...second.items].map(({ seq }: { seq: number | null }) => seq)
    assert.deepEqual(seqs, [...Array.from({ length: 31 }, (_, i) => i + 1), null])
    assert.equal(second.next, null)
    const { kind, could, supervisor, other, from, to, mode, by, reason } = second.items[0]
    assert.deepEqual(
      [kind, could, supervisor.extension, other.extension, mode, reason],
      ['hearing', 'hear', '024', '210', 'whisper', 'hangup'],
    )
    assert.deepEqual([from, to, by.user], ['2026-11-20T12:00:21.250Z', '2026-11-20T12:00:21.750Z', '13'])
    assert.deepEqual([second.items.at(-1).to, second.items.at(-1).callId], [null, 'c9'])
  })

  for (const [query, seqs] of [
    ['call=c3', [3]],
    ['supervisor=102', [31]],
    ['supervisor=101&to=2026-11-20T12:00:05Z', [2, 4, null]],
    ['from=2026-11-20T12:00:29.500Z&call=c29', [29]],
    ['from=2026-11-20T12:00:29.800Z&call=c29', []],
  ] as const) {
    test(`?${query}`, async () =>
      assert.deepEqual(
        (await get(`/audit?${query}`)).items.map((i: { seq: number | null }) => i.seq),
        seqs,
      ))
  }

  test('a refused attempt says who, what and why not', async () => {
    const [{ kind, act, code, by, requested }] = (await get('/audit?supervisor=102')).items
    assert.deepEqual(
      [kind, act, code, by, requested],
      ['supervision.denied', 'supervise', 'mode-not-allowed', { role: 'agent', via: 'ringcx' }, 'extension 102'],
    )
  })

  test('is whole, and signed to the end', async () => {
    const { valid, entries, first, head, flaws } = await get('/audit/verify')
    assert.deepEqual([valid, entries, first, head.seq, head.hash, flaws], [true, 31, 1, 31, chains.get(accountA)?.hash, []])
  })

  test('another account has an audit of its own', async () => {
    const { json } = await server.ask('GET /audit/verify', { key: keys.other })
    assert.deepEqual([json.valid, json.entries, json.head], [true, 0, null])
  })

  test('the export is verified by anybody, and no altered one', async () => {
    const { text, headers } = await server.ask('GET /audit/export', { key: keys.admin })
    assert.equal(headers.get('content-type'), 'application/jsonl')
    const folder = mkdtempSync(join(tmpdir(), 'sotto-audit-'))
    const cli = new URL('../../cli/sotto.mjs', import.meta.url).pathname
    const env = { ...process.env, SOTTO_DATA: folder }
    try {
      const [file, forged] = [join(folder, 'audit.jsonl'), join(folder, 'forged.jsonl')]
      writeFileSync(file, text)
      assert.match(
        execFileSync(process.execPath, [cli, 'audit', 'verify', file], { env, encoding: 'utf8' }),
        /^valid\naccount 12440011: 31 entries/,
      )
      writeFileSync(forged, text.replace('Sara Monitor', 'Sara Nobody'))
      const { status, stdout } = spawnSync(process.execPath, [cli, 'audit', 'verify', forged], { env, encoding: 'utf8' })
      assert.equal(status, 1)
      assert.match(stdout, /NOT VALID[\s\S]*entry 1: was changed/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    assert.equal(verifyFile(text, { key: server.publicKey }).valid, true)
  })
})

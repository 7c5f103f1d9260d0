/** Files of the log that somebody has not got yet are kept, and a start does not read them all. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { silent } from '../kernel/log.ts'
import { Ledger } from './ledger.ts'
import { openLog } from './read-log.ts'

const usual = { ...limits }
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-held-'))
  Object.assign(limits, { ledgerSegmentBytes: 10_000, ledgerHistoryBytes: 25_000 })
})
afterEach(() => {
  Object.assign(limits, usual)
  rmSync(folder, { recursive: true, force: true })
})

const numbers = () => readdirSync(folder).map((name) => Number(name.slice(0, 8)))

function open(isHeld: boolean): Ledger {
  return new Ledger({ folder, sources: [{ of: 'count', isWhole: true, state: () => [{ sum: 0 }] }], log: silent, isHeld }, openLog(folder))
}

/** So many files and one more. */
async function fill(ledger: Ledger, files: number): Promise<void> {
  for (const end = ledger.number + files; ledger.number < end; ) {
    const place = ledger.append('count', [{ by: 1, filling: 'x'.repeat(1_000) }])
    await new Promise<void>((resolve) => ledger.whenSafe(place, resolve))
  }
}

test('files are kept until they are let go, and then as many as history needs', async () => {
  const ledger = open(true)
  await fill(ledger, 12)
  assert.equal(numbers().length, 13)
  ledger.letGo(5)
  assert.deepEqual([Math.min(...numbers()), ledger.lost], [5, []])
  ledger.letGo(ledger.number)
  assert.ok(numbers().length <= 4, `${numbers().length} files`)
  await ledger.close()
})

test('where nobody wants them they go by themselves', async () => {
  const ledger = open(false)
  await fill(ledger, 12)
  assert.ok(numbers().length <= 4)
  await ledger.close()
})

test('what is too much, or too old, goes unkept, and is named', async () => {
  Object.assign(limits, { ledgerHeldBytes: 60_000 })
  const ledger = open(true)
  await fill(ledger, 12)
  assert.ok(numbers().length <= 7)
  assert.deepEqual(ledger.lost.slice(0, 2), ['00000001.jsonl', '00000002.jsonl'])
  await ledger.close()
  Object.assign(limits, { ledgerHeldBytes: usual.ledgerHeldBytes })
  const oldest = Math.min(...numbers())
  const name = `${String(oldest).padStart(8, '0')}.jsonl`
  utimesSync(join(folder, name), new Date(0), new Date(Date.now() - limits.ledgerHeldMs - 1_000))
  const next = open(true)
  await fill(next, 1)
  assert.deepEqual([next.lost, numbers().includes(oldest)], [[name], false])
  await next.close()
})

test('a start reads the newest files only, and knows of the others', async () => {
  const ledger = open(true)
  await fill(ledger, 12)
  await ledger.close()
  const read = openLog(folder)
  assert.equal(read.files.length, 13)
  const records = [...read.history('count')].length
  assert.ok(records > 20 && records < 50, `${records} records`)
  assert.equal(read.nextNumber, 14)
})

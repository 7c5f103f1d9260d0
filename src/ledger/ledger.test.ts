import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { limits } from '../kernel/limits.ts'
import { type Log, silent } from '../kernel/log.ts'
import { Ledger, type Source } from './ledger.ts'
import { openLog } from './read-log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Somebody who counts: his state is the sum. */
class Counter {
  sum = 0
  readonly ledger: Ledger
  readonly read = openLog(folder)

  constructor(log: Log = silent, more: readonly Source[] = []) {
    for (const record of this.read.latest('count')) this.#apply(record as CountRecord)
    const source: Source = { of: 'count', isWhole: true, state: () => [{ sum: this.sum }] }
    this.ledger = new Ledger({ folder, sources: [source, ...more], log }, this.read)
  }

  add(by: number, filling = ''): number {
    this.sum += by
    return this.ledger.append('count', [{ by, filling }])
  }

  #apply(record: CountRecord): void {
    this.sum = 'sum' in record ? record.sum : this.sum + record.by
  }
}

type CountRecord = { readonly sum: number } | { readonly by: number }

const files = () => readdirSync(folder).toSorted()
const newest = (): string => join(folder, files().findLast((name) => name.endsWith('.jsonl')) ?? '')
const safe = (ledger: Ledger, place: number) => new Promise<void>((resolve) => ledger.whenSafe(place, resolve))

describe('the log', () => {
  test('gives back what was appended, over any number of restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 20 }), { maxLength: 6 }), async (lives) => {
        rmSync(folder, { recursive: true, force: true })
        let sum = 0
        for (const life of lives) {
          const counter = new Counter()
          assert.equal(counter.sum, sum)
          for (const by of life) counter.add(by)
          sum = counter.sum
          await counter.ledger.close()
        }
        assert.equal(new Counter().sum, sum)
      }),
      { numRuns: 30 },
    )
  })

  test('is with the system when `append` returns: a process that is killed loses nothing of it', async () => {
    const script = `
      import { Ledger } from ${JSON.stringify(new URL('./ledger.ts', import.meta.url).href)}
      import { openLog } from ${JSON.stringify(new URL('./read-log.ts', import.meta.url).href)}
      import { silent } from ${JSON.stringify(new URL('../kernel/log.ts', import.meta.url).href)}
      import { writeSync } from 'node:fs'
      const ledger = new Ledger({ folder: ${JSON.stringify(folder)}, sources: [], log: silent }, openLog(${JSON.stringify(folder)}))
      for (let n = 1; ; n += 1) {
        ledger.append('count', [{ by: n, filling: 'x'.repeat(n % 3000) }])
        writeSync(1, n + '\\n')
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = ''
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk
    })
    await once(child.stdout, 'data')
    await pause(60)
    child.kill('SIGKILL')
    await once(child, 'close')
    const last = Number(told.trimEnd().split('\n').at(-1))
    const read = openLog(folder)
    const numbers = [...read.latest('count')].map((record) => (record as { by: number }).by)
    assert.ok(last > 100, `only ${last}`)
    assert.ok(numbers.length >= last && numbers.length <= last + 1, `${numbers.length} of ${last}`)
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    )
    assert.deepEqual(read.damage, [])
  })

  test('a last line that was not written to its end is left out, and no damage', async () => {
    const counter = new Counter()
    for (let n = 0; n < 10; n += 1) counter.add(1)
    await counter.ledger.close()
    const { size } = statSync(newest())
    for (let cut = 2; cut < 20; cut += 3) {
      truncateSync(newest(), size - cut)
      const read = openLog(folder)
      assert.deepEqual(read.damage, [])
      assert.equal([...read.latest('count')].length, 10)
    }
    assert.equal(new Counter().sum, 9)
    appendFileSync(newest(), '{"crc":"0000')
    assert.equal(new Counter().sum, 9)
  })

  test('what is damaged in the middle is named; everything before it is used, and the damaged file is laid aside, not deleted', async () => {
    const errors: string[] = []
    const counter = new Counter()
    for (let n = 0; n < 10; n += 1) counter.add(1)
    await counter.ledger.close()
    const path = newest()
    const text = readFileSync(path, 'utf8')
    const lines = text.split('\n')
    const fifth = lines.findLastIndex((line) => line.includes('"of":"count"')) - 5
    lines[fifth] = (lines[fifth] ?? '').replace('"by":1', '"by":7')
    writeFileSync(path, lines.join('\n'))
    const again = new Counter({ ...silent, error: (_, message) => errors.push(message) })
    assert.equal(again.sum, 4)
    assert.match(again.read.damage[0] ?? '', /^\d+\.jsonl is damaged at byte \d+/)
    await safe(again.ledger, again.add(3))
    await again.ledger.close()
    assert.ok(
      files().some((name) => name.endsWith('.damaged')),
      files().join(),
    )
    const third = new Counter()
    assert.deepEqual([third.sum, third.read.damage], [7, []])
  })

  test('bits that flip anywhere never give anything but a beginning of what was written', async () => {
    const counter = new Counter()
    for (let n = 1; n <= 40; n += 1) counter.add(n)
    await counter.ledger.close()
    const path = newest()
    const good = readFileSync(path)
    const sums = new Set(Array.from({ length: 41 }, (_, n) => (n * (n + 1)) / 2))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(7), (at, bit) => {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] ?? 0) ^ (1 << bit)
        writeFileSync(path, bad)
        const read = openLog(folder)
        let sum = 0
        for (const record of read.latest('count') as Iterable<CountRecord>) sum = 'sum' in record ? record.sum : sum + record.by
        assert.ok(sums.has(sum), `${sum}`)
        assert.ok(sum === 820 || read.damage.length > 0 || at === good.length - 1, 'what is missing is named')
      }),
      { numRuns: 400 },
    )
  })

  test('begins a new file when one is full, and forgets the old ones', { timeout: 60_000 }, async () => {
    const counter = new Counter()
    const filling = 'x'.repeat(100_000)
    for (let n = 0; n < (5 * limits.ledgerSegmentBytes) / filling.length; n += 1) {
      const place = counter.add(1, filling)
      if (n % 10 === 0) await safe(counter.ledger, place)
    }
    await counter.ledger.close()
    const bytes = files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    assert.ok(files().length >= 2 && bytes < 3 * limits.ledgerSegmentBytes, `${files().join()}: ${bytes}`)
    const again = new Counter()
    assert.deepEqual([again.sum, again.read.damage], [counter.sum, []])
    const history = [...again.read.history('count')] as CountRecord[]
    const [first, ...changes] = history
    assert.ok(first !== undefined && 'sum' in first && changes.every((change) => 'by' in change))
    assert.ok(changes.length * filling.length > limits.ledgerHistoryBytes / 2, 'what happened lately is there as it happened')
    assert.equal(first.sum + changes.length, counter.sum)
  })

  test('a state of many records is written between other things, and is whole or not used', async () => {
    const values = new Map(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, 0]))
    const slow: Source = {
      of: 'slow',
      isWhole: false,
      *state() {
        for (const [key, value] of values) yield { key, value, filling: 'x'.repeat(50) }
      },
    }
    const counter = new Counter(silent, [slow])
    for (let n = 0; n < 5_000; n += 1) {
      values.set(`k${n}`, 1)
      counter.ledger.append('slow', [{ key: `k${n}`, value: 1 }])
      if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await counter.ledger.close()
    const found = new Map<string, number>()
    for (const record of openLog(folder).latest('slow')) {
      const { key, value } = record as { key: string; value: number }
      found.set(key, value)
    }
    assert.deepEqual(found, values)
  })
})

describe('a disk that does not take it', () => {
  const setFileLimit = (bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`])
  afterEach(() => setFileLimit('unlimited'))

  test('full: nobody waits, what comes is kept in order and written when there is room again', async () => {
    const said: string[] = []
    const counter = new Counter({ ...silent, error: (_, message) => said.push(message), warn: (_, message) => said.push(message) })
    await safe(counter.ledger, counter.add(1))
    setFileLimit(statSync(newest()).size + 100)
    for (let n = 0; n < 50; n += 1) counter.add(1)
    assert.match(counter.ledger.fault ?? '', /EFBIG|ENOSPC/)
    await safe(counter.ledger, counter.add(1))
    assert.equal(openLog(folder).damage.length, 0)
    setFileLimit('unlimited')
    await pause(3 * limits.ledgerRetryMs)
    assert.equal(counter.ledger.fault, undefined)
    counter.add(1)
    await counter.ledger.close()
    const again = new Counter()
    assert.deepEqual([again.sum, again.read.damage, said.length], [53, [], 2])
  })

  test('full for so long that not all can be kept: how things stand is written as soon as there is room', async () => {
    const counter = new Counter()
    await safe(counter.ledger, counter.add(1))
    setFileLimit(statSync(newest()).size + 100)
    const filling = 'x'.repeat(1_000_000)
    for (let n = 0; n < limits.ledgerBacklogBytes / filling.length + 3; n += 1) counter.add(1, filling)
    setFileLimit('unlimited')
    await pause(3 * limits.ledgerRetryMs)
    assert.equal(counter.ledger.fault, undefined)
    counter.add(1)
    await counter.ledger.close()
    const again = new Counter()
    assert.deepEqual([again.sum, again.read.damage], [counter.sum, []])
  })

  test('not there: the server runs without a log, and begins one when it can', async () => {
    rmSync(folder, { recursive: true, force: true })
    writeFileSync(folder, 'a file where the folder should be')
    const read = { ...openLog('/nowhere') }
    const ledger = new Ledger({ folder, sources: [], log: silent }, read)
    await safe(ledger, ledger.append('count', [{ by: 1 }]))
    assert.match(ledger.fault ?? '', /EEXIST|ENOTDIR/)
    rmSync(folder)
    await pause(3 * limits.ledgerRetryMs)
    assert.equal(ledger.fault, undefined)
    await ledger.close()
  })
})

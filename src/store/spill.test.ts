/** The spill file over torn writes, damage and restarts. */
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { Heard, temporaryFolder } from '../../testkit/stores.ts'
import { instant } from '../kernel/time.ts'
import type { Group } from './messages.ts'
import { Spill } from './spill.ts'

let folder: ReturnType<typeof temporaryFolder>
let path: string
let log: Heard

beforeEach(() => {
  folder = temporaryFolder()
  path = join(folder.path, 'spill.jsonl')
  log = new Heard()
})
afterEach(() => folder.remove())

const group = (number: number, rows = 3): Group => ({
  ...{ writer: 'w', number, at: instant(number) },
  rows: Array.from({ length: rows }, (_, i) => JSON.stringify({ number, i, text: 'ü\n{"spilled":1,' })),
})

async function opened(): Promise<Spill> {
  const spill = new Spill(path, log)
  await spill.recover()
  return spill
}

async function drained(spill: Spill): Promise<readonly Group[]> {
  const groups: Group[] = []
  for (let first = await spill.first(); first !== undefined; first = await spill.first()) {
    groups.push(first)
    await spill.dropFirst()
  }
  return groups
}

test('gives back what went in, in order, over a restart, and is empty then', async () => {
  const first = await opened()
  for (const n of [1, 2]) assert.ok(await first.append(group(n)))
  await first.close()
  const second = await opened()
  assert.ok(await second.append(group(3)))
  assert.deepEqual(
    await drained(second),
    [1, 2, 3].map((n) => group(n)),
  )
  assert.ok(second.isEmpty)
  await second.close()
  assert.equal(statSync(path).size, 0)
  assert.deepEqual(log.lines, [])
})

test('writes no file before it is needed', async () => {
  const spill = await opened()
  assert.equal(await spill.first(), undefined)
  await spill.close()
  assert.equal(existsSync(path), false)
})

test('a torn last write, at whatever byte, is cut off, and the next write follows what is whole', async () => {
  const spill = await opened()
  await spill.append(group(1))
  const whole = statSync(path).size
  await spill.append(group(2))
  await spill.close()
  const content = readFileSync(path)
  for (let size = whole; size < content.length; size++) {
    writeFileSync(path, content.subarray(0, size))
    const torn = await opened()
    assert.ok(await torn.append(group(3)))
    assert.deepEqual(
      (await drained(torn)).map((g) => g.number),
      [1, 3],
      `cut at ${size}`,
    )
    await torn.close()
  }
})

test('any damage in the middle costs its own group only, is named, and the file is kept aside', async () => {
  const numbers = [1, 2, 3, 4, 5]
  const spill = await opened()
  const ends: number[] = []
  for (const n of numbers) {
    await spill.append(group(n))
    ends.push(statSync(path).size)
  }
  await spill.close()
  const content = readFileSync(path)
  await fc.assert(
    fc.asyncProperty(fc.nat((ends[3] ?? 0) - 1), fc.integer({ min: 1, max: 255 }), async (byte, flip) => {
      const damaged = Buffer.from(content)
      damaged[byte] = (damaged[byte] ?? 0) ^ flip
      writeFileSync(path, damaged)
      log.lines.length = 0
      const again = await opened()
      const found = await drained(again)
      await again.close()
      const hit = ends.findIndex((end) => byte < end) + 1
      assert.deepEqual(
        found,
        numbers.filter((n) => n !== hit).map((n) => group(n)),
      )
      assert.ok(log.lines.some((line) => line.includes('damaged')))
    }),
    { numRuns: 150 },
  )
  assert.ok(readdirSync(folder.path).some((name) => name.startsWith('spill.jsonl.damaged-')))
})

test('a file without a single whole group is no reason to fail', async () => {
  appendFileSync(path, 'what is this')
  const spill = await opened()
  assert.equal(await spill.first(), undefined)
  assert.ok(await spill.append(group(1)))
  assert.deepEqual(await drained(spill), [group(1)])
  await spill.close()
  truncateSync(path, 0)
})

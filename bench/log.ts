/**
 * The log alone: what a line costs the process that writes it, how long the disk takes, and how long a restart reads, against the number of live calls.
 *   npm run bench -- log [--seconds 3] [--folder FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Desk } from '../src/control/desk.ts'
import type { DeskRecord } from '../src/control/journal.ts'
import { systemHash } from '../src/edge/hash.ts'
import { silent } from '../src/kernel/log.ts'
import { Ledger } from '../src/ledger/ledger.ts'
import { openLog } from '../src/ledger/read-log.ts'
import { World } from '../testkit/world.ts'
import { callCentre } from '../testkit/world-call-centre.ts'
import { printMachine } from './kit/machine.ts'
import { fixed, printTable, Samples } from './kit/samples.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, folder: { type: 'string' } } })
const parent = values.folder ?? mkdtempSync(join(tmpdir(), 'sotto-bench-log-'))
mkdirSync(parent, { recursive: true })

const extensionOf = (n: number): string => String(40_000 + n)
const numberOf = (n: number): string => `+1866${String(5_000_000 + n)}`

printMachine('The log')
try {
  await lines()
  await restarts()
} finally {
  if (values.folder === undefined) rmSync(parent, { recursive: true, force: true })
}

/** Lines of the usual sizes at an even rate, a few to a turn, as a set-up brings them. */
async function lines(): Promise<void> {
  const rows: string[][] = []
  for (const [bytes, perSecond] of [
    [300, 1_000],
    [300, 5_000],
    [2_500, 1_000],
    [2_500, 5_000],
  ] as const)
    rows.push(await row(bytes, perSecond))
  printTable(['bytes a line', 'lines/s', 'append µs p50/99', 'safe after ms p50/95/99', 'MB/s'], rows)
}

async function row(bytes: number, perSecond: number): Promise<string[]> {
  const ledger = new Ledger({ folder: join(parent, `lines-${bytes}-${perSecond}`), sources: [], log: silent }, openLog('/nowhere'))
  const [cost, wait] = [new Samples(), new Samples()]
  const filling = 'x'.repeat(bytes)
  const startedAt = performance.now()
  let written = 0
  while (performance.now() - startedAt < Number(values.seconds) * 1_000) {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond
    for (; written < due; written += 1) {
      const before = performance.now()
      const place = ledger.append('bench', [{ filling }])
      cost.add((performance.now() - before) * 1_000)
      ledger.whenSafe(place, () => wait.add(performance.now() - before))
    }
    await pause(1)
  }
  await ledger.close()
  return [
    String(bytes),
    String(perSecond),
    [0.5, 0.99].map((q) => fixed(cost.at(q), 0)).join(' / '),
    [0.5, 0.95, 0.99].map((q) => fixed(wait.at(q))).join(' / '),
    fixed((written * bytes) / 1e6 / Number(values.seconds), 1),
  ]
}

/** A desk with so many calls, each between a customer and an agent who was found in a group, read again from its checkpoint and from its inputs. */
async function restarts(): Promise<void> {
  const rows: string[][] = []
  for (const calls of [10, 100, 1_000, 5_000]) rows.push(await restart(calls))
  printTable(['live calls', 'log kB', 'a call’s lines kB', 'read and replayed ms', 'checkpoint ms'], rows)
}

async function restart(calls: number): Promise<string[]> {
  const world = new World(1, callCentre(withStations(calls)))
  for (let n = 0; n < calls; n += 1) world.customerCalls(numberOf(n), `+1555${String(n).padStart(7, '0')}`)
  world.run(1_000)
  for (let n = 0; n < calls; n += 1) world.answers(extensionOf(n))
  world.run(1_000)
  const folder = join(parent, `restart-${calls}`)
  const source = { of: 'desk', isWhole: true, state: () => world.desk.state() }
  const empty = { ...source, state: () => [] }
  const ledger = new Ledger({ folder, sources: [empty], log: silent }, openLog(folder))
  for (const text of world.journal) ledger.append('desk', JSON.parse(text) as readonly unknown[])
  await ledger.close()
  const bytes = openLog(folder).files.reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0)
  const readingAt = performance.now()
  const again = new Desk({ directory: world.directory, random: world.random, sha256: systemHash.sha256, at: world.clock.now })
  again.restore(openLog(folder).history('desk') as Iterable<DeskRecord>)
  const readMs = performance.now() - readingAt
  if (again.table.liveCount !== calls) throw new Error(`${again.table.liveCount} of ${calls} calls are there again`)
  const writingAt = performance.now()
  const next = new Ledger({ folder: join(folder, 'next'), sources: [source], log: silent }, openLog('/nowhere'))
  const writeMs = performance.now() - writingAt
  await next.close()
  await turn()
  return [String(calls), fixed(bytes / 1_000, 0), fixed(bytes / 1_000 / calls, 1), fixed(readMs, 0), fixed(writeMs, 0)]
}

interface Stations {
  readonly accounts: readonly Readonly<Record<'extensions' | 'numbers', object[]>>[]
}

function withStations(count: number): Parameters<typeof callCentre>[0] {
  return (configured) => {
    const [account] = (configured as unknown as Stations).accounts
    for (let n = 0; n < count; n += 1) {
      const number = extensionOf(n)
      account?.extensions.push({ number, name: `Station ${number}`, password: `pw-${number}` })
      account?.numbers.push({ number: numberOf(n), routeTo: { extension: number } })
    }
  }
}

/** Durable rows per second on SQLite: `npm run bench -- store [--rows 50000]`. One line: many writers at once, and one who waits for each answer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { accountId, callId } from '../src/kernel/ids.ts'
import { silent } from '../src/kernel/log.ts'
import { instant } from '../src/kernel/time.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { fixed, Samples } from './kit/samples.ts'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '50000' }, folder: { type: 'string', default: '.' } } })
const rows = Number(values.rows)
// Beside the sources and not in the folder for temporary files, which may be memory.
const folder = mkdtempSync(join(values.folder, '.sotto-bench-store-'))
const store = openStore({ file: join(folder, 'sotto.db'), log: silent, clock: () => instant(Date.now()) })
try {
  await store.opened
  await measure(store)
} finally {
  await store.close()
  rmSync(folder, { recursive: true })
}

async function measure(writing: Store): Promise<void> {
  await together(writing, { from: 0, count: 2_000 })
  const begun = performance.now()
  const busy = process.cpuUsage()
  await together(writing, { from: 2_000, count: rows })
  const seconds = (performance.now() - begun) / 1000
  const cpu = process.cpuUsage(busy)
  const alone = new Samples()
  for (let i = 0; i < 300; i++) {
    const at = performance.now()
    await writing.write([event(2_000 + rows + i)])
    alone.add(performance.now() - at)
  }
  const cost = `${fixed(((cpu.user + cpu.system) / rows) * 1, 1)} µs of processor a row, both threads`
  const single = `one at a time ${fixed(alone.at(0.5), 2)} ms (p99 ${fixed(alone.at(0.99), 2)})`
  console.log(`store on SQLite, synchronous=FULL: ${Math.round(rows / seconds)} durable rows/s of 330 bytes; ${cost}; ${single}`)
}

/** Waits for the answers of a part before the next one is given, so that the bounded queue is never the measure. */
async function together(writing: Store, { from, count }: { readonly from: number; readonly count: number }): Promise<void> {
  for (let done = 0; done < count; done += 10_000) {
    const part = Array.from({ length: Math.min(10_000, count - done) }, (_, i) => writing.write([event(from + done + i)]))
    const answers = await Promise.all(part)
    if (!answers.every(({ ok }) => ok)) throw new Error('a write was refused')
  }
}

function event(cursor: number) {
  const call = callId(`call-${cursor % 100}`)
  const data = {
    party: 'p1',
    role: 'agent',
    endpoint: { kind: 'extension', extension: '101', agent: '7', name: 'Ada Lovelace' },
    note: 'x'.repeat(90),
  }
  const place = {
    kind: 'event' as const,
    cursor,
    account: accountId('bench'),
    call,
    seq: Math.floor(cursor / 100) + 1,
    at: instant(Date.now()),
  }
  return { ...place, type: 'party.joined', body: data }
}

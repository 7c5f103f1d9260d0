/** What only the log has comes into the history: exactly what the desk told, once, whatever the store missed. */
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { changeHabits, doSomething } from '../../test/simulation/deeds.ts'
import { home } from '../../testkit/people.ts'
import { Heard } from '../../testkit/stores.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import type { OutEvent } from '../control/command.ts'
import { limits } from '../kernel/limits.ts'
import { silent } from '../kernel/log.ts'
import { Ledger } from '../ledger/ledger.ts'
import type { HeldFiles } from '../ledger/node-log.ts'
import { openLog, segmentName } from '../ledger/read-log.ts'
import { openStore, type Store } from '../store/store.ts'
import { HistoryFill } from './history-fill.ts'
import { rowOf } from './store-events.ts'
import { StoreWriter } from './store-writer.ts'

const usual = { ...limits }
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)
let folder = ''
let world: World
let ledger: Ledger
let told = 0
/** Of what the log has. */
let firstEvent = 0
let isOpen = false
let onFile: (number: number) => void = () => {}
let letGo = 0

beforeEach(() => {
  Object.assign(limits, {
    ledgerSegmentBytes: 60_000,
    ledgerHistoryBytes: 60_000,
    historyFillMs: 1,
    historyFillRows: 37,
    storeRetryMaxMs: 20,
  })
  folder = mkdtempSync(join(tmpdir(), 'sotto-fill-'))
  isOpen = false
  world = new World(seed, callCentre(), { afterEachInput: (lived) => writeDown(lived) })
  // The ledger begins with how things stand then.
  told = world.journal.length
  firstEvent = world.desk.events.next
  letGo = 0
  onFile = () => {}
  const sources = [{ of: 'desk', isWhole: true, state: () => world.desk.state() }]
  ledger = new Ledger(
    { folder: join(folder, 'log'), sources, log: silent, isHeld: true, onFile: (n) => onFile(n) },
    openLog(join(folder, 'log')),
  )
  isOpen = true
})
afterEach(async () => {
  isOpen = false
  await ledger.close()
  Object.assign(limits, usual)
  rmSync(folder, { recursive: true, force: true })
})

/** Each turn of the desk is a line of the log, before the next one. */
function writeDown({ journal }: World): void {
  if (!isOpen) return
  for (; told < journal.length; told += 1) ledger.append('desk', JSON.parse(journal[told] ?? '[]') as unknown[])
}

function live(deeds: number): readonly OutEvent[] {
  const from = world.events.length
  for (let deed = 0; deed < deeds; deed += 1) {
    if (deed % 20 === 0) changeHabits(world)
    doSomething(world)
    world.run(world.random.chance(0.7) ? world.delay(30) : world.delay(2_000))
  }
  return world.events.slice(from)
}

const held = (): HeldFiles => ({
  folder: join(folder, 'log'),
  get number() {
    return ledger.number
  },
  onFile: (then) => {
    onFile = then
  },
  letGo: (before) => {
    letGo = before
    ledger.letGo(before)
  },
  get lost() {
    return ledger.lost
  },
})

async function withStore(
  work: (parts: { store: Store; writer: StoreWriter; fill: HistoryFill; log: Heard }) => Promise<void>,
): Promise<void> {
  const log = new Heard()
  const store = openStore({ file: join(folder, 'history.db'), log, clock: () => world.clock.now })
  const writer = new StoreWriter(store, log)
  const fill = new HistoryFill({ store, writer, held: held(), clock: () => world.clock.now, log })
  try {
    await work({ store, writer, fill, log })
  } finally {
    await fill.close()
    await store.close()
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(10)) if (await isSo()) return
  throw new Error(`never: ${what}`)
}

async function kept(store: Store) {
  const rows = []
  for (let cursor = 0; ; ) {
    const answer = await store.ask('eventsAfter', { account: home, cursor, limit: 1_000 })
    assert.ok(answer.ok)
    rows.push(...answer.value)
    if (answer.value.length < 1_000) return rows
    cursor = answer.value.at(-1)?.cursor ?? 0
  }
}

const cursorOf = (row: unknown): number => (row as { readonly cursor: number }).cursor
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const rowsOf = (events: readonly OutEvent[]) =>
  events
    .filter(({ account }) => account === home)
    .map((event) => {
      const { kind: _, ...row } = rowOf(event)
      return plain(row)
    })

/** Everything of the day is in the store, and each once; which of the last file is so told by the process itself. */
async function sameAsTold(store: Store): Promise<void> {
  const expected = rowsOf(world.events.filter(({ id }) => Number(id) >= firstEvent))
  const found = (await kept(store)).map(plain)
  assert.deepEqual(found.map(cursorOf), expected.map(cursorOf))
  assert.deepEqual(found, expected)
  for (const cdr of [...world.finished.values()].filter(({ account }) => account === home)) {
    const record = await store.ask('cdr', { account: home, id: cdr.id })
    assert.deepEqual(record.ok && plain(record.value), plain(cdr))
  }
  const audit = await store.ask('audit', { account: home, after: 0, limit: 1_000 })
  assert.deepEqual(
    audit.ok && audit.value.map(({ seq }) => seq),
    world.audit
      .filter(({ account }) => account === home)
      .slice(0, 1_000)
      .map(({ seq }) => seq),
  )
}

test(`a store that was never there gets all of many files (SOTTO_SEED=${seed})`, async () => {
  live(400)
  assert.ok(ledger.number > 2, `${ledger.number} files`)
  // As after a kill: the next process begins a file of its own.
  await ledger.close()
  ledger = new Ledger({ ...reopened(), onFile: (n) => onFile(n) }, openLog(join(folder, 'log')))
  const number = ledger.number
  await withStore(async ({ store, fill }) => {
    await until('it is whole', () => fill.isWhole)
    await sameAsTold(store)
    await until('the files may go', () => letGo === number)
  })
})

const reopened = () => ({
  ...{ folder: join(folder, 'log'), sources: [{ of: 'desk', isWhole: true, state: () => world.desk.state() }], log: silent, isHeld: true },
})

test(`holes of any kind are filled, and what is there stays (SOTTO_SEED=${seed})`, async () => {
  const events = live(150)
  const random = world.random
  await withStore(async ({ writer }) => {
    for (const event of events) if (random.chance(0.5)) writer.write([rowOf(event)])
    assert.equal(await writer.settled(), true)
  })
  await ledger.close()
  ledger = new Ledger({ ...reopened(), onFile: (n) => onFile(n) }, openLog(join(folder, 'log')))
  await withStore(async ({ store, fill }) => {
    await until('it is whole', () => fill.isWhole)
    await sameAsTold(store)
  })
})

test('what the store would not take comes from the log, in the same process', async () => {
  await withStore(async ({ store, writer, fill, log }) => {
    await until('it is whole', () => fill.isWhole)
    // More than memory may hold: whatever is written meanwhile is refused.
    Object.assign(limits, { storeWaitingRows: 0 })
    const events = live(60)
    for (const event of events) writer.write([rowOf(event)])
    await until('it is known', () => writer.isLosing)
    assert.deepEqual([writer.isDegraded, fill.isWhole], [true, false])
    Object.assign(limits, { storeWaitingRows: usual.storeWaitingRows })
    await until('it is whole again', () => fill.isWhole)
    assert.equal(writer.isDegraded, false)
    await sameAsTold(store)
    assert.equal(log.lines.filter((line) => line.includes('does not take')).length, 1)
  })
})

test('of a damaged file what stands before the damage is kept', async () => {
  live(80)
  await ledger.close()
  appendFileSync(join(folder, 'log', segmentName(ledger.number)), 'no line of ours\n')
  ledger = new Ledger({ ...reopened(), onFile: (n) => onFile(n) }, openLog(join(folder, 'log')))
  await withStore(async ({ store, fill }) => {
    await until('it is whole', () => fill.isWhole)
    await sameAsTold(store)
  })
})

test('files that had to go before a database came are named, and it shows', async () => {
  writeFileSync(join(folder, 'history.db'), 'This is no database. '.repeat(500))
  await withStore(async ({ fill, log }) => {
    live(40)
    assert.equal(fill.hasLost, false)
    Object.assign(limits, { ledgerHeldBytes: 1, ledgerHistoryBytes: 1 })
    live(300)
    await until('files went', () => fill.hasLost)
    assert.ok(
      log.lines.some((line) => line.includes('it is lost') && line.includes('00000001.jsonl')),
      log.lines.join('\n'),
    )
    assert.equal(fill.isWhole, false)
  })
})

/** Gives the history what only the log has: of a process that was killed before the database had it, and what the database could not take. */
import { Worker } from 'node:worker_threads'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { HeldFiles } from '../ledger/node-log.ts'
import type { Answer, Ask, QuestionName } from '../store/questions.ts'
import type { CdrRow, StoreRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { FromReader, ReaderTask } from './history-reader.ts'
import { blankHistory, findHistory } from './store-erasing.ts'
import type { StoreWriter } from './store-writer.ts'

interface Parts {
  readonly store: Store
  readonly writer: StoreWriter
  readonly held: HeldFiles
  readonly clock: () => Instant
  readonly log: Log
}

/** Where the history says how much of the log it has: everything before the file of this number. */
const place = { namespace: 'history', key: 'log' } as const

class Ended extends Error {}

export class HistoryFill {
  readonly #parts: Parts
  #worker: Worker | undefined
  /** The history has all that stands before the present file, or is told it as it happens. */
  #isWhole = false
  #isEnding = false
  #toldLost = 0

  constructor(parts: Parts) {
    this.#parts = parts
    parts.held.onFile((number) => void this.#mark(number))
    void this.#run()
  }

  get isWhole(): boolean {
    return this.#isWhole && !this.#parts.writer.isLosing
  }

  /** Files of the log went before the history had them. */
  get hasLost(): boolean {
    const { held, log } = this.#parts
    if (held.lost.length > this.#toldLost) {
      this.#toldLost = held.lost.length
      log.error({ files: held.lost }, 'these files of the log had to go before the history had all that stands in them: it is lost')
    }
    return held.lost.length > 0
  }

  async close(): Promise<void> {
    this.#isEnding = true
    await this.#worker?.terminate()
  }

  async #run(): Promise<void> {
    try {
      await this.#parts.store.opened
      await pause(limits.historyFillMs)
      await this.#once(this.#parts.held.number)
      for (;;) {
        await this.#parts.writer.lost()
        this.#isWhole = false
        await this.#again()
        // The present file, too: what was not taken stands at its end.
        await this.#once(this.#parts.held.number + 1)
      }
    } catch (error) {
      if (!(error instanceof Ended)) this.#parts.log.error({ err: error }, 'bug: the history cannot be filled from the log')
    }
  }

  async #once(before: number): Promise<void> {
    const { writer, held } = this.#parts
    writer.takeAgain()
    await this.#fill({ folder: held.folder, from: await this.#begin(), before })
    this.#isWhole = !writer.isLosing
    await this.#mark(Math.min(before, held.number))
  }

  /** A number that is higher than ours is of another log. */
  async #begin(): Promise<number> {
    const found = await this.#asked('value', { ...place, at: this.#parts.clock() })
    const said = typeof found?.value === 'number' ? found.value : 0
    const from = said > this.#parts.held.number ? 0 : said
    this.#parts.held.letGo(from)
    return from
  }

  async #fill(task: ReaderTask): Promise<void> {
    this.#rest()
    const worker = new Worker(new URL('./history-reader.ts', import.meta.url), { workerData: task, name: 'history' })
    this.#worker = worker
    const ended = Promise.withResolvers<void>()
    worker.on('message', (message: FromReader) => {
      this.#hear(message).then(() => worker.postMessage('more'), ended.reject)
      if (message.kind === 'end') ended.resolve()
    })
    worker.on('error', ended.reject)
    worker.on('exit', () => ended.reject(new Ended()))
    await ended.promise.finally(() => worker.terminate())
  }

  async #hear(message: FromReader): Promise<void> {
    if (message.kind === 'rows') return await this.#write(await this.#missing(message.rows))
    if (message.kind === 'erased') {
      const ask = <Q extends QuestionName>(name: Q, asked: Ask<Q>) => this.#asked(name, asked)
      const { account, person } = message
      const { calls } = await findHistory(ask, { account, person, calls: [] })
      return await blankHistory(ask, { account, person, calls })
    }
    const { faults } = message
    if (faults.length > 0)
      this.#parts.log.error({ faults: faults.slice(0, 20), count: faults.length }, 'not all of the log could be told to the history')
  }

  /** Events that are there stay as they are, and are not sent again; of the rest there is little. */
  async #missing(rows: readonly StoreRow[]): Promise<readonly StoreRow[]> {
    const cursors = rows.flatMap((row) => (row.kind === 'event' ? [row.cursor] : []))
    const there = new Set<number>()
    if (cursors.length > 0) {
      const [first, last] = [cursors[0] ?? 0, cursors.at(-1) ?? 0]
      for (const cursor of await this.#asked('eventsThere', { first, last })) there.add(cursor)
    }
    const missing: StoreRow[] = []
    for (const row of rows) {
      const isThere = row.kind === 'event' ? there.has(row.cursor) : row.kind === 'cdr' && (await this.#hasAsNew(row.cdr))
      if (!isThere) missing.push(row)
    }
    return missing
  }

  /** A record is written once more when its disposition is set, and that must not be lost again. */
  async #hasAsNew({ account, id, disposition }: CdrRow): Promise<boolean> {
    const found = await this.#asked('cdr', { account, id })
    return found !== undefined && (found.disposition?.at ?? 0) >= (disposition?.at ?? 0)
  }

  /** Until the store has taken it: the files wait. */
  async #write(rows: readonly StoreRow[]): Promise<void> {
    for (;;) {
      const written = await this.#parts.store.write(rows)
      if (written.ok || written.error === 'rejected' || written.error === 'too-large') return
      await this.#again()
    }
  }

  /** Until it is known: the database may come later than we do. */
  async #asked<Q extends QuestionName>(name: Q, ask: Ask<Q>): Promise<Answer<Q>> {
    for (;;) {
      const answer = await this.#parts.store.ask(name, ask)
      if (answer.ok) return answer.value
      await this.#again()
    }
  }

  #rest(): void {
    if (this.#isEnding) throw new Ended()
  }

  async #again(): Promise<void> {
    this.#rest()
    await pause(limits.storeRetryMaxMs)
    this.#rest()
  }

  /** All that stands before this file has been given to the store, before this row. */
  async #mark(number: number): Promise<void> {
    if (!this.isWhole) return
    const { store, writer, held } = this.#parts
    const written = await store.write([{ kind: 'value', ...place, value: number }])
    if (written.ok && !writer.isLosing) held.letGo(number)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

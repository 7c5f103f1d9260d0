/** The store: history in a database that may be slow, full, damaged or away without anybody on the phone noticing. */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import { whyOf } from './faults.ts'
import { Link } from './link.ts'
import type { Condition, StorePlace } from './messages.ts'
import type { Answer, Ask, QuestionName, ReadFailure } from './questions.ts'
import type { StoreRow } from './rows.ts'
import { Spill } from './spill.ts'
import { type WriteFailure, WriteQueue } from './write-queue.ts'

export interface StoreOptions extends StorePlace {
  readonly log: Log
  readonly clock: () => Instant
}

export interface StoreHealth {
  /** `away`: tried again and again. `refused`: somebody has to put the database right; `why` says what to do. */
  readonly state: 'ok' | 'away' | 'refused'
  readonly why?: string
  /** Also true while the database is back and what was spilled is still on its way into it. */
  readonly isDegraded: boolean
  readonly waitingRows: number
  readonly waitingBytes: number
  readonly spilledBytes: number
}

export interface Store {
  /**
   * Writes the rows after all that was written before, together. Answers when they are safe: in the database, or in the spill file when the database
   * has been away for so long that memory ran short. Until then, which may be long, they wait in memory.
   */
  write(rows: readonly StoreRow[]): Promise<Outcome<void, WriteFailure>>
  /** Reads what has been committed. */
  ask<Q extends QuestionName>(question: Q, ask: Ask<Q>): Promise<Outcome<Answer<Q>, ReadFailure>>
  health(): StoreHealth
  /** Resolves when the database has been opened, or could not be. */
  readonly opened: Promise<void>
  /** Everything that waits is written, or spilled. */
  close(): Promise<void>
}

/** Beside the SQLite file, also where PostgreSQL is used. */
export const spillFileOf = (file: string): string => join(dirname(file), 'spill.jsonl')
const rejectedFileOf = (file: string): string => join(dirname(file), 'store-rejected.jsonl')

export function openStore(options: StoreOptions): Store {
  return new OpenStore(options)
}

class OpenStore implements Store {
  readonly opened: Promise<void>
  readonly #log: Log
  readonly #link: Link
  readonly #queue: WriteQueue
  readonly #spill: Spill
  #timer: NodeJS.Timeout | undefined
  #retryMs: number = limits.storeRetryMs
  #whenOpened = () => {}

  constructor({ file, url, log, clock }: StoreOptions) {
    this.#log = log
    this.opened = new Promise((resolve) => {
      this.#whenOpened = resolve
    })
    this.#spill = new Spill(spillFileOf(file), log)
    const place = { file, ...(url === undefined ? {} : { url }) }
    this.#link = new Link({ place, log, onCondition: (condition) => this.#changed(condition), onLooked: () => this.#whenOpened() })
    const keepRejected = async (row: string, why: string) => {
      await appendFile(rejectedFileOf(file), `${JSON.stringify({ why, row })}\n`, { mode: 0o600 }).catch(() => {})
    }
    this.#queue = new WriteQueue({ writer: randomUUID(), link: this.#link, spill: this.#spill, log, clock, keepRejected })
    void this.#begin(file)
  }

  async write(rows: readonly StoreRow[]): Promise<Outcome<void, WriteFailure>> {
    return await this.#queue.write(rows)
  }

  async ask<Q extends QuestionName>(question: Q, ask: Ask<Q>): Promise<Outcome<Answer<Q>, ReadFailure>> {
    return await this.#link.ask(question, ask)
  }

  health(): StoreHealth {
    const { condition } = this.#link
    const isDegraded = condition.state !== 'ok' || !this.#spill.isEmpty || !this.#spill.isUsable
    const figures = { waitingRows: this.#queue.rows, waitingBytes: this.#queue.bytes, spilledBytes: this.#spill.bytes }
    return { state: condition.state, ...(condition.state === 'ok' ? {} : { why: condition.why }), isDegraded, ...figures }
  }

  async close(): Promise<void> {
    await this.opened
    await this.#queue.close()
    clearTimeout(this.#timer)
    await this.#link.close()
    await this.#spill.close()
  }

  /** What an earlier process spilled goes first, so that it must be known before the database is. */
  async #begin(file: string): Promise<void> {
    try {
      mkdirSync(dirname(file), { recursive: true })
      await this.#spill.recover()
    } catch (error) {
      this.#log.error(
        { file: spillFileOf(file), why: whyOf(error) },
        'the spill file cannot be read; what is in it waits for the next start',
      )
    }
    this.#link.start()
    this.#again()
  }

  #changed(condition: Condition): void {
    if (condition.state === 'ok') this.#log.info({}, 'the store is open')
    else this.#log.error({ state: condition.state, why: condition.why }, 'the store is degraded: calls go on, history waits')
    this.#queue.wake()
  }

  /** Looks again and again: often at first while something is wrong, seldom while all is well. */
  #again(): void {
    const isWell = this.#link.condition.state === 'ok' && this.#queue.rows === 0
    this.#retryMs = isWell ? limits.storeRetryMs : Math.min(2 * this.#retryMs, limits.storeRetryMaxMs)
    this.#timer = setTimeout(
      () => {
        this.#link.look()
        this.#queue.wake()
        this.#again()
      },
      isWell ? limits.storeProbeMs : this.#retryMs,
    )
    this.#timer.unref()
  }
}

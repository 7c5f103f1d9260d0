/**
 * What is to be written, in order. It waits in memory until the database has committed it; when that takes too long it goes to the spill file,
 * oldest first, and reaches the database from there. A write is answered when its rows are safe in either.
 */
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Link } from './link.ts'
import type { Group, Rejection } from './messages.ts'
import type { StoreRow } from './rows.ts'
import type { Spill } from './spill.ts'

/** `full`: neither memory nor the spill file takes any more. `rejected`: no database would take these rows; they are in the log. */
export type WriteFailure = 'full' | 'too-large' | 'rejected' | 'closed'

interface Entry {
  readonly rows: readonly string[]
  readonly bytes: number
  readonly resolve: (answer: Outcome<void, WriteFailure>) => void
}

/** A group with those who wait for it. */
interface Formed {
  readonly group: Group
  readonly entries: readonly Entry[]
}

export interface WriteQueueOptions {
  readonly writer: string
  readonly link: Link
  readonly spill: Spill
  readonly log: Log
  readonly clock: () => Instant
  /** Where rows go that no database would take. */
  readonly keepRejected: (row: string, why: string) => Promise<void>
}

export class WriteQueue {
  readonly #options: WriteQueueOptions
  #waiting: Entry[] = []
  #waitingRows = 0
  #waitingBytes = 0
  /** The oldest rows that are in memory only; perhaps under way. */
  #formed: Formed | undefined
  #lastNumber = 0
  #isWriting = false
  #isSpilling = false
  #isClosing = false
  /** The database had its chance. */
  #isEnding = false

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  get rows(): number {
    return this.#waitingRows + (this.#formed?.group.rows.length ?? 0)
  }

  get bytes(): number {
    return this.#waitingBytes + bytesOf(this.#formed)
  }

  async write(rows: readonly StoreRow[]): Promise<Outcome<void, WriteFailure>> {
    if (this.#isClosing) return fail('closed')
    const texts = rows.map((row) => JSON.stringify(row))
    const bytes = texts.reduce((sum, text) => sum + text.length, 0)
    if (texts.some((text) => text.length > limits.storeRowBytes)) return fail('too-large')
    if (this.rows + rows.length > 2 * limits.storeWaitingRows || this.bytes + bytes > 2 * limits.storeWaitingBytes) return fail('full')
    if (rows.length === 0) return ok(undefined)
    const written = new Promise<Outcome<void, WriteFailure>>((resolve) => this.#waiting.push({ rows: texts, bytes, resolve }))
    this.#waitingRows += rows.length
    this.#waitingBytes += bytes
    this.wake()
    return await written
  }

  /** Something changed: rows came, the database came or went. */
  wake(): void {
    void this.#drain()
    void this.#relieve()
  }

  /** All that waits goes into the database or, when that is away, into the spill file. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.wake()
    await this.#quiet()
    this.#isEnding = true
    void this.#relieve()
    await this.#quiet()
    const left = [...(this.#formed?.entries ?? []), ...this.#waiting]
    for (const { resolve } of left) resolve(fail('closed'))
  }

  async #quiet(): Promise<void> {
    while (this.rows > 0 && (this.#isWriting || this.#isSpilling)) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** Group commit: while one group is being committed the next one gathers. */
  async #drain(): Promise<void> {
    if (this.#isWriting) return
    this.#isWriting = true
    try {
      while (this.#options.link.condition.state === 'ok' && (await this.#step()));
    } finally {
      this.#isWriting = false
    }
  }

  /** Whether it got further. */
  async #step(): Promise<boolean> {
    const { link, spill } = this.#options
    if (!spill.isEmpty) {
      const group = await spill.first()
      if (group === undefined) return true
      const applied = await link.apply(group)
      if (applied === 'not-applied') return false
      await this.#reject(group, applied.rejected)
      await spill.dropFirst()
      return true
    }
    const formed = this.#oldest()
    if (formed === undefined) return false
    const applied = await link.apply(formed.group)
    if (applied === 'not-applied') return false
    if (this.#formed === formed) this.#formed = undefined
    await this.#reject(formed.group, applied.rejected)
    answer(formed, applied.rejected)
    return true
  }

  /** Spilling goes on until half the room is free again; all of it goes when no database is to be expected. */
  async #relieve(): Promise<void> {
    if (this.#isSpilling || !this.#isTooMuch(1)) return
    this.#isSpilling = true
    try {
      while (this.#isTooMuch(0.5)) {
        const formed = this.#oldest()
        if (formed === undefined || !(await this.#options.spill.append(formed.group))) break
        // Where it was under way to the database as well, it is there once, thanks to its number.
        if (this.#formed === formed) this.#formed = undefined
        answer(formed, [])
      }
    } finally {
      this.#isSpilling = false
    }
    void this.#drain()
  }

  #isTooMuch(share: number): boolean {
    const { state } = this.#options.link.condition
    if (this.#isEnding || state === 'refused' || (this.#isClosing && state !== 'ok')) return this.rows > 0
    return this.rows > share * limits.storeWaitingRows || this.bytes > share * limits.storeWaitingBytes
  }

  #oldest(): Formed | undefined {
    this.#formed ??= this.#form()
    return this.#formed
  }

  #form(): Formed | undefined {
    let [rows, bytes, count] = [0, 0, 0]
    for (const entry of this.#waiting) {
      const isFull = rows + entry.rows.length > limits.storeGroupRows || bytes + entry.bytes > limits.storeGroupBytes
      if (isFull && count > 0) break
      rows += entry.rows.length
      bytes += entry.bytes
      count += 1
    }
    if (count === 0) return undefined
    const entries = this.#waiting.splice(0, count)
    this.#waitingRows -= rows
    this.#waitingBytes -= bytes
    this.#lastNumber += 1
    const { writer, clock } = this.#options
    return { group: { writer, number: this.#lastNumber, at: clock(), rows: entries.flatMap((entry) => entry.rows) }, entries }
  }

  async #reject(group: Group, rejected: readonly Rejection[]): Promise<void> {
    for (const { index, why } of rejected) {
      this.#options.log.error({ why, row: group.rows[index]?.slice(0, 500) }, 'bug: the database does not take this row; it is set aside')
      await this.#options.keepRejected(group.rows[index] ?? '', why)
    }
  }
}

const bytesOf = (formed: Formed | undefined): number => formed?.entries.reduce((sum, entry) => sum + entry.bytes, 0) ?? 0

function answer({ entries }: Formed, rejected: readonly Rejection[]): void {
  let from = 0
  for (const { rows, resolve } of entries) {
    const to = from + rows.length
    const isRejected = rejected.some(({ index }) => index >= from && index < to)
    resolve(isRejected ? fail('rejected') : ok(undefined))
    from = to
  }
}

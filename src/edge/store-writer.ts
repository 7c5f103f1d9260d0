/** The store for those who cannot wait: nothing is thrown, nothing blocks, and what could not be kept shows in the health. */
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { StoreRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

export class StoreWriter {
  readonly #store: Store
  readonly #log: Log
  /** It is no news that a database which is being opened does not answer yet. */
  #isOpening = true
  #isLosing = false
  #last: Promise<void> = Promise.resolve()
  #whenLost = Promise.withResolvers<void>()

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
    const opened = () => {
      this.#isOpening = false
    }
    void store.opened.then(opened)
    setTimeout(opened, limits.storeSlowMs).unref()
  }

  get isDegraded(): boolean {
    return this.#isLosing || (!this.#isOpening && this.#store.health().isDegraded)
  }

  /** Something was not taken since somebody last said that it should be tried again. */
  get isLosing(): boolean {
    return this.#isLosing
  }

  /** Whoever reads the log gives the store what it did not take. */
  takeAgain(): void {
    this.#isLosing = false
    this.#whenLost = Promise.withResolvers()
  }

  /** When something is not taken. */
  async lost(): Promise<void> {
    await this.#whenLost.promise
  }

  write(rows: readonly StoreRow[]): void {
    this.#last = this.#store.write(rows).then(
      (written) => (written.ok ? undefined : this.#lost(written.error, rows)),
      (error: unknown) => this.#lost(error, rows),
    )
  }

  /** Until what was written before is in the database, or for as long as a reader may wait; whether it is there. */
  async settled(): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => resolve('late'), limits.storeReadMs)
    await Promise.race([this.#store.opened, late])
    const last = this.#last.then(() => 'there' as const)
    const outcome = this.#store.health().state === 'ok' ? await Promise.race([last, late]) : 'late'
    clearTimeout(timer)
    return outcome === 'there'
  }

  #lost(why: unknown, rows: readonly StoreRow[]): void {
    if (this.#isLosing) return
    this.#isLosing = true
    this.#log.error(
      { why, kind: rows[0]?.kind, rows: rows.length },
      'the history does not take what happens; it gets it from the log later',
    )
    this.#whenLost.resolve()
  }
}

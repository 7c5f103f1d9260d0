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

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
    const opened = () => {
      this.#isOpening = false
    }
    void store.opened.then(opened)
    setTimeout(opened, limits.storeSlowMs).unref()
  }

  /** A row that was lost keeps it true until the next start, which writes again what stands in the log. */
  get isDegraded(): boolean {
    return this.#isLosing || (!this.#isOpening && this.#store.health().isDegraded)
  }

  write(rows: readonly StoreRow[]): void {
    this.#last = this.#store.write(rows).then(
      (written) => (written.ok ? undefined : this.#lost(written.error, rows)),
      (error: unknown) => this.#lost(error, rows),
    )
  }

  /** Until what was written before is in the database, or for as long as a reader may wait. */
  async settled(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, limits.storeReadMs)
    await Promise.race([this.#store.opened, late])
    if (this.#store.health().state === 'ok') await Promise.race([this.#last, late])
    clearTimeout(timer)
  }

  #lost(why: unknown, rows: readonly StoreRow[]): void {
    if (this.#isLosing) return
    this.#isLosing = true
    this.#log.error({ why, kind: rows[0]?.kind, rows: rows.length }, 'history is being lost: the store does not take it; told once')
  }
}

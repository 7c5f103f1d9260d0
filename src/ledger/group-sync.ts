import { limits } from '../kernel/limits.ts'
import type { SegmentFile } from './segment-file.ts'

export interface SyncParts {
  /** What has to reach the disk, in order, and the last line in it. */
  readonly unsafe: () => { readonly files: readonly SegmentFile[]; readonly sequence: number }
  readonly synced: (files: readonly SegmentFile[], sequence: number) => void
  readonly failed: (error: Error) => void
  /** Whether the disk keeps us waiting. */
  readonly slow: (isSlow: boolean) => void
}

/** Brings lines to the disk in groups: whatever comes while one group is on its way goes with the next. */
export class GroupSync {
  readonly #parts: SyncParts
  #isWanted = false
  #isUnderWay = false
  #isSlow = false

  constructor(parts: SyncParts) {
    this.#parts = parts
  }

  /** Begins when the present turn of the process is over, so that all that it leads to goes together. */
  want(): void {
    this.#isWanted = true
    if (this.#isUnderWay) return
    this.#isUnderWay = true
    setImmediate(() => this.#begin())
  }

  #begin(): void {
    this.#isWanted = false
    const { files, sequence } = this.#parts.unsafe()
    const patience = setTimeout(() => this.#setSlow(true), limits.ledgerSyncMs)
    this.#syncAll(files, (error) => {
      clearTimeout(patience)
      this.#isUnderWay = false
      this.#setSlow(false)
      if (error === null) this.#parts.synced(files, sequence)
      else this.#parts.failed(error)
      if (this.#isWanted) this.want()
    })
  }

  #syncAll([file, ...rest]: readonly SegmentFile[], done: (error: Error | null) => void): void {
    if (file === undefined) return done(null)
    file.sync((error) => (error === null ? this.#syncAll(rest, done) : done(error)))
  }

  #setSlow(isSlow: boolean): void {
    if (isSlow === this.#isSlow) return
    this.#isSlow = isSlow
    this.#parts.slow(isSlow)
  }
}

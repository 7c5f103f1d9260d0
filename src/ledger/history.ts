import { renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { LogFile } from './read-log.ts'

/** The files before the present one: needed until its checkpoint is complete, after that for what happened lately, and by whoever has not got it all yet. */
export class History {
  readonly #folder: string
  readonly #damaged: Set<string>
  readonly #lost: string[] = []
  #files: LogFile[]
  /** Somebody wants all from this file on. */
  #wantedFrom: number

  constructor(folder: string, read: { readonly files: readonly LogFile[]; readonly damagedFiles: readonly string[] }, wantedFrom: number) {
    this.#folder = folder
    this.#files = [...read.files]
    this.#damaged = new Set(read.damagedFiles)
    this.#wantedFrom = wantedFrom
  }

  /** Files that had to go before everybody had them. */
  get lost(): readonly string[] {
    return this.#lost
  }

  add(file: LogFile): void {
    this.#files.push(file)
  }

  /** What stands before this file is wanted no longer. */
  letGo(before: number): void {
    this.#wantedFrom = before
  }

  /** Keeps the newest files, as far as they fit into `mostBytes`, and those that are wanted. What was damaged is laid aside for whoever wants to look into it. */
  prune(mostBytes: number = limits.ledgerHistoryBytes): void {
    let bytes = 0
    const kept = new Set<LogFile>()
    for (const file of this.#files.toReversed()) {
      bytes += file.bytes
      const isRecent = bytes <= mostBytes && !this.#damaged.has(file.name)
      if (isRecent || this.#isHeld(file, bytes)) kept.add(file)
    }
    const gone = this.#files.filter((file) => !kept.has(file))
    this.#files = this.#files.filter((file) => kept.has(file))
    for (const { name, number } of gone) {
      if (number >= this.#wantedFrom) this.#lost.push(name)
      this.#remove(name)
    }
  }

  /** Wanted, and not too much for the disk. */
  #isHeld({ number, closedMs }: LogFile, bytes: number): boolean {
    if (number < this.#wantedFrom) return false
    return bytes <= limits.ledgerHeldBytes && Date.now() - closedMs <= limits.ledgerHeldMs
  }

  #remove(name: string): void {
    const path = join(this.#folder, name)
    try {
      if (this.#damaged.delete(name)) renameSync(path, `${path}.damaged`)
      else unlinkSync(path)
    } catch {
      // It is read again at the next start, and does no harm.
    }
  }
}

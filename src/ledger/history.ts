import { renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { LogFile } from './read-log.ts'

/** The files before the present one: needed until its checkpoint is complete, and after that only for what happened lately. */
export class History {
  readonly #folder: string
  readonly #damaged: Set<string>
  #files: LogFile[]

  constructor(folder: string, files: readonly LogFile[], damaged: readonly string[]) {
    this.#folder = folder
    this.#files = [...files]
    this.#damaged = new Set(damaged)
  }

  add(file: LogFile): void {
    this.#files.push(file)
  }

  /** Keeps the newest files, as far as they fit into `mostBytes`. What was damaged is laid aside for whoever wants to look into it. */
  prune(mostBytes: number = limits.ledgerHistoryBytes): void {
    let bytes = 0
    const keeps = this.#files.toReversed().map((file) => {
      bytes += file.bytes
      return bytes <= mostBytes && !this.#damaged.has(file.name)
    })
    const kept = keeps.toReversed()
    const gone = this.#files.filter((_, i) => kept[i] !== true)
    this.#files = this.#files.filter((_, i) => kept[i] === true)
    for (const { name } of gone) this.#remove(name)
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

/** Which recordings lie in a day's folder, and when each began. The folder is the truth: it is looked into again whenever it has changed. */
import { stat } from 'node:fs/promises'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { noteIds, startOf } from './recording-notes.ts'

export interface Begun {
  readonly id: string
  readonly startedAt: Instant
}

interface Day {
  readonly begun: readonly Begun[]
  readonly changedMs: number
  readonly readMs: number
}

/** A change this soon after another may leave a folder's time as it is. */
const clockGrainMs = 2_000

export class RecordingDays {
  readonly #days = new Map<string, Day>()
  readonly #reading = new Map<string, Promise<Day>>()

  /** Newest first. */
  async begun(folder: string): Promise<readonly Begun[]> {
    const changedMs = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    )
    if (changedMs === undefined) return []
    const known = this.#days.get(folder)
    if (known?.changedMs === changedMs && known.readMs > changedMs + clockGrainMs) return known.begun
    return (await this.#readOnce(folder, changedMs)).begun
  }

  #readOnce(folder: string, changedMs: number): Promise<Day> {
    const running = this.#reading.get(folder)
    if (running !== undefined) return running
    const reading = this.#read(folder, changedMs).finally(() => this.#reading.delete(folder))
    this.#reading.set(folder, reading)
    return reading
  }

  async #read(folder: string, changedMs: number): Promise<Day> {
    const readMs = Date.now()
    const known = new Map(this.#days.get(folder)?.begun.map((one) => [one.id, one]))
    const ids = await noteIds(folder)
    const begun = await inGroups(ids, async (id) => known.get(id) ?? (await begunOf(folder, id)))
    const day = { begun: begun.flatMap((one) => one ?? []).sort(newestFirst), changedMs, readMs }
    this.#keep(folder, day)
    return day
  }

  #keep(folder: string, day: Day): void {
    this.#days.delete(folder)
    this.#days.set(folder, day)
    let places = 0
    for (const [name, { begun }] of [...this.#days].reverse()) {
      places += begun.length
      if (places > limits.recordingPlaces && name !== folder) this.#days.delete(name)
    }
  }
}

export const newestFirst = (a: Begun, b: Begun): number => b.startedAt - a.startedAt || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1)

async function begunOf(folder: string, id: string): Promise<Begun | undefined> {
  const startedAt = await startOf({ folder, id })
  return startedAt === undefined ? undefined : { id, startedAt }
}

/** A few at a time, so that a folder of thousands does not take all of the disk. */
export async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += limits.recordingReads)
    results.push(...(await Promise.all(items.slice(i, i + limits.recordingReads).map(work))))
  return results
}

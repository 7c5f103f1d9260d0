/** The days' folders one after the other, the newest first. One in which nothing is left to do is passed over until something changes in it. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import { inGroups } from './recording-days.ts'
import { type Note, names, noteIds, readNote, type Spot } from './recording-notes.ts'

/** A change this soon after another may leave a folder's time as it is. */
const clockGrainMs = 2_000

export class RecordingFolders {
  readonly #root: string
  /** When those that are done were last changed. */
  readonly #done = new Map<string, number>()

  constructor(root: string) {
    this.#root = root
  }

  /** `look` says whether this recording is done for ever. */
  async each(look: (spot: Spot, note: Note) => Promise<boolean>): Promise<void> {
    for (const folder of await this.#days()) {
      const changedMs = await stat(folder).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      if (this.#done.get(folder) === changedMs) continue
      const isOld = Date.now() > changedMs + clockGrainMs
      const done = await inGroups(await noteIds(folder), async (id) => {
        const note = await readNote({ folder, id })
        return note === undefined || (await look({ folder, id }, note))
      })
      if (isOld && done.every((one) => one)) this.#remember(folder, changedMs)
    }
  }

  async #days(): Promise<readonly string[]> {
    const accounts = (await names(this.#root)).filter((name) => !name.startsWith('.'))
    const days = await inGroups(accounts, async (account) => {
      const own = (await names(join(this.#root, account))).filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
      return own.map((day) => ({ day, folder: join(this.#root, account, day) }))
    })
    return days
      .flat()
      .sort((a, b) => (a.day < b.day ? 1 : -1))
      .map(({ folder }) => folder)
  }

  #remember(folder: string, changedMs: number): void {
    this.#done.set(folder, changedMs)
    const [oldest] = this.#done.keys()
    if (this.#done.size > limits.recordingPlaces && oldest !== undefined) this.#done.delete(oldest)
  }
}

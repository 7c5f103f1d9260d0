/** The folder for recordings: `<account>/<day>/`, with a note beside the files of each. What is not there does not exist. */
import { createReadStream } from 'node:fs'
import { rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Audio, RecordingPage, RecordingSearch, Recordings, StoredRecording, StoredTrack } from '../control/recordings.ts'
import { fileName } from '../kernel/file-name.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant, instant, rfc3339 } from '../kernel/time.ts'
import { type Begun, inGroups, newestFirst, RecordingDays } from './recording-days.ts'
import { audioPath, isThere, names, type Place, pathOf, readRecording, save, startOf, suffix, sumUp } from './recording-notes.ts'

const dayMs = 86_400_000
const dayOf = (at: Instant): string => rfc3339(at).slice(0, 10)

export class RecordingCatalog implements Recordings {
  readonly #root: string
  readonly #days = new RecordingDays()
  /** Holding, deleting and summing up happen one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  /** Days of recordings that were asked for, so that parts of one file need no search. */
  readonly #found = new Map<string, string>()

  constructor(root: string) {
    this.#root = root
  }

  async list({ cursor, ...search }: RecordingSearch): Promise<RecordingPage | 'bad-cursor'> {
    const after = cursor === undefined ? undefined : placeIn(cursor)
    if (after === 'bad-cursor') return after
    const found: { readonly place: Place; readonly begun: Begun }[] = []
    for (const day of await this.#daysOf(search, after)) {
      const folder = this.#folder(search.account, day)
      const fitting = (await this.#begunIn(folder, search.call)).filter((begun) => isSought(begun, search, after))
      found.push(...fitting.map((begun) => ({ place: { account: search.account, folder, id: begun.id }, begun })))
      if (found.length > search.limit) break
    }
    const shown = found.slice(0, search.limit)
    const items = await inGroups(shown, ({ place }) => readRecording(place))
    const last = found.length > search.limit ? shown.at(-1)?.begun : undefined
    return { items: items.flatMap((item) => item ?? []), next: last && cursorAt(last) }
  }

  async one(account: AccountId, id: string): Promise<StoredRecording | undefined> {
    const place = await this.#find(account, id)
    const recording = place && (await readRecording(place))
    if (place === undefined || recording === undefined || recording.tracks.every(hasSum)) return recording
    return this.#alone(async () => {
      const now = await readRecording(place)
      if (now === undefined || now.tracks.every(hasSum)) return now
      // Who may read and not write (a full disk) has the recording without its checksums.
      await sumUp(place, now.tracks).catch(() => {})
      return readRecording(place)
    })
  }

  async audio(account: AccountId, id: string, track?: string): Promise<Audio | undefined> {
    const place = await this.#find(account, id)
    const tracks = (place && (await readRecording(place)))?.tracks
    const wanted = tracks && chosen(tracks, track)
    return place && wanted && audioIn(place, wanted.track)
  }

  async hold(account: AccountId, id: string, isHeld: boolean): Promise<StoredRecording | undefined> {
    const place = await this.#find(account, id)
    if (place === undefined) return undefined
    return this.#alone(async () => {
      if ((await readRecording(place)) === undefined) return undefined
      const path = pathOf(place, suffix.hold)
      await (isHeld ? save(path, '') : rm(path, { force: true }))
      return readRecording(place)
    })
  }

  async remove(account: AccountId, id: string): Promise<StoredRecording | 'held' | undefined> {
    const place = await this.#find(account, id)
    return place && this.#alone(() => removed(place))
  }

  /** Deletes what is older; how many there were. */
  async sweep(account: AccountId, before: Instant): Promise<number> {
    let count = 0
    for (const day of await this.#allDays(account)) {
      if (day > dayOf(before)) continue
      const folder = this.#folder(account, day)
      const old = (await this.#days.begun(folder)).filter(({ startedAt }) => startedAt < before)
      for (const { id } of old) {
        const outcome = await this.#alone(() => removed({ account, folder, id }))
        if (typeof outcome === 'object') count++
      }
      // One that is not empty stays.
      await rmdir(folder).catch(() => {})
    }
    return count
  }

  #folder(account: AccountId, day: string): string {
    return join(this.#root, fileName(account), day)
  }

  /** Newest first. */
  async #allDays(account: AccountId): Promise<readonly string[]> {
    const found = await names(join(this.#root, fileName(account)))
    return found.filter((name) => /^\d{4}-\d\d-\d\d$/.test(name)).toSorted((a, b) => (a < b ? 1 : -1))
  }

  async #daysOf(
    { account, from, to }: Pick<RecordingSearch, 'account' | 'from' | 'to'>,
    after: Begun | undefined,
  ): Promise<readonly string[]> {
    const last = [to, after?.startedAt].filter((at) => at !== undefined).map(dayOf)
    const isWithin = (day: string): boolean => (from === undefined || day >= dayOf(from)) && last.every((end) => day <= end)
    return (await this.#allDays(account)).filter(isWithin)
  }

  /** Files are named by their call, so that of a day with thousands only its own notes are read. */
  async #begunIn(folder: string, call: string | undefined): Promise<readonly Begun[]> {
    if (call === undefined) return this.#days.begun(folder)
    const own = (await names(folder)).filter((name) => name.endsWith(suffix.note) && isOf(fileName(call), name))
    const begun = await inGroups(own, async (name) => {
      const id = name.slice(0, -suffix.note.length)
      const startedAt = await startOf({ folder, id })
      return startedAt === undefined ? [] : [{ id, startedAt }]
    })
    return begun.flat().sort(newestFirst)
  }

  /** Ids of other accounts lie in other folders. */
  async #find(account: AccountId, id: string): Promise<Place | undefined> {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(id)) return undefined
    const key = `${account} ${id}`
    const known = this.#found.get(key)
    for (const day of known === undefined ? await this.#allDays(account) : [known]) {
      const place = { account, folder: this.#folder(account, day), id }
      if (!(await isThere(pathOf(place, suffix.note)))) continue
      this.#remember(key, day)
      return place
    }
    return this.#found.delete(key) ? this.#find(account, id) : undefined
  }

  #remember(key: string, day: string): void {
    this.#found.set(key, day)
    const [oldest] = this.#found.keys()
    if (this.#found.size > limits.recordingReports && oldest !== undefined) this.#found.delete(oldest)
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work)
    this.#last = done.catch(() => {})
    return done
  }
}

const hasSum = ({ sha256 }: StoredTrack): boolean => sha256 !== undefined

const isOf = (call: string, name: string): boolean => name.startsWith(`${call}-`) && /^\d+(-\d+)?\.json$/.test(name.slice(call.length + 1))

/** The voices go first and the note last: what is interrupted is still known, and can be deleted again. */
async function removed(place: Place): Promise<StoredRecording | 'held' | undefined> {
  const recording = await readRecording(place)
  if (recording === undefined) return undefined
  if (recording.legalHold) return 'held'
  for (const { track } of recording.tracks) await rm(audioPath(place, track), { force: true })
  for (const end of [suffix.sums, suffix.note]) await rm(pathOf(place, end), { force: true })
  return recording
}

function chosen(tracks: readonly StoredTrack[], track: string | undefined): StoredTrack | undefined {
  if (track !== undefined) return tracks.find((one) => one.track === track)
  return tracks.find(({ kind }) => kind === 'mix') ?? (tracks.length === 1 ? tracks[0] : undefined)
}

async function audioIn(place: Place, track: string): Promise<Audio | undefined> {
  const path = audioPath(place, track)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile()) return undefined
  return {
    fileName: `${place.id}-${track}${suffix.audio}`,
    bytes: found.size,
    etag: `"${found.size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`,
    open: (range) => createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to }),
  }
}

function isSought(begun: Begun, { from, to }: Pick<RecordingSearch, 'from' | 'to'>, after: Begun | undefined): boolean {
  const { startedAt } = begun
  if (from !== undefined && startedAt < from) return false
  if (to !== undefined && startedAt >= to) return false
  return after === undefined || newestFirst(after, begun) < 0
}

const cursorAt = ({ id, startedAt }: Begun): string => Buffer.from(`${startedAt}:${id}`).toString('base64url')

function placeIn(cursor: string): Begun | 'bad-cursor' {
  const [, order, id] = /^(\d{1,15}(?:\.\d+)?):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return order === undefined || id === undefined ? 'bad-cursor' : { id, startedAt: instant(Number(order)) }
}

/** Deletes what is past its account's time, now and then again and again; the returned function ends it. */
export function startSweeping(
  catalog: RecordingCatalog,
  {
    keepDays,
    clock,
    told,
  }: {
    readonly keepDays: ReadonlyMap<AccountId, number>
    readonly clock: () => Instant
    readonly told: (outcome: { readonly account: AccountId; readonly deleted?: number; readonly error?: unknown }) => void
  },
): () => void {
  const sweep = async () => {
    for (const [account, days] of keepDays) {
      if (days === 0) continue
      try {
        const deleted = await catalog.sweep(account, addMs(clock(), -days * dayMs))
        if (deleted > 0) told({ account, deleted })
      } catch (error) {
        told({ account, error })
      }
    }
  }
  void sweep()
  const timer = setInterval(() => void sweep(), limits.recordingSweepMs).unref()
  return () => clearInterval(timer)
}

/** The folder for recordings: `<account>/<day>/`, with a note beside the files of each. What is not there does not exist. */
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Audio, RecordingPage, RecordingSearch, Recordings, Samples, StoredRecording } from '../control/recordings.ts'
import { trackOf } from '../control/recordings.ts'
import { fileName } from '../kernel/file-name.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant, instant, rfc3339 } from '../kernel/time.ts'
import { RecordingThread } from '../recordings/thread.ts'
import { now } from './clock.ts'
import { AudioSource } from './recording-audio-source.ts'
import { type Begun, inGroups, newestFirst, RecordingDays } from './recording-days.ts'
import { RecordingKeeper } from './recording-keeper.ts'
import {
  audioPath,
  isSealed,
  isThere,
  type NotedFile,
  names,
  noteIds,
  type Place,
  pathOf,
  readNote,
  readRecording,
  save,
  startOf,
  suffix,
} from './recording-notes.ts'

const dayMs = 86_400_000
const dayOf = (at: Instant): string => rfc3339(at).slice(0, 10)

export class RecordingCatalog implements Recordings {
  readonly #root: string
  readonly #days = new RecordingDays()
  readonly #keeper: RecordingKeeper
  readonly #source: AudioSource
  /** Days of recordings that were asked for, so that parts of one file need no search. */
  readonly #found = new Map<string, string>()

  constructor(root: string, keeper = new RecordingKeeper({ root, thread: new RecordingThread(), clock: now })) {
    this.#root = root
    this.#keeper = keeper
    this.#source = new AudioSource(root, keeper)
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
    const note = place && (await readNote(place))
    if (place === undefined || note === undefined) return undefined
    // Encoding may take minutes, for which nobody waits. Who may read and not write (a full disk) has the recording without its checksums.
    if (!isSealed(note) && note.format === 'flac') this.#keeper.noticed(place)
    else if (!isSealed(note)) await this.#keeper.seal(place).catch(() => undefined)
    return readRecording(place)
  }

  async audio(account: AccountId, id: string, track?: string): Promise<Audio | undefined> {
    const found = await this.#fileOf(account, id, track)
    return found && this.#source.audio(found.place, found)
  }

  async wav(account: AccountId, id: string, track?: string): Promise<Audio | undefined> {
    const found = await this.#fileOf(account, id, track)
    return found && this.#source.wav(found.place, found)
  }

  async samples(account: AccountId, id: string, track?: string): Promise<Samples | undefined> {
    const found = await this.#fileOf(account, id, track)
    return found && this.#source.samples(found.place, found)
  }

  /** What has just been told as stored is seen to at once. */
  async noticed(account: AccountId, id: string): Promise<void> {
    const place = await this.#find(account, id)
    if (place !== undefined) this.#keeper.noticed(place)
  }

  async hold(account: AccountId, id: string, isHeld: boolean): Promise<StoredRecording | undefined> {
    const place = await this.#find(account, id)
    if (place === undefined) return undefined
    return this.#keeper.alone(async () => {
      if ((await readRecording(place)) === undefined) return undefined
      const path = pathOf(place, suffix.hold)
      if (!isHeld && (await isThere(pathOf(place, suffix.leaving)))) return this.#left(place)
      await (isHeld ? save(path, '') : rm(path, { force: true }))
      return readRecording(place)
    })
  }

  async remove(account: AccountId, id: string): Promise<StoredRecording | 'held' | undefined> {
    const place = await this.#find(account, id)
    return place && this.#keeper.alone(() => this.#removed(place))
  }

  async expunge(account: AccountId, id: string): Promise<StoredRecording | 'held' | undefined> {
    const place = await this.#find(account, id)
    return (
      place &&
      this.#keeper.alone(async () => {
        const outcome = await this.#removed(place)
        if (outcome === 'held') await save(pathOf(place, suffix.leaving), '')
        return outcome
      })
    )
  }

  /** Deletes what is older; how many there were. */
  async sweep(account: AccountId, before: Instant): Promise<number> {
    let count = 0
    for (const day of await this.#allDays(account)) {
      if (day > dayOf(before)) continue
      const folder = this.#folder(account, day)
      const old = (await this.#days.begun(folder)).filter(({ startedAt }) => startedAt < before)
      for (const { id } of old) {
        const outcome = await this.#keeper.alone(() => this.#removed({ account, folder, id }))
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
    const own = (await noteIds(folder)).filter((id) => isOf(fileName(call), id))
    const begun = await inGroups(own, async (id) => {
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

  async #fileOf(account: AccountId, id: string, track: string | undefined): Promise<Found | undefined> {
    const place = await this.#find(account, id)
    const note = place && (await readNote(place))
    const file = note && chosen(id, note.files, track)
    return place && note && file && { place, file, storage: note.storage }
  }

  async #removed(place: Place): Promise<StoredRecording | 'held' | undefined> {
    const recording = await readRecording(place)
    if (recording?.legalHold) return 'held'
    if (recording !== undefined) await this.#delete(place)
    return recording
  }

  /** Nobody has to come back for what was only held; where this is interrupted the hold is still there, and is ended again. */
  async #left(place: Place): Promise<StoredRecording | undefined> {
    const recording = await readRecording(place)
    await this.#delete(place)
    for (const end of [suffix.hold, suffix.leaving]) await rm(pathOf(place, end), { force: true })
    return recording && { ...recording, legalHold: false }
  }

  /** The voices go first and the note last: what is interrupted is still known, and can be deleted again. */
  async #delete(place: Place): Promise<void> {
    const note = await readNote(place)
    if (note === undefined) return
    await this.#keeper.bury(place, note)
    for (const { path } of note.files)
      for (const base of [path, path.replace(/\.wav$/, '.flac'), path.replace(/\.flac$/, '.wav')])
        await rm(audioPath(place, { path: base }), { force: true })
    await rm(pathOf(place, suffix.note), { force: true })
  }
}

interface Found {
  readonly place: Place
  readonly file: NotedFile
  readonly storage: string | undefined
}

const isOf = (call: string, name: string): boolean => name.startsWith(`${call}-`) && /^\d+(-\d+)?$/.test(name.slice(call.length + 1))

function chosen(id: string, files: readonly NotedFile[], track: string | undefined): NotedFile | undefined {
  if (track !== undefined) return files.find(({ path }) => trackOf(id, path) === track)
  return files.find(({ kind }) => kind === 'mix') ?? (files.length === 1 ? files[0] : undefined)
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

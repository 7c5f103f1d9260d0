/** The note beside a recording's files: as the media process wrote it, then with what became of the files since. And beside it the hold. */
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredRecording, StoredTrack } from '../control/recordings.ts'
import { trackOf } from '../control/recordings.ts'
import type { Recorded } from '../engine/port.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** What the media process reported, as it wrote it down, and what we add. Whatever else stands there stays. */
export interface Note extends Omit<Recorded, 'recording' | 'files'> {
  readonly stem: string
  readonly bridge: string
  readonly files: readonly NotedFile[]
  /** The storage that has all of its files. */
  readonly storage?: string
}

export interface NotedFile {
  readonly kind: 'track' | 'mix'
  readonly name: string
  readonly path: string
  readonly samples: number
  readonly bytes: number
  /** There as soon as the file is what it is going to be. */
  readonly sha256?: string
  /** It was gone when it was to be summed up. */
  readonly lost?: true
}

/** `leaving`: it goes when its hold ends. */
export const suffix = { note: '.json', hold: '.hold', leaving: '.leaving' } as const

/** `folder` is the day's. */
export interface Place {
  readonly account: AccountId
  readonly folder: string
  readonly id: string
}

export type Spot = Omit<Place, 'account'>

export const pathOf = ({ folder, id }: Spot, end: string): string => join(folder, `${id}${end}`)

export const audioPath = ({ folder }: Spot, file: Pick<NotedFile, 'path'>): string => join(folder, baseOf(file))

/** Notes name paths below the folder for recordings; only the last part counts. */
export const baseOf = ({ path }: Pick<NotedFile, 'path'>): string => path.slice(path.lastIndexOf('/') + 1)

export const isFlac = ({ path }: Pick<NotedFile, 'path'>): boolean => path.endsWith('.flac')

export const typeOf = (file: Pick<NotedFile, 'path'>): 'audio/flac' | 'audio/wav' => (isFlac(file) ? 'audio/flac' : 'audio/wav')

/** Its files change no more, and what they are is known. */
export const isSealed = ({ files }: Pick<Note, 'files'>): boolean => files.every(({ sha256, lost }) => sha256 !== undefined || lost)

/** Undefined where there is none, or none that can be understood. */
export async function readRecording(place: Place): Promise<StoredRecording | undefined> {
  const note = await readNote(place)
  return note && recordingIn(place, note, await isHeld(place))
}

export const isHeld = (place: Spot): Promise<boolean> => isThere(pathOf(place, suffix.hold))

function recordingIn({ id, account }: Place, note: Note, legalHold: boolean): StoredRecording {
  const tracks = note.files.map((file) => trackIn(id, file))
  return {
    ...{ id, account, call: note.bridge, startedAt: note.startedAt, format: note.format, tracks, legalHold },
    durationMs: Math.max(0, ...tracks.map((track) => track.durationMs)),
    gaps: note.gaps.map(({ from, to, why }) => ({ fromMs: from / 8, toMs: to / 8, why })),
    complete: note.complete,
    ...(note.why === undefined ? {} : { why: note.why }),
  }
}

function trackIn(id: string, { kind, name, path, samples, bytes, sha256 }: NotedFile): StoredTrack {
  const party = kind === 'track' ? { party: name } : {}
  return { kind, track: trackOf(id, path), ...party, bytes, durationMs: samples / 8, ...(sha256 === undefined ? {} : { sha256 }) }
}

export async function readNote(place: Spot): Promise<Note | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(pathOf(place, suffix.note), 'utf8'))
    return isNote(note) && note.stem === place.id ? note : undefined
  } catch {
    return undefined
  }
}

export const saveNote = (place: Spot, note: Note): Promise<void> => save(pathOf(place, suffix.note), textOf(note))

export const textOf = (note: Note): string => `${JSON.stringify(note, undefined, 2)}\n`

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false
  const { files, gaps, startedAt, stem, bridge, complete } = value as Record<string, unknown>
  const isWhole = Array.isArray(files) && Array.isArray(gaps) && Number.isFinite(startedAt) && typeof complete === 'boolean'
  return isWhole && typeof stem === 'string' && typeof bridge === 'string' && files.every((f) => typeof f?.path === 'string')
}

/** When it began, which is all that a list needs of those that it does not show. */
export const startOf = async (place: Spot): Promise<Instant | undefined> => (await readNote(place))?.startedAt

/** Whole or not at all. */
export async function save(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { flush: true })
  await rename(`${path}.new`, path)
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )

/** Nothing where there is no such folder. */
export const names = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

export const noteIds = async (folder: string): Promise<readonly string[]> =>
  (await names(folder)).filter((name) => name.endsWith(suffix.note)).map((name) => name.slice(0, -suffix.note.length))

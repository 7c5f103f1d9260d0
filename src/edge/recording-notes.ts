/** The note beside a recording's files, as the media process wrote it, and what is kept beside it since: the hold, the checksums. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredRecording, StoredTrack } from '../control/recordings.ts'
import { trackOf } from '../control/recordings.ts'
import type { Recorded } from '../engine/port.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** What the media process reported, as it wrote it down. */
interface Note extends Omit<Recorded, 'recording'> {
  readonly stem: string
  readonly bridge: string
}

export const suffix = { note: '.json', hold: '.hold', sums: '.sha256', audio: '.wav' } as const

/** `folder` is the day's. */
export interface Place {
  readonly account: AccountId
  readonly folder: string
  readonly id: string
}

export const pathOf = ({ folder, id }: Omit<Place, 'account'>, end: string): string => join(folder, `${id}${end}`)

export const audioPath = (place: Omit<Place, 'account'>, track: string): string => pathOf(place, `-${track}${suffix.audio}`)

/** Undefined where there is none, or none that can be understood. */
export async function readRecording(place: Place): Promise<StoredRecording | undefined> {
  const note = await readNote(place)
  if (note === undefined) return undefined
  const [sums, legalHold] = await Promise.all([readSums(place), isThere(pathOf(place, suffix.hold))])
  const tracks = note.files.map((file) => trackIn(place.id, file, sums))
  return {
    ...{ id: place.id, account: place.account, call: note.bridge, startedAt: note.startedAt, format: note.format, tracks, legalHold },
    durationMs: Math.max(0, ...tracks.map((track) => track.durationMs)),
    gaps: note.gaps.map(({ from, to, why }) => ({ fromMs: from / 8, toMs: to / 8, why })),
    complete: note.complete,
    ...(note.why === undefined ? {} : { why: note.why }),
  }
}

function trackIn(id: string, { kind, name, path, samples, bytes }: Note['files'][number], sums: ReadonlyMap<string, string>): StoredTrack {
  const track = trackOf(id, path)
  const sha256 = sums.get(`${id}-${track}${suffix.audio}`)
  const party = kind === 'track' ? { party: name } : {}
  return { kind, track, ...party, bytes, durationMs: samples / 8, ...(sha256 === undefined ? {} : { sha256 }) }
}

async function readNote(place: Place): Promise<Note | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(pathOf(place, suffix.note), 'utf8'))
    return isNote(note) && note.stem === place.id ? note : undefined
  } catch {
    return undefined
  }
}

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false
  const { files, gaps, startedAt, stem, bridge, complete } = value as Record<string, unknown>
  const isWhole = Array.isArray(files) && Array.isArray(gaps) && Number.isFinite(startedAt) && typeof complete === 'boolean'
  return isWhole && typeof stem === 'string' && typeof bridge === 'string' && files.every((f) => typeof f?.path === 'string')
}

/** When it began, which is all that a list needs of those that it does not show. */
export async function startOf(place: Omit<Place, 'account'>): Promise<Instant | undefined> {
  return (await readNote({ ...place, account: '' as AccountId }))?.startedAt
}

/** Checksums of all files, in the form that `sha256sum -c` reads. A file that is gone has none. */
export async function sumUp(place: Place, tracks: readonly StoredTrack[]): Promise<void> {
  const lines: string[] = []
  for (const { track } of tracks) {
    const sum = await sha256Of(audioPath(place, track))
    if (sum !== undefined) lines.push(`${sum}  ${place.id}-${track}${suffix.audio}\n`)
  }
  await save(pathOf(place, suffix.sums), lines.join(''))
}

async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) hash.update(chunk)
    return hash.digest('hex')
  } catch {
    return undefined
  }
}

async function readSums(place: Place): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(pathOf(place, suffix.sums), 'utf8').catch(() => '')
  return new Map([...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, sum = '', name = '']) => [name, sum]))
}

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

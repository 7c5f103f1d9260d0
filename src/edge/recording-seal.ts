/** What becomes of a recording's files once it is over: encoded, summed up, brought to the storage. Each step is whole or has not happened. */
import { rm } from 'node:fs/promises'
import type { Log } from '../kernel/log.ts'
import { type RecordingThread, ThreadFailure } from '../recordings/thread.ts'
import {
  audioPath,
  baseOf,
  isFlac,
  isSealed,
  isThere,
  type Note,
  type NotedFile,
  readNote,
  type Spot,
  saveNote,
  suffix,
  textOf,
  typeOf,
} from './recording-notes.ts'

export interface Storage {
  /** Which one it is, as notes name it. */
  readonly name: string
  readonly prefix: string
}

export interface SealParts {
  readonly thread: RecordingThread
  readonly log?: Log | undefined
  /** What is done to a recording on the disk is done by one at a time. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

/** Undefined: it has been deleted. */
export async function seal(parts: SealParts, spot: Spot): Promise<Note | undefined> {
  const note = await readNote(spot)
  if (note === undefined) return undefined
  if (!isSealed(note)) return commit(parts, spot, await sealedFiles(parts, spot, note))
  await removeOriginals(spot, note.files)
  return note
}

async function sealedFiles(parts: SealParts, spot: Spot, { format, files }: Note): Promise<readonly NotedFile[]> {
  const sealed: NotedFile[] = []
  for (const file of files) sealed.push(file.sha256 === undefined ? await sealedFile(parts, spot, { file, format }) : file)
  return sealed
}

/** The new note first, then the end of what it no longer names: what is interrupted goes on with the next look. */
function commit({ alone }: SealParts, spot: Spot, files: readonly NotedFile[]): Promise<Note | undefined> {
  return alone(async () => {
    const note = await readNote(spot)
    if (note === undefined) {
      for (const file of files) await rm(audioPath(spot, file), { force: true })
      return undefined
    }
    const sealed = { ...note, files }
    await saveNote(spot, sealed)
    await removeOriginals(spot, files)
    return sealed
  })
}

async function removeOriginals(spot: Spot, files: readonly NotedFile[]): Promise<void> {
  for (const file of files.filter(isFlac)) await rm(audioPath(spot, { path: file.path.replace(/\.flac$/, '.wav') }), { force: true })
}

interface Sealing {
  readonly file: NotedFile
  readonly format: Note['format']
}

async function sealedFile(parts: SealParts, spot: Spot, { file, format }: Sealing): Promise<NotedFile> {
  const path = audioPath(spot, file)
  if (!(await isThere(path))) return { ...file, lost: true }
  const encoded = format === 'flac' && !isFlac(file) ? await encode(parts, { spot, file }) : undefined
  return encoded ?? { ...file, ...(await parts.thread.do({ kind: 'sum', path })) }
}

/** Undefined where it cannot be done at all: then the file stays as it was recorded. */
async function encode(
  { thread, log }: SealParts,
  { spot, file }: { readonly spot: Spot; readonly file: NotedFile },
): Promise<NotedFile | undefined> {
  const path = file.path.replace(/\.wav$/, '.flac')
  try {
    const { bytes, samples, sha256 } = await thread.do({ kind: 'encode', from: audioPath(spot, file), to: audioPath(spot, { path }) })
    return { ...file, path, bytes, samples, sha256 }
  } catch (error) {
    if (!(error instanceof ThreadFailure) || error.of !== 'file') throw error
    log?.error({ recording: spot.id, track: file.name, why: error.message }, 'a recording stays WAV')
    return undefined
  }
}

/** The keys of everything that the storage may have of it. */
export function keysOf(note: Note, { spot, prefix }: { readonly spot: Spot; readonly prefix: string }): readonly string[] {
  const audio = note.files.flatMap((file) => [baseOf(file), baseOf(file).replace(/\.flac$/, '.wav')])
  return [...new Set([...audio, `${spot.id}${suffix.note}`])].map((base) => keyOf(spot, prefix, base))
}

/** Below the prefix it looks as it does in the folder for recordings. */
export function keyOf({ folder }: Spot, prefix: string, base: string): string {
  const [account = '', day = ''] = folder.split('/').slice(-2)
  return `${prefix}${account}/${day}/${base}`
}

/** The note goes last: what it names is there. False: it has been deleted meanwhile, and may be in the storage. */
export async function store(
  parts: SealParts,
  storage: Storage,
  { spot, note, signal }: { spot: Spot; note: Note; signal: AbortSignal },
): Promise<boolean> {
  const { thread, alone } = parts
  const stored = { ...note, storage: storage.name }
  for (const file of note.files) {
    if (file.sha256 === undefined) continue
    const [path, key] = [audioPath(spot, file), keyOf(spot, storage.prefix, baseOf(file))]
    if (!(await isThere(path))) throw new ThreadFailure({ of: 'file', why: `${baseOf(file)} is gone` })
    await thread.do({ kind: 'store', path, key, type: typeOf(file), sha256: file.sha256 }, signal)
  }
  await thread.do({ kind: 'store-text', key: keyOf(spot, storage.prefix, `${spot.id}${suffix.note}`), text: textOf(stored) }, signal)
  return alone(async () => {
    if ((await readNote(spot)) === undefined) return false
    await saveNote(spot, stored)
    return true
  })
}

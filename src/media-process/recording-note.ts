/**
 * What is known of a recording beside its samples, as JSON: while it runs under `.open` in the folder for recordings, where whoever starts
 * next finds what a killed recorder left; beside its files, when it is over. Gaps are marked here and are silence in the files.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BridgeId, LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { RecordFormat, RecordingGap, RecordingReport } from '../media/protocol.ts'
import type { LaneLaw } from '../media/record-words.ts'

export interface NotedFile {
  readonly kind: 'track' | 'mix'
  readonly name: string
  readonly leg?: LegId
  /** Below the folder for recordings. */
  readonly path: string
  readonly law: LaneLaw
}

export interface RecordingNote {
  readonly recording: string
  readonly bridge: BridgeId
  readonly directory: string
  /** What the names of its files begin with: the recording's own, with a number where that was taken. */
  readonly stem: string
  readonly format: RecordFormat
  readonly startedAt: Instant
  readonly pid: number
  readonly files: readonly NotedFile[]
  readonly gaps: readonly RecordingGap[]
}

const openFolder = (root: string): string => join(root, '.open')

const openPath = (root: string, stem: string): string => join(openFolder(root), `${stem}.json`)

export function saveOpen(root: string, note: RecordingNote): void {
  mkdirSync(openFolder(root), { recursive: true })
  save(openPath(root, note.stem), note)
}

export function saveFinished(root: string, note: RecordingNote, report: RecordingReport): void {
  const { pid: _, ...known } = note
  save(join(root, note.directory, `${note.stem}.json`), { ...known, ...report })
  forget(root, note)
}

export const forget = (root: string, { stem }: { readonly stem: string }): void => rmSync(openPath(root, stem), { force: true })

/** What is open by their notes; one that cannot be read belongs to a recording that had hardly begun. */
export function openNotes(root: string): readonly RecordingNote[] {
  return names(openFolder(root)).flatMap((name) => read(join(openFolder(root), name)) ?? [])
}

/** Of a recording that another process was writing when it was cut off. */
export const openNote = (root: string, recording: string): RecordingNote | undefined =>
  openNotes(root).findLast((note) => note.recording === recording)

/** The recording's own name, or with a number where a killed recorder, or another one beside us, has left something under it. */
export function freeStem(root: string, directory: string, recording: string): string {
  for (let part = 1; ; part++) {
    const stem = part === 1 ? recording : `${recording}-${part}`
    if (!existsSync(openPath(root, stem)) && !existsSync(join(root, directory, `${stem}.json`))) return stem
  }
}

/** Whole or not at all: the old one stands until the new one is there. */
function save(path: string, value: object): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, `${JSON.stringify(value, undefined, 2)}\n`)
  renameSync(temporary, path)
}

function read(path: string): RecordingNote | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null && 'stem' in value && 'files' in value ? (value as RecordingNote) : undefined
  } catch {
    return undefined
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}

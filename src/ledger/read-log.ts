import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import { type Head, headOf, linesOf, recordsOf } from './line.ts'

/** What the log itself writes, beside those who write in it. */
export type LogMark =
  /** First line of each segment. `gap`: something before it could not be written, and is missing. */
  | { readonly kind: 'segment'; readonly version: 1; readonly gap: boolean }
  /** From the segment's beginning to here everything that lives has been written once. */
  | { readonly kind: 'checkpoint' }

export const markOf = 'log'

/** A file of the log that was read. */
interface Segment {
  readonly name: string
  readonly number: number
  readonly bytes: number
  readonly closedMs: number
  readonly lines: readonly (Head & { readonly line: Buffer })[]
  readonly isCheckpointed: boolean
  /** Does not go on where the one before it ends. */
  readonly isTorn: boolean
  /** Where something that is no line of ours stands before the end. */
  readonly damagedAt?: number
}

export interface LogFile {
  readonly name: string
  readonly number: number
  readonly bytes: number
  /** When it was written last. */
  readonly closedMs: number
}

/** What the log says, oldest first. */
export interface ReadLog {
  /** All that somebody wrote since the last complete checkpoint, how things stood included. */
  latest(of: string): Iterable<unknown>
  /** As far back as it goes: how things stood at its beginning, and every change since. */
  history(of: string): Iterable<unknown>
  /** What is damaged, by file and place; nothing after it was used. */
  readonly damage: readonly string[]
  /** All that are there, also those that are too old to be read at a start. */
  readonly files: readonly LogFile[]
  readonly damagedFiles: readonly string[]
  readonly nextSequence: number
  readonly nextNumber: number
}

export const segmentName = (number: number): string => `${String(number).padStart(8, '0')}.jsonl`
const namePattern = /^(\d{8,})\.jsonl$/

/** Reads the whole log, if there is one. A last line that was not written to its end is what a killed process leaves, and no damage. */
export function openLog(folder: string): ReadLog {
  const names = existsSync(folder) ? namesIn(folder) : []
  const segments = follow(newest(folder, names))
  const older = names.slice(0, names.length - segments.length).map((name) => fileIn(folder, name))
  const usable = untilDamage(segments)
  const last = usable.findLastIndex((segment) => segment.isCheckpointed)
  const first = startOfHistory(usable, last)
  const sequences = segments.flatMap((segment) => segment.lines.at(-1)?.sequence ?? [])
  return {
    latest: (of) => recordsIn(last < 0 ? [] : usable.slice(last), (line) => line.of === of || line.of === `${of}-state`),
    history: (of) => historyOf(last < 0 ? [] : usable.slice(first), of),
    damage: damageIn(segments, last),
    files: [...older, ...segments],
    damagedFiles: segments.flatMap(({ name, damagedAt }) => (damagedAt === undefined ? [] : [name])),
    nextSequence: Math.max(0, ...sequences) + 1,
    nextNumber: (segments.at(-1)?.number ?? 0) + 1,
  }
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => namePattern.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b))
}

/** Back to the last checkpoint, and as far beyond as the history of a start goes: a start takes no longer because somebody wants old files. */
function newest(folder: string, names: readonly string[]): readonly Segment[] {
  const segments: Segment[] = []
  let [bytes, isWhole] = [0, false]
  for (const name of names.toReversed()) {
    if (isWhole && bytes > limits.ledgerHistoryBytes) break
    const segment = readSegment(folder, name)
    segments.unshift(segment)
    bytes += segment.bytes
    isWhole ||= segment.isCheckpointed
  }
  return segments
}

function fileIn(folder: string, name: string): LogFile {
  const { size, mtimeMs } = statSync(join(folder, name))
  return { name, number: numberOf(name), bytes: size, closedMs: mtimeMs }
}

/** Numbers of the files in the folder, from one to before another. */
export function filesBetween(folder: string, from: number, before: number): readonly string[] {
  return namesIn(folder).filter((name) => numberOf(name) >= from && numberOf(name) < before)
}

/** Of one file, as far as it is whole. `isBroken`: it does not go on where the one before it ends. */
export function fileHistory(folder: string, name: string, of: string) {
  const { lines, isTorn } = readSegment(folder, name)
  return {
    ...{ first: lines[0]?.sequence, last: lines.at(-1)?.sequence, isTorn },
    /** How things stood at its beginning. */
    state: () => recordsOfLines(lines, (line) => line.of === `${of}-state`),
    changes: () => recordsOfLines(lines, (line) => line.of === of),
  }
}

const numberOf = (name: string): number => Number(namePattern.exec(name)?.[1])

function readSegment(folder: string, name: string): Segment {
  const bytes = readFileSync(join(folder, name))
  const lines: (Head & { readonly line: Buffer })[] = []
  let damagedAt: number | undefined
  for (const { offset, line, isTerminated } of linesOf(bytes)) {
    const head = headOf(line)
    const follows = head !== undefined && (lines.length === 0 || head.sequence === (lines.at(-1)?.sequence ?? 0) + 1)
    if (follows) lines.push({ ...head, line })
    else if (isTerminated) damagedAt = offset
    if (!follows) break
  }
  const marks = lines.filter(({ of }) => of === markOf).flatMap(({ line }) => recordsOf(line) as readonly LogMark[])
  const isGap = marks.some((mark) => mark.kind === 'segment' && mark.gap)
  const known = { ...fileIn(folder, name), bytes: bytes.length, lines, isTorn: isGap }
  const isCheckpointed = marks.some((mark) => mark.kind === 'checkpoint')
  return damagedAt === undefined ? { ...known, isCheckpointed } : { ...known, isCheckpointed, damagedAt }
}

/** A line that is missing between two files is as bad as one that is missing within. */
function follow(segments: readonly Segment[]): readonly Segment[] {
  let last: number | undefined
  return segments.map((segment) => {
    const first = segment.lines[0]?.sequence
    const isTorn = segment.isTorn || (last !== undefined && first !== undefined && first !== last + 1)
    last = segment.lines.at(-1)?.sequence ?? last
    return { ...segment, isTorn }
  })
}

/** Up to the first damage after the last checkpoint: what comes after it cannot be understood without what is missing. */
function untilDamage(segments: readonly Segment[]): readonly Segment[] {
  const start = segments.findLastIndex((segment) => segment.isCheckpointed)
  const bad = segments.findIndex((segment, i) => i > start && segment.isTorn)
  const damaged = segments.findIndex((segment, i) => i >= start && segment.damagedAt !== undefined)
  const end = Math.min(bad < 0 ? segments.length : bad, damaged < 0 ? segments.length : damaged + 1)
  return segments.slice(0, end)
}

/** The oldest segment from which everything is there, without a gap, to the end. */
function startOfHistory(segments: readonly Segment[], last: number): number {
  let first = last
  for (let i = last; i > 0; i -= 1) {
    const before = segments[i - 1]
    if (segments[i]?.isTorn === true || before === undefined || before.damagedAt !== undefined) break
    if (before.isCheckpointed) first = i - 1
  }
  return first
}

function damageIn(segments: readonly Segment[], last: number): readonly string[] {
  const damaged = segments.flatMap(({ name, damagedAt }) =>
    damagedAt === undefined ? [] : [`${name} is damaged at byte ${damagedAt}; nothing behind it in this file can be used`],
  )
  const torn = segments.flatMap(({ name, isTorn }, i) => (isTorn && i > last ? [`something is missing before ${name}`] : []))
  return [...damaged, ...torn]
}

function* recordsIn(segments: readonly Segment[], wanted: (line: Head) => boolean): Iterable<unknown> {
  for (const { lines } of segments) yield* recordsOfLines(lines, wanted)
}

function* recordsOfLines(lines: Segment['lines'], wanted: (line: Head) => boolean): Iterable<unknown> {
  for (const line of lines) if (wanted(line)) yield* recordsOf(line.line)
}

function* historyOf(segments: readonly Segment[], of: string): Iterable<unknown> {
  yield* recordsIn(segments.slice(0, 1), (line) => line.of === of || line.of === `${of}-state`)
  yield* recordsIn(segments.slice(1), (line) => line.of === of)
}

/** Recordings that a killed media process left behind: their headers are put right, and they get their names. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { RecordedFile, RecordingReport } from '../media/protocol.ts'
import { sampleBytes } from '../media/record-words.ts'
import { wavHeader, wavHeaderBytes } from '../media/wav.ts'
import { type NotedFile, openNotes, type RecordingNote, saveFinished } from './recording-note.ts'
import { partSuffix } from './wav-file.ts'

/**
 * Nothing of ours can be open yet. What another process still writes is left alone, and so are recordings that go on; one that cannot be
 * saved waits for the next start.
 */
export function* recovered(root: string, goingOn: ReadonlySet<string>): Generator<RecordingReport> {
  for (const note of openNotes(root)) {
    if (isWriting(note.pid) || goingOn.has(note.recording)) continue
    const report = recover(root, note)
    if (report !== undefined) yield report
  }
}

function recover(root: string, note: RecordingNote): RecordingReport | undefined {
  try {
    const files = note.files.flatMap((file) => repaired(root, file) ?? [])
    const { bridge, recording, format, startedAt } = note
    const length = Math.max(0, ...files.map((file) => file.samples))
    const gaps = note.gaps.filter(({ from }) => from < length).map((gap) => ({ ...gap, to: Math.min(gap.to, length) }))
    const report: RecordingReport = { bridge, recording, format, startedAt, files, gaps, complete: false, why: 'recorder-died' }
    saveFinished(root, note, report)
    return report
  } catch {
    return undefined
  }
}

function repaired(root: string, { kind, name, leg, path, law }: NotedFile): RecordedFile | undefined {
  const whole = join(root, path)
  if (existsSync(whole + partSuffix)) repair(whole, law)
  if (!existsSync(whole)) return undefined
  const bytes = statSync(whole).size
  return { kind, name, ...(leg === undefined ? {} : { leg }), path, samples: (bytes - wavHeaderBytes) / sampleBytes(law), bytes }
}

function repair(path: string, law: NotedFile['law']): void {
  const fd = openSync(path + partSuffix, 'r+')
  const length = Math.max(0, fstatSync(fd).size - wavHeaderBytes)
  const data = length - (length % 2)
  ftruncateSync(fd, wavHeaderBytes + data)
  const header = wavHeader({ format: law, channels: 1, sampleRate: 8_000 }, data)
  writeSync(fd, header, 0, header.length, 0)
  fdatasyncSync(fd)
  closeSync(fd)
  renameSync(path + partSuffix, path)
}

/** A number alone says little: after a restart of the machine it may be anybody's, in a container even our own. */
function isWriting(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('media-process')
  } catch {
    return false
  }
}

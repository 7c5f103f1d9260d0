/** The thread that writes recordings, so that no packet ever waits for a disk. Its only clock is its own round, four times a second. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { RecordOutcome, RecordWord } from '../media/record-words.ts'
import { RecordingBook } from './recording-book.ts'
import { recovered } from './recording-orphans.ts'

const roundMs = 250
/** Headers follow the samples after so many rounds. */
const roundsPerHead = 4

const { root, goingOn }: { readonly root: string; readonly goingOn: readonly string[] } = workerData
const books = new Map<string, RecordingBook>()
/** Their files are being brought to the disk. */
let finishing = 0
let rounds = 0
let isEnding = false

for (const report of recovered(root, new Set(goingOn))) say({ kind: 'recovered', report })
const timer = setInterval(round, roundMs)

function round(): void {
  const finals = new Map([...books.values()].map((book) => [book, book.final]))
  readWords()
  rounds++
  // Recordings that have just begun are written from the next round on; those that were told to end are written to their end.
  for (const book of books.values()) attempt(book, () => write(book, finals.get(book) ?? 0))
  if (!isEnding || books.size > 0 || finishing > 0) return
  clearInterval(timer)
  parentPort?.close()
}

function write(book: RecordingBook, final: number): void {
  book.write(final)
  if (book.isWritten) return finish(book)
  if (rounds % roundsPerHead === 0) book.head()
}

function readWords(): void {
  if (parentPort === null) return
  for (let read = receiveMessageOnPort(parentPort); read !== undefined; read = receiveMessageOnPort(parentPort)) {
    if (read.message === 'end') isEnding = true
    else hear(read.message)
  }
}

/** Words about a recording that has failed already are no news. */
function hear(word: RecordWord): void {
  if (word.kind === 'open') return open(word)
  const book = books.get(word.recording)
  if (book !== undefined) attempt(book, () => book.hear(word))
}

function open(word: Extract<RecordWord, { kind: 'open' }>): void {
  try {
    books.set(word.recording, new RecordingBook(root, word))
  } catch (error) {
    say({ kind: 'failed', recording: word.recording, why: reason(error) })
  }
}

/** Whatever the file system refuses ends this recording and no other. */
function attempt(book: RecordingBook, work: () => void): void {
  try {
    work()
  } catch (error) {
    finish(book, reason(error))
  }
}

function finish(book: RecordingBook, failure?: string): void {
  books.delete(book.id)
  finishing++
  book.finish(failure).then(
    (report) => finished({ kind: 'reported', report }),
    (error: unknown) => finished({ kind: 'failed', recording: book.id, why: reason(error) }),
  )
}

function finished(outcome: RecordOutcome): void {
  finishing--
  say(outcome)
}

function say(outcome: RecordOutcome): void {
  parentPort?.postMessage(outcome)
}

const reasons: Readonly<Record<string, string>> = { ENOSPC: 'disk-full', EDQUOT: 'disk-full', EFBIG: 'file-too-large' }

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'bug'
  return reasons[code] ?? (code === 'bug' ? `bug: ${error}` : code)
}

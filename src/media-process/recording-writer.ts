/** The media process's end of the thread that writes recordings. A thread that dies is replaced, and the new one saves what the old one left. */
import { Worker } from 'node:worker_threads'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { RecordOutcome, RecordWord } from '../media/record-words.ts'
import { openNotes } from './recording-note.ts'

export interface RecordingWriterOptions {
  /** Folder under which everything is written. */
  readonly root: string
  /** Recordings of a process that was cut off, which are told to go on in a moment. */
  readonly goingOn?: readonly string[]
  readonly log: Log
  /** Undefined: the thread died, with all that it had open. */
  readonly onOutcome: (outcome: RecordOutcome | undefined) => void
}

export class RecordingWriter {
  readonly #options: RecordingWriterOptions
  #worker: Worker | undefined
  #isClosing = false
  #closed: () => void = () => {}

  constructor(options: RecordingWriterOptions) {
    this.#options = options
    if (openNotes(options.root).length > 0) this.#start(options.goingOn)
  }

  /** The thread begins with the first recording: many servers never have one. */
  say(word: RecordWord): void {
    if (this.#worker === undefined && word.kind === 'open' && !this.#isClosing) this.#start()
    this.#worker?.postMessage(word)
  }

  /** Resolves when all that was told to end is on the disk. */
  close(): Promise<void> {
    this.#isClosing = true
    const worker = this.#worker
    if (worker === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const patience = setTimeout(() => this.#giveUp(worker), limits.recordingCloseMs)
      this.#closed = () => {
        clearTimeout(patience)
        resolve()
      }
      worker.postMessage('end')
    })
  }

  /** A write that hangs in the kernel cannot be broken off; the process can end without it. */
  #giveUp(worker: Worker): void {
    this.#options.log.error({}, 'the disk for recordings hangs')
    worker.unref()
    this.#closed()
  }

  #start(goingOn: readonly string[] = []): void {
    const { root, log, onOutcome } = this.#options
    const worker = new Worker(new URL('./recording-worker.ts', import.meta.url), { workerData: { root, goingOn } })
    this.#worker = worker
    worker.on('message', (outcome: RecordOutcome) => {
      if (outcome.kind !== 'reported') log.warn({ outcome }, 'recording')
      onOutcome(outcome)
    })
    worker.on('error', (error) => log.error({ error: error.stack }, 'the writer of recordings died'))
    worker.once('exit', () => this.#ended())
  }

  #ended(): void {
    this.#worker = undefined
    if (this.#isClosing) return this.#closed()
    this.#options.onOutcome(undefined)
    this.#start()
  }
}

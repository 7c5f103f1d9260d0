/** A customer, an agent and a supervisor whose call is recorded into real files, in virtual time: the writer's round is taken by hand. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordedFile, RecordedVoice, RecordingReport, RecordOrder, Row } from '../src/media/protocol.ts'
import type { RecordWord } from '../src/media/record-words.ts'
import { readWav, wavSamples } from '../src/media/wav.ts'
import { RecordingBook } from '../src/media-process/recording-book.ts'
import { amplitudeOf, hearingThreshold } from './ear.ts'
import { Stage, type StagePhone } from './media-stage.ts'

const roundMs = 250

export class RecordingRoom {
  readonly root = mkdtempSync(join(tmpdir(), 'sotto-recordings-'))
  readonly stage: Stage
  readonly customer: StagePhone
  readonly agent: StagePhone
  readonly supervisor: StagePhone
  /** False: the disk hangs. */
  writes = true
  readonly #books = new Map<string, RecordingBook>()
  /** Said while the disk hung. */
  #unread: Exclude<RecordWord, { kind: 'open' }>[] = []
  #last: Omit<RecordOrder, 'kind' | 'bridge' | 'recording'>

  constructor(shape: Partial<RecordOrder> = {}, announcements?: ReadonlyMap<string, Int16Array>) {
    this.stage = new Stage(8, (word) => this.#word(word), announcements)
    this.customer = this.stage.phone('c')
    this.agent = this.stage.phone('a')
    this.supervisor = this.stage.phone('s', { voice: 'supervisor' })
    this.#last = { state: 'on', directory: 'acme/day', format: 'wav-g711', mix: true, coach: 'exclude', tracks: [], ...shape }
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  voice(phone: StagePhone, voice: RecordedVoice['voice'] = 'conversation'): RecordedVoice {
    return { leg: phone.leg, name: phone.leg, voice }
  }

  /** What is not said stays as it was. */
  record(changes: Partial<RecordOrder> = {}): void {
    this.#last = { ...this.#last, ...changes }
    this.stage.engine.order(this.stage.at, { kind: 'record', bridge: this.stage.bridge, recording: 'r1', ...this.#last })
  }

  /** Rows of phones by those whom they hear. */
  wire(...rows: readonly (readonly [StagePhone, ...StagePhone[]])[]): void {
    this.stage.rewire(...rows.map(([listener, ...talkers]): Row => ({ listener: listener.leg, talkers: talkers.map((t) => t.leg) })))
  }

  talk(): void {
    this.wire([this.customer, this.agent], [this.agent, this.customer])
  }

  whisper(): void {
    const { customer, agent, supervisor } = this
    this.wire([customer, agent], [agent, customer, supervisor], [supervisor, agent, customer])
  }

  barge(): void {
    const { customer, agent, supervisor } = this
    this.wire([customer, agent, supervisor], [agent, customer, supervisor], [supervisor, agent, customer])
  }

  advance(ms: number): void {
    for (let left = ms; left > 0; left -= roundMs) {
      this.stage.advance(Math.min(left, roundMs))
      this.#round()
    }
  }

  /** The process is killed, files and all as they are; after a while its standby goes on, by the same orders. */
  succeed(afterMs: number): void {
    const { engine } = this.stage
    const begunAt = engine.recordings.standing('r1')
    if (typeof begunAt !== 'number') throw new Error('nothing is recorded')
    engine.recorded(this.stage.at, undefined)
    this.#books.clear()
    this.#unread = []
    this.stage.advance(afterMs)
    const order: RecordOrder = { kind: 'record', bridge: this.stage.bridge, recording: 'r1', ...this.#last }
    engine.recordings.goOn(this.stage.at, { order, begunAt })
  }

  /** Ends it and reads its files. */
  async end(): Promise<Recorded> {
    this.record({ state: 'off', tracks: [] })
    this.#round()
    const book = this.#books.get('r1')
    if (book === undefined) throw new Error('nothing is recorded')
    const report = await book.finish()
    this.stage.engine.recorded(this.stage.at, { kind: 'reported', report })
    return new Recorded(this.root, report)
  }

  #word(word: RecordWord): void {
    if (word.kind === 'open') this.#books.set(word.recording, new RecordingBook(this.root, word))
    else if (this.writes) this.#books.get(word.recording)?.hear(word)
    else this.#unread.push(word)
  }

  #round(): void {
    if (!this.writes) return
    for (const word of this.#unread.splice(0)) this.#books.get(word.recording)?.hear(word)
    for (const book of this.#books.values()) book.write(book.final)
  }
}

/** What came of a recording, for the ear. */
export class Recorded {
  readonly report: RecordingReport
  readonly #root: string

  constructor(root: string, report: RecordingReport) {
    this.#root = root
    this.report = report
  }

  file(name: string): RecordedFile {
    const file = this.report.files.find((one) => one.name === name)
    if (file === undefined) throw new Error(`no file of ${name} among ${this.report.files.map((one) => one.name)}`)
    return file
  }

  bytes(name: string): Uint8Array {
    return dataOf(readFileSync(join(this.#root, this.file(name).path))).data
  }

  samples(name: string): Int16Array {
    return wavSamples(dataOf(readFileSync(join(this.#root, this.file(name).path))))
  }

  /** The tones in 20 ms windows of a file, from one time to another. */
  tones(name: string, of: readonly number[], { from, to }: { readonly from: number; readonly to: number }): readonly (readonly number[])[] {
    const samples = this.samples(name)
    const windows = Array.from({ length: Math.floor((to - from) / 20) }, (_, n) => (from + 20 * n) * 8)
    return windows.map((start) => tonesOf(samples.subarray(start, start + 160), of))
  }
}

export const tonesOf = (samples: Int16Array, tones: readonly number[]): readonly number[] =>
  tones.filter((hertz) => amplitudeOf(samples, hertz) > hearingThreshold)

export function dataOf(bytes: Uint8Array) {
  const wav = readWav(bytes)
  if (!wav.ok) throw new Error(wav.error)
  return wav.value
}

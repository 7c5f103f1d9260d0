/** One recording being written: takes final frames out of the lanes' memories and brings them into the files. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { silenceByte } from '../media/g711.ts'
import type { RecordedFile, RecordingReport } from '../media/protocol.ts'
import {
  counter,
  type LaneLaw,
  type LaneOpened,
  laneSamples,
  type RecordingOpened,
  type RecordWord,
  recordedFrameSamples,
  sampleBytes,
} from '../media/record-words.ts'
import { type Gap, RecordingGaps } from './recording-gaps.ts'
import { FrameMixer } from './recording-mix.ts'
import { freeStem, type NotedFile, openNote, type RecordingNote, saveFinished, saveOpen } from './recording-note.ts'
import { WavFile } from './wav-file.ts'

/** Frames taken in one go: what a lane's memory holds at most. */
const chunkFrames = Math.floor(laneSamples / recordedFrameSamples)

interface Lane {
  readonly law: LaneLaw
  readonly samples: Uint8Array | Int16Array
  readonly silence: number
  readonly inMix: boolean
  readonly file: WavFile | undefined
  endFrame: number
  /** The frame at hand. */
  readonly frame: Uint8Array | Int16Array
}

interface Before {
  readonly isPaused: boolean
  /** Samples in each file, by path. */
  readonly reached: ReadonlyMap<string, number>
}

type Word = Exclude<RecordWord, { kind: 'open' }>

export class RecordingBook {
  readonly id: string
  readonly #root: string
  readonly #note: Omit<RecordingNote, 'files' | 'gaps'>
  readonly #opened: RecordingOpened
  readonly #counts: Int32Array
  readonly #lanes = new Map<number, Lane>()
  readonly #files = new Map<string, { readonly file: WavFile; readonly noted: NotedFile }>()
  readonly #gaps: RecordingGaps
  readonly #chunk = new Uint8Array(2 * chunkFrames * recordedFrameSamples)
  readonly #chunkView = new DataView(this.#chunk.buffer)
  #mixer: FrameMixer | undefined
  #mixFile: WavFile | undefined
  #endFrame: number | undefined
  #why: string | undefined
  /** What another process wrote, until the hole behind it is marked. */
  #before: Before | undefined

  /** Throws what the file system throws. */
  constructor(root: string, opened: RecordingOpened) {
    const { recording, bridge, directory, format, startedAt } = opened
    this.id = recording
    this.#root = root
    this.#opened = opened
    this.#counts = new Int32Array(opened.counters)
    mkdirSync(join(root, directory), { recursive: true })
    const before = opened.goesOn && openNote(root, recording)
    this.#gaps = new RecordingGaps(opened.goesOn?.frame ?? 0, before?.gaps ?? [])
    const stem = before?.stem ?? freeStem(root, directory, recording)
    this.#note = { recording, bridge, directory, stem, format, startedAt, pid: process.pid }
    if (opened.goesOn !== undefined) this.#takeUp(before, opened.goesOn.isPaused)
    this.#save()
  }

  /** Frames that nothing may change any more. Asked before the words are read: a word about a frame comes before it is final. */
  get final(): number {
    return Atomics.load(this.#counts, counter.final)
  }

  /** Everything up to its last frame is in the files. */
  get isWritten(): boolean {
    return this.#endFrame !== undefined && Atomics.load(this.#counts, counter.taken) >= this.#endFrame
  }

  hear(word: Word): void {
    switch (word.kind) {
      case 'lane':
        return this.#addLane(word)
      case 'end-lane': {
        const lane = this.#lanes.get(word.lane)
        if (lane !== undefined) lane.endFrame = word.frame
        return
      }
      case 'pause':
        this.#closeBefore()
        return this.#mark({ from: word.frame, to: Number.POSITIVE_INFINITY, why: 'paused' })
      case 'resume':
        return this.#closeGap(word.frame)
      case 'hole':
        return this.#mark({ from: word.from, to: word.to, why: 'hole' })
      case 'finish':
        this.#endFrame = word.frame
        this.#why = word.why
        return this.#closeGap(word.frame)
    }
  }

  /** Brings what is final into the files. Throws what the file system throws. */
  write(final: number): void {
    this.#closeBefore()
    for (let taken = Atomics.load(this.#counts, counter.taken); taken < final; ) {
      const frames = Math.min(final - taken, chunkFrames)
      this.#writeChunk(taken, frames)
      taken += frames
      Atomics.store(this.#counts, counter.taken, taken)
      for (const [number, lane] of this.#lanes) if (lane.endFrame <= taken) this.#lanes.delete(number)
    }
  }

  head(): void {
    for (const { file } of this.#files.values()) file.head()
  }

  /** `failure`: what kept the rest from being written. */
  async finish(failure?: string): Promise<RecordingReport> {
    this.#closeBefore()
    const settled = await Promise.allSettled([...this.#files.values()].map(({ file, noted }) => finished(file, noted)))
    const files = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const why = failure ?? this.#why ?? (files.length < settled.length ? 'files-lost' : undefined)
    const { recording, bridge, format, startedAt } = this.#note
    const report: RecordingReport = {
      ...{ bridge, recording, format, startedAt, files },
      gaps: this.#gaps.inSamples(Math.max(0, ...files.map((file) => file.samples))),
      complete: why === undefined,
      ...(why === undefined ? {} : { why }),
    }
    this.#saveFinished(report)
    return report
  }

  #takeUp(note: RecordingNote | undefined, isPaused: boolean): void {
    const kept = (note?.files ?? []).filter(({ path }) => WavFile.isOpen(join(this.#root, path)))
    for (const noted of kept) this.#files.set(noted.path, { file: new WavFile(join(this.#root, noted.path), noted.law, true), noted })
    this.#before = { isPaused, reached: new Map([...this.#files].map(([path, { file }]) => [path, file.samples])) }
  }

  /**
   * As soon as it is known whose voices go on: the shortest of their files is as far as the other process came with all of them. What was
   * not written is lost, but in a pause that is still on there was nothing to lose.
   */
  #closeBefore(): void {
    const { goesOn } = this.#opened
    const before = this.#before
    if (before === undefined || goesOn === undefined) return
    this.#before = undefined
    const going = [...this.#lanes.values()].flatMap(({ file }) => file ?? [])
    if (this.#mixFile !== undefined) going.push(this.#mixFile)
    const ofGoing = [...this.#files].filter(([, { file }]) => going.includes(file)).flatMap(([path]) => before.reached.get(path) ?? [])
    const reached = ofGoing.length > 0 ? Math.min(...ofGoing) : Math.max(0, ...before.reached.values())
    const from = Math.min(goesOn.frame, Math.floor(reached / recordedFrameSamples))
    const pause = this.#gaps.openPause
    if (before.isPaused && pause !== undefined) return
    if (pause !== undefined) pause.to = Math.max(pause.from, from)
    this.#mark({ from, to: goesOn.frame, why: 'hole' })
    if (before.isPaused) this.#mark({ from: goesOn.frame, to: Number.POSITIVE_INFINITY, why: 'paused' })
  }

  #addLane({ lane, law, memory, inMix, file }: LaneOpened): void {
    const samples = law === 'PCM' ? new Int16Array(memory) : new Uint8Array(memory)
    const frame = law === 'PCM' ? new Int16Array(recordedFrameSamples) : new Uint8Array(recordedFrameSamples)
    const silence = law === 'PCM' ? 0 : silenceByte[law]
    const own = file === undefined ? undefined : this.#open({ kind: 'track', ...file, law })
    this.#lanes.set(lane, { law, samples, silence, inMix, file: own, endFrame: Number.POSITIVE_INFINITY, frame })
    if (this.#opened.mix && this.#mixer === undefined) this.#openMix(law)
  }

  /** In the law of who was there first. */
  #openMix(first: LaneLaw): void {
    const law = [...this.#files.values()].find(({ noted }) => noted.kind === 'mix')?.noted.law ?? first
    this.#mixer = new FrameMixer(law, this.#opened.beepEveryMs)
    this.#mixFile = this.#open({ kind: 'mix', name: 'mix', law })
  }

  /** Who comes back goes on in his file, if he still speaks the same law. */
  #open(wanted: Omit<NotedFile, 'path'>): WavFile {
    for (let part = 1; ; part++) {
      const name = part === 1 ? wanted.name : `${wanted.name}-${part}`
      const path = `${this.#note.directory}/${this.#note.stem}-${name}.wav`
      const known = this.#files.get(path)
      if (known?.noted.law === wanted.law && known.noted.kind === wanted.kind) return known.file
      if (known !== undefined) continue
      const file = new WavFile(join(this.#root, path), wanted.law)
      this.#files.set(path, { file, noted: { ...wanted, path } })
      this.#save()
      return file
    }
  }

  #writeChunk(from: number, frames: number): void {
    for (const lane of this.#lanes.values()) if (lane.file !== undefined) this.#writeLane(lane, lane.file, from, frames)
    if (this.#mixFile !== undefined && this.#mixer !== undefined) this.#writeMix(this.#mixFile, this.#mixer, from, frames)
    for (const lane of this.#lanes.values()) silence(lane, from, frames)
  }

  #writeLane(lane: Lane, file: WavFile, from: number, frames: number): void {
    file.pad(from * recordedFrameSamples)
    const bytes = recordedFrameSamples * sampleBytes(lane.law)
    for (let i = 0; i < frames; i++) {
      this.#take(lane, from + i)
      if (lane.law !== 'PCM') this.#chunk.set(lane.frame, i * bytes)
      else for (let n = 0; n < recordedFrameSamples; n++) this.#chunkView.setInt16(i * bytes + 2 * n, lane.frame[n] as number, true)
    }
    file.append(this.#chunk.subarray(0, frames * bytes))
  }

  #writeMix(file: WavFile, mixer: FrameMixer, from: number, frames: number): void {
    file.pad(from * recordedFrameSamples)
    const bytes = recordedFrameSamples * sampleBytes(mixer.law)
    for (let i = 0; i < frames; i++) {
      mixer.clear()
      for (const lane of this.#lanes.values()) if (lane.inMix) mixer.add(lane.law, this.#take(lane, from + i))
      const since = this.#gaps.framesSinceOn(from + i)
      if (since !== undefined) mixer.addBeep(since * recordedFrameSamples)
      mixer.write(this.#chunkView, i * bytes)
    }
    file.append(this.#chunk.subarray(0, frames * bytes))
  }

  /** A frame of a pause is silence, whatever lies in the memory. */
  #take({ samples, frame, silence: quiet }: Lane, number: number): Uint8Array | Int16Array {
    if (this.#gaps.framesSinceOn(number) === undefined) return frame.fill(quiet)
    const at = number * recordedFrameSamples
    for (let n = 0; n < recordedFrameSamples; n++) frame[n] = samples[(at + n) & (laneSamples - 1)] as number
    return frame
  }

  #mark(gap: Gap): void {
    this.#gaps.add(gap)
    this.#save()
  }

  #closeGap(frame: number): void {
    this.#closeBefore()
    const open = this.#gaps.openPause
    if (open === undefined) return
    open.to = frame
    this.#save()
  }

  #save(): void {
    saveOpen(this.#root, this.#whole())
  }

  /** On a full disk the note stays among the open ones, and the next start puts it in its place. */
  #saveFinished(report: RecordingReport): void {
    try {
      saveFinished(this.#root, this.#whole(), report)
    } catch {
      // The files are whole and the report goes out: there is nothing else to save.
    }
  }

  #whole(): RecordingNote {
    return { ...this.#note, files: [...this.#files.values()].map(({ noted }) => noted), gaps: this.#gaps.inSamples() }
  }
}

function silence(lane: Lane, from: number, frames: number): void {
  const start = (from * recordedFrameSamples) & (laneSamples - 1)
  const end = start + frames * recordedFrameSamples
  lane.samples.fill(lane.silence, start, Math.min(end, laneSamples))
  if (end > laneSamples) lane.samples.fill(lane.silence, 0, end - laneSamples)
}

async function finished(file: WavFile, { kind, name, leg, path }: NotedFile): Promise<RecordedFile> {
  await file.finish()
  return { kind, name, ...(leg === undefined ? {} : { leg }), path, samples: file.samples, bytes: file.bytes }
}

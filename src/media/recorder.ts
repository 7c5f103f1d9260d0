/** All recordings of one media process, without files: orders and time go in, words to the writer come out. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { Announcements, type AnnouncingWorld } from './announcing.ts'
import type { HeldRecording } from './legacy.ts'
import type { MediaEvent, RecordingReport, RecordOrder } from './protocol.ts'
import type { RecordOutcome, RecordWord } from './record-words.ts'
import { type Recordable, Recording } from './recording.ts'
import { beepEvery } from './tones.ts'

/** Loops of beeps that are kept; configurations name one or two periods. */
const beepsKept = 16

export interface RecorderOptions {
  /** Takes what is recorded to the files; absent: nothing can be recorded. */
  readonly record?: (word: RecordWord) => void
  /** What is said before a recording, by name: samples at 8 kHz. */
  readonly announcements?: ReadonlyMap<string, Int16Array> | undefined
  /** A recording begins that was ordered before. */
  readonly onRecordingBegun?: () => void
}

export interface RecorderWorld extends AnnouncingWorld {
  readonly legs: ReadonlyMap<LegId, Recordable>
  readonly options: RecorderOptions
  readonly emit: (event: MediaEvent) => void
  /** What everybody in the conversation of this bridge hears beside each other. */
  readonly beep: (at: Instant, bridge: BridgeId, loop: Int16Array | undefined) => void
}

export class Recorder {
  readonly #world: RecorderWorld
  readonly #running = new Map<string, Recording>()
  /** Told to end; their files are being finished. */
  readonly #ending = new Map<string, BridgeId>()
  readonly #reports = new Map<string, RecordingReport>()
  readonly #beeps = new Map<number, Int16Array>()
  readonly #announcements: Announcements

  constructor(world: RecorderWorld) {
    this.#world = world
    this.#announcements = new Announcements(world, world.options.announcements)
  }

  /** Recordings that are not on disk yet. */
  get size(): number {
    return this.#running.size + this.#ending.size
  }

  /** When it began; `announced`: it will. Undefined: it does not run. */
  standing(recording: string): Instant | 'announced' | undefined {
    return this.#running.get(recording)?.startedAt ?? (this.#announcements.has(recording) ? 'announced' : undefined)
  }

  /** A recording that a process before this one began at that time, as it was ordered last. */
  goOn(at: Instant, { order, begunAt }: HeldRecording): void {
    const { record: write } = this.#world.options
    if (order.state === 'off' || write === undefined || this.#running.has(order.recording)) return
    this.#announcements.wasTold(order.bridge)
    this.#running.set(order.recording, new Recording(at, order, write, begunAt))
    this.order(at, order)
  }

  order(at: Instant, order: RecordOrder): void {
    const { recording: id, bridge } = order
    const report = this.#reports.get(id)
    if (report !== undefined) return this.#world.emit({ kind: 'recorded', ...report })
    if (this.#ending.has(id)) return
    const known = this.#running.get(id)
    if (known !== undefined && known.bridge !== bridge) return this.#failed(bridge, id, 'it is another bridge’s')
    if (order.state === 'off') return known === undefined ? this.#announcements.cancel(at, isOf(id)) : this.#finish(at, known)
    const recording = known ?? this.#begin(at, order)
    if (recording === undefined) return
    recording.pause(at, order.state === 'paused')
    recording.follow(at, order.tracks, this.#world.legs)
    this.#beep(at, recording)
  }

  /** Every 5 ms or so. */
  tick(at: Instant): void {
    for (const order of this.#announcements.over(at)) this.#announced(at, order)
    for (const recording of this.#running.values()) {
      recording.tick(at)
      if (recording.isTooLong(at)) this.#finish(at, recording, 'too-long')
    }
  }

  bridgeClosed(at: Instant, bridge: BridgeId): void {
    this.#announcements.bridgeClosed(at, bridge)
    for (const recording of this.#running.values()) if (recording.bridge === bridge) this.#finish(at, recording)
  }

  /** Ends all of them, because the process does. */
  close(at: Instant): void {
    this.#announcements.cancel(at, () => true)
    for (const recording of this.#running.values()) this.#finish(at, recording, 'media-stopped')
  }

  /** What the writer has to say. */
  outcome(at: Instant, outcome: RecordOutcome): void {
    // Under a key that is no recording's: whoever orders it again gets a new one beside what was saved.
    if (outcome.kind === 'recovered') return this.#report(`recovered ${outcome.report.recording}`, outcome.report)
    const id = outcome.kind === 'failed' ? outcome.recording : outcome.report.recording
    const bridge = this.#forget(at, id)
    if (outcome.kind !== 'failed') this.#report(id, outcome.report)
    else if (bridge !== undefined) this.#failed(bridge, id, outcome.why)
  }

  /** The writer is gone with all that it had open; whoever comes after it finishes the files and reports them. */
  writerLost(at: Instant): void {
    for (const id of [...this.#running.keys()]) this.#forget(at, id)
    this.#ending.clear()
  }

  /** Somebody is here to hear what may have been lost. */
  tellAgain(): void {
    for (const report of this.#reports.values()) this.#world.emit({ kind: 'recorded', ...report })
  }

  #begin(at: Instant, order: RecordOrder): Recording | undefined {
    const { record: write } = this.#world.options
    if (write === undefined) {
      this.#failed(order.bridge, order.recording, 'there is no folder for recordings')
      return undefined
    }
    for (const other of this.#running.values()) if (other.bridge === order.bridge) this.#finish(at, other)
    const turn = this.#announcements.begin(at, order)
    if (turn === 'unknown') this.#failed(order.bridge, order.recording, 'its announcement is not there')
    if (turn !== 'go') return undefined
    const recording = new Recording(at, order, write)
    this.#running.set(recording.id, recording)
    return recording
  }

  #announced(at: Instant, order: RecordOrder): void {
    this.order(at, order)
    this.#world.options.onRecordingBegun?.()
  }

  #finish(at: Instant, recording: Recording, why?: string): void {
    this.#running.delete(recording.id)
    this.#ending.set(recording.id, recording.bridge)
    this.#world.beep(at, recording.bridge, undefined)
    recording.finish(at, why)
  }

  #beep(at: Instant, { bridge, shape, paused }: Recording): void {
    const { beepEveryMs } = shape
    this.#world.beep(at, bridge, beepEveryMs === undefined || paused ? undefined : this.#beepEvery(beepEveryMs))
  }

  /** The same loop for the same period: a listener whose row changes goes on in it. */
  #beepEvery(ms: number): Int16Array {
    const known = this.#beeps.get(ms)
    if (known !== undefined) return known
    const loop = beepEvery(ms)
    if (this.#beeps.size >= beepsKept) this.#beeps.clear()
    this.#beeps.set(ms, loop)
    return loop
  }

  #forget(at: Instant, id: string): BridgeId | undefined {
    const running = this.#running.get(id)
    const bridge = running?.bridge ?? this.#ending.get(id)
    running?.abandon()
    if (running !== undefined) this.#world.beep(at, running.bridge, undefined)
    this.#running.delete(id)
    this.#ending.delete(id)
    return bridge
  }

  #report(key: string, report: RecordingReport): void {
    this.#reports.set(key, report)
    const [oldest] = this.#reports.keys()
    if (this.#reports.size > limits.recordingReports && oldest !== undefined) this.#reports.delete(oldest)
    this.#world.emit({ kind: 'recorded', ...report })
  }

  #failed(bridge: BridgeId, recording: string, why: string): void {
    this.#world.emit({ kind: 'record-failed', bridge, recording, why })
  }
}

const isOf =
  (recording: string) =>
  ({ order }: { readonly order: RecordOrder }): boolean =>
    order.recording === recording

/** One recording of a bridge while it runs: its clock, its tracks, its pauses and holes. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { type Instant, instant } from '../kernel/time.ts'
import { samplesPerMs } from './g711.ts'
import type { Codec, RecordedVoice, RecordingShape, RecordOrder } from './protocol.ts'
import { Lane, Timeline, Track } from './record-track.ts'
import { type LaneLaw, type RecordWord, recordedFrameSamples } from './record-words.ts'

/** A leg as a recording sees it. */
export interface Recordable {
  readonly id: LegId
  readonly account: string
  readonly inbound: { readonly codec: Codec }
  track: Track | undefined
}

interface Voice {
  readonly leg: Recordable
  readonly track: Track
  /** Numbers of its lanes. */
  readonly lanes: readonly number[]
}

export class Recording {
  readonly id: string
  readonly bridge: BridgeId
  readonly shape: RecordingShape
  readonly startedAt: Instant
  readonly #say: (word: RecordWord) => void
  readonly #timeline: Timeline
  readonly #voices = new Map<LegId, Voice>()
  #lanes = 0
  #paused = false
  /** Where the last pause began or ended: they do not overlap. */
  #boundary = 0
  #holeFrom: number | undefined

  /** `begunAt`: by another process, which was cut off. Its clock goes on, and so do its files. */
  constructor(at: Instant, order: RecordOrder, say: (word: RecordWord) => void, begunAt?: Instant) {
    const { recording, bridge, directory, format, mix, coach, beepEveryMs } = order
    const beep = beepEveryMs === undefined ? {} : { beepEveryMs: Math.max(limits.recordingBeepMinMs, beepEveryMs) }
    this.id = recording
    this.bridge = bridge
    this.shape = { format, mix, coach, ...beep }
    this.#say = say
    const startedAt = begunAt ?? instant(Math.floor(at))
    this.startedAt = startedAt
    if (begunAt !== undefined) this.#boundary = Math.max(0, Math.ceil(((at - begunAt) * samplesPerMs) / recordedFrameSamples))
    this.#timeline = new Timeline(startedAt, this.#boundary)
    this.#paused = begunAt !== undefined && order.state === 'paused'
    const goesOn = begunAt === undefined ? {} : { goesOn: { frame: this.#boundary, isPaused: this.#paused } }
    const { counters } = this.#timeline
    say({ kind: 'open', recording, bridge, directory, format, mix, startedAt, counters, ...beep, ...goesOn })
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Ends itself by then. */
  isTooLong(at: Instant): boolean {
    return this.#timeline.position(at) > limits.recordingMaxMs * samplesPerMs
  }

  /** Whose voices are taken from now on. A leg that is not there (any more) says nothing. */
  follow(at: Instant, voices: readonly RecordedVoice[], legs: ReadonlyMap<LegId, Recordable>): void {
    const wanted = new Map(voices.slice(0, limits.recordingTracks).map((voice) => [voice.leg, voice]))
    for (const [id, { track }] of this.#voices) if (wanted.get(id)?.name !== track.name || legs.get(id)?.track !== track) this.#drop(at, id)
    for (const voice of wanted.values()) {
      const leg = legs.get(voice.leg)
      const known = this.#voices.get(voice.leg)
      if (known !== undefined) known.track.voice = voice.voice
      else if (leg !== undefined && !this.#isUnheard(voice)) this.#add(leg, voice)
    }
  }

  pause(at: Instant, paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    for (const { track } of this.#voices.values()) track.paused = paused
    // Outwards on both sides: no frame that the pause touches is kept.
    const frame = this.#timeline.position(at) / recordedFrameSamples
    this.#boundary = Math.max(this.#boundary, paused ? Math.floor(frame) : Math.ceil(frame))
    this.#say({ kind: paused ? 'pause' : 'resume', recording: this.id, frame: this.#boundary })
  }

  tick(at: Instant): void {
    this.#timeline.settle(at)
    const position = this.#timeline.position(at) + recordedFrameSamples
    const { ceiling } = this.#timeline
    if (position > ceiling && !this.#paused) this.#holeFrom ??= ceiling
    else this.#closeHole(position)
  }

  finish(at: Instant, why?: string): void {
    for (const id of [...this.#voices.keys()]) this.#detach(id)
    const position = this.#timeline.position(at)
    this.#closeHole(position)
    const frame = Math.max(this.#boundary, Math.ceil(position / recordedFrameSamples))
    this.#say({ kind: 'finish', recording: this.id, frame, ...(why === undefined ? {} : { why }) })
    this.#timeline.settleUpTo(frame)
  }

  /** The writer has let go of it: nothing more is to be said. */
  abandon(): void {
    for (const id of [...this.#voices.keys()]) this.#detach(id)
  }

  /** A whispering voice under `exclude` does not even get a file. */
  #isUnheard(voice: RecordedVoice): boolean {
    return voice.voice === 'coach' && this.shape.coach === 'exclude'
  }

  #add(leg: Recordable, voice: RecordedVoice): void {
    const law: LaneLaw = this.shape.format === 'wav-pcm16' ? 'PCM' : leg.inbound.codec
    const file = { name: voice.name, leg: leg.id }
    const lanes =
      this.shape.coach === 'separate' && this.shape.mix
        ? [this.#open(new Lane(law, true), { inMix: false, file }), this.#open(new Lane(law, false), { inMix: true })]
        : [this.#open(new Lane(law, this.shape.coach !== 'exclude'), { inMix: this.shape.mix, file })]
    const taken = lanes.map(({ lane }) => lane)
    const track = new Track(voice, this.bridge, this.#timeline, taken)
    track.paused = this.#paused
    leg.track = track
    this.#voices.set(leg.id, { leg, track, lanes: lanes.map(({ number }) => number) })
  }

  #open(lane: Lane, how: { readonly inMix: boolean; readonly file?: { readonly name: string; readonly leg: LegId } }) {
    const number = ++this.#lanes
    const { law, memory } = lane
    this.#say({ kind: 'lane', recording: this.id, lane: number, law, memory, ...how })
    return { lane, number }
  }

  #drop(at: Instant, id: LegId): void {
    const frame = Math.ceil(this.#timeline.position(at) / recordedFrameSamples)
    for (const lane of this.#detach(id)) this.#say({ kind: 'end-lane', recording: this.id, lane, frame })
  }

  /** Another recording may have taken the leg over. */
  #detach(id: LegId): readonly number[] {
    const voice = this.#voices.get(id)
    if (voice === undefined) return []
    this.#voices.delete(id)
    if (voice.leg.track === voice.track) voice.leg.track = undefined
    return voice.lanes
  }

  #closeHole(position: number): void {
    if (this.#holeFrom === undefined) return
    const from = Math.floor(this.#holeFrom / recordedFrameSamples)
    this.#say({ kind: 'hole', recording: this.id, from, to: Math.ceil(position / recordedFrameSamples) })
    this.#holeFrom = undefined
  }
}

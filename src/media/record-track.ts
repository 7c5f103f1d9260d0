/** One voice on its way into a recording: its packets are placed on the recording's clock by their timestamps. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { decodeTable, samplesPerMs, silenceByte, transcodeTable } from './g711.ts'
import type { Codec, RecordedVoice } from './protocol.ts'
import { counter, type LaneLaw, laneSamples, recordedFrameSamples } from './record-words.ts'
import { type RtpHeader, timestampAhead } from './rtp.ts'

/** Half a frame: two voices that are both within it are within one frame of each other. */
const toleranceSamples = 80
/** Who comes early is moved forward by little at a time, 2 ms at least: a packet that overtook another is no reason to write over what was said. */
const forwardSamples = 16
/** Jitter comes and goes; who is late for a second of packets has a slower clock or a longer way. */
const watchedPackets = 50
/** Timestamps that are a second off have nothing to do with the clock any more. */
const leapSamples = 8_000

/** The clock that all tracks of a recording share, and what of it may still be written. */
export class Timeline {
  readonly counters = new SharedArrayBuffer(8)
  readonly #counts = new Int32Array(this.counters)
  readonly #startedAt: Instant

  /** `frame`: the first that is taken, where earlier ones were another process's. */
  constructor(startedAt: Instant, frame = 0) {
    this.#startedAt = startedAt
    Atomics.store(this.#counts, counter.final, frame)
    Atomics.store(this.#counts, counter.taken, frame)
  }

  /** In samples. */
  position(at: Instant): number {
    return Math.floor((at - this.#startedAt) * samplesPerMs)
  }

  get finalFrame(): number {
    return Atomics.load(this.#counts, counter.final)
  }

  /** Everything before this sample is final. */
  get floor(): number {
    return this.finalFrame * recordedFrameSamples
  }

  /** What lies from here on would fall on samples that nobody has written to a file yet. */
  get ceiling(): number {
    return Atomics.load(this.#counts, counter.taken) * recordedFrameSamples + laneSamples
  }

  /** After a stall the packets that have waited get their turn before their frames are final: ticks come several times a frame. */
  settle(at: Instant): void {
    const frame = Math.floor((this.position(at) - limits.recordingLagMs * samplesPerMs) / recordedFrameSamples)
    if (frame > this.finalFrame) this.settleUpTo(Math.min(frame, this.finalFrame + 2))
  }

  settleUpTo(frame: number): void {
    Atomics.store(this.#counts, counter.final, frame)
  }
}

/** Memory that a file is written from. The writer leaves silence behind, so that what nobody says needs no work here. */
export class Lane {
  readonly law: LaneLaw
  readonly memory: SharedArrayBuffer
  /** Takes coaching words, too. */
  readonly takesCoach: boolean
  readonly #bytes: Uint8Array
  /** The same memory; empty unless the law is linear. */
  readonly #words: Int16Array

  constructor(law: LaneLaw, takesCoach: boolean) {
    this.law = law
    this.takesCoach = takesCoach
    this.memory = new SharedArrayBuffer(law === 'PCM' ? 2 * laneSamples : laneSamples)
    this.#bytes = new Uint8Array(this.memory)
    this.#words = law === 'PCM' ? new Int16Array(this.memory) : new Int16Array(0)
    if (law !== 'PCM') this.#bytes.fill(silenceByte[law])
  }

  put(position: number, packet: Uint8Array, offset: number, length: number, codec: Codec): void {
    if (this.law === 'PCM') this.#decode(position, packet, offset, length, codec)
    else if (this.law === codec) for (let i = 0; i < length; i++) this.#bytes[(position + i) & mask] = packet[offset + i] as number
    else this.#transcode(position, packet, offset, length, codec)
  }

  #decode(position: number, packet: Uint8Array, offset: number, length: number, codec: Codec): void {
    const table = decodeTable(codec)
    for (let i = 0; i < length; i++) this.#words[(position + i) & mask] = table[packet[offset + i] as number] as number
  }

  #transcode(position: number, packet: Uint8Array, offset: number, length: number, codec: Codec): void {
    const table = transcodeTable(codec)
    for (let i = 0; i < length; i++) this.#bytes[(position + i) & mask] = table[packet[offset + i] as number] as number
  }
}

const mask = laneSamples - 1

/** Whose packets they are. */
interface Speaker {
  readonly codec: Codec
  readonly generation: number
}

export class Track {
  readonly name: string
  readonly bridge: string
  voice: RecordedVoice['voice']
  /** Nothing is taken while the recording is paused. */
  paused = false
  readonly #timeline: Timeline
  readonly #lanes: readonly Lane[]
  #generation = -1
  #timestamp = 0
  /** Where the packet of that timestamp was put. */
  #position = 0
  #watched = 0
  #leastLate = Number.POSITIVE_INFINITY

  constructor(voice: RecordedVoice, bridge: string, timeline: Timeline, lanes: readonly Lane[]) {
    this.name = voice.name
    this.voice = voice.voice
    this.bridge = bridge
    this.#timeline = timeline
    this.#lanes = lanes
  }

  /** An audio packet that may be recorded. Called for every packet: nothing is allocated. */
  take(at: Instant, speaker: Speaker, header: RtpHeader, packet: Uint8Array): void {
    if (this.paused) return
    const length = header.payloadLength
    const position = this.#place(this.#timeline.position(at) - length, speaker.generation, header.timestamp)
    const late = Math.max(0, this.#timeline.floor - position)
    if (late >= length || position + length > this.#timeline.ceiling) return
    for (let i = 0; i < this.#lanes.length; i++) {
      const lane = this.#lanes[i] as Lane
      if (this.voice === 'coach' && !lane.takesCoach) continue
      lane.put(position + late, packet, header.payloadOffset + late, length - late, speaker.codec)
    }
  }

  /** What ended to be said now began `now`; timestamps say how that compares with the packets before. */
  #place(now: number, generation: number, timestamp: number): number {
    const position = this.#position + timestampAhead(timestamp, this.#timestamp)
    const late = now - position
    const isNew = generation !== this.#generation || Math.abs(late) > leapSamples
    this.#generation = generation
    this.#timestamp = timestamp
    this.#position = isNew ? now : position + this.#correction(late)
    if (isNew) this.#watchAgain()
    return this.#position
  }

  /** A talker whose every packet of the last second came late is moved to where he is heard now. */
  #correction(late: number): number {
    if (late < -toleranceSamples) return Math.min(-forwardSamples, Math.ceil(late / 8))
    this.#leastLate = Math.min(this.#leastLate, late)
    this.#watched++
    if (this.#watched < watchedPackets) return 0
    const correction = this.#leastLate > toleranceSamples ? this.#leastLate : 0
    this.#watchAgain()
    return correction
  }

  #watchAgain(): void {
    this.#watched = 0
    this.#leastLate = Number.POSITIVE_INFINITY
  }
}

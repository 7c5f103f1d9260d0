/**
 * A talker's recent speech and the places from which listeners read it.
 *
 * A `TalkRing` puts each packet where its timestamp says, so that reordering, duplicates and gaps sort themselves out once for all
 * listeners. A `Tap` is one listener's reading place in it, drawn along by the listener's own clock. It begins one frame behind where the
 * talker's packets come well before they are read, else two or more: when the talker's clock or the network runs late it falls back a
 * frame, when it has been too far behind for seconds it skips a quiet frame.
 */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { decodeTable } from './g711.ts'
import type { Codec } from './protocol.ts'
import { timestampAhead } from './rtp.ts'

const ringSamples = 4_096
const mask = ringSamples - 1
const frame = 160
/** Longer gaps are silence suppression rather than loss; repeating speech through them would buzz. */
const concealedGap = 3 * frame
/** The last frame repeated at these gains, then silence. */
const fade: readonly number[] = [0.7, 0.4, 0.15]
/** A-law's silence decodes to 8; anything within is nothing to hear. */
const inaudible = 8
/** Two seconds of reading too far behind before a frame is skipped. */
const patienceReads = 100

export class TalkRing {
  readonly #samples = new Int16Array(ringSamples)
  #end = 0
  #endTimestamp = 0
  #fresh = true

  /** Position after the newest sample. Positions only grow. */
  get end(): number {
    return this.#end
  }

  /** The stream's timestamps begin anew; what follows is taken as continuing. */
  restart(): void {
    this.#fresh = true
  }

  /** Decodes a payload to its place; returns the sum of its squared samples. */
  write(timestamp: number, packet: Uint8Array, offset: number, length: number, codec: Codec): number {
    const position = this.#place(timestamp, length)
    const table = decodeTable(codec)
    let squares = 0
    for (let i = 0; i < length; i++) {
      const sample = table[packet[offset + i] as number] as number
      this.#samples[(position + i) & mask] = sample
      squares += sample * sample
    }
    if (position + length > this.#end) this.#advance(position + length, timestamp + length)
    return squares
  }

  /** Adds `length` samples from `position`; true when they hold anything audible. */
  addTo(sum: Int32Array, position: number, length: number, gain: number): boolean {
    let audible = false
    for (let i = 0; i < length; i++) {
      const sample = this.#samples[(position + i) & mask] as number
      if (sample > inaudible || sample < -inaudible) audible = true
      sum[i] = (sum[i] as number) + (gain === 1 ? sample : Math.round(sample * gain))
    }
    return audible
  }

  #place(timestamp: number, length: number): number {
    const ahead = this.#fresh ? 0 : timestampAhead(timestamp, this.#endTimestamp)
    this.#fresh = false
    // Too old to be late speech: the talker's timestamps went backwards.
    if (ahead < length - ringSamples) return this.#end
    if (ahead > 0) this.#fillGap(Math.min(ahead, ringSamples))
    return this.#end + Math.min(ahead, 0)
  }

  #fillGap(length: number): void {
    for (let i = 0; i < length; i++) {
      const gain = length > concealedGap ? 0 : (fade[Math.floor(i / frame)] ?? 0)
      this.#samples[(this.#end + i) & mask] = (this.#samples[(this.#end + i - frame * (1 + Math.floor(i / frame))) & mask] as number) * gain
    }
    this.#end += length
  }

  #advance(end: number, endTimestamp: number): void {
    this.#end = end
    this.#endTimestamp = endTimestamp >>> 0
  }
}

/** Whose speech a tap reads. */
export interface Talker {
  readonly ring: TalkRing
  /** Whether his newest packet has been here for longer than his packets' unevenness. */
  isInTime(at: Instant): boolean
}

export class Tap {
  readonly ring: TalkRing
  readonly #talker: Talker
  readonly #depth: number
  #cursor: number
  #playing = false
  #concealed = 0
  #shallowest = Number.POSITIVE_INFINITY
  #reads = 0

  /** Nothing said before `from` is ever read: a listener hears no word spoken before he was wired. */
  constructor(talker: Talker, options: { readonly from: number; readonly depthSamples: number }) {
    this.ring = talker.ring
    this.#talker = talker
    this.#cursor = options.from
    this.#depth = Math.min(options.depthSamples, limits.mediaJitterSamples)
  }

  /** Whether a read would bring anything but silence. */
  ready(length: number): boolean {
    const held = this.ring.end - this.#cursor
    return this.#playing ? held >= length || this.#concealed < fade.length : held >= this.#depth
  }

  /** Whether `length` samples are there without concealing. */
  holds(length: number): boolean {
    return this.ring.end - this.#cursor >= length
  }

  /** Adds the next `length` samples, or what conceals them; true when audible. */
  addTo(at: Instant, sum: Int32Array, length: number): boolean {
    if (!this.#playing && !this.#begin(at, length)) return false
    if (!this.holds(length)) return this.#conceal(sum, length)
    this.#concealed = 0
    this.#keepPace()
    const audible = this.ring.addTo(sum, this.#cursor, length, 1)
    this.#cursor += length
    if (!audible) this.#skipWhenBehind()
    return audible
  }

  /** A frame that was here in good time will be so the next time: waiting for a second one would only delay every word. */
  #begin(at: Instant, length: number): boolean {
    const depth = this.holds(this.#depth) ? this.#depth : this.holds(length) && this.#talker.isInTime(at) ? length : undefined
    if (depth === undefined) return false
    this.#cursor = this.ring.end - depth
    this.#playing = true
    this.#concealed = 0
    this.#restartMeasure()
    return true
  }

  /** The cursor stays: late speech is played late by a frame rather than lost, and the skip below brings the delay back. */
  #conceal(sum: Int32Array, length: number): boolean {
    const gain = fade[this.#concealed]
    this.#concealed++
    if (gain !== undefined) return this.ring.addTo(sum, this.ring.end - length, length, gain)
    this.#playing = false
    this.#cursor = this.ring.end
    return false
  }

  #keepPace(): void {
    const behind = this.ring.end - this.#cursor
    if (behind > limits.mediaJitterSamples) {
      this.#cursor = this.ring.end - this.#depth
      this.#restartMeasure()
      return
    }
    this.#shallowest = Math.min(this.#shallowest, behind)
    this.#reads++
    // A talker who never pauses must give up a frame in the end; a quiet one gave it up long before, in `skipWhenBehind`.
    if (this.#reads >= 3 * patienceReads) this.#skipWhenBehind()
  }

  #skipWhenBehind(): void {
    if (this.#reads < patienceReads) return
    if (this.#shallowest >= this.#depth + frame) this.#cursor += frame
    this.#restartMeasure()
  }

  #restartMeasure(): void {
    this.#shallowest = Number.POSITIVE_INFINITY
    this.#reads = 0
  }
}

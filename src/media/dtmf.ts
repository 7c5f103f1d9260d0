/** Key presses as RFC 4733 events: what a phone sends, reduced to one digit each, and what we send to a phone. */
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { samplesPerMs } from './g711.ts'
import type { Legacy } from './legacy.ts'
import { byte, type RtpHeader, timestampAhead, uint16 } from './rtp.ts'

export const keys = '0123456789*#ABCD'
export const eventPayloadBytes = 4

/** 100 ms of speech after an event's last known duration. */
const lostEndSamples = 800

export interface Digit {
  readonly digit: string
  readonly durationMs: number
}

/** RFC 4733 §2.5.1.3 has every end sent three times, any of which may be lost: an event is told by its timestamp. */
export class DigitReceiver {
  #ssrc = -1
  #timestamp = -1
  #event = 0
  #duration = 0
  #told = true

  /** The digit that this packet completes, if any: its own, or an earlier one whose every end packet was lost. */
  take(packet: Uint8Array, header: RtpHeader): Digit | undefined {
    if (header.payloadLength < eventPayloadBytes) return undefined
    const fresh = header.timestamp !== this.#timestamp || header.ssrc !== this.#ssrc
    const unfinished = fresh ? this.flush() : undefined
    if (fresh) this.#begin(packet, header)
    this.#duration = Math.max(this.#duration, uint16(packet, header.payloadOffset + 2))
    const ended = (byte(packet, header.payloadOffset + 1) & 0x80) !== 0
    return unfinished ?? (ended ? this.flush() : undefined)
  }

  /** Speech from after the event: its end was lost. Some phones go on sending speech during it, which is none. */
  flushBefore(timestamp: number): Digit | undefined {
    return this.#told || timestampAhead(timestamp, this.#timestamp) < this.#duration + lostEndSamples ? undefined : this.flush()
  }

  flush(): Digit | undefined {
    if (this.#told) return undefined
    this.#told = true
    const digit = keys[this.#event]
    return digit === undefined ? undefined : { digit, durationMs: Math.round(this.#duration / samplesPerMs) }
  }

  save(to: Legacy): void {
    to.put(this.#ssrc)
      .put(this.#timestamp)
      .put(this.#event)
      .put(this.#duration)
      .put(this.#told ? 1 : 0)
  }

  /** A key that is held down meanwhile is told once, as ever. */
  load(from: Legacy): void {
    this.#ssrc = from.take()
    this.#timestamp = from.take()
    this.#event = from.take()
    this.#duration = from.take()
    this.#told = from.take() === 1
  }

  #begin(packet: Uint8Array, header: RtpHeader): void {
    this.#ssrc = header.ssrc
    this.#timestamp = header.timestamp
    this.#event = byte(packet, header.payloadOffset)
    this.#duration = 0
    this.#told = false
  }
}

const gapMs = 80
const endPackets = 3
/** RFC 4733 §2.5.2.2: a duration field holds 65,535 samples, a little over 8 s. */
const longestMs = 8_000

/** One packet's worth of an event that we send. */
export interface EventPacket {
  readonly event: number
  readonly first: boolean
  readonly end: boolean
  /** The end said again: where tones are sent instead of events, it is silence. */
  readonly repeated: boolean
  readonly durationSamples: number
}

export class DigitSender {
  readonly #queue: Digit[] = []
  #at: Instant | undefined
  #elapsedMs = 0
  #endsLeft = endPackets

  /** True while audio to this leg gives way to events. */
  get busy(): boolean {
    return this.#queue.length > 0
  }

  /** False when the digits are no keys or too many wait already. */
  queue(at: Instant, digits: string, durationMs: number): boolean {
    const known = [...digits].every((digit) => keys.includes(digit))
    if (!known || digits.length === 0 || this.#queue.length + digits.length > limits.mediaDigitsQueued) return false
    if (!this.busy) this.#at = at
    for (const digit of digits) this.#queue.push({ digit, durationMs: Math.min(longestMs, Math.max(40, durationMs)) })
    return true
  }

  /** The packet that is due, if any. An event in course repeats its growing duration; its end is said three times. */
  due(at: Instant, packetMs: number): EventPacket | undefined {
    const current = this.#queue[0]
    if (current === undefined || this.#at === undefined || at < this.#at) return undefined
    const first = this.#elapsedMs === 0
    this.#elapsedMs = Math.min(current.durationMs, this.#elapsedMs + packetMs)
    const end = this.#elapsedMs === current.durationMs
    const repeated = this.#endsLeft < endPackets
    const packet = { event: keys.indexOf(current.digit), first, end, repeated, durationSamples: this.#elapsedMs * samplesPerMs }
    this.#at = addMs(this.#at, packetMs)
    if (end) this.#endOnce()
    return packet
  }

  #endOnce(): void {
    this.#endsLeft--
    if (this.#endsLeft > 0) return
    this.#queue.shift()
    this.#elapsedMs = 0
    this.#endsLeft = endPackets
    if (this.#at !== undefined) this.#at = addMs(this.#at, gapMs)
  }
}

/** What came to a phone's RTP port: counted, checked for breaks, and kept for a while to be listened to. */
import { tonesIn } from './phone-tones.ts'
import { partyTones } from './voice.ts'
import { decode } from './voice-g711.ts'

export interface Arrival {
  /** Milliseconds of `performance.now()`. */
  readonly at: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payloadType: number
  readonly marker: boolean
  readonly payload: Uint8Array
}

const dtmfDigits = '0123456789*#ABCD'

export class Heard {
  packets = 0
  /** Numbers of the sequence that never came, or came too late to count. */
  lost = 0
  /** Came twice or after a later one. */
  late = 0
  /** The timestamp did not move as far as the sequence did: what the listener hears is displaced. */
  timestampJumps = 0
  ssrcChanges = 0
  /** RFC 4733 digits, each once. */
  digits = ''
  rtcpPackets = 0
  readonly #kept: Arrival[] = []
  readonly #keepPackets: number
  #eventsType: number | undefined
  #lastEvent: number | undefined
  #last: Arrival | undefined

  constructor(keepSeconds = 60) {
    this.#keepPackets = keepSeconds * 50
  }

  expectEvents(payloadType: number | undefined): void {
    this.#eventsType = payloadType
  }

  take(bytes: Buffer, at: number): void {
    if (bytes.length < 12 || bytes[0] === undefined || bytes[1] === undefined || bytes[0] >> 6 !== 2) return
    // RFC 5761 §4: on a shared port these second bytes are RTCP.
    if (bytes[1] >= 192 && bytes[1] <= 223) {
      this.rtcpPackets += 1
      return
    }
    const arrival: Arrival = {
      at,
      sequence: bytes.readUInt16BE(2),
      timestamp: bytes.readUInt32BE(4),
      ssrc: bytes.readUInt32BE(8),
      payloadType: bytes[1] & 0x7f,
      marker: bytes[1] >= 128,
      payload: bytes.subarray(12 + 4 * (bytes[0] & 0x0f)),
    }
    this.packets += 1
    this.#compare(arrival)
    if (arrival.payloadType === this.#eventsType) this.#takeEvent(arrival)
    else this.#keep(arrival)
  }

  /** Audio packets of the last `windowMs`, oldest first. */
  recent(windowMs: number, now = performance.now()): readonly Arrival[] {
    const from = this.#kept.findLastIndex((arrival) => arrival.at < now - windowMs)
    return this.#kept.slice(from + 1)
  }

  /** All audio that is still kept, oldest first: for comparing payloads byte by byte. */
  get kept(): readonly Arrival[] {
    return this.#kept
  }

  /** The party tones heard within the last `windowMs`. Empty where nothing came, too. */
  tones(windowMs = 100, candidates: readonly number[] = partyTones): readonly number[] {
    return tonesIn(samplesOf(this.recent(windowMs)), candidates)
  }

  /** Packets of everything that is kept with which, or shortly before, this tone was heard. */
  framesWith(tone: number): number {
    const window = 3
    return this.#kept.filter((_, i) => i >= window && tonesIn(samplesOf(this.#kept.slice(i - window, i)), [tone]).length > 0).length
  }

  /** Loudness of the last `windowMs`, in decibels to full scale; -120 where nothing came. */
  level(windowMs = 200): number {
    const samples = samplesOf(this.recent(windowMs))
    const power = samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / Math.max(1, samples.length)
    return 10 * Math.log10(Math.max(power, 1e-12))
  }

  #compare(arrival: Arrival): void {
    const last = this.#last
    if (last !== undefined && last.ssrc !== arrival.ssrc) this.ssrcChanges += 1
    if (last === undefined || last.ssrc !== arrival.ssrc) {
      this.#last = arrival
      return
    }
    const steps = ((arrival.sequence - last.sequence) << 16) >> 16
    if (steps <= 0) {
      this.late += 1
      return
    }
    this.lost += steps - 1
    const moved = (arrival.timestamp - last.timestamp) | 0
    const isEvent = arrival.payloadType === this.#eventsType || last.payloadType === this.#eventsType
    if (!isEvent && moved !== (steps - 1) * last.payload.length + last.payload.length) this.timestampJumps += 1
    this.#last = arrival
  }

  /** RFC 4733 §2.5.1.2: packets of one event share a timestamp, and its end is sent three times. */
  #takeEvent({ payload, timestamp }: Arrival): void {
    const [event = 255, flags = 0] = payload
    if ((flags & 0x80) === 0 || this.#lastEvent === timestamp) return
    this.#lastEvent = timestamp
    this.digits += dtmfDigits[event] ?? ''
  }

  #keep(arrival: Arrival): void {
    this.#kept.push(arrival)
    // Shifting every packet would cost a copy of the array each time.
    if (this.#kept.length > this.#keepPackets * 2) this.#kept.splice(0, this.#kept.length - this.#keepPackets)
  }
}

export function samplesOf(arrivals: readonly Arrival[]): Int16Array {
  const audio = arrivals.filter((a) => a.payloadType === 0 || a.payloadType === 8)
  const samples = new Int16Array(audio.reduce((sum, a) => sum + a.payload.length, 0))
  let at = 0
  for (const { payload, payloadType } of audio) {
    samples.set(decode(payloadType === 0 ? 'PCMU' : 'PCMA', payload), at)
    at += payload.length
  }
  return samples
}

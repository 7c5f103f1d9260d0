/**
 * The one RTP stream that a leg is sent, whoever is heard on it: SSRC for life, sequence and timestamps without a seam.
 *
 * Frames come from two clocks. A frame of the main talker is *placed*: his sequence and timestamp move by a constant offset, so that
 * his losses, reordering and pauses arrive at the listener as he made them. A frame of our own clock takes the *next* slot; the talker's
 * packet for that slot, should it still come, is then too late.
 */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { samplesPerMs } from './g711.ts'
import { Horizon, numbersAhead, Unknown } from './horizon.ts'
import type { Age, Legacy } from './legacy.ts'
import type { Codec, LegMedia } from './protocol.ts'
import type { Sent } from './rtcp.ts'
import { ExactViews, RtpHeader, rtpHeaderBytes, sequenceAhead, timestampAhead } from './rtp.ts'
import { type SrtpContext, srtpTrailerBytes } from './srtp.ts'

/** A talker this many packets behind our clock in a row is not late but has a longer way: his clock is taken anew. */
const lateRunLimit = 5
/** A timestamp this far from where the clock on the wall puts it is a new timeline, as PBXs make on transfers. */
const leapSamples = 8_000
/** A shorter silence is lateness: the slots in it are not skipped, because the late packets may still fill them. */
const pauseMs = 120
/** The floor follows at this distance, so that it never ends up on the far side of the circle of numbers. */
const floorPackets = 512

/** Who a placed packet is from; `generation` grows when his stream restarts. */
export interface Talking {
  readonly slot: number
  readonly generation: number
}

export class Sender {
  readonly ssrc: number
  codec: Codec = 'PCMU'
  telephoneEvent: number | undefined
  frameSamples = 160
  srtp: SrtpContext | undefined
  packets = 0
  octets = 0
  /** Whether the packet just placed continues the stream rather than being an older one, reordered. */
  newest = true
  /** Whether the newest frame was of our own clock. */
  isOwn = false
  /** Where the payload goes. */
  readonly buffer: Uint8Array
  readonly #header = new RtpHeader()
  readonly #views: ExactViews
  readonly #transmit: (packet: Uint8Array) => void
  readonly horizon = new Horizon()
  readonly #unknown = new Unknown()
  #payloadType = 0
  #sequence: number
  /** Timestamp of the newest frame's first sample, and after its last. */
  #timestamp = 0
  #end = 0
  #audioAt: Instant | undefined
  /** When the newest frame's last sample is due to be heard, not counting the way. */
  #endAt = 0
  #floorSequence: number
  #floorTimestamp = 0
  #talker: Talking | undefined
  #generation = -1
  #sequenceOffset = 0
  #timestampOffset = 0
  #lateRun = 0
  #eventIn = -1
  #eventOut = 0
  #eventTalker: Talking | undefined

  /** A buffer of each leg's own: a packet that waits in the socket's queue can at worst be replaced by the same listener's next one. */
  constructor(
    seed: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number },
    transmit: (packet: Uint8Array) => void,
  ) {
    this.ssrc = seed.ssrc
    this.#sequence = seed.sequence
    this.#floorSequence = seed.sequence
    this.#timestamp = seed.timestamp
    this.#end = seed.timestamp
    this.#floorTimestamp = seed.timestamp
    this.#transmit = transmit
    this.buffer = new Uint8Array(rtpHeaderBytes + limits.mediaPayloadBytes + srtpTrailerBytes)
    this.#views = new ExactViews(this.buffer)
    this.#header.ssrc = seed.ssrc
  }

  get frameMs(): number {
    return this.frameSamples / samplesPerMs
  }

  configure(media: LegMedia): void {
    this.codec = media.codec
    this.#payloadType = media.payloadType
    this.telephoneEvent = media.telephoneEvent
    const ptimeMs = Math.max(20, Math.min(120, Math.round(media.ptimeMs / 10) * 10))
    this.frameSamples = ptimeMs * samplesPerMs
  }

  sent(at: Instant): Sent {
    const sinceAudio = this.#audioAt === undefined ? 0 : Math.max(0, Math.round((at - this.#audioAt) * samplesPerMs))
    return { ssrc: this.ssrc, packets: this.packets, octets: this.octets, timestamp: (this.#timestamp + sinceAudio) >>> 0 }
  }

  /** Gives a talker's audio packet its slot; false when that slot is taken. */
  place(at: Instant, talker: Talking, header: RtpHeader, samples: number): boolean {
    if (!this.#follows(talker) || this.#leapt(at, header)) this.#anchor(at, talker, header)
    if (timestampAhead(this.#mapped(header), this.#floorTimestamp) < 0 && !this.#patient(at, talker, header)) return false
    const timestamp = this.#mapped(header)
    this.newest = this.#audioAt === undefined || timestampAhead(timestamp, this.#timestamp) > 0
    if (!this.#takeSequence(header, this.newest)) return false
    this.#lateRun = 0
    this.#header.timestamp = timestamp
    this.#header.marker = header.marker
    if (this.newest) this.#occupy(at, timestamp, samples)
    this.#endAt = at + samples / samplesPerMs
    this.isOwn = false
    return true
  }

  /** The next slot of our own clock. */
  next(at: Instant): void {
    const frameMs = this.frameMs
    const timestamp = this.#nextTimestamp(at)
    const skipped = timestampAhead(timestamp, this.#end) / samplesPerMs
    this.#endAt = this.#audioAt === undefined ? at + frameMs : Math.min(this.#endAt + skipped + frameMs, at + 200)
    this.#allocateSequence()
    this.#header.timestamp = timestamp
    this.#header.marker = this.#audioAt === undefined || skipped > 0
    this.#occupy(at, timestamp, this.frameSamples)
    this.#floorTimestamp = this.#end
    this.isOwn = true
  }

  /** An event's packets keep the timestamp at which it began (RFC 4733 §2.2) while their sequence goes on. */
  placeEvent(at: Instant, talker: Talking, header: RtpHeader): boolean {
    if (this.#follows(talker)) {
      const newest = sequenceAhead(header.sequence + this.#sequenceOffset, this.#sequence) > 0
      if (!this.#takeSequence(header, newest || header.timestamp !== this.#eventIn)) return false
    } else this.#allocateSequence()
    if (talker !== this.#eventTalker || header.timestamp !== this.#eventIn) this.#beginEvent(at, talker, header)
    this.#header.timestamp = this.#eventOut
    this.#header.marker = header.marker
    return true
  }

  /** The same for an event of our own. */
  ownEvent(at: Instant, first: boolean): void {
    if (first) this.#eventOut = this.#nextTimestamp(at)
    this.#eventIn = -1
    this.#eventTalker = undefined
    this.#allocateSequence()
    this.#header.timestamp = this.#eventOut
    this.#header.marker = first
  }

  /** A packet of the talker that this listener is not sent: closes the ranks, or he would count it as lost. */
  skip(talker: Talking, header: RtpHeader): void {
    if (!this.#follows(talker)) return
    if (((header.sequence + this.#sequenceOffset) & 0xffff) === ((this.#sequence + 1) & 0xffff)) this.#sequenceOffset--
  }

  /** Sends `length` payload bytes that lie in the buffer after the header, with the slot that was given last. */
  transmit(payloadLength: number, payloadType = this.#payloadType): void {
    this.#header.payloadType = payloadType
    this.#header.write(this.buffer)
    this.packets++
    this.octets += payloadLength
    const length = rtpHeaderBytes + payloadLength
    this.horizon.pass(this.#header.sequence)
    this.#transmit(this.#views.of(this.srtp === undefined ? length : this.srtp.protect(this.buffer, length)))
  }

  save(to: Legacy): void {
    to.put(this.packets).put(this.octets).put(this.#sequence).put(this.#timestamp).put(this.#end).put(this.#audioAt).put(this.#endAt)
    to.put(this.#floorSequence).put(this.#floorTimestamp).put(Number(this.isOwn))
    to.put(this.#talker?.slot).put(this.#generation).put(this.#sequenceOffset).put(this.#timestampOffset)
    this.horizon.told(this.#sequence)
  }

  /**
   * The predecessor went on for a while after he had saved this. What he may have sent is left out: numbers and times only go forward. A
   * talker whose packets are passed on keeps his place in time exactly. Under SRTP a number that is used twice gives both plain texts away:
   * there all are left out that there was time for.
   */
  load(from: Legacy, talkerOf: (slot: number) => Talking | undefined, age: Age): void {
    this.packets = from.take()
    this.octets = from.take()
    this.#sequence = from.take()
    this.#timestamp = from.take()
    this.#end = from.take()
    this.#audioAt = from.takeMoment()
    this.#endAt = from.take()
    this.#floorSequence = from.take()
    this.#floorTimestamp = from.take()
    this.isOwn = from.take() === 1
    this.#talker = talkerOf(from.take())
    this.#generation = from.take()
    this.#sequenceOffset = from.take()
    this.#timestampOffset = from.take()
    const frames = this.#audioAt === undefined ? 0 : age.wentOnMs / this.frameMs
    const unknown = numbersAhead + Math.ceil(age.unknownMs / this.frameMs)
    this.#unknown.begin(this.#sequence + unknown)
    if (this.isOwn) this.#skipFrames(Math.ceil(frames))
    const used = this.isOwn ? 0 : Math.floor(frames)
    this.#sequence = (this.#sequence + (this.srtp === undefined ? used : unknown)) & 0xffff
  }

  #skipFrames(frames: number): void {
    const samples = frames * this.frameSamples
    this.#sequence = (this.#sequence + frames) & 0xffff
    this.#timestamp = (this.#timestamp + samples) >>> 0
    this.#end = (this.#end + samples) >>> 0
    this.#floorTimestamp = this.#end
    this.#endAt += frames * this.frameMs
  }

  #follows(talker: Talking): boolean {
    return talker === this.#talker && talker.generation === this.#generation
  }

  #mapped(header: RtpHeader): number {
    return (header.timestamp + this.#timestampOffset) >>> 0
  }

  #leapt(at: Instant, header: RtpHeader): boolean {
    if (this.#audioAt === undefined) return false
    const elapsed = (at - this.#audioAt) * samplesPerMs
    return Math.abs(timestampAhead(this.#mapped(header), this.#timestamp) - elapsed) > leapSamples
  }

  #anchor(at: Instant, talker: Talking, header: RtpHeader): void {
    this.#talker = talker
    this.#generation = talker.generation
    const timestamp = this.#nextTimestamp(at)
    this.#sequence = this.#unknown.before(this.#sequence)
    this.#timestampOffset = timestamp - header.timestamp
    this.#sequenceOffset = this.#sequence + 1 - header.sequence
    this.#floorTimestamp = timestamp
    this.#floorSequence = this.#sequence
    this.#lateRun = 0
  }

  /** True when the late talker's clock has been taken anew. */
  #patient(at: Instant, talker: Talking, header: RtpHeader): boolean {
    this.#lateRun++
    if (this.#lateRun < lateRunLimit && !header.marker) return false
    this.#anchor(at, talker, header)
    return true
  }

  #takeSequence(header: RtpHeader, newest: boolean): boolean {
    let sequence = (header.sequence + this.#sequenceOffset) & 0xffff
    if (newest ? sequenceAhead(sequence, this.#sequence) <= 0 : sequenceAhead(sequence, this.#floorSequence) <= 0) {
      if (!newest) return false
      this.#sequence = this.#unknown.before(this.#sequence)
      this.#sequenceOffset = this.#sequence + 1 - header.sequence
      sequence = (this.#sequence + 1) & 0xffff
    }
    this.#header.sequence = sequence
    if (newest) this.#sequence = sequence
    this.#unknown.passed(this.#sequence)
    this.#raiseFloor()
    return true
  }

  #raiseFloor(): void {
    if (sequenceAhead(this.#sequence, this.#floorSequence) < 2 * floorPackets) return
    this.#floorSequence = (this.#sequence - floorPackets) & 0xffff
    this.#floorTimestamp = (this.#timestamp - floorPackets * 80) >>> 0
  }

  #allocateSequence(): void {
    this.#sequence = (this.#unknown.before(this.#sequence) + 1) & 0xffff
    this.#floorSequence = this.#sequence
    this.#header.sequence = this.#sequence
  }

  #occupy(at: Instant, timestamp: number, samples: number): void {
    this.#timestamp = timestamp
    this.#end = (timestamp + samples) >>> 0
    this.#audioAt = at
  }

  /** Where a frame of now belongs: right after the last one, or, after a pause, as many whole frames later as the stream was silent. */
  #nextTimestamp(at: Instant): number {
    if (this.#audioAt === undefined) return this.#end
    const silentMs = at - this.#endAt
    const frames = silentMs > pauseMs ? Math.round(silentMs / this.frameMs) : 0
    return (this.#end + frames * this.frameSamples) >>> 0
  }

  #beginEvent(at: Instant, talker: Talking, header: RtpHeader): void {
    this.#eventTalker = talker
    this.#eventIn = header.timestamp
    const mapped = this.#mapped(header)
    this.#eventOut = this.#follows(talker) && timestampAhead(mapped, this.#floorTimestamp) >= 0 ? mapped : this.#nextTimestamp(at)
  }
}

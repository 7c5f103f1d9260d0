/**
 * What one leg hears: its row of the matrix turned into frames.
 *
 * The main talker's packet is the clock. With nothing audible beside it the packet goes through untouched; otherwise what the others'
 * rings hold is added to it. When the main talker is late or silent the tick stands in. Whoever joins or leaves, the main talker's voice
 * keeps its place in time, because his packets are placed the same way in both cases.
 */
import type { Instant } from '../kernel/time.ts'
import { ComfortNoise } from './comfort-noise.ts'
import { DigitSender, type EventPacket, eventPayloadBytes } from './dtmf.ts'
import { encodeSample, samplesPerMs, silenceByte, transcodeTable } from './g711.ts'
import type { Inbound } from './inbound.ts'
import { Tap } from './jitter-buffer.ts'
import type { Mixer } from './mixer.ts'
import { putUint16, type RtpHeader, rtpHeaderBytes } from './rtp.ts'
import type { Sender } from './sender.ts'
import { dualTone, TonePlayer } from './tones.ts'

/** With somebody else to hear, the tick steps in after one and a half frames, plus what the main talker's jitter explains. */
const lateMs = 30
const latestMs = 100
/** With nobody else to hear, a gap is left to the listener's own concealment this long; then silence keeps his line alive. */
const silentMs = 200
/** RFC 4733 §2.4: -10 dBm0, the level that phones use. */
const eventVolume = 10

/** A row with its talkers found. */
export interface Hearing {
  readonly main: Inbound | undefined
  readonly others: readonly Inbound[]
  readonly tone: Int16Array | undefined
}

const nobody: Hearing = { main: undefined, others: [], tone: undefined }

export class Listening {
  readonly sender: Sender
  readonly digits = new DigitSender()
  readonly #mixer: Mixer
  readonly #noise = new ComfortNoise()
  #hearing = nobody
  #others: readonly Tap[] = []
  #mainTap: Tap | undefined
  #tone: TonePlayer | undefined
  #maySend = false
  #mainAt = Number.NEGATIVE_INFINITY
  /** Position in the main talker's ring before which nothing was said to this listener. */
  #mainFrom = 0
  /** When the next frame of our own clock is due. */
  #dueAt = Number.POSITIVE_INFINITY
  #standIns = 0

  constructor(sender: Sender, mixer: Mixer) {
    this.sender = sender
    this.#mixer = mixer
  }

  get main(): Inbound | undefined {
    return this.#hearing.main
  }

  /** Direction and address of the leg decide whether anything is sent at all. */
  permit(at: Instant, maySend: boolean): void {
    if (maySend && !this.#maySend) this.#dueAt = at
    this.#maySend = maySend
  }

  /** Takes effect with the next frame. Talkers who stay keep their place in time; new ones are heard from now on, nothing earlier. */
  hear(at: Instant, hearing: Hearing): void {
    const kept = new Map(this.#others.map((tap) => [tap.ring, tap]))
    this.#others = hearing.others.map(
      (talker) => kept.get(talker.ring) ?? new Tap(talker, { from: talker.ring.end, depthSamples: talker.depthSamples }),
    )
    if (hearing.main !== this.#hearing.main) this.#changeMain(at, hearing.main)
    if (hearing.tone !== this.#hearing.tone) this.#tone = hearing.tone && new TonePlayer(hearing.tone)
    this.#hearing = hearing
    this.#dueAt = Math.min(this.#dueAt, at + (hearing.main === undefined ? this.sender.frameMs : this.#patienceMs()))
  }

  /** After a predecessor's end: the main talker gets the usual patience, and what runs by our own clock is due. */
  goOn(at: Instant): void {
    this.#mainAt = at
    this.#standIns = 0
    this.#dueAt = this.sender.isOwn ? at : at + this.#patienceMs()
  }

  /** The main talker's audio packet, already in his ring. */
  mainArrived(at: Instant, header: RtpHeader, packet: Uint8Array): void {
    const main = this.#hearing.main
    if (!this.#maySend || main === undefined) return
    this.#mainAt = at
    if (this.digits.busy) this.sender.skip(main, header)
    else if (header.payloadLength === this.sender.frameSamples) this.#pass(at, main, header, packet)
    else this.#reframe(at, main, header.payloadLength)
  }

  /** Comfort noise or a pause of the main talker: the listener gets our own frames from the next one on. */
  mainPaused(at: Instant, header: RtpHeader): void {
    if (this.#hearing.main !== undefined) this.sender.skip(this.#hearing.main, header)
    this.#dueAt = Math.min(this.#dueAt, at + this.sender.frameMs)
  }

  /** An RFC 4733 packet of any talker in the row. */
  eventArrived(at: Instant, talker: Inbound, header: RtpHeader, packet: Uint8Array): void {
    const type = this.sender.telephoneEvent
    if (talker === this.#hearing.main) this.#mainSignalled(at)
    if (!this.#maySend || type === undefined || this.digits.busy) this.sender.skip(talker, header)
    else if (header.payloadLength >= eventPayloadBytes && this.sender.placeEvent(at, talker, header)) {
      copy(packet, header.payloadOffset, this.sender.buffer, eventPayloadBytes)
      this.sender.transmit(eventPayloadBytes, type)
    }
  }

  tick(at: Instant): void {
    if (!this.#maySend) return
    if (this.digits.busy) this.#sendDigit(at)
    else if (at >= this.#dueAt) this.#due(at)
  }

  #changeMain(at: Instant, main: Inbound | undefined): void {
    this.#mainTap = undefined
    this.#standIns = 0
    this.#mainFrom = main?.ring.end ?? 0
    this.#mainAt = at
  }

  /** A packet of the listener's own length: forwarded as it is unless something is to be added. */
  #pass(at: Instant, main: Inbound, header: RtpHeader, packet: Uint8Array): void {
    const samples = header.payloadLength
    this.#mainTap = undefined
    if (!this.sender.place(at, main, header, samples)) return
    if (this.#accompanied && this.sender.newest && this.#gather(at, samples)) {
      this.#mixer.addPayload(main.codec, packet, header.payloadOffset, samples)
      this.#mixer.encode(this.sender.codec, this.sender.buffer, rtpHeaderBytes, samples)
    } else if (main.codec === this.sender.codec) copy(packet, header.payloadOffset, this.sender.buffer, samples)
    else transcode(transcodeTable(main.codec), packet, header.payloadOffset, this.sender.buffer, samples)
    this.sender.transmit(samples)
    this.#mainSpoke(at)
  }

  /** A packet of another length: its samples are read from the ring in frames of the listener's. */
  #reframe(at: Instant, main: Inbound, arrived: number): void {
    const samples = this.sender.frameSamples
    this.#mainTap ??= new Tap(main, { from: main.ring.end - arrived, depthSamples: samples })
    while (this.#mainTap.holds(samples)) {
      this.sender.next(at)
      this.#gather(at, samples)
      this.#mainTap.addTo(at, this.#mixer.sum, samples)
      this.#finish(samples)
    }
    this.#mainSpoke(at)
  }

  get #accompanied(): boolean {
    return this.#others.length > 0 || this.#tone !== undefined
  }

  #mainSpoke(at: Instant): void {
    this.#standIns = 0
    this.#dueAt = at + this.#patienceMs()
  }

  /** An event stands for speech, so that silence must not be put between its packets. */
  #mainSignalled(at: Instant): void {
    this.#mainAt = at
    this.#dueAt = Math.max(this.#dueAt, at + this.#patienceMs())
  }

  #patienceMs(): number {
    const main = this.#hearing.main
    if (main === undefined || !this.#accompanied) return silentMs
    return Math.min(latestMs, lateMs + (3 * main.reception.jitter) / samplesPerMs)
  }

  #mustStandIn(at: Instant): boolean {
    const main = this.#hearing.main
    if (main === undefined || main.noiseDbov !== undefined || at - this.#mainAt >= silentMs || this.#tone !== undefined) return true
    for (const tap of this.#others) if (tap.ready(this.sender.frameSamples)) return true
    return false
  }

  #due(at: Instant): void {
    if (this.#mustStandIn(at)) this.#standIn(at)
    // Asked again at the next tick; a due time left in the past would have to be caught up with a burst.
    else this.#dueAt = at
  }

  #standIn(at: Instant): void {
    const samples = this.sender.frameSamples
    this.sender.next(at)
    const others = this.#gather(at, samples)
    const own = this.#addForMain(samples, others)
    if (others || own) this.#finish(samples)
    else this.#sendSilence(samples)
    this.#standIns++
    // After a stall of more than a frame the grid starts anew: listeners prefer a gap to a burst.
    this.#dueAt = Math.max(this.#dueAt, at - this.sender.frameMs) + this.sender.frameMs
  }

  /** Stands in for the main talker himself: his room's noise, or his last frame fading away under the others. */
  #addForMain(samples: number, othersAudible: boolean): boolean {
    const main = this.#hearing.main
    if (main === undefined) return false
    if (main.noiseDbov !== undefined) return this.#noise.addTo(this.#mixer.sum, samples, main.noiseDbov)
    // Only speech from after the wiring may be repeated: the ring also remembers what this listener was not to hear.
    if (!othersAudible || this.#standIns > 1 || main.ring.end - this.#mainFrom < samples) return false
    return main.ring.addTo(this.#mixer.sum, main.ring.end - samples, samples, this.#standIns === 0 ? 0.6 : 0.2)
  }

  /** Clears the sum and adds everybody but the main talker; true when that is audible. */
  #gather(at: Instant, samples: number): boolean {
    this.#mixer.clear(samples)
    let audible = this.#tone?.addTo(this.#mixer.sum, samples) ?? false
    for (const tap of this.#others) if (tap.addTo(at, this.#mixer.sum, samples)) audible = true
    return audible
  }

  #finish(samples: number): void {
    this.#mixer.encode(this.sender.codec, this.sender.buffer, rtpHeaderBytes, samples)
    this.sender.transmit(samples)
  }

  #sendSilence(samples: number): void {
    this.sender.buffer.fill(silenceByte[this.sender.codec], rtpHeaderBytes, rtpHeaderBytes + samples)
    this.sender.transmit(samples)
  }

  #sendDigit(at: Instant): void {
    const packet = this.digits.due(at, this.sender.frameMs)
    if (packet === undefined) return
    this.#dueAt = at + this.sender.frameMs
    if (this.sender.telephoneEvent === undefined) this.#sendDigitTone(at, packet)
    else this.#sendEvent(at, packet, this.sender.telephoneEvent)
  }

  #sendEvent(at: Instant, packet: EventPacket, payloadType: number): void {
    this.sender.ownEvent(at, packet.first)
    this.sender.buffer[rtpHeaderBytes] = packet.event
    this.sender.buffer[rtpHeaderBytes + 1] = (packet.end ? 0x80 : 0) | eventVolume
    putUint16(this.sender.buffer, rtpHeaderBytes + 2, packet.durationSamples)
    this.sender.transmit(eventPayloadBytes, payloadType)
  }

  /** A phone that agreed no events is played the tones themselves. */
  #sendDigitTone(at: Instant, packet: EventPacket): void {
    const samples = this.sender.frameSamples
    this.sender.next(at)
    if (packet.repeated) return this.#sendSilence(samples)
    for (let i = 0; i < samples; i++) {
      const sample = dualTone(packet.event, packet.durationSamples - samples + i)
      this.sender.buffer[rtpHeaderBytes + i] = encodeSample(this.sender.codec, sample)
    }
    this.sender.transmit(samples)
  }
}

function copy(from: Uint8Array, offset: number, to: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) to[rtpHeaderBytes + i] = from[offset + i] as number
}

function transcode(table: Uint8Array, from: Uint8Array, offset: number, to: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) to[rtpHeaderBytes + i] = table[from[offset + i] as number] as number
}

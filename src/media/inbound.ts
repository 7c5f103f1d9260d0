/** What comes in from one leg's peer: admitted, decrypted, counted, and kept in the ring from which listeners read. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { noiseLevel } from './comfort-noise.ts'
import { type Digit, DigitReceiver } from './dtmf.ts'
import { samplesPerMs } from './g711.ts'
import { TalkRing } from './jitter-buffer.ts'
import { Latch } from './latch.ts'
import type { Legacy } from './legacy.ts'
import { LevelMeter } from './level.ts'
import type { Codec, Endpoint, LegMedia } from './protocol.ts'
import { Reception } from './reception.ts'
import { byte, type RtpHeader, uint16, uint32 } from './rtp.ts'
import type { SrtpContext } from './srtp.ts'

/** What a packet brought; `nothing` for strangers, forgeries, duplicates, held legs and foreign payload types. */
export type Brought = 'audio' | 'event' | 'noise' | 'nothing'

export class Inbound {
  /** The leg's. */
  readonly slot: number
  readonly latch = new Latch()
  readonly reception = new Reception()
  readonly ring = new TalkRing()
  readonly level = new LevelMeter()
  codec: Codec = 'PCMU'
  srtp: SrtpContext | undefined
  /** Grows whenever the stream restarts with other sequence numbers and timestamps. */
  generation = 0
  packets = 0
  lastPacketAt: Instant | undefined
  /** Since comfort noise stood for speech: its level in dBov. */
  noiseDbov: number | undefined
  /** The digit that the last packet completed. */
  digit: Digit | undefined
  readonly #digits = new DigitReceiver()
  readonly #onLock: (peer: Endpoint) => void
  #payloadType = -1
  #eventType = -1
  #noiseType = -1
  #mayTalk = false

  constructor(slot: number, onLock: (peer: Endpoint) => void) {
    this.slot = slot
    this.#onLock = onLock
  }

  /** In samples: two frames at least, more when the talker's packets come unevenly. */
  get depthSamples(): number {
    return Math.min(limits.mediaJitterSamples, 320 + Math.floor((3 * this.reception.jitter) / 80) * 80)
  }

  /** Jitter is in samples (RFC 3550 §6.4.1); half a millisecond more covers our own lateness. A wrong guess costs one concealed frame. */
  isInTime(at: Instant): boolean {
    if (this.lastPacketAt === undefined) return false
    return at - this.lastPacketAt >= 0.5 + (2 * this.reception.jitter) / samplesPerMs
  }

  configure(media: LegMedia): void {
    this.codec = media.codec
    this.#payloadType = media.payloadType
    this.#eventType = media.telephoneEvent ?? -1
    this.#noiseType = media.comfortNoise ?? -1
    this.#mayTalk = media.direction === 'sendrecv' || media.direction === 'recvonly'
  }

  /** Reads one datagram; `header` describes what is left of it. An encrypted one is decrypted in place. */
  take(at: Instant, packet: Uint8Array, from: Endpoint, header: RtpHeader): Brought {
    if (!this.latch.mightAdmit(at, from)) return 'nothing'
    const length = this.srtp === undefined ? packet.length : this.srtp.unprotect(packet, packet.length)
    if (length < 0 || !header.read(packet, length) || header.payloadLength === 0) return 'nothing'
    if (!this.#known(header.payloadType) || !this.#admitted(at, packet, from)) return 'nothing'
    const arrival = this.reception.arrive(header.sequence, header.ssrc)
    if (arrival === 'duplicate' || arrival === 'doubtful') return 'nothing'
    if (arrival === 'restarted') this.#restart()
    this.packets++
    this.lastPacketAt = at
    return this.#mayTalk ? this.#content(at, packet, header) : 'nothing'
  }

  save(to: Legacy): void {
    to.put(this.generation).put(this.packets).put(this.lastPacketAt).put(this.noiseDbov)
    to.put(this.level.lastAudioAt ?? undefined)
    this.reception.save(to)
    this.#digits.save(to)
  }

  load(from: Legacy): void {
    this.generation = from.take()
    this.packets = from.take()
    this.lastPacketAt = from.takeMoment()
    this.noiseDbov = from.takeOptional()
    this.level.load(from.takeMoment() ?? null)
    this.reception.load(from)
    this.#digits.load(from)
  }

  #known(payloadType: number): boolean {
    return payloadType === this.#payloadType || payloadType === this.#eventType || payloadType === this.#noiseType
  }

  #admitted(at: Instant, packet: Uint8Array, from: Endpoint): boolean {
    const admission = this.latch.admit(at, from, uint16(packet, 2), uint32(packet, 8))
    if (admission === 'locked' && this.latch.peer !== undefined) this.#onLock(this.latch.peer)
    return admission !== 'refused'
  }

  #restart(): void {
    this.generation++
    this.ring.restart()
  }

  #content(at: Instant, packet: Uint8Array, header: RtpHeader): Brought {
    if (header.payloadType === this.#payloadType) return this.#audio(at, packet, header)
    if (header.payloadType === this.#eventType) {
      this.digit = this.#digits.take(packet, header)
      return 'event'
    }
    this.noiseDbov = noiseLevel(byte(packet, header.payloadOffset))
    return 'noise'
  }

  #audio(at: Instant, packet: Uint8Array, header: RtpHeader): Brought {
    if (header.payloadLength > limits.mediaPayloadBytes) return 'nothing'
    this.noiseDbov = undefined
    this.digit = this.#digits.flushBefore(header.timestamp)
    this.reception.timing(at, header.timestamp)
    const squares = this.ring.write(header.timestamp, packet, header.payloadOffset, header.payloadLength, this.codec)
    this.level.add(at, squares, header.payloadLength)
    return 'audio'
  }
}

/** A media engine with virtual time and phones around it, no sockets: each phone speaks its tone and listens with an `Ear`. */
import { createCipheriv } from 'node:crypto'
import { type AccountId, accountId, type BridgeId, bridgeId, type LegId, legId } from '../src/kernel/ids.ts'
import type { Random } from '../src/kernel/random.ts'
import { addMs, type Instant, instant } from '../src/kernel/time.ts'
import { MediaEngine } from '../src/media/engine.ts'
import { encode } from '../src/media/g711.ts'
import type { LegMedia, MediaEvent, Row } from '../src/media/protocol.ts'
import type { RecordWord } from '../src/media/record-words.ts'
import { RtpHeader, rtpHeaderBytes } from '../src/media/rtp.ts'
import { Ear, toneOf, toneSamples } from './ear.ts'

export interface HeardPacket {
  readonly at: Instant
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly marker: boolean
  readonly payloadType: number
  readonly payload: Uint8Array
}

export interface PhoneOptions {
  readonly voice?: 'core' | 'supervisor'
  readonly account?: AccountId
  readonly media?: Partial<LegMedia>
  /** Milliseconds of a packet that it sends. */
  readonly ptimeMs?: number
  /** When within a frame it sends. */
  readonly phaseMs?: number
}

export class StagePhone {
  readonly leg: LegId
  readonly hertz: number
  readonly media: LegMedia
  readonly ear: Ear
  readonly packets: HeardPacket[] = []
  readonly ptimeMs: number
  nextAt: Instant
  speaking = true
  sequence = 100
  timestamp = 5_000
  slot = -1
  ssrc: number
  /** Called with each packet that this phone is sent. */
  onPacket: (packet: HeardPacket) => void = () => {}
  #spoken = 0

  constructor(leg: LegId, speaker: number, tones: readonly number[], start: Instant, options: PhoneOptions) {
    this.leg = leg
    this.hertz = toneOf(speaker)
    this.ptimeMs = options.ptimeMs ?? 20
    this.nextAt = addMs(start, options.phaseMs ?? 1 + ((speaker * 7) % 19))
    this.ssrc = 0x1000 + speaker
    this.media = {
      remote: { address: '10.0.0.1', port: 4_000 + 2 * speaker },
      rtcpMux: true,
      codec: 'PCMU',
      payloadType: 0,
      telephoneEvent: 101,
      ptimeMs: 20,
      direction: 'sendrecv',
      ...options.media,
    }
    this.ear = new Ear({ tones, codec: this.media.codec })
  }

  packet(payload: Uint8Array, payloadType = this.media.payloadType, marker = false): Uint8Array {
    const header = new RtpHeader()
    Object.assign(header, { marker, payloadType, sequence: this.sequence, timestamp: this.timestamp, ssrc: this.ssrc })
    const packet = new Uint8Array(rtpHeaderBytes + payload.length)
    header.write(packet)
    packet.set(payload, rtpHeaderBytes)
    return packet
  }

  /** The next packet of its tone. */
  speak(): Uint8Array {
    const length = this.ptimeMs * 8
    const packet = this.packet(encode(this.media.codec, toneSamples(this.hertz, this.#spoken, length)))
    this.#spoken += length
    this.sequence = (this.sequence + 1) & 0xffff
    this.timestamp = (this.timestamp + length) >>> 0
    return packet
  }
}

export class Stage {
  readonly engine: MediaEngine
  readonly events: MediaEvent[] = []
  readonly phones: StagePhone[] = []
  readonly account = accountId('acme')
  /** What the phones' ears know, whoever of them speaks. */
  readonly tones: readonly number[]
  readonly bridge: BridgeId = bridgeId('b1')
  at: Instant = instant(1_700_000_000_000)
  revision = 0
  /** Set false to stop the packets to a phone from being kept: long runs. */
  keepPackets = true
  readonly #bySlot = new Map<number, StagePhone>()
  readonly #open = new Set<number>()
  readonly #header = new RtpHeader()
  #failure: unknown
  #port = 30_000

  constructor(speakers = 8, record?: (word: RecordWord) => void, announcements?: ReadonlyMap<string, Int16Array>) {
    this.tones = Array.from({ length: speakers }, (_, speaker) => toneOf(speaker))
    this.engine = new MediaEngine({
      ...(record === undefined ? {} : { record }),
      announcements,
      random: seededRandom(),
      newCipher: (key) => {
        const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
        return (blocks) => cipher.update(blocks)
      },
      wire: {
        open: (slot) => this.#bind(slot),
        close: (slot) => this.#unbind(slot),
        emit: (event) => this.#emitted(event),
      },
    })
  }

  phone(name: string, options: PhoneOptions = {}): StagePhone {
    const phone = new StagePhone(legId(name), this.phones.length, this.tones, this.at, options)
    this.phones.push(phone)
    const { voice = 'core', account = this.account } = options
    this.engine.order(this.at, { kind: 'open-leg', leg: phone.leg, account, voice, family: 4 })
    this.engine.order(this.at, { kind: 'set-leg', leg: phone.leg, media: phone.media })
    return phone
  }

  rewire(...rows: readonly Row[]): MediaEvent | undefined {
    this.revision++
    this.engine.order(this.at, { kind: 'rewire', bridge: this.bridge, account: this.account, revision: this.revision, rows })
    return this.events.at(-1)
  }

  /** Lets time pass: phones speak when it is their time, the engine ticks every 5 ms. */
  advance(ms: number): void {
    const until = addMs(this.at, ms)
    while (this.at < until) {
      this.at = addMs(this.at, 1)
      for (const phone of this.phones) if (this.at >= phone.nextAt) this.#utter(phone)
      if (this.at % 5 === 0) this.engine.tick(this.at)
    }
    this.#throwFailure()
  }

  deliver(phone: StagePhone, packet: Uint8Array, from = phone.media.remote): void {
    this.engine.receive(this.at, phone.slot, packet, from)
    this.#throwFailure()
  }

  #utter(phone: StagePhone): void {
    phone.nextAt = addMs(phone.nextAt, phone.ptimeMs)
    const packet = phone.speak()
    if (phone.speaking) this.deliver(phone, packet)
  }

  /** How many pairs of ports the engine holds. */
  get openSlots(): number {
    return this.#open.size
  }

  #unbind(slot: number): void {
    this.#open.delete(slot)
    this.#bySlot.delete(slot)
  }

  #bind(slot: number) {
    this.#open.add(slot)
    const phone = this.phones.at(-1)
    if (phone?.slot === -1) {
      phone.slot = slot
      this.#bySlot.set(slot, phone)
    }
    this.#port += 2
    return {
      local: { address: '10.0.0.2', port: this.#port },
      wire: {
        sendRtp: (packet: Uint8Array) => this.#heard(slot, packet),
        sendRtcp: () => {},
        connect: () => {},
      },
    }
  }

  #heard(slot: number, packet: Uint8Array): void {
    const phone = this.#bySlot.get(slot)
    const header = this.#header
    if (phone === undefined || !header.read(packet, packet.length)) return
    const { sequence, timestamp, ssrc, marker, payloadType } = header
    const payload = packet.slice(header.payloadOffset, header.payloadOffset + header.payloadLength)
    const heard = { at: this.at, sequence, timestamp, ssrc, marker, payloadType, payload }
    if (payloadType === phone.media.payloadType) phone.ear.hear(payload)
    if (this.keepPackets) phone.packets.push(heard)
    this.#ask(phone, heard)
  }

  /** The engine survives an exception in its path; a test's assertion must not be survived. */
  #ask(phone: StagePhone, heard: HeardPacket): void {
    try {
      phone.onPacket(heard)
    } catch (failure) {
      this.#failure ??= failure
    }
  }

  #emitted(event: MediaEvent): void {
    this.events.push(event)
    if (event.kind === 'leg-failed' && event.why.startsWith('bug')) this.#failure ??= new Error(event.why)
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }
}

/** The same streams every time. */
function seededRandom(): Random {
  let state = 1
  const integer = (below: number): number => {
    state = Math.imul(state, 48_271) >>> 0
    return state % below
  }
  return {
    integer,
    hex: (bytes) =>
      integer(2 ** 32)
        .toString(16)
        .padStart(bytes * 2, '0'),
  }
}

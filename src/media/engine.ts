/**
 * All legs of one media process, sans I/O: datagrams, orders and time go in, datagrams and events come out through `MediaWire`.
 * The path of a packet is `receive` → `Inbound.take` → for each listener `Listening.mainArrived` → `Sender` → wire, in one call.
 */
import type { LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { Inbound } from './inbound.ts'
import { Leg, type LegIdentity, type LegWire } from './leg.ts'
import { LegTable } from './leg-table.ts'
import type { Held, HeldLeg } from './legacy.ts'
import { Matrix, type Rewire } from './matrix.ts'
import { Mixer } from './mixer.ts'
import type { Endpoint, MediaEvent, MediaOrder } from './protocol.ts'
import type { RecordOutcome } from './record-words.ts'
import { Recorder, type RecorderOptions } from './recorder.ts'
import { looksLikeRtcp, RtpHeader } from './rtp.ts'
import type { NewBlockCipher } from './srtp.ts'
import { tones } from './tones.ts'

/** What the engine needs of the world. */
export interface MediaWire {
  /** Binds a leg's ports; the answer is its address, or why there is none. That a leg over WebRTC is open the wire tells, with its SDP. */
  open(slot: number, order: OpenLeg, ssrc: number): { readonly local: Endpoint; readonly wire: LegWire } | { readonly why: string }
  /** Frees the ports. Closing happens once per slot. */
  close(slot: number): void
  emit(event: MediaEvent): void
}

export interface MediaEngineOptions extends RecorderOptions {
  readonly wire: MediaWire
  readonly random: Random
  readonly newCipher: NewBlockCipher
  /** ISO 3166 code that chooses the ringing tone. */
  readonly country?: string | undefined
  /** Samples at 8 kHz, played in a loop instead of the music that comes with Sotto. */
  readonly holdMusic?: Int16Array | undefined
  /** A leg is about to use numbers that its successor would use, too: he has to be told first. */
  readonly onHorizon?: (leg: Leg) => void
}

/** What is left of the protocol once the process door has dealt with who may command (see `Tenure`) and with connections over WebRTC. */
export type EngineOrder = Exclude<MediaOrder, { readonly kind: 'hello' | 'renew' | 'describe-leg' }>

export type OpenLeg = Extract<MediaOrder, { readonly kind: 'open-leg' }>

export class MediaEngine {
  readonly legs = new LegTable()
  readonly #wire: MediaWire
  readonly #random: Random
  readonly #newCipher: NewBlockCipher
  readonly #header = new RtpHeader()
  readonly #mixer = new Mixer()
  readonly #matrix: Matrix
  readonly #recorder: Recorder
  readonly #onHorizon: (leg: Leg) => void

  constructor(options: MediaEngineOptions) {
    this.#wire = options.wire
    this.#random = options.random
    this.#newCipher = options.newCipher
    this.#onHorizon = options.onHorizon ?? (() => undefined)
    this.#matrix = new Matrix(this.legs.byId, tones(options.country, options.holdMusic))
    this.#recorder = new Recorder({
      legs: this.legs.byId,
      options,
      play: (at, bridge, prompt) => this.#matrix.setPrompt(at, bridge, prompt),
      emit: (event) => this.#wire.emit(event),
      beep: (at, bridge, loop) => this.#matrix.setBeep(at, bridge, loop),
    })
  }

  get legCount(): number {
    return this.legs.byId.size
  }

  get bridgeCount(): number {
    return this.#matrix.size
  }

  get recordings(): Recorder {
    return this.#recorder
  }

  /** Recordings that are not on disk yet. */
  get recordingCount(): number {
    return this.#recorder.size
  }

  /** What came of a recording; undefined: the writer died. */
  recorded(at: Instant, outcome: RecordOutcome | undefined): void {
    if (outcome === undefined) this.#recorder.writerLost(at)
    else this.#recorder.outcome(at, outcome)
  }

  /** A bug ends the leg that has it, not the others' audio; `tick` does the same. */
  receive(at: Instant, slot: number, packet: Uint8Array, from: Endpoint): void {
    const leg = this.legs.at(slot)
    if (leg === undefined) return
    try {
      this.#receive(at, leg, packet, from)
    } catch (bug) {
      this.#stumbled(at, leg, bug)
    }
  }

  receiveRtcp(at: Instant, slot: number, packet: Uint8Array, from: Endpoint): void {
    this.legs.at(slot)?.receiveRtcp(at, packet, from)
  }

  /** Every 5 ms or so; sends what the clock rather than a packet makes due. */
  tick(at: Instant): void {
    for (const leg of this.legs.all) {
      if (leg?.media === undefined) continue
      try {
        leg.tick(at)
        this.#tellSilence(at, leg)
      } catch (bug) {
        this.#stumbled(at, leg, bug)
      }
    }
    this.#recorder.tick(at)
  }

  order(at: Instant, order: EngineOrder): void {
    switch (order.kind) {
      case 'open-leg':
        return this.#openLeg(order)
      case 'rewire':
        return this.#rewire(at, order)
      case 'close-bridge':
        this.#recorder.bridgeClosed(at, order.bridge)
        return this.#matrix.close(at, order.bridge)
      case 'record':
        return this.#recorder.order(at, order)
      case 'close-leg':
        return this.#closeLeg(at, order.leg)
      case 'measure': {
        const legs = this.#matrix.members(order.bridge).map((leg) => leg.level(at))
        const revision = this.#matrix.revision(order.bridge)
        return this.#wire.emit({ kind: 'measured', bridge: order.bridge, request: order.request, revision, legs })
      }
      case 'list':
        this.#list()
        return this.#recorder.tellAgain()
      default:
        return this.#legOrder(at, order)
    }
  }

  /** Nobody vouches for the supervisors any more: see `lease-lapsed`. */
  cutSupervisors(at: Instant): void {
    this.#matrix.cutSupervisors(at)
    this.#wire.emit({ kind: 'lease-lapsed', at })
  }

  /** What a successor must hold beside the legs' numbers and the recordings. */
  held(): Omit<Held, 'recordings'> {
    const bridges = this.#matrix.states().map((state) => ({ ...state, supervisorsCut: this.#matrix.isCut(state.bridge) }))
    return { legs: [...this.legs.byId.values()].map((leg) => leg.held()), bridges }
  }

  /** A leg as the active process has it, under its slot. */
  adopt(at: Instant, held: HeldLeg, wire: LegWire): void {
    if (this.legs.byId.has(held.leg)) return
    const leg = this.#addLeg({ ...held, id: held.leg }, wire)
    if (held.media !== undefined) leg.set(at, held.media, this.#newCipher)
    leg.keyedBefore(held.keying)
    if (held.peer !== undefined) leg.settle(held.peer)
  }

  /** Says goodbye on every leg and frees all ports. */
  close(at: Instant): void {
    this.#recorder.close(at)
    for (const id of [...this.legs.byId.keys()]) this.#closeLeg(at, id)
  }

  #list(): void {
    const legs = [...this.legs.byId.values()].map((leg) => leg.state())
    this.#wire.emit({ kind: 'inventory', legs, bridges: this.#matrix.states() })
  }

  #receive(at: Instant, leg: Leg, packet: Uint8Array, from: Endpoint): void {
    if (leg.media === undefined) return
    if (leg.media.rtcpMux && looksLikeRtcp(packet)) return leg.receiveRtcp(at, packet, from)
    const inbound = leg.inbound
    switch (inbound.take(at, packet, from, this.#header)) {
      case 'audio':
        for (const { listening } of leg.listeners) {
          if (listening.main === inbound) listening.mainArrived(at, this.#header, packet)
        }
        if (leg.isRecordable) leg.track?.take(at, inbound, this.#header, packet)
        break
      case 'event':
        for (const { listening } of leg.listeners) listening.eventArrived(at, inbound, this.#header, packet)
        break
      case 'noise':
        this.#pause(at, leg, inbound)
        break
      case 'nothing':
        return
    }
    if (inbound.digit !== undefined) this.#tellDigit(leg)
  }

  #stumbled(at: Instant, leg: Leg, bug: unknown): void {
    this.#failed(leg.id, `bug: ${bug}`)
    this.#closeLeg(at, leg.id)
  }

  #legOrder(at: Instant, order: Extract<EngineOrder, { readonly kind: 'set-leg' | 'set-voice' | 'send-dtmf' }>): void {
    const leg = this.legs.byId.get(order.leg)
    if (leg === undefined) return this.#failed(order.leg, 'unknown leg')
    switch (order.kind) {
      case 'set-leg':
        if (!leg.isWebRtc && leg.local.address.includes(':') !== order.media.remote.address.includes(':'))
          return this.#failed(order.leg, 'another address family')
        if (!leg.set(at, order.media, this.#newCipher)) this.#failed(order.leg, 'malformed SRTP keys')
        return
      case 'set-voice':
        leg.voice = order.voice
        return this.#matrix.voiceChanged(at, leg)
      case 'send-dtmf':
        // More digits than fit, or none that there are, are dropped: no reason to lose the leg.
        leg.listening.digits.queue(at, order.digits, order.durationMs)
    }
  }

  #openLeg(order: OpenLeg): void {
    const known = this.legs.byId.get(order.leg)
    if (known !== undefined) {
      if (known.account !== order.account) return this.#failed(order.leg, 'belongs to another account')
      return this.#wire.emit({ kind: 'leg-opened', leg: order.leg, local: known.local })
    }
    if (this.legs.byId.size >= limits.mediaLegs) return this.#failed(order.leg, 'too many legs')
    const slot = this.legs.takeSlot()
    const stream = {
      ssrc: this.#random.integer(2 ** 32),
      // RFC 3711 §3.3.1 wants the first sequence below 2^15, or a lost first packet could hide a roll-over.
      sequence: this.#random.integer(2 ** 15),
      timestamp: this.#random.integer(2 ** 32),
    }
    const { leg: id, account, voice } = order
    const opened = this.#wire.open(slot, order, stream.ssrc)
    if ('why' in opened) {
      this.legs.release(slot)
      return this.#failed(id, opened.why)
    }
    this.#addLeg({ slot, id, account, voice, local: opened.local, stream }, opened.wire)
    if (order.webrtc === undefined) this.#wire.emit({ kind: 'leg-opened', leg: id, local: opened.local })
  }

  #addLeg(identity: LegIdentity, wire: LegWire): Leg {
    const leg = new Leg(identity, wire, this.#mixer)
    leg.listening.sender.horizon.onReached = () => this.#onHorizon(leg)
    this.legs.add(leg)
    return leg
  }

  #closeLeg(at: Instant, id: LegId): void {
    const leg = this.legs.byId.get(id)
    if (leg === undefined) return
    this.#matrix.remove(at, leg)
    leg.close(at)
    this.legs.remove(leg)
    this.#wire.close(leg.slot)
  }

  #rewire(at: Instant, order: Rewire): void {
    const { bridge, revision } = order
    const result = this.#matrix.rewire(at, order)
    if (result.kind === 'done') this.#wire.emit({ kind: 'rewired', bridge, revision, at })
    if (result.kind === 'refused') this.#wire.emit({ kind: 'rewire-refused', bridge, revision, why: result.why })
  }

  #pause(at: Instant, leg: Leg, inbound: Inbound): void {
    for (const { listening } of leg.listeners) if (listening.main === inbound) listening.mainPaused(at, this.#header)
  }

  #tellDigit(leg: Leg): void {
    const told = leg.inbound.digit
    leg.inbound.digit = undefined
    if (told !== undefined) this.#wire.emit({ kind: 'dtmf', leg: leg.id, digit: told.digit, durationMs: told.durationMs })
  }

  #tellSilence(at: Instant, leg: Leg): void {
    const silence = leg.silence(at)
    if (silence === undefined) return
    if (silence.kind === 'resumed') this.#wire.emit({ kind: 'rtp-resumed', leg: leg.id })
    else this.#wire.emit({ kind: 'rtp-stopped', leg: leg.id, silentMs: silence.silentMs })
  }

  #failed(leg: LegId, why: string): void {
    this.#wire.emit({ kind: 'leg-failed', leg, why })
  }
}

/**
 * A leg over WebRTC: descriptions come and go, and connections stand behind it and are replaced; the engine sees a `LegWire` like any other.
 *
 * A new connection takes over from the old one when it is up, so that a browser that changes its network is heard without a gap.
 */
import type { LegId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { LegWire } from '../media/leg.ts'
import type { Endpoint, MediaEvent, WebRtcState } from '../media/protocol.ts'
import { looksLikeRtcp } from '../media/rtp.ts'
import { WebRtcConnection } from './webrtc-connection.ts'
import { agreedWith, answerTo, type Described, type OwnTransport, ourOffer, ownTransport, sameConnection } from './webrtc-description.ts'
import type { Library } from './webrtc-library.ts'
import type { WebRtcPort } from './webrtc-port.ts'

export const noPort = 'no UDP port for WebRTC can be had'

/** What all legs of a process share. */
export interface Ground {
  readonly library: () => Promise<Library | undefined>
  readonly port: WebRtcPort
  readonly now: () => Instant
  /** Where we listen: one address, or a wildcard. */
  readonly address: string
  /** How others reach us. */
  readonly advertised: string
  /** `stun:host:port`, by which we find out what address we have outside. */
  readonly iceServers: readonly string[]
  readonly onRtp: (slot: number, packet: Uint8Array, from: Endpoint) => void
  readonly onRtcp: (slot: number, packet: Uint8Array, from: Endpoint) => void
  readonly emit: (event: MediaEvent) => void
  /** A leg that was about to be opened cannot be. */
  readonly onUnopened: (leg: LegId) => void
}

export interface WebRtcIdentity {
  readonly slot: number
  readonly id: LegId
  readonly ssrc: number
  /** What the engine takes for the address that packets come from. */
  readonly local: Endpoint
}

interface Made {
  readonly connection: WebRtcConnection
  readonly transport: OwnTransport
}

export class WebRtcLeg {
  readonly id: LegId
  readonly wire: LegWire
  readonly #identity: WebRtcIdentity
  readonly #ground: Ground
  #state: WebRtcState = 'connecting'
  /** Of `lost`. */
  #why = ''
  /** Of our descriptions; it grows from one process to the next, too. */
  #version: number
  /** Whose packets are ours. */
  #connection: WebRtcConnection | undefined
  /** Will be that when it is up. */
  #coming: WebRtcConnection | undefined
  #transport: OwnTransport | undefined
  /** What the peer said last of the newest connection. */
  #peer: Described | undefined
  #isOpen = false
  #isClosed = false
  /** Descriptions take their time, and are dealt with one after the other. */
  #turn: Promise<void> = Promise.resolve()

  constructor(identity: WebRtcIdentity, ground: Ground) {
    this.id = identity.id
    this.#identity = identity
    this.#ground = ground
    this.#version = Math.floor(ground.now() / 1_000)
    const stateOf = () => this.#state
    this.wire = {
      get webrtc() {
        return stateOf()
      },
      sendRtp: (packet) => this.#connection?.send(packet),
      sendRtcp: (packet) => this.#connection?.send(packet),
      connect: () => undefined,
    }
  }

  /** Without an offer of the peer's, we make one. */
  open(offer: Described | undefined): void {
    this.#inTurn(() => this.#open(offer))
  }

  describe(type: 'offer' | 'answer', described: Described): void {
    this.#inTurn(() => (type === 'answer' ? this.#answered(described) : this.#offered(described)))
  }

  fail(why: string): void {
    if (!this.#isClosed) this.#ground.emit({ kind: 'leg-failed', leg: this.id, why })
  }

  /** A predecessor has the connection: there is none here until it is described anew. */
  adopt(): void {
    this.#isOpen = true
    this.#state = 'lost'
    this.#why = 'its media process died'
  }

  tellIfLost(): void {
    if (this.#state === 'lost') this.#ground.emit({ kind: 'leg-lost', leg: this.id, why: this.#why })
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.close()
    this.#coming?.close()
  }

  #inTurn(work: () => Promise<void>): void {
    const unlessClosed = async () => {
      if (!this.#isClosed) await work()
    }
    this.#turn = this.#turn.then(unlessClosed).catch((bug: unknown) => this.fail(`bug: ${bug}`))
  }

  async #open(offer: Described | undefined): Promise<void> {
    const description = await this.#connect(offer)
    if (this.#isClosed) return
    if (!description.ok && !this.#isOpen) this.#ground.onUnopened(this.id)
    if (!description.ok) return this.#ground.emit({ kind: 'leg-failed', leg: this.id, why: description.error })
    this.#isOpen = true
    const agreed = offer === undefined ? {} : { agreed: agreedWith(offer) }
    this.#ground.emit({ kind: 'leg-opened', leg: this.id, local: this.#identity.local, description: description.value, ...agreed })
  }

  async #offered(offer: Described): Promise<void> {
    const description = this.#again(offer) ?? (await this.#connect(offer))
    if (this.#isClosed) return
    if (!description.ok) return this.fail(description.error)
    this.#ground.emit({ kind: 'leg-described', leg: this.id, description: description.value, agreed: agreedWith(offer) })
  }

  /** Something else over the connection that there is. */
  #again(offer: Described): Outcome<string, string> | undefined {
    if (this.#transport === undefined || this.#peer === undefined || !sameConnection(this.#peer, offer)) return undefined
    this.#peer = offer
    return ok(answerTo(offer, this.#transport, this.#stream()))
  }

  async #answered(answer: Described): Promise<void> {
    const why = this.#accept(answer)
    if (why !== undefined) return this.fail(why)
    this.#peer = answer
    this.#ground.emit({ kind: 'leg-described', leg: this.id, agreed: agreedWith(answer) })
  }

  /** Why it is no answer, if it is none. A second one to the same connection changes only what is said over it. */
  #accept(answer: Described): string | undefined {
    if (this.#peer !== undefined) return sameConnection(this.#peer, answer) ? undefined : 'it answers another connection'
    if (this.#coming === undefined) return 'nothing was offered'
    return this.#coming.accept(answer) ? undefined : 'the library refuses it'
  }

  /** Begins a connection, and returns what we say of it. */
  async #connect(offer: Described | undefined): Promise<Outcome<string, string>> {
    const library = await this.#ground.library()
    if (library === undefined) return fail('there is no WebRTC on this machine')
    const made = await this.#make(library, offer)
    if (!made.ok) return made
    const { connection, transport } = made.value
    this.#coming?.close()
    this.#coming = connection
    this.#transport = transport
    this.#peer = offer
    if (this.#connection === undefined) this.#state = 'connecting'
    return ok(offer === undefined ? ourOffer(transport, this.#stream()) : answerTo(offer, transport, this.#stream()))
  }

  async #make(library: Library, offer: Described | undefined): Promise<Outcome<Made, string>> {
    const { address: listens, advertised, port } = this.#ground
    if (!port.hold(library) || port.number === undefined) return fail(noPort)
    const connection = this.#newConnection(library, port.number, offer?.mid ?? '0')
    const sdp = offer === undefined ? await connection.offer() : await connection.answer(offer)
    const transport = sdp === undefined ? undefined : ownTransport(sdp, { listens, advertised })
    if (transport !== undefined && transport.candidates.length > 0 && !this.#isClosed) return ok({ connection, transport })
    connection.close()
    return fail(sdp === undefined ? 'the library refuses it' : 'no address to be reached by')
  }

  #newConnection(library: Library, port: number, mid: string): WebRtcConnection {
    const {
      port: { bind },
      iceServers,
      onRtp,
      onRtcp,
    } = this.#ground
    const { slot, local, ssrc } = this.#identity
    const connection: WebRtcConnection = new WebRtcConnection(
      {
        ...{ library, port, ssrc, iceServers: [...iceServers], bind },
        onPacket: (packet) => (looksLikeRtcp(packet) ? onRtcp(slot, packet, local) : onRtp(slot, packet, local)),
        onOpen: () => this.#isUp(connection),
        onLost: (why) => this.#lost(connection, why),
      },
      mid,
    )
    return connection
  }

  #isUp(connection: WebRtcConnection): void {
    if (this.#coming !== connection) return
    this.#connection?.close()
    this.#connection = connection
    this.#coming = undefined
    this.#state = 'connected'
    this.#ground.emit({ kind: 'leg-connected', leg: this.id })
  }

  /** That of an old connection is no news while a new one is on its way. */
  #lost(connection: WebRtcConnection, why: string): void {
    const isOld = this.#connection === connection
    if (this.#isClosed || (!isOld && this.#coming !== connection)) return
    if (isOld) this.#connection = undefined
    if (isOld && this.#coming !== undefined) this.#state = 'connecting'
    else this.#gone(why)
  }

  #gone(why: string): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#coming = undefined
    this.#transport = undefined
    this.#peer = undefined
    this.#state = 'lost'
    this.#why = why
    this.tellIfLost()
  }

  #stream(): { readonly ssrc: number; readonly version: number } {
    return { ssrc: this.#identity.ssrc, version: ++this.#version }
  }
}

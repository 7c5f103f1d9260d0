/** All legs over WebRTC of this process, by slot and by name, on one UDP port. */
import type { LegId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { OpenLeg } from '../media/engine.ts'
import type { LegWire } from '../media/leg.ts'
import type { HeldLeg } from '../media/legacy.ts'
import type { Endpoint, MediaOrder, WebRtcOpening } from '../media/protocol.ts'
import type { PortPool } from './port-pool.ts'
import { type Described, readDescription } from './webrtc-description.ts'
import { type Ground, noPort, WebRtcLeg } from './webrtc-leg.ts'
import { type Library, loadLibrary } from './webrtc-library.ts'
import { WebRtcPort } from './webrtc-port.ts'

/** What is set for them. */
export interface WebRtcSettings {
  /** Absent: one of the pool's. */
  readonly port?: number
  /** How others reach us; absent: by the address at which we listen. */
  readonly advertised?: string
  /** `stun:HOST:PORT`: asked for the address that we have outside, where `advertised` is none. */
  readonly iceServers?: readonly string[]
}

export interface WebRtcLegsOptions extends Pick<Ground, 'onRtp' | 'onRtcp' | 'emit' | 'onUnopened'> {
  readonly settings: WebRtcSettings
  /** Where we listen: one address, or a wildcard. */
  readonly address: string
  readonly pool: PortPool
  readonly now: () => Instant
  readonly log: Log
}

export type DescribeLeg = Extract<MediaOrder, { readonly kind: 'describe-leg' }>

export class WebRtcLegs {
  readonly #options: WebRtcLegsOptions
  readonly #ground: Ground
  readonly #bySlot = new Map<number, WebRtcLeg>()
  readonly #byId = new Map<LegId, WebRtcLeg>()
  readonly #port: WebRtcPort
  #library: Promise<Library | undefined> | undefined

  constructor(options: WebRtcLegsOptions) {
    const { settings, address, pool, now } = options
    this.#options = options
    this.#port = new WebRtcPort({ wanted: settings.port, address, pool, now })
    const advertised = settings.advertised ?? address
    this.#ground = {
      ...options,
      advertised,
      iceServers: isPrivate(advertised) ? (settings.iceServers ?? []) : [],
      library: () => this.warmUp(),
      port: this.#port,
    }
  }

  get size(): number {
    return this.#bySlot.size
  }

  /** Loads what the first leg would have to wait for. */
  warmUp(): Promise<Library | undefined> {
    this.#library ??= loadLibrary(this.#options.log)
    return this.#library
  }

  open(slot: number, order: OpenLeg, ssrc: number): { readonly local: Endpoint; readonly wire: LegWire } | { readonly why: string } {
    const offer = offerOf(order.webrtc)
    if (offer?.ok === false) return { why: offer.error }
    const port = this.#port.number
    if (port === undefined) return { why: noPort }
    const local = { address: this.#ground.advertised, port }
    const leg = this.#add(slot, order.leg, ssrc, local)
    leg.open(offer?.value)
    return { local, wire: leg.wire }
  }

  /** True: the leg is there, and gets a new connection. */
  renew({ leg: id, webrtc }: OpenLeg): boolean {
    const leg = this.#byId.get(id)
    if (leg === undefined || webrtc === undefined) return false
    const offer = offerOf(webrtc)
    if (offer?.ok === false) leg.fail(offer.error)
    else leg.open(offer?.value)
    return true
  }

  describe({ leg: id, description, type }: DescribeLeg): void {
    const leg = this.#byId.get(id)
    if (leg === undefined) return this.#options.emit({ kind: 'leg-failed', leg: id, why: 'no leg over WebRTC' })
    const described = readDescription(description)
    if (described.ok) leg.describe(type, described.value)
    else leg.fail(described.error)
  }

  /** Of the active process, whose standby has no connection. */
  adopt({ slot, leg: id, stream, local }: HeldLeg): LegWire {
    const leg = this.#add(slot, id, stream.ssrc, local)
    leg.adopt()
    return leg.wire
  }

  /** To a control process that may not have been there when it happened. */
  tellLost(): void {
    for (const leg of this.#bySlot.values()) leg.tellIfLost()
  }

  close(slot: number): void {
    const leg = this.#bySlot.get(slot)
    if (leg === undefined) return
    this.#bySlot.delete(slot)
    this.#byId.delete(leg.id)
    leg.close()
  }

  #add(slot: number, id: LegId, ssrc: number, local: Endpoint): WebRtcLeg {
    const leg = new WebRtcLeg({ slot, id, ssrc, local }, this.#ground)
    this.#bySlot.set(slot, leg)
    this.#byId.set(id, leg)
    return leg
  }
}

/** RFC 1918, RFC 6598, RFC 4193: by which nobody outside reaches us. For any other address there is nothing to find out. */
const isPrivate = (address: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i.test(address)

const offerOf = (opening: WebRtcOpening | undefined): Outcome<Described, string> | undefined =>
  opening?.role === 'answer' ? readDescription(opening.offer) : undefined

/** One leg: what its peer says, what it hears, its control reports. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { Inbound } from './inbound.ts'
import type { Age, HeldLeg, Legacy } from './legacy.ts'
import { Listening } from './listening.ts'
import type { Mixer } from './mixer.ts'
import type { Endpoint, LegLevel, LegMedia, LegState, SrtpKeys, WebRtcState } from './protocol.ts'
import type { Track } from './record-track.ts'
import { appendGoodbye, PeerReports, rtcpBytes, writeReport } from './rtcp.ts'
import { Sender } from './sender.ts'
import { type NewBlockCipher, type SrtpContext, srtpContexts, srtpTrailerBytes } from './srtp.ts'

/** RFC 3550 §6.2: the recommended minimum. */
const reportMs = 5_000

/** The sockets of a leg, as the leg sees them. The bytes handed over are valid during the call only. */
export interface LegWire {
  sendRtp(packet: Uint8Array, to: Endpoint): void
  sendRtcp(packet: Uint8Array, to: Endpoint, muxed: boolean): void
  /** From now on only this peer is heard and answered; undefined while it is being found out. */
  connect(peer: Endpoint | undefined): void
  /**
   * How its connection over WebRTC is, if it is such a leg. What comes over it is told as coming from the leg's own `local` address: who
   * the peer is has been settled by ICE and DTLS, and who speaks to us over it may change its address at any time.
   */
  readonly webrtc?: WebRtcState
}

/** What a successor needs beside the numbers that a leg has left. */
export interface Succeeded {
  readonly legAt: (slot: number) => Leg | undefined
  readonly age: Age
}

export interface LegIdentity {
  readonly slot: number
  readonly id: LegId
  readonly account: string
  readonly voice: 'core' | 'supervisor'
  readonly local: Endpoint
  readonly stream: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number }
}

/** How long a leg has been silent, told once per `limits.rtpSilenceMs`; `resumed` after that. */
export type Silence = { readonly kind: 'stopped'; readonly silentMs: number } | { readonly kind: 'resumed' }

export class Leg {
  readonly slot: number
  readonly id: LegId
  readonly account: string
  readonly local: Endpoint
  readonly inbound: Inbound
  readonly listening: Listening
  readonly peerReports = new PeerReports()
  voice: 'core' | 'supervisor'
  bridge: BridgeId | undefined
  /** Who hears this leg: the matrix's column, kept for the path of a packet. */
  listeners: readonly Leg[] = []
  media: LegMedia | undefined
  /** Where its voice is recorded. */
  track: Track | undefined
  readonly #stream: LegIdentity['stream']
  #keying = 0
  readonly #wire: LegWire
  readonly #report = new Uint8Array(rtcpBytes + srtpTrailerBytes)
  readonly #cname: string
  #srtp: { send: SrtpContext; receive: SrtpContext } | undefined
  #reportAt: Instant | undefined
  #rtcpSource: Endpoint | undefined
  #quietSince: Instant | undefined
  #toldStops = 0

  constructor(identity: LegIdentity, wire: LegWire, mixer: Mixer) {
    this.slot = identity.slot
    this.id = identity.id
    this.account = identity.account
    this.voice = identity.voice
    this.local = identity.local
    this.#stream = identity.stream
    this.#wire = wire
    this.#cname = `${identity.stream.ssrc.toString(16)}@sotto`
    this.inbound = new Inbound(identity.slot, (peer) => wire.connect(peer))
    const sender = new Sender(identity.stream, (packet) => {
      if (this.inbound.latch.peer !== undefined) wire.sendRtp(packet, this.inbound.latch.peer)
    })
    this.listening = new Listening(sender, mixer)
  }

  get isWebRtc(): boolean {
    return this.#wire.webrtc !== undefined
  }

  /** False when the keys are no keys. */
  set(at: Instant, media: LegMedia, newCipher: NewBlockCipher): boolean {
    if (!this.#setKeys(this.isWebRtc ? undefined : media.srtp, newCipher)) return false
    this.media = media
    this.inbound.configure(media)
    this.listening.sender.configure(media)
    const remote = this.isWebRtc ? this.local : media.remote
    if (this.inbound.latch.signal(at, remote)) this.#wire.connect(undefined)
    this.listening.permit(at, sends(media, remote))
    this.#reportAt ??= addMs(at, (reportMs / 2) * (1 + (this.slot % 16) / 16))
    // A browser without a microphone says nothing for hours, and a lost one is found out by ICE (RFC 7675).
    this.#quietSince = receives(media) && !this.isWebRtc ? at : undefined
    this.#toldStops = 0
    return true
  }

  /** What nobody in the conversation may hear is not recorded: of a party on hold, of one that is muted, of a call that it has left. */
  get isRecordable(): boolean {
    if (this.track === undefined || this.track.bridge !== this.bridge) return false
    for (let i = 0; i < this.listeners.length; i++) {
      const { voice, track } = this.listeners[i] as Leg
      if (voice === 'core' || track?.voice === 'conversation') return true
    }
    return false
  }

  tick(at: Instant): void {
    this.listening.tick(at)
    if (this.inbound.latch.expire(at) && this.inbound.latch.peer !== undefined) this.#wire.connect(this.inbound.latch.peer)
    if (this.#reportAt !== undefined && at >= this.#reportAt) this.#sendReport(at, 'going on')
  }

  receiveRtcp(at: Instant, packet: Uint8Array, from: Endpoint): void {
    if (from.address !== this.inbound.latch.peer?.address) return
    const length = this.#srtp === undefined ? packet.length : this.#srtp.receive.unprotectRtcp(packet, packet.length)
    if (length < 0) return
    this.peerReports.read(at, packet, length, this.listening.sender.ssrc)
    if (this.#rtcpSource === undefined) this.#rtcpSource = { address: from.address, port: from.port }
  }

  silence(at: Instant): Silence | undefined {
    if (this.#quietSince === undefined) return undefined
    const silentMs = at - Math.max(this.#quietSince, this.inbound.lastPacketAt ?? 0)
    const stops = Math.floor(silentMs / limits.rtpSilenceMs)
    if (stops === this.#toldStops) return undefined
    const resumed = stops < this.#toldStops
    this.#toldStops = stops
    return resumed ? { kind: 'resumed' } : { kind: 'stopped', silentMs: Math.round(silentMs) }
  }

  close(at: Instant): void {
    if (this.media !== undefined) this.#sendReport(at, 'goodbye')
  }

  level(at: Instant): LegLevel {
    return {
      leg: this.id,
      levelDbov: this.inbound.level.read(at),
      lastAudioAt: this.inbound.level.lastAudioAt,
      packetsReceived: this.inbound.packets,
      packetsSent: this.listening.sender.packets,
    }
  }

  state(): LegState {
    const { id: leg, account, voice, local, media } = this
    const { webrtc } = this.#wire
    return { leg, account, voice, local, ...(media === undefined ? {} : { media }), ...(webrtc === undefined ? {} : { webrtc }) }
  }

  held(): HeldLeg {
    const { peer, locked } = this.inbound.latch
    const settled = locked && peer !== undefined ? { peer } : {}
    return { ...this.state(), slot: this.slot, stream: this.#stream, keying: this.#keying, ...settled }
  }

  /** What a predecessor had settled. */
  settle(peer: Endpoint): void {
    this.inbound.latch.settled(peer)
    this.#wire.connect(peer)
  }

  /** As told with the leg: changes from then on are counted here too. */
  keyedBefore(keying: number): void {
    this.#keying = keying
  }

  save(to: Legacy): void {
    to.put(this.#reportAt).put(this.#quietSince).put(this.#toldStops).put(this.#keying)
    this.listening.sender.save(to)
    this.inbound.save(to)
    this.#srtp?.send.save(to)
    this.#srtp?.receive.save(to)
  }

  /** Goes on where the predecessor was. */
  load(at: Instant, from: Legacy, { legAt, age }: Succeeded): void {
    this.#reportAt = from.takeMoment()
    this.#quietSince = from.takeMoment()
    this.#toldStops = from.take()
    const sameKeys = from.take() === this.#keying
    this.listening.sender.load(from, (slot) => legAt(slot)?.inbound, age)
    this.inbound.load(from)
    if (sameKeys) this.#srtp?.send.load(from)
    if (sameKeys) this.#srtp?.receive.load(from)
    this.listening.goOn(at)
  }

  /** The same keys again keep their contexts: a fresh one would repeat the key stream, which gives both plain texts away (RFC 3711 §9.1). */
  #setKeys(keys: SrtpKeys | undefined, newCipher: NewBlockCipher): boolean {
    const sender = this.listening.sender
    if (keys === undefined) this.#srtp = undefined
    else if (this.#srtp === undefined || !sameKeys(keys, this.media?.srtp)) {
      const contexts = srtpContexts(keys, newCipher)
      if (contexts === undefined) return false
      this.#srtp = contexts
      this.#keying++
    }
    sender.srtp = this.#srtp?.send
    this.inbound.srtp = this.#srtp?.receive
    return true
  }

  #sendReport(at: Instant, how: 'going on' | 'goodbye'): void {
    this.#reportAt = addMs(at, reportMs)
    const to = this.#rtcpAddress()
    if (to === undefined || this.media === undefined) return
    const sender = this.listening.sender
    const plain = writeReport(this.#report, at, sender.sent(at), this.inbound.reception, this.peerReports, this.#cname)
    const whole = how === 'goodbye' ? appendGoodbye(this.#report, plain, sender.ssrc) : plain
    const length = this.#srtp === undefined ? whole : this.#srtp.send.protectRtcp(this.#report, whole)
    this.#wire.sendRtcp(this.#report.slice(0, length), to, this.media.rtcpMux)
  }

  /** Where the peer's own reports come from, if they do; else where it said; else the port after its RTP's (RFC 3550 §11). */
  #rtcpAddress(): Endpoint | undefined {
    const peer = this.inbound.latch.peer
    if (peer === undefined || peer.port === 0 || this.media?.rtcpMux) return peer?.port === 0 ? undefined : peer
    if (this.#rtcpSource?.address === peer.address) return this.#rtcpSource
    if (this.media?.remoteRtcp?.address === peer.address) return this.media.remoteRtcp
    return peer.port === 65_535 ? undefined : { address: peer.address, port: peer.port + 1 }
  }
}

const receives = (media: LegMedia): boolean => media.direction === 'sendrecv' || media.direction === 'recvonly'

/** RFC 3264 §8.4: the unspecified address is the old way of saying hold; port 0 refuses the stream. */
const sends = ({ direction }: LegMedia, remote: Endpoint): boolean =>
  (direction === 'sendrecv' || direction === 'sendonly') && remote.port !== 0 && remote.address !== '0.0.0.0' && remote.address !== '::'

const sameKeys = (a: SrtpKeys, b: SrtpKeys | undefined): boolean =>
  b !== undefined && a.suite === b.suite && a.send === b.send && a.receive === b.receive

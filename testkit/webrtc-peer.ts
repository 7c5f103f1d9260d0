/**
 * A browser's end of a line, without the browser: one connection over WebRTC that speaks a tone, plays a voice, or like a browser without a
 * microphone sends nothing, and hears. Real ICE, DTLS and SRTP, on loopback unless told otherwise.
 *
 *   const peer = new WebRtcPeer({ voice: tone(550) })
 *   const { answer } = await openLine(await peer.offer())
 *   peer.accept(answer)
 *   await peer.connected()
 *   peer.heard.tones()      // [400]: what came in within the last 100 ms
 */
import { Audio, PeerConnection, type Track } from 'node-datachannel'
import { Ear } from './ear.ts'
import { Heard } from './phone-heard.ts'
import { type Paced, pacer } from './phone-pacer.ts'
import { frameSamples, type Law, partyTones, type Voice } from './voice.ts'

export type PeerDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface WebRtcPeerOptions {
  /** What it says; absent: it has no track, and sends nothing. */
  readonly voice?: Voice
  readonly address?: string
  readonly codecs?: readonly Law[]
}

/** Of what it says of itself. */
const types = { PCMU: 0, PCMA: 8, event: 110 } as const
const digits = '0123456789*#ABCD'
const patienceMs = 10_000
const eventFrames = 5
/** Four seconds: browsers report about as often. */
const reportFrames = 200

/** The other side has our answer by then. */
const answeredMs = 50

/**
 * The library (0.24) fails where the other side reaches it while it takes an answer in. So neither side of ours is told where the other one
 * is before that is done; and whoever then begins with DTLS too soon begins again after a second only, so that the other side, which is ready
 * last, has to.
 */
const withoutCandidates = (description: string): string => description.replaceAll(/^a=candidate:.*\r\n/gm, '')

let made = 0
/** Whoever lets go of one that is open loses its audio. */
const open = new Set<WebRtcPeer>()

export class WebRtcPeer implements Paced {
  readonly heard = new Heard()
  /** The same, frame by frame. */
  readonly ear = new Ear({ tones: partyTones, codec: 'PCMU' })
  readonly ssrc = 0x5000_0000 + ++made
  state = 'new'
  /** Whether the connection is up. */
  isOpen = false
  readonly #options: WebRtcPeerOptions
  readonly #header = Buffer.alloc(12)
  /** A receiver report about nobody. */
  readonly #report = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0])
  #voice: Voice | undefined
  #peer: PeerConnection | undefined
  #track: Track | undefined
  /** Our last description, in the library's words. */
  #description = ''
  #version = 1
  #mid = '0'
  /** The other side has answered this connection. */
  #isSettled = false
  #law: Law = 'PCMU'
  #eventType: number | undefined
  #sequence = 1_000
  #frame = 0
  /** Digits on their way, as packets of an event. */
  readonly #events: { readonly event: number; readonly begunAt: number; frames: number }[] = []

  constructor(options: WebRtcPeerOptions = {}) {
    this.#options = options
    this.#voice = options.voice
    this.#header[0] = 0x80
    this.#header.writeUInt32BE(this.ssrc, 8)
    this.#report.writeUInt32BE(this.ssrc, 4)
  }

  /** A whole description, without an address of ours, like that of a page that may not know its own. Asked again, it is of the same connection. */
  async offer(direction: PeerDirection = 'sendrecv'): Promise<string> {
    if (this.#peer === undefined) await this.#describe('0', 'offer')
    return this.#worded(direction).replace('a=setup:actpass', 'a=setup:passive')
  }

  /** The other side's answer to `offer`. */
  accept(answer: string): void {
    this.#agree(answer)
    if (this.#isSettled) return
    this.#isSettled = true
    this.#peer?.setRemoteDescription(withoutCandidates(answer), 'answer')
    this.#look(answer)
  }

  /** Our answer to the other side's offer. */
  async answer(offer: string, direction: PeerDirection = 'sendrecv'): Promise<string> {
    this.#agree(offer)
    if (!this.#isSettled) {
      await this.#describe(/^a=mid:(.*?)\r?$/m.exec(offer)?.[1] ?? '0', 'answer', withoutCandidates(offer).replace('actpass', 'active'))
      setTimeout(() => this.#look(offer), answeredMs)
    }
    this.#isSettled = true
    return this.#worded(direction)
  }

  /** Throws away the connection; the next offer is of a new one, as after a reload or a change of network. */
  renew(): void {
    this.#end()
  }

  /** Undefined: as a browser whose track was taken away. */
  speak(voice: Voice | undefined): void {
    this.#voice = voice
  }

  /** RFC 4733, 100 ms. */
  press(digit: string): void {
    this.#events.push({ event: digits.indexOf(digit), begunAt: (this.#frame * frameSamples) >>> 0, frames: 0 })
  }

  /** Any packet of RTP or RTCP. */
  send(packet: Buffer): void {
    if (this.isOpen) this.#track?.sendMessageBinary(packet)
  }

  async connected(): Promise<void> {
    await this.until(() => this.isOpen, 'a connection')
  }

  async hears(...tones: readonly number[]): Promise<void> {
    await this.until(() => String(this.heard.tones()) === String(tones), `to hear ${tones}`)
  }

  async until(fits: () => boolean, what: string): Promise<void> {
    const end = Date.now() + patienceMs
    while (!fits()) {
      if (Date.now() > end) throw new Error(`waited for ${what}; state ${this.state}, hears ${this.heard.tones()}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Between one packet and the next, of all audio that is kept. */
  longestGapMs(since = 0): number {
    const times = this.heard.kept.flatMap(({ at }) => (at >= since ? [at] : []))
    return Math.max(0, ...times.slice(1).map((at, i) => at - (times[i] ?? at)))
  }

  /** Like a tab that is closed: the other side is told by nothing but silence. */
  close(): void {
    this.#end()
  }

  frame(): void {
    this.#frame++
    if (!this.isOpen) return
    if (this.#frame % reportFrames === 1) this.send(this.#report)
    const event = this.#events[0]
    if (event !== undefined) return this.#event(event)
    if (this.#voice !== undefined) this.#utter(types[this.#law], this.#frame * frameSamples, this.#voice.frame(this.#frame, this.#law))
  }

  #event(event: { readonly event: number; readonly begunAt: number; frames: number }): void {
    event.frames++
    const isLast = event.frames >= eventFrames
    const payload = Buffer.from([event.event, (isLast ? 0x80 : 0) | 10, 0, 0])
    payload.writeUInt16BE(event.frames * frameSamples, 2)
    for (let copy = 0; copy < (isLast ? 3 : 1); copy++) this.#utter(this.#eventType ?? types.event, event.begunAt, payload)
    if (isLast) this.#events.shift()
  }

  #utter(type: number, timestamp: number, payload: Uint8Array): void {
    this.#header[1] = type
    this.#header.writeUInt16BE(this.#sequence++ & 0xffff, 2)
    this.#header.writeUInt32BE(timestamp >>> 0, 4)
    this.send(Buffer.concat([this.#header, payload]))
  }

  async #describe(mid: string, type: 'offer' | 'answer', offer?: string): Promise<void> {
    const peer = new PeerConnection('', {
      ...{ iceServers: [], disableAutoNegotiation: true, bindAddress: this.#options.address ?? '127.0.0.1' },
    })
    const gathered = new Promise<void>((resolve) => peer.onGatheringStateChange((state) => state === 'complete' && resolve()))
    const track = peer.addTrack(this.#audio(mid))
    this.#peer = peer
    this.#mid = mid
    this.#track = track
    this.#isSettled = false
    this.#listen(peer, track)
    open.add(this)
    if (offer !== undefined) peer.setRemoteDescription(offer, 'offer')
    peer.setLocalDescription(type)
    await gathered
    this.#description = peer.localDescription()?.sdp ?? ''
  }

  #audio(mid: string): Audio {
    const audio = new Audio(mid, 'SendRecv')
    for (const codec of this.#options.codecs ?? ['PCMU', 'PCMA']) audio.addAudioCodec(types[codec], codec)
    audio.addAudioCodec(types.event, 'telephone-event')
    audio.addSSRC(this.ssrc, `peer-${made}`)
    return audio
  }

  #listen(peer: PeerConnection, track: Track): void {
    peer.onStateChange((state) => {
      if (peer === this.#peer) this.state = state
    })
    track.onOpen(() => {
      this.isOpen = track === this.#track
      if (this.isOpen) pacer.add(this)
    })
    track.onClosed(() => {
      if (track === this.#track) this.isOpen = false
    })
    track.onMessage((packet) => {
      this.heard.take(packet, performance.now())
      if (packet[1] === types[this.#law] || packet[1] === (types[this.#law] | 0x80)) this.ear.hear(packet.subarray(12))
    })
  }

  #look(description: string): void {
    for (const [, candidate = ''] of description.matchAll(/^a=(candidate:.*)\r$/gm)) this.#peer?.addRemoteCandidate(candidate, this.#mid)
  }

  /** The library knows neither the rate of events nor that a line's direction may change without it. */
  #worded(direction: PeerDirection): string {
    return withoutCandidates(this.#description)
      .replace(/telephone-event\/\S+/, 'telephone-event/8000')
      .replace(/^o=(\S+) (\S+) \S+ /m, `o=$1 $2 ${this.#version++} `)
      .replace(/^a=(sendrecv|sendonly|recvonly|inactive)/m, `a=${direction}`)
  }

  #agree(description: string): void {
    this.#law = /^m=audio \d+ \S+ 8\b/m.test(description) ? 'PCMA' : 'PCMU'
    const type = /^a=rtpmap:(\d+) telephone-event\/8000/im.exec(description)?.[1]
    this.#eventType = type === undefined ? undefined : Number(type)
    this.heard.expectEvents(this.#eventType)
  }

  #end(): void {
    pacer.remove(this)
    open.delete(this)
    this.isOpen = false
    this.state = 'closed'
    const [peer, track] = [this.#peer, this.#track]
    this.#peer = undefined
    this.#track = undefined
    this.#isSettled = false
    // The track first, or the process would never end.
    track?.close()
    peer?.close()
  }
}

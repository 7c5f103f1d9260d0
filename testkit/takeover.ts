/** Calls on a media process and its standby, with phones that keep what they need to tell what a change from one to the other cost them. */

import { createCipheriv, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { type BridgeId, bridgeId, type LegId, legId } from '../src/kernel/ids.ts'
import { encode } from '../src/media/g711.ts'
import type { LegMedia, SrtpKeys } from '../src/media/protocol.ts'
import { RtpHeader, rtpHeaderBytes, sequenceAhead, timestampAhead } from '../src/media/rtp.ts'
import { type SrtpContext, srtpContexts, srtpTrailerBytes } from '../src/media/srtp.ts'
import { Ear, toneOf, toneSamples } from './ear.ts'
import { type MediaChild, MediaControl, startMediaChild } from './media-control.ts'

const frameMs = 20
const frameSamples = 160
const tones = [0, 1, 2].map(toneOf)
const roles = ['customer', 'agent', 'supervisor'] as const

/** Whom each role hears, of customer 0, agent 1 and supervisor 2. */
export const hearingOf = {
  monitor: [[1], [0], [1, 0]],
  whisper: [[1], [0, 2], [1, 0]],
  barge: [
    [1, 2],
    [0, 2],
    [1, 0],
  ],
} as const
export type Mode = keyof typeof hearingOf

interface Arrival {
  readonly at: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
}

/** What a listener missed. */
export interface Loss {
  readonly leg: LegId
  /** Audio that never came, in RTP time. */
  readonly missingMs: number
  /** Between two packets, in his own time, beyond a frame. */
  readonly silentMs: number
  /** Numbers that no packet bore. */
  readonly numbersSkipped: number
  /** Numbers used twice or backwards. */
  readonly numbersReused: number
  readonly ssrcs: number
  /** SRTP that could not be authenticated, or was replayed. */
  readonly refused: number
}

export class TakeoverPhone {
  readonly leg: LegId
  readonly ear = new Ear({ tones, codec: 'PCMU' })
  /** Whether the ear is kept busy; a bench has better uses for the processor. */
  hears = true
  readonly #role: number
  readonly #socket: Socket
  readonly #keys: SrtpKeys | undefined
  readonly #srtp: { readonly send: SrtpContext; readonly receive: SrtpContext } | undefined
  readonly #header = new RtpHeader()
  readonly #payloads: readonly Uint8Array[]
  #arrivals: Arrival[] = []
  #refused = 0
  #sent = 0
  #port = 0

  private constructor(leg: LegId, role: number, socket: Socket, isSecure: boolean) {
    this.leg = leg
    this.#role = role
    this.#socket = socket
    // A second holds every tone a whole number of times.
    this.#payloads = Array.from({ length: 50 }, (_, n) =>
      Uint8Array.from(encode('PCMU', toneSamples(toneOf(role), n * frameSamples, frameSamples))),
    )
    if (isSecure) {
      const [send, receive] = [0, 1].map(() => randomBytes(30).toString('base64')) as [string, string]
      this.#keys = { suite: 'AES_CM_128_HMAC_SHA1_80', send, receive }
      const newCipher = (key: Uint8Array) => {
        const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
        return (blocks: Uint8Array) => cipher.update(blocks)
      }
      this.#srtp = srtpContexts({ ...this.#keys, send: receive, receive: send }, newCipher)
    }
    socket.on('message', (packet) => this.#hear(packet))
  }

  static async open(leg: LegId, role: number, isSecure: boolean): Promise<TakeoverPhone> {
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) })
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return new TakeoverPhone(leg, role, socket, isSecure)
  }

  get media(): LegMedia {
    const remote = { address: '127.0.0.1', port: this.#socket.address().port }
    const plain = { remote, rtcpMux: true, codec: 'PCMU', payloadType: 0, ptimeMs: frameMs, direction: 'sendrecv' } as const
    return this.#keys === undefined ? plain : { ...plain, srtp: this.#keys }
  }

  speakTo(port: number): void {
    this.#port = port
  }

  speak(): void {
    const packet = new Uint8Array(rtpHeaderBytes + frameSamples + srtpTrailerBytes)
    const sequence = (65_400 + this.#sent) & 0xffff
    Object.assign(this.#header, { payloadType: 0, sequence, timestamp: (this.#sent * frameSamples) >>> 0, ssrc: 77 + this.#role })
    this.#header.write(packet)
    packet.set(this.#payloads[this.#sent % 50] ?? [], rtpHeaderBytes)
    this.#sent++
    const length = rtpHeaderBytes + frameSamples
    this.#socket.send(packet.subarray(0, this.#srtp?.send.protect(packet, length) ?? length), this.#port, '127.0.0.1')
  }

  listen(): void {
    this.#arrivals = []
    this.#refused = 0
  }

  loss(): Loss {
    let [missing, silent, skipped, reused] = [0, 0, 0, 0]
    for (const [i, now] of this.#arrivals.entries()) {
      const before = this.#arrivals[i - 1]
      if (before === undefined) continue
      const steps = sequenceAhead(now.sequence, before.sequence)
      if (steps <= 0) reused++
      else skipped += steps - 1
      missing += Math.max(0, timestampAhead(now.timestamp, before.timestamp) - frameSamples)
      silent = Math.max(silent, now.at - before.at - frameMs)
    }
    const ssrcs = new Set(this.#arrivals.map(({ ssrc }) => ssrc)).size
    return {
      ...{ leg: this.leg, missingMs: missing / 8, silentMs: silent, numbersSkipped: skipped, numbersReused: reused },
      ...{ ssrcs, refused: this.#refused },
    }
  }

  /** When something came, at that moment or later. */
  firstAfter(moment: number): number {
    return this.#arrivals.find(({ at }) => at >= moment)?.at ?? Number.POSITIVE_INFINITY
  }

  get lastAt(): number {
    return this.#arrivals.at(-1)?.at ?? 0
  }

  close(): void {
    this.#socket.close()
  }

  #hear(packet: Buffer): void {
    if (packet.length < rtpHeaderBytes + frameSamples) return
    const length = this.#srtp?.receive.unprotect(packet, packet.length) ?? packet.length
    if (length !== rtpHeaderBytes + frameSamples) {
      this.#refused++
      return
    }
    const at = performance.now()
    this.#arrivals.push({ at, sequence: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4), ssrc: packet.readUInt32BE(8) })
    if (this.hears) this.ear.hear(packet.subarray(rtpHeaderBytes, length))
  }
}

export interface TakeoverOptions {
  readonly calls: number
  /** Every so many calls one speaks SRTP; 0: none. */
  readonly secureEvery?: number
  readonly ports: string
  readonly recordings?: string
  readonly nodeArguments?: readonly string[]
}

/** Legs of one call, by role. */
interface Call {
  readonly bridge: BridgeId
  readonly mode: Mode
  readonly phones: readonly TakeoverPhone[]
}

export class TakeoverScene {
  readonly calls: Call[] = []
  readonly #options: TakeoverOptions
  /** The active one and its standby. */
  readonly #children: MediaChild[] = []
  #control: MediaControl | undefined
  #speaking: NodeJS.Timeout | undefined
  #epoch = 1

  private constructor(options: TakeoverOptions) {
    this.#options = options
  }

  static async open(options: TakeoverOptions): Promise<TakeoverScene> {
    const scene = new TakeoverScene(options)
    const active = await startMediaChild(options)
    scene.#children.push(active)
    await scene.attach()
    await scene.startStandby()
    for (let call = 0; call < options.calls; call++) await scene.#openCall(call)
    scene.#speakAll()
    return scene
  }

  get active(): MediaChild {
    return this.#children[0] as MediaChild
  }

  get control(): MediaControl {
    return this.#control as MediaControl
  }

  get phones(): readonly TakeoverPhone[] {
    return this.calls.flatMap(({ phones }) => phones)
  }

  /** As a control process does that has lost its line. */
  async attach(): Promise<void> {
    this.#control?.close()
    this.#control = await MediaControl.connect(this.active.socketPath)
    await this.control.hello(this.#epoch++)
  }

  async startStandby(): Promise<void> {
    this.#children.push(await startMediaChild({ ...this.#options, socketPath: this.active.socketPath }))
    await new Promise((resolve) => setTimeout(resolve, 2_500))
  }

  /** The active one is gone, and its standby is the active one. */
  succeeded(): MediaChild {
    return this.#children.shift() as MediaChild
  }

  async close(): Promise<void> {
    clearInterval(this.#speaking)
    this.control.close()
    const [active, ...others] = this.#children
    for (const child of others) await child.stop()
    await active?.stop()
    for (const phone of this.phones) phone.close()
  }

  async #openCall(number: number): Promise<void> {
    const { secureEvery = 0 } = this.#options
    const mode = (Object.keys(hearingOf) as Mode[])[number % 3] as Mode
    const phones: TakeoverPhone[] = []
    for (const [index, role] of roles.entries()) {
      const phone = await TakeoverPhone.open(legId(`${role}-${number}`), index, secureEvery > 0 && number % secureEvery === 0)
      const { port } = await this.control.openLeg(phone.leg, { voice: role === 'supervisor' ? 'supervisor' : 'core' })
      this.control.send({ kind: 'set-leg', leg: phone.leg, media: phone.media })
      phone.speakTo(port)
      phones.push(phone)
    }
    const bridge = bridgeId(`call-${number}`)
    const legs = phones.map(({ leg }) => leg)
    const rows = hearingOf[mode].map((talkers, listener) => ({
      listener: legs[listener] as LegId,
      talkers: talkers.map((talker) => legs[talker] as LegId),
    }))
    const done = this.control.next('rewired', (event) => event.bridge === bridge)
    this.control.send({ kind: 'rewire', bridge, account: 'acme', revision: 1, rows })
    await done
    this.calls.push({ bridge, mode, phones })
  }

  /** Each phone every 20 ms, their turns spread evenly. */
  #speakAll(): void {
    const { phones } = this
    const start = performance.now()
    let spoken = 0
    this.#speaking = setInterval(() => {
      const due = ((performance.now() - start) / frameMs) * phones.length
      for (; spoken < due; spoken++) phones[spoken % phones.length]?.speak()
    }, 1)
  }
}

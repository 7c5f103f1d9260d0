/** A phone's RTP: real sockets on an even port and the odd one above it (RFC 3550 §11), a packet every 20 ms. */
import { createSocket, type Socket } from 'node:dgram'
import { Heard } from './phone-heard.ts'
import { type Paced, pacer } from './phone-pacer.ts'
import { type Law, payloadTypeOf } from './phone-sdp.ts'
import { SrtpStream } from './phone-srtp.ts'
import { frameSamples, silence, type Voice } from './voice.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly law: Law
  readonly events: number | undefined
}

const dtmfDigits = '0123456789*#ABCD'
/** A digit lasts five packets and ends in three equal ones, as RFC 4733 §2.5.1.4 asks. */
const dtmfPackets = 8
const dtmfGapFrames = 4

export class RtpStream implements Paced {
  readonly heard: Heard
  readonly port: number
  /** Packets sent since the start; also the number of the next frame of the voice. */
  sent = 0
  voice: Voice
  /** Sends silence instead of the voice, as a phone with its mute button down. */
  muted = false
  /** Packets that SRTP does not accept: forged, ruined, or a number for the second time. */
  refused = 0
  /** Sends nothing at all. */
  paused = true
  readonly #socket: Socket
  readonly #rtcp: Socket
  readonly #ssrc = Math.floor(Math.random() * 2 ** 32)
  readonly #digits: string[] = []
  #digitPacket = 0
  #digitTimestamp = 0
  #sequence = Math.floor(Math.random() * 2 ** 15)
  #timestamp = Math.floor(Math.random() * 2 ** 31)
  #target: Target | undefined
  #srtp: { readonly keys: string; readonly send: SrtpStream; readonly receive: SrtpStream } | undefined
  #ready = false
  #closed = false

  private constructor(sockets: { rtp: Socket; rtcp: Socket }, options: { voice: Voice; keepSeconds?: number }) {
    this.#socket = sockets.rtp
    this.#rtcp = sockets.rtcp
    this.port = sockets.rtp.address().port
    this.voice = options.voice
    this.heard = new Heard(options.keepSeconds)
    this.#socket.on('message', (bytes) => this.#hear(bytes))
    this.#rtcp.on('message', () => {
      this.heard.rtcpPackets += 1
    })
  }

  static async open(host: string, options: { voice: Voice; keepSeconds?: number }): Promise<RtpStream> {
    for (let tries = 0; tries < 50; tries += 1) {
      const sockets = await bindPair(host)
      if (sockets !== undefined) return new RtpStream(sockets, options)
    }
    throw new Error(`no pair of ports is free on ${host}`)
  }

  /** Where to send from now on. A new address or port re-aims the socket; numbers and timestamps run on. */
  aim(target: Target): void {
    const moved = this.#target?.host !== target.host || this.#target.port !== target.port
    this.#target = target
    this.heard.expectEvents(target.events)
    if (!moved || this.#closed) return
    if (this.#ready) this.#socket.disconnect()
    this.#ready = false
    this.#socket.connect(target.port, target.host, () => {
      this.#ready = true
    })
    pacer.add(this)
  }

  /** From now on both ways are encrypted. */
  secure({ send, receive }: { readonly send: string; readonly receive: string }): void {
    const keys = `${send} ${receive}`
    if (this.#srtp?.keys !== keys) this.#srtp = { keys, send: new SrtpStream(send), receive: new SrtpStream(receive) }
  }

  get isSecure(): boolean {
    return this.#srtp !== undefined
  }

  dial(digits: string): void {
    this.#digits.push(...digits.toUpperCase())
  }

  frame(): void {
    const target = this.#target
    if (target === undefined || !this.#ready || this.paused) return
    const isDigit = this.#digits.length > 0 && target.events !== undefined
    if (isDigit && this.#digitPacket < dtmfPackets) this.#sendDigit(target)
    else this.#sendVoice(target)
    if (isDigit) this.#countDigit()
    this.#timestamp = (this.#timestamp + frameSamples) >>> 0
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    pacer.remove(this)
    this.#socket.close()
    this.#rtcp.close()
  }

  #hear(bytes: Buffer): void {
    const plain = this.#srtp === undefined ? bytes : this.#srtp.receive.open(bytes)
    if (plain === undefined) this.refused += 1
    else this.heard.take(plain, performance.now())
  }

  #sendVoice(target: Target): void {
    const speaker = this.muted ? silence : this.voice
    this.#send({
      type: payloadTypeOf[target.law],
      marker: this.sent === 0,
      timestamp: this.#timestamp,
      payload: speaker.frame(this.sent, target.law),
    })
  }

  #sendDigit(target: Target): void {
    if (this.#digitPacket === 0) this.#digitTimestamp = this.#timestamp
    const isEnd = this.#digitPacket >= dtmfPackets - 3
    const durationPackets = Math.min(this.#digitPacket + 1, dtmfPackets - 2)
    const payload = Buffer.from([dtmfDigits.indexOf(this.#digits[0] ?? '0'), isEnd ? 0x8a : 0x0a, 0, 0])
    payload.writeUInt16BE(durationPackets * frameSamples, 2)
    this.#send({ type: target.events ?? 101, marker: this.#digitPacket === 0, timestamp: this.#digitTimestamp, payload })
  }

  #countDigit(): void {
    this.#digitPacket += 1
    if (this.#digitPacket < dtmfPackets + dtmfGapFrames) return
    this.#digitPacket = 0
    this.#digits.shift()
  }

  #send(packet: { type: number; marker: boolean; timestamp: number; payload: Uint8Array }): void {
    const bytes = Buffer.allocUnsafe(12 + packet.payload.length)
    bytes[0] = 0x80
    bytes[1] = packet.type | (packet.marker ? 0x80 : 0)
    bytes.writeUInt16BE(this.#sequence, 2)
    bytes.writeUInt32BE(packet.timestamp, 4)
    bytes.writeUInt32BE(this.#ssrc, 8)
    bytes.set(packet.payload, 12)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.sent += 1
    // Without a callback a refusal (the peer's port is closed) would be thrown as the socket's error.
    this.#socket.send(this.#srtp?.send.protect(bytes) ?? bytes, () => {})
  }
}

/** The hosts are IP literals; asking the resolver for each packet would cost more than the packet. */
const literal = (host: string, _options: unknown, done: (error: Error | null, address: string, family: number) => void) =>
  done(null, host, host.includes(':') ? 6 : 4)

/**
 * The port is named to the system, not left to it: Linux gives a port that it chose itself away when a connected socket is disconnected to be
 * aimed elsewhere.
 */
async function bindPair(host: string): Promise<{ rtp: Socket; rtcp: Socket } | undefined> {
  const port = 33_000 + 2 * Math.floor(Math.random() * 13_500)
  const [rtp, rtcp] = await Promise.all([bind(host, port), bind(host, port + 1)])
  if (rtp !== undefined && rtcp !== undefined) return { rtp, rtcp }
  rtp?.close()
  rtcp?.close()
  return undefined
}

function bind(host: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', lookup: literal, recvBufferSize: 1 << 18 })
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>()
  socket.on('error', () => resolve(undefined))
  socket.bind(port, host, () => resolve(socket))
  return promise
}

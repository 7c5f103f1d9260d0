/**
 * RTP of many phones on a few sockets, each leg with its own phase of the 20 ms. What comes back is told apart by the server's port, since the
 * server has one for each leg.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { sine } from '../../testkit/voice.ts'
import { encode } from '../../testkit/voice-g711.ts'
import { Samples } from './samples.ts'

const frameMs = 20
const frameSamples = 160
const headerBytes = 12

/** One frame of each: a tone of 600 Hz has whole periods in it, so that its repetition does not click. */
export const silenceFrame: Uint8Array = new Uint8Array(frameSamples).fill(0xff)
export const toneFrame: Uint8Array = encode('PCMU', sine(600, { seconds: frameMs / 1000, level: 0.5 }))

/** A twentieth of full scale: far above what silence decodes to, far below the tone. */
const loudFrom = 1_600
const isLoud = Uint8Array.from({ length: 256 }, (_, byte) => (Math.abs(linear(byte)) >= loudFrom ? 1 : 0))

function linear(byte: number): number {
  const code = ~byte & 0xff
  return ((((code & 0x0f) << 3) + 132) << ((code >> 4) & 7)) - 132
}

/** Index of the first loud sample of a packet, or -1. */
export function firstLoud(packet: Uint8Array): number {
  for (let i = headerBytes; i < packet.length; i++) if (isLoud[packet[i] ?? 0xff] === 1) return i - headerBytes
  return -1
}

export interface RtpLeg {
  /** The server's port: where we send, and whence it comes. */
  readonly target: number
  /** What is said from the next frame on. */
  say: Uint8Array
  onSent?: ((at: number) => void) | undefined
  onHeard?: ((packet: Buffer, at: number) => void) | undefined
  readonly heard: {
    packets: number
    lost: number
    timestampJumps: number
    longestGapMs: number
    lastAt: number
    sequence: number
    timestamp: number
  }
}

interface Speaking extends RtpLeg {
  readonly socket: Socket
  readonly packet: Buffer
  readonly everyMs: number
  dueAt: number
  sequence: number
  timestamp: number
}

export class RtpLoad {
  readonly lag = new Samples()
  sent = 0
  heard = 0
  /** The longest time between two frames of one leg of ours: what the server hears of us. */
  longestOwnGapMs = 0
  readonly #sockets: readonly Socket[]
  readonly #legs = new Map<number, Speaking>()
  #timer: NodeJS.Timeout | undefined

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets
    for (const socket of sockets) socket.on('message', (packet, from) => this.#hear(packet, from))
  }

  static async open(count = 8): Promise<RtpLoad> {
    return new RtpLoad(await Promise.all(Array.from({ length: count }, bound)))
  }

  /** The port on which the leg of this number hears: to be told in its description. */
  portFor(number: number): number {
    return this.#socketFor(number).address().port
  }

  /** `everyMs`: more than a frame's 20 ms for a leg that only shows that it is there. */
  add(number: number, target: number, say: Uint8Array, everyMs = frameMs): RtpLeg {
    const packet = Buffer.alloc(headerBytes + frameSamples)
    packet[0] = 0x80
    packet.writeUInt32BE(1_000_000 + number, 8)
    const heard = { packets: 0, lost: 0, timestampJumps: 0, longestGapMs: 0, lastAt: 0, sequence: -1, timestamp: 0 }
    const dueAt = performance.now() + Math.random() * everyMs
    const leg: Speaking = { target, say, heard, socket: this.#socketFor(number), packet, everyMs, dueAt, sequence: 1, timestamp: 1 }
    this.#legs.set(target, leg)
    this.#timer ??= setTimeout(this.#pump, 1)
    return leg
  }

  remove(target: number): void {
    this.#legs.delete(target)
  }

  /** Begins to count anew. */
  reset(): void {
    this.lag.clear()
    this.sent = this.heard = this.longestOwnGapMs = 0
    for (const { heard } of this.#legs.values())
      Object.assign(heard, { packets: 0, lost: 0, timestampJumps: 0, longestGapMs: 0, lastAt: 0 })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#legs.clear()
    for (const socket of this.#sockets) socket.close()
  }

  #socketFor(number: number): Socket {
    const socket = this.#sockets[number % this.#sockets.length]
    if (socket === undefined) throw new Error('no socket')
    return socket
  }

  #pump = (): void => {
    const at = performance.now()
    let worst = 0
    for (const leg of this.#legs.values()) {
      if (leg.dueAt > at) continue
      worst = Math.max(worst, at - leg.dueAt)
      this.#speak(leg)
    }
    if (worst > 0) this.lag.add(worst)
    this.#timer = setTimeout(this.#pump, 1)
  }

  /** A frame that is more than a second late is left out, as a phone's sound card would. */
  #speak(leg: Speaking): void {
    const at = performance.now()
    if (leg.everyMs === frameMs) this.longestOwnGapMs = Math.max(this.longestOwnGapMs, at - leg.dueAt + frameMs)
    leg.dueAt = at - leg.dueAt > 1_000 ? at + leg.everyMs : leg.dueAt + leg.everyMs
    leg.sequence = (leg.sequence + 1) & 0xffff
    leg.timestamp = (leg.timestamp + frameSamples) >>> 0
    leg.packet.writeUInt16BE(leg.sequence, 2)
    leg.packet.writeUInt32BE(leg.timestamp, 4)
    leg.packet.set(leg.say, headerBytes)
    // The buffer is handed to the system at once; without a callback a refusal would be thrown as the socket's error.
    leg.socket.send(leg.packet, leg.target, '127.0.0.1', ignore)
    this.sent += 1
    leg.onSent?.(at)
  }

  #hear(packet: Buffer, from: RemoteInfo): void {
    const leg = this.#legs.get(from.port)
    if (leg === undefined || packet.length !== headerBytes + frameSamples) return
    const at = performance.now()
    this.heard += 1
    compare(leg.heard, packet, at)
    leg.onHeard?.(packet, at)
  }
}

function compare(heard: RtpLeg['heard'], packet: Buffer, at: number): void {
  const sequence = packet.readUInt16BE(2)
  const timestamp = packet.readUInt32BE(4)
  const steps = (sequence - heard.sequence) & 0xffff
  if (heard.packets > 0) {
    if (steps !== 1) heard.lost += steps - 1
    if (((timestamp - heard.timestamp) | 0) !== steps * frameSamples) heard.timestampJumps += 1
    heard.longestGapMs = Math.max(heard.longestGapMs, at - heard.lastAt)
  }
  Object.assign(heard, { packets: heard.packets + 1, sequence, timestamp, lastAt: at })
}

function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, lookup: (host, _options, done) => done(null, host, 4) })
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  socket.once('error', reject)
  socket.bind(0, '127.0.0.1', () => resolve(socket))
  return promise
}

const ignore = (): void => {}

import { createSocket, type Socket } from 'node:dgram'
import type { LegId } from '../src/kernel/ids.ts'
import { encode } from '../src/media/g711.ts'
import type { LegMedia } from '../src/media/protocol.ts'
import { RtpHeader, rtpHeaderBytes } from '../src/media/rtp.ts'
import { Ear, toneOf, toneSamples } from './ear.ts'

/** What its ear can tell apart: four speakers. */
const tones = [0, 1, 2, 3].map(toneOf)

/** A phone on a real socket that speaks its tone every 20 ms. */
export class LoopbackPhone {
  readonly leg: LegId
  readonly hertz: number
  readonly ear = new Ear({ tones, codec: 'PCMU' })
  readonly socket: Socket
  readonly address: string
  packets = 0
  #header = new RtpHeader()
  #timer: NodeJS.Timeout | undefined
  #sent = 0
  #target = 0

  constructor(leg: LegId, speaker: number, socket: Socket, address: string) {
    this.leg = leg
    this.hertz = toneOf(speaker)
    this.socket = socket
    this.address = address
    socket.on('message', (packet) => this.#hear(packet))
  }

  static async open(leg: LegId, speaker: number, address = '127.0.0.1'): Promise<LoopbackPhone> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    await new Promise<void>((resolve) => socket.bind(0, address, resolve))
    return new LoopbackPhone(leg, speaker, socket, address)
  }

  get media(): LegMedia {
    const remote = { address: this.address, port: this.socket.address().port }
    return { remote, rtcpMux: true, codec: 'PCMU', payloadType: 0, telephoneEvent: 101, ptimeMs: 20, direction: 'sendrecv' }
  }

  speakTo(port: number): void {
    this.#target = port
    this.#timer = setInterval(() => this.#speak(), 20)
  }

  close(): void {
    clearInterval(this.#timer)
    this.socket.close()
  }

  #speak(): void {
    const packet = new Uint8Array(rtpHeaderBytes + 160)
    Object.assign(this.#header, { payloadType: 0, sequence: this.#sent & 0xffff, timestamp: this.#sent * 160, ssrc: this.hertz })
    this.#header.write(packet)
    packet.set(encode('PCMU', toneSamples(this.hertz, this.#sent * 160, 160)), rtpHeaderBytes)
    this.#sent++
    this.socket.send(packet, this.#target, this.address)
  }

  #hear(packet: Uint8Array): void {
    if (packet.length !== rtpHeaderBytes + 160) return
    this.packets++
    this.ear.hear(packet.subarray(rtpHeaderBytes))
  }
}

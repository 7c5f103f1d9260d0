/**
 * The UDP sockets of all legs: RTP on an even port, RTCP on the next. A leg's RTP socket is connected to its peer as soon as that is known,
 * so that the kernel drops strangers' packets before they cost anything.
 *
 * Measured on two shared cores, 1,200 connected sockets: 10 µs per packet in and out by the public `dgram` API, 9.5 µs by its underlying
 * handle, 9.8 µs with `fs.writeSync` on the descriptor. The difference is not worth an undocumented interface.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { LegWire } from '../media/leg.ts'
import type { Endpoint } from '../media/protocol.ts'
import type { PortPool } from './port-pool.ts'

/** Ports of the range that another process holds, tried in turn: another media process holds hundreds in a row. A failed try costs 20 µs. */
const bindAttempts = 256

export interface LegSocketsOptions {
  readonly pool: PortPool
  readonly addresses: { readonly 4?: string; readonly 6?: string }
  readonly now: () => Instant
  readonly log: Log
  readonly onRtp: (slot: number, packet: Uint8Array, from: Endpoint) => void
  readonly onRtcp: (slot: number, packet: Uint8Array, from: Endpoint) => void
}

interface Pair {
  readonly port: number
  readonly rtp: Socket
  readonly rtcp: Socket
}

export class LegSockets {
  readonly #options: LegSocketsOptions
  readonly #pairs = new Map<number, Pair>()

  constructor(options: LegSocketsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#pairs.size
  }

  open(slot: number, family: 4 | 6): { readonly local: Endpoint; readonly wire: LegWire } | { readonly why: string } {
    const address = this.#options.addresses[family]
    if (address === undefined) return { why: `no address of family ${family}` }
    for (let attempt = 0; attempt < bindAttempts; attempt++) {
      const port = this.#options.pool.take(this.#options.now())
      if (port === undefined) return { why: 'no port left' }
      const pair = this.#bindPair(family, address, port)
      if (pair === undefined) continue
      this.#listen(slot, pair)
      return { local: { address, port }, wire: wireOf(pair) }
    }
    return { why: 'no port could be bound' }
  }

  close(slot: number): void {
    const pair = this.#pairs.get(slot)
    if (pair === undefined) return
    this.#pairs.delete(slot)
    pair.rtp.close()
    pair.rtcp.close()
    this.#options.pool.free(this.#options.now(), pair.port)
  }

  #listen(slot: number, pair: Pair): void {
    this.#pairs.set(slot, pair)
    pair.rtp.on('message', (packet, from) => this.#options.onRtp(slot, packet, from))
    pair.rtcp.on('message', (packet, from) => this.#options.onRtcp(slot, packet, from))
  }

  #bindPair(family: 4 | 6, address: string, port: number): Pair | undefined {
    const rtp = this.#bind(family, address, port)
    const rtcp = rtp && this.#bind(family, address, port + 1)
    if (rtp !== undefined && rtcp !== undefined) return { port, rtp, rtcp }
    rtp?.close()
    this.#options.pool.free(this.#options.now(), port)
    return undefined
  }

  /** Binding is synchronous because no name is looked up; a failure is told at once by the `error` event. */
  #bind(family: 4 | 6, address: string, port: number): Socket | undefined {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6, lookup: literal })
    let failure: Error | undefined
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failure = error
      // A peer whose port is closed answers by ICMP; the leg's silence will tell.
      if (error.code !== 'ECONNREFUSED') this.#options.log.warn({ port, code: error.code }, 'leg socket')
    })
    socket.bind({ address, port, exclusive: true })
    if (failure === undefined) return socket
    socket.close()
    return undefined
  }
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string, family: number) => void

/** Every address is a literal; without this, `dgram` would go round the event loop for each of them. */
function literal(hostname: string, options: unknown, done: LookupDone): void {
  done(null, hostname, typeof options === 'number' ? options : hostname.includes(':') ? 6 : 4)
}

/**
 * Addresses are compared with what the kernel reports, so they must be spelt as it does (RFC 5952); undefined when it is no address.
 */
export function canonicalEndpoint({ address, port }: Endpoint): Endpoint | undefined {
  if (isIPv4(address)) return { address, port }
  return isIPv6(address) ? { address: new SocketAddress({ address, port, family: 'ipv6' }).address, port } : undefined
}

function wireOf({ rtp, rtcp }: Pair): LegWire {
  let connected = false
  const sendRtp = (packet: Uint8Array, to: Endpoint) => {
    if (connected) rtp.send(packet)
    else rtp.send(packet, to.port, to.address)
  }
  return {
    sendRtp,
    sendRtcp(packet, to, muxed) {
      if (muxed) sendRtp(packet, to)
      else if (to.port !== 0) rtcp.send(packet, to.port, to.address)
    },
    connect(peer) {
      if (connected) rtp.disconnect()
      connected = false
      if (peer === undefined || peer.port === 0) return
      rtp.connect(peer.port, peer.address)
      connected = isConnected(rtp)
    },
  }
}

/** An address without a route fails at once, which `dgram` tells only later by an event. */
function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress()
    return true
  } catch {
    return false
  }
}

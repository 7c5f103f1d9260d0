/**
 * The one UDP port of all connections over WebRTC. The library ends the process when a connection cannot have its port, so it is held from
 * the first connection on, and none is made before it is.
 */
import { createSocket } from 'node:dgram'
import type { IceUdpMuxListener } from 'node-datachannel'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { PortPool } from './port-pool.ts'
import type { Library } from './webrtc-library.ts'

export interface WebRtcPortOptions {
  /** Absent: one of the pool's. */
  readonly wanted: number | undefined
  readonly address: string
  readonly pool: PortPool
  readonly now: () => Instant
}

export class WebRtcPort {
  readonly #options: WebRtcPortOptions
  #number: number | undefined
  #held: IceUdpMuxListener | undefined

  constructor(options: WebRtcPortOptions) {
    this.#options = options
    // Ports are handed out in pairs of an even one and the next.
    if (options.wanted !== undefined) options.pool.claim(options.wanted & ~1)
  }

  /** Which it will be; undefined when there is none. */
  get number(): number | undefined {
    if (this.#number === undefined) this.#number = this.#find()
    return this.#number
  }

  /** True: it is ours from now on. */
  hold(library: Library): boolean {
    while (this.#held === undefined && this.number !== undefined) {
      this.#held = this.#bind(library, this.number)
      if (this.#held === undefined) this.#number = undefined
      if (this.#held === undefined && this.#options.wanted !== undefined) return false
    }
    return this.#held !== undefined
  }

  /** One address, or all. */
  get bind(): string | undefined {
    const { address } = this.#options
    return address === '0.0.0.0' || address === '::' ? undefined : address
  }

  #bind(library: Library, port: number): IceUdpMuxListener | undefined {
    try {
      return this.bind === undefined ? new library.IceUdpMuxListener(port) : new library.IceUdpMuxListener(port, this.bind)
    } catch {
      return undefined
    }
  }

  #find(): number | undefined {
    const { wanted, pool, now, address } = this.#options
    if (wanted !== undefined) return isFree(address, wanted) ? wanted : undefined
    for (let attempt = 0; attempt < limits.mediaLegs; attempt++) {
      const port = pool.take(now())
      if (port === undefined || isFree(address, port)) return port
    }
    return undefined
  }
}

/** Binding is synchronous because no name is looked up; a failure is told at once by the `error` event. */
function isFree(address: string, port: number): boolean {
  const family = address.includes(':') ? 6 : 4
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: (host, _, done) => done(null, host, family) })
  let free = true
  socket.on('error', () => {
    free = false
  })
  socket.bind({ address, port, exclusive: true })
  socket.close()
  return free
}

import { unreachable } from '../kernel/assert.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { Flow, Listener, Output } from '../sip/door.ts'
import { SipConnections } from './sip-connections.ts'
import { lookUp } from './sip-dns.ts'
import { SipGate } from './sip-gate.ts'
import type { SipInlet } from './sip-inlet.ts'
import type { SipServer } from './sip-server.ts'
import { SipStreams, type SipTls } from './sip-streams.ts'
import { SipDatagrams } from './sip-udp.ts'
import { SipWebSockets } from './sip-websocket.ts'
import type { UpgradeGuest } from './upgrades.ts'

export type { SipInlet } from './sip-inlet.ts'
export type { SipTls } from './sip-streams.ts'

export interface SipSocketsOptions {
  /** Port 0: any that is free. */
  readonly listen: readonly Listener[]
  readonly tls?: SipTls
  readonly inlet: SipInlet
  readonly now: () => Instant
  readonly log: Log
}

export type SocketOutput = Exclude<Output, { kind: 'event' }>

const sweepMs = 5_000

/** All sockets of SIP: carries out what the SIP layer wants done, and tells what arrives. Nothing that a peer does here ends the process. */
export class SipSockets {
  readonly #options: SipSocketsOptions
  readonly #gate = new SipGate()
  readonly #connections: SipConnections
  readonly #streams: SipStreams
  readonly #webSockets: SipWebSockets
  readonly #datagrams: SipDatagrams[] = []
  readonly #servers: SipServer[] = []
  #sweeper: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: SipSocketsOptions) {
    this.#options = options
    this.#connections = new SipConnections(options)
    const parts = { ...options, connections: this.#connections, gate: this.#gate }
    this.#streams = new SipStreams(parts)
    this.#webSockets = new SipWebSockets(parts)
  }

  get connections(): number {
    return this.#connections.size
  }

  /** For whoever else takes WebSocket handshakes of browsers. */
  get guests(): UpgradeGuest {
    return this.#webSockets.guests
  }

  /** Binds every listener, or none: a failure names the address. Returns them with the ports that were bound. */
  async bind(): Promise<readonly Listener[]> {
    try {
      const bound: Listener[] = []
      for (const wanted of this.#options.listen) bound.push(await this.#bind(wanted))
      this.#sweeper = setInterval(() => this.#connections.sweep(), sweepMs).unref()
      return bound
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async #bind(wanted: Listener): Promise<Listener> {
    const { inlet, log } = this.#options
    if (wanted.transport === 'UDP') {
      const datagrams = await SipDatagrams.bind(wanted, inlet, log)
      this.#datagrams.push(datagrams)
      return datagrams.listener
    }
    const isStream = wanted.transport === 'TCP' || wanted.transport === 'TLS'
    const server = await (isStream ? this.#streams : this.#webSockets).listen(wanted)
    this.#servers.push(server)
    return server.listener
  }

  carryOut(output: SocketOutput): void {
    if (this.#isClosed) return
    switch (output.kind) {
      case 'send':
        return this.#send(output.bytes, output.flow)
      case 'connect':
        return this.#streams.connect(output)
      case 'close':
        return this.#connections.close(output.flow)
      case 'resolve':
        void lookUp(output).then((answers) => this.#options.inlet.resolved(output.id, answers))
        return
      default:
        return unreachable(output)
    }
  }

  #send(bytes: Uint8Array, flow: Flow): void {
    if (flow.transport !== 'UDP') return this.#connections.send(bytes, flow)
    for (const datagrams of this.#datagrams) if (datagrams.isAt(flow.local)) return datagrams.send(bytes, flow.remote)
  }

  /** What was handed over for sending is sent; connections get a moment to take it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#sweeper)
    for (const server of this.#servers) server.close()
    this.#connections.closeAll()
    await Promise.all(this.#datagrams.map((datagrams) => datagrams.close()))
    if (this.#connections.size > 0) await new Promise((resolve) => setTimeout(resolve, lingerMs))
    this.#connections.destroyAll()
  }
}

const lingerMs = 100

/** SIP over TCP and TLS: connections that phones and trunks open, and those that the SIP layer asks for. */
import { connect as connectTcp, createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Flow, Listener, Output } from '../sip/door.ts'
import { StreamFramer } from '../sip/framing.ts'
import type { SipConnections, Wire } from './sip-connections.ts'
import type { SipGate } from './sip-gate.ts'
import type { SipInlet } from './sip-inlet.ts'
import { listening, type SipServer } from './sip-server.ts'

/** PEM texts. `ca` are further authorities whose certificates a trunk may present. */
export interface SipTls {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

type Connect = Extract<Output, { kind: 'connect' }>

interface Parts {
  readonly connections: SipConnections
  readonly gate: SipGate
  readonly inlet: SipInlet
  readonly log: Log
  readonly tls?: SipTls
}

export class SipStreams {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async listen(wanted: Listener): Promise<SipServer> {
    const server = this.#serverOf(wanted)
    // Before TLS: a handshake that is never finished counts as well.
    server.on('connection', (socket) => {
      socket.on('error', ignore)
      this.#parts.gate.admit(socket)
    })
    return listening(server, wanted, this.#parts.log)
  }

  #serverOf(wanted: Listener): Server {
    if (wanted.transport === 'TCP') return createTcpServer((socket) => this.#begin(socket, 'TCP'))
    const { cert, key } = this.#parts.tls ?? {}
    if (cert === undefined || key === undefined) throw new Error('a TLS listener needs a certificate and its key')
    const server = createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: limits.sipFirstMessageMs })
    server.on('secureConnection', (socket) => this.#begin(socket, 'TLS'))
    server.on('tlsClientError', (error) => this.#parts.log.debug({ error: error.message }, 'TLS handshake'))
    return server
  }

  /** The gate may have closed it already, before the transport knew. */
  #begin(socket: Socket, transport: 'TCP' | 'TLS'): Flow | undefined {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    socket.on('error', ignore)
    if (
      socket.destroyed ||
      localAddress === undefined ||
      localPort === undefined ||
      remoteAddress === undefined ||
      remotePort === undefined
    ) {
      socket.destroy()
      return undefined
    }
    socket.setNoDelay(true).setKeepAlive(true, keepAliveMs)
    const { connections } = this.#parts
    const local = { address: localAddress, port: localPort }
    const flow = connections.add({ transport, local, remote: { address: remoteAddress, port: remotePort } }, wireOf(socket))
    const framer = new StreamFramer()
    socket.on('data', (chunk: Buffer) => this.#take(framer, socket, flow, chunk))
    socket.on('close', () => connections.closed(flow))
    return flow
  }

  #take(framer: StreamFramer, socket: Socket, flow: Flow, chunk: Buffer): void {
    const { connections, log } = this.#parts
    for (const framed of framer.push(chunk)) {
      if (framed.kind === 'message') connections.received(framed.bytes, flow)
      else if (framed.kind === 'ping') connections.received(ping, flow)
      else if (framed.kind === 'broken') {
        log.info({ transport: flow.transport, remote: flow.remote.address, why: framed.why }, 'SIP stream broken')
        socket.destroy()
      }
      if (socket.destroyed) return
    }
  }

  /** Tells the SIP layer once, whichever comes first: the connection, its failure, or the end of its time. */
  connect(order: Connect): void {
    const { gate, inlet, log } = this.#parts
    const socket = this.#dial(order)
    let isOpen = false
    const open = (): void => {
      clearTimeout(timer)
      const flow = this.#begin(socket, order.transport)
      if (flow === undefined) return
      isOpen = true
      inlet.opened(order.id, flow)
    }
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), limits.sipReachMs)
    socket.once(order.transport === 'TLS' ? 'secureConnect' : 'connect', open)
    socket.on('error', (error) => log.info({ address: order.address, port: order.port, error: error.message }, 'SIP connection'))
    socket.once('close', () => {
      clearTimeout(timer)
      if (!isOpen) inlet.failed(order.id)
    })
    if (!gate.admitOurs(socket)) socket.destroy(new Error('too many connections'))
  }

  #dial({ transport, address, port, serverName }: Connect): Socket | TLSSocket {
    if (transport === 'TCP') return connectTcp({ host: address, port })
    const { ca } = this.#parts.tls ?? {}
    // RFC 5922 §4: the certificate must be for the name that was asked for. SNI carries names only, never addresses (RFC 6066 §3).
    const named = isIP(serverName) === 0 ? { servername: serverName } : {}
    return connectTls({ host: address, port, ...named, ...(ca !== undefined && { ca }), minVersion: 'TLSv1.2' })
  }
}

const keepAliveMs = 60_000
const ping = new Uint8Array([0x0d, 0x0a, 0x0d, 0x0a])
const ignore = (): void => {}

const wireOf = (socket: Socket): Wire => ({
  backlogBytes: () => socket.writableLength,
  send: (bytes) => void socket.write(bytes),
  destroy: () => void socket.destroy(),
  end: () => void socket.end(),
})

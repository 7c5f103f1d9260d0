/** SIP over WebSocket (RFC 7118), for browsers: one message of SIP in one message of WebSocket, at the path `/sip`, on ports of its own and on that of the API. */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Flow, Listener } from '../sip/door.ts'
import type { SipConnections, Wire } from './sip-connections.ts'
import type { SipGate } from './sip-gate.ts'
import { listening, type SipServer } from './sip-server.ts'
import type { SipTls } from './sip-streams.ts'
import type { UpgradeGuest } from './upgrades.ts'

interface Parts {
  readonly connections: SipConnections
  readonly gate: SipGate
  readonly log: Log
  readonly tls?: SipTls
}

const path = '/sip'
const subProtocol = 'sip'

export class SipWebSockets {
  readonly #parts: Parts
  readonly #handshakes = new WebSocketServer({
    noServer: true,
    maxPayload: limits.sipMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subProtocol) ? subProtocol : false),
  })

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async listen(wanted: Listener): Promise<SipServer> {
    const server = this.#serverOf(wanted)
    const transport = wanted.transport === 'WSS' ? 'WSS' : 'WS'
    server.on('connection', (socket: Socket) => {
      socket.on('error', ignore)
      this.#parts.gate.admit(socket)
    })
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head, transport))
    return listening(server, wanted, this.#parts.log)
  }

  /** A handshake that came by another server, which has read nothing but the head. A browser behind a proxy with TLS is `WS` to us. */
  get guests(): UpgradeGuest {
    return {
      path,
      take: (request, socket, head) => {
        if (this.#parts.gate.admit(request.socket)) this.#upgrade(request, socket, head, 'WS')
      },
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, transport: 'WS' | 'WSS'): void {
    socket.on('error', ignore)
    if (!isSip(request)) return refuse(socket)
    this.#handshakes.handleUpgrade(request, socket, head, (webSocket) => this.#begin(webSocket, request.socket, transport))
  }

  #serverOf(wanted: Listener): Server {
    const times = { headersTimeout: limits.sipFirstMessageMs, requestTimeout: limits.sipFirstMessageMs, keepAliveTimeout: 1_000 }
    if (wanted.transport === 'WS') return createHttpServer(times, upgradeRequired)
    const { cert, key } = this.#parts.tls ?? {}
    if (cert === undefined || key === undefined) throw new Error('a WSS listener needs a certificate and its key')
    return createHttpsServer({ ...times, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: limits.sipFirstMessageMs }, upgradeRequired)
  }

  #begin(webSocket: WebSocket, socket: Socket, transport: 'WS' | 'WSS'): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    const { connections } = this.#parts
    webSocket.on('error', () => webSocket.terminate())
    if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined) {
      return webSocket.terminate()
    }
    const local = { address: localAddress, port: localPort }
    const flow: Flow = connections.add({ transport, local, remote: { address: remoteAddress, port: remotePort } }, wireOf(webSocket))
    webSocket.on('message', (data) => connections.received(bytesOf(data), flow))
    webSocket.on('close', () => connections.closed(flow))
  }
}

function upgradeRequired(_request: IncomingMessage, response: import('node:http').ServerResponse): void {
  response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end('SIP over WebSocket (RFC 7118) is spoken here.\n')
}

/** RFC 7118 §4.1: without the sub-protocol it is some other use of WebSocket. */
function isSip(request: IncomingMessage): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return (request.url ?? '').split('?', 1)[0] === path && offered.includes(subProtocol)
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

/** The sweep that pings comes more often than pings are due. */
function wireOf(webSocket: WebSocket): Wire {
  let unanswered = 0
  let pingedAt = performance.now()
  webSocket.on('pong', () => {
    unanswered = 0
  })
  return {
    backlogBytes: () => webSocket.bufferedAmount,
    // RFC 7118 §5: text if it is UTF-8, which all that we write is.
    send: (bytes) => webSocket.send(bytes, { binary: false }, ignore),
    destroy: () => webSocket.terminate(),
    end: () => webSocket.close(),
    ping: () => {
      if (performance.now() - pingedAt < limits.sipWebSocketPingMs) return true
      if (unanswered >= 2) return false
      pingedAt = performance.now()
      unanswered += 1
      webSocket.ping(undefined, undefined, ignore)
      return true
    },
  }
}

const ignore = (): void => {}

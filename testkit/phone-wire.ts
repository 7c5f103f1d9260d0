/** A phone's SIP socket on loopback: real UDP, or one real connection to its server. */
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Peer {
  readonly host: string
  readonly port: number
}

export type Transport = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS'

export interface Wire {
  readonly transport: Transport
  readonly local: Peer
  send(text: string, to: Peer): void
  close(): void
}

export type Receive = (text: string, from: Peer) => void

/** As URIs and addresses of the configuration write it: IPv6 in brackets. */
export const hostPort = ({ host, port }: Peer): string => `${bracketed(host)}:${port}`
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** `port` 0 lets the system choose. */
export function openUdp(local: Peer, receive: Receive): Promise<Wire> {
  const socket = createSocket(local.host.includes(':') ? 'udp6' : 'udp4')
  // A closed port of the peer comes back as an error of this socket; to SIP it is a lost packet.
  socket.on('error', () => {})
  socket.on('message', (bytes, from) => receive(bytes.toString(), { host: from.address, port: from.port }))
  const { promise, resolve, reject } = Promise.withResolvers<Wire>()
  socket.once('error', reject)
  socket.bind(local.port, local.host, () => {
    socket.off('error', reject)
    resolve({
      transport: 'UDP',
      local: { host: local.host, port: socket.address().port },
      send: (text, to) => sendQuietly(() => socket.send(text, to.port, to.host, () => {})),
      close: () => sendQuietly(() => socket.close()),
    })
  })
  return promise
}

/** A socket that a stopped phone has closed throws when it is used; whoever sends late means no harm. */
function sendQuietly(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING')) throw error
  }
}

export function openTcp(server: Peer, receive: Receive): Promise<Wire> {
  const socket = connect({ host: server.host, port: server.port, noDelay: true })
  return openStream('TCP', { socket, ready: 'connect' }, { server, receive })
}

/** The certificates of tests are their own authority, so nobody is asked about them. */
export function openTls(server: Peer, receive: Receive): Promise<Wire> {
  const socket = connectTls({ host: server.host, port: server.port, rejectUnauthorized: false })
  return openStream('TLS', { socket, ready: 'secureConnect' }, { server, receive })
}

function openStream(
  transport: 'TCP' | 'TLS',
  { socket, ready }: { readonly socket: Socket; readonly ready: string },
  { server, receive }: { readonly server: Peer; readonly receive: Receive },
): Promise<Wire> {
  const { promise, resolve, reject } = Promise.withResolvers<Wire>()
  socket.once('error', reject)
  socket.once(ready, () => {
    socket.off('error', reject)
    socket.on('error', () => {})
    readFrames(socket, (text) => receive(text, server))
    resolve({
      transport,
      local: { host: socket.localAddress ?? server.host, port: socket.localPort ?? 0 },
      send: (text) => {
        if (socket.writable) socket.write(text)
      },
      close: () => socket.destroy(),
    })
  })
  return promise
}

/** RFC 3261 §18.3: on a stream Content-Length says where a message ends. Lines between messages are keep-alives (RFC 5626 §3.5.1). */
function readFrames(socket: Socket, receive: (text: string) => void): void {
  let waiting = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes])
    for (;;) {
      while (waiting[0] === 13 || waiting[0] === 10) waiting = waiting.subarray(1)
      const head = waiting.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = /^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(waiting.toString('latin1', 0, head))
      const end = head + 4 + Number(length?.[1] ?? 0)
      if (waiting.length < end) return
      receive(waiting.toString('utf8', 0, end))
      waiting = waiting.subarray(end)
    }
  })
}

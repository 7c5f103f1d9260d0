import type { Server } from 'node:net'
import type { Log } from '../kernel/log.ts'
import type { Listener } from '../sip/door.ts'

/** A server of connections that is bound. */
export interface SipServer {
  /** With the port that was really bound. */
  readonly listener: Listener
  /** Takes no new connections; those that exist go on. */
  readonly close: () => void
}

export async function listening(server: Server, wanted: Listener, log: Log): Promise<SipServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: wanted.address, port: wanted.port, ipv6Only: true, exclusive: true }, () => resolve())
  })
  server.removeAllListeners('error')
  server.on('error', (error) => log.warn({ transport: wanted.transport, error: error.message }, 'SIP listener'))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : wanted.port
  return { listener: { ...wanted, port }, close: () => void server.close() }
}

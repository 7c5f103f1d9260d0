/** Connections of the HTTP server that become something else than HTTP, and are not the surfaces' either. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

export interface UpgradeGuest {
  /** Every WebSocket handshake at this path is the guest's. */
  readonly path: string
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** After all who listen to the server for upgrades: they get only what is not the guest's. */
export function letIn(guest: UpgradeGuest, server: Server, pathOf: (target: string | undefined) => string): void {
  const hosts = server.listeners('upgrade') as ((request: IncomingMessage, socket: Duplex, head: Buffer) => void)[]
  server.removeAllListeners('upgrade')
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (pathOf(request.url) === guest.path) guest.take(request, socket, head)
    else for (const host of hosts) host.call(server, request, socket, head)
  })
}

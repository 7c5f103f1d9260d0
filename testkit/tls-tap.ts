/** Stands between a phone and the server's TLS listener, passes everything on, and remembers what was said in clear. */
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer, type Server } from 'node:tls'
import { selfSigned } from './certificate.ts'
import type { Peer } from './phone-wire.ts'

export class TlsTap {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #said = ''

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(to: Peer): Promise<TlsTap> {
    const tap: TlsTap = new TlsTap(
      createServer(selfSigned(['127.0.0.1']), (phone) => {
        const server = connect({ ...to, rejectUnauthorized: false })
        tap.#pass(phone, server)
        tap.#pass(server, phone)
      }),
    )
    await new Promise<void>((listening) => tap.#server.listen(0, '127.0.0.1', listening))
    return tap
  }

  get peer(): Peer {
    const { address, port } = this.#server.address() as AddressInfo
    return { host: address, port }
  }

  /** The audio lines of all descriptions so far, both ways, each with what stands below it. */
  get audio(): readonly string[] {
    return this.#said.split('\r\n\r\n').flatMap((part) => /^m=audio [\s\S]*/m.exec(part)?.[0] ?? [])
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (bytes) => {
      this.#said += bytes.toString('latin1')
      to.write(bytes)
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
}

/** One UDP socket of SIP. */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Address, Listener } from '../sip/door.ts'
import { datagramFlow } from '../sip/transport.ts'
import type { SipInlet } from './sip-inlet.ts'

export class SipDatagrams {
  readonly listener: Listener
  readonly #socket: Socket

  private constructor(listener: Listener, socket: Socket) {
    this.listener = listener
    this.#socket = socket
  }

  static async bind(wanted: Listener, inlet: SipInlet, log: Log): Promise<SipDatagrams> {
    const socket = createSocket({
      type: isIPv6(wanted.address) ? 'udp6' : 'udp4',
      // A wildcard of IPv6 that took IPv4 as well would show the same phone under two addresses.
      ipv6Only: isIPv6(wanted.address),
      recvBufferSize: limits.sipReceiveBufferBytes,
      // Every address is a literal by now. Without the detour through the resolver a datagram leaves at once, and in order.
      lookup: (literal, _options, done) => done(null, literal, isIPv6(literal) ? 6 : 4),
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({ address: wanted.address, port: wanted.port, exclusive: true }, () => resolve())
    })
    socket.removeAllListeners('error')
    socket.on('error', (error) => log.warn({ error: error.message }, 'SIP datagram socket'))
    const listener = { ...wanted, port: socket.address().port }
    const local: Address = { address: listener.address, port: listener.port }
    socket.on('message', (bytes, { address, port }) => inlet.received(bytes, datagramFlow(local, { address, port })))
    return new SipDatagrams(listener, socket)
  }

  isAt(local: Address): boolean {
    return this.listener.address === local.address && this.listener.port === local.port
  }

  /** What cannot be sent is lost, as anything on UDP may be: the SIP layer sends again. */
  send(bytes: Uint8Array, remote: Address): void {
    // Port 0 would throw, and a stranger's datagram may claim to come from it.
    if (remote.port > 0) this.#socket.send(bytes, remote.port, remote.address, ignore)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }
}

const ignore = (): void => {}

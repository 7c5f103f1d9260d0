/** The connections that carry SIP now, whatever their transport, and the ones among them that have outlived their use. */
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { Flow } from '../sip/door.ts'
import type { SipInlet } from './sip-inlet.ts'

/** What a transport knows how to do with one connection. */
export interface Wire {
  /** Bytes handed over and not yet taken by the network. */
  readonly backlogBytes: () => number
  readonly send: (bytes: Uint8Array) => void
  /** At once, whatever is still waiting. */
  readonly destroy: () => void
  /** After what is waiting has been sent. */
  readonly end: () => void
  /** Asks for a sign of life; `false`: the last one was not answered. */
  readonly ping?: () => boolean
}

interface Connection {
  readonly flow: Flow
  readonly wire: Wire
  readonly openedAt: Instant
  heardAt: Instant | undefined
}

export class SipConnections {
  readonly #inlet: SipInlet
  readonly #now: () => Instant
  readonly #log: Log
  readonly #open = new Map<string, Connection>()
  #count = 0

  constructor(parts: { readonly inlet: SipInlet; readonly now: () => Instant; readonly log: Log }) {
    this.#inlet = parts.inlet
    this.#now = parts.now
    this.#log = parts.log
  }

  get size(): number {
    return this.#open.size
  }

  /** A connection begins: from now on it is known by the id of the flow that this returns. */
  add(addresses: Omit<Flow, 'id'>, wire: Wire): Flow {
    this.#count += 1
    const flow: Flow = { id: `${addresses.transport.toLowerCase()} ${this.#count}`, ...addresses }
    this.#open.set(flow.id, { flow, wire, openedAt: this.#now(), heardAt: undefined })
    return flow
  }

  received(bytes: Uint8Array, flow: Flow): void {
    const connection = this.#open.get(flow.id)
    if (connection === undefined) return
    connection.heardAt = this.#now()
    this.#inlet.received(bytes, flow)
  }

  /** A peer that does not read is cut off: what it is owed must not fill the memory. */
  send(bytes: Uint8Array, flow: Flow): void {
    const connection = this.#open.get(flow.id)
    if (connection === undefined) return
    connection.wire.send(bytes)
    if (connection.wire.backlogBytes() > limits.sipConnectionBacklogBytes) this.#drop(connection, 'does not read')
  }

  /** The SIP layer wants no more of it. */
  close(flow: Flow): void {
    const connection = this.#open.get(flow.id)
    this.#open.delete(flow.id)
    connection?.wire.end()
  }

  /** The far end or the network closed it, or what it sends makes no sense. Told once. */
  closed(flow: Flow): void {
    if (this.#open.delete(flow.id)) this.#inlet.closed(flow)
  }

  /** Called every few seconds; a timer for each of thousands of connections would cost more than looking at all of them. */
  sweep(): void {
    const at = this.#now()
    for (const connection of this.#open.values()) {
      const { openedAt, heardAt, wire } = connection
      if (heardAt === undefined && at - openedAt > limits.sipFirstMessageMs) this.#drop(connection, 'said nothing')
      else if (at - (heardAt ?? openedAt) > limits.sipConnectionIdleMs) this.#drop(connection, 'idle')
      else if (wire.ping?.() === false) this.#drop(connection, 'does not answer pings')
    }
  }

  closeAll(): void {
    for (const { wire } of this.#open.values()) wire.end()
  }

  destroyAll(): void {
    for (const { wire } of this.#open.values()) wire.destroy()
    this.#open.clear()
  }

  #drop(connection: Connection, why: string): void {
    const { flow, wire } = connection
    this.#log.info({ transport: flow.transport, remote: flow.remote.address, why }, 'SIP connection closed')
    wire.destroy()
    this.closed(flow)
  }
}

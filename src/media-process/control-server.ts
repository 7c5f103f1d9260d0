/** The local stream socket on which control processes speak `media/protocol.ts`: lines in, lines out, one of them in command. */
import { createServer, type Server, type Socket } from 'node:net'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { EngineOrder } from '../media/engine.ts'
import { readOrder, writeEvent } from '../media/order-codec.ts'
import type { MediaEvent, MediaOrder } from '../media/protocol.ts'
import type { Tenure } from '../media/tenure.ts'
import type { DescribeLeg } from './webrtc-legs.ts'

export interface ControlServerOptions {
  readonly path: string
  readonly tenure: Tenure
  readonly now: () => Instant
  readonly log: Log
  readonly onOrder: (order: EngineOrder | DescribeLeg) => void
  /** Somebody has taken command, or renewed it. */
  readonly onVouched: () => void
}

export class ControlServer {
  readonly #options: ControlServerOptions
  readonly #connections = new Map<number, Socket>()
  readonly #server: Server
  #nextConnection = 1

  constructor(options: ControlServerOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.maxConnections = limits.mediaConnections
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ path: this.#options.path }, resolve)
    })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#connections.values()) socket.end()
  }

  /** To whoever is in command; while nobody is, an event is lost, and `list` tells a newcomer where things stand. */
  emit(event: MediaEvent): void {
    const socket = this.#connections.get(this.#options.tenure.owner)
    if (socket !== undefined) this.#write(socket, event)
  }

  #accept(socket: Socket): void {
    const connection = this.#nextConnection++
    this.#connections.set(connection, socket)
    let held = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      held = this.#takeLines(connection, socket, held + chunk)
    })
    socket.on('error', (error) => this.#options.log.warn({ connection, error: error.message }, 'control connection'))
    socket.on('close', () => this.#connections.delete(connection))
  }

  /** Returns what is left after the last whole line. */
  #takeLines(connection: number, socket: Socket, received: string): string {
    const lines = received.split('\n')
    const rest = lines.pop() ?? ''
    for (const line of lines) if (!socket.destroyed) this.#takeLine(connection, socket, line)
    if (rest.length <= limits.mediaOrderBytes) return rest
    this.#options.log.error({ connection }, 'an order without end')
    socket.destroy()
    return ''
  }

  #takeLine(connection: number, socket: Socket, line: string): void {
    const order = readOrder(line)
    if (order.ok) return this.#carryOut(connection, socket, order.value)
    this.#options.log.error({ connection, why: order.error }, 'malformed order')
  }

  #carryOut(connection: number, socket: Socket, order: MediaOrder): void {
    const { tenure, now } = this.#options
    if (order.kind === 'hello') {
      const fenced = !tenure.claim(now(), connection, order)
      if (!fenced) this.#options.onVouched()
      return this.#write(socket, { kind: 'welcome', pid: process.pid, epoch: tenure.epoch, fenced })
    }
    if (!tenure.rules(connection)) return this.#write(socket, { kind: 'welcome', pid: process.pid, epoch: tenure.epoch, fenced: true })
    if (order.kind === 'renew') return this.#renew()
    this.#options.onOrder(order)
  }

  #renew(): void {
    const { tenure, now, onVouched } = this.#options
    tenure.renew(now())
    onVouched()
  }

  #write(socket: Socket, event: MediaEvent): void {
    if (socket.destroyed) return
    socket.write(writeEvent(event))
    if (socket.writableLength <= limits.mediaEventBacklogBytes) return
    this.#options.log.error({}, 'a control process that does not read is cut off')
    socket.destroy()
  }
}

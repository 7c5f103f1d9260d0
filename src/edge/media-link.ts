import { connect, type Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { MediaEvent, MediaOrder } from '../media/protocol.ts'

export interface MediaLinkOptions {
  /** Path of the media process's local socket. */
  readonly path: string
  readonly onConnected: () => void
  readonly onDisconnected: () => void
  readonly onEvent: (event: MediaEvent) => void
  readonly log: Log
}

/** The line to the media process: JSON, one message a line. Comes back by itself for as long as it is not stopped. */
export class MediaLink {
  readonly #options: MediaLinkOptions
  #socket: Socket | undefined
  #isConnected = false
  /** Orders of the input that is being worked. */
  #unsent = ''
  #isStopped = false
  #retryMs: number = limits.mediaReconnectMs
  #timer: NodeJS.Timeout | undefined

  constructor(options: MediaLinkOptions) {
    this.#options = options
  }

  start(): void {
    this.#connect()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#flush()
    this.#socket?.end()
  }

  /** An order while there is no line is lost: both sides compare what they hold when it is back. */
  send(order: MediaOrder): void {
    if (!this.#isConnected || this.#socket === undefined) return
    if (this.#unsent === '') process.nextTick(() => this.#flush())
    this.#unsent += `${JSON.stringify(order)}\n`
  }

  /** What one input led to goes out in one write: a call's end alone is five orders. */
  #flush(): void {
    const socket = this.#socket
    const text = this.#unsent
    this.#unsent = ''
    if (!this.#isConnected || socket === undefined || text === '') return
    socket.write(text)
    if (socket.writableLength <= limits.mediaOrderBacklogBytes) return
    this.#options.log.error({}, 'the media process does not read')
    socket.destroy()
  }

  #connect(): void {
    const socket = connect(this.#options.path)
    this.#socket = socket
    const lines = new Lines()
    socket.once('connect', () => {
      this.#isConnected = true
      this.#retryMs = limits.mediaReconnectMs
      this.#options.onConnected()
    })
    socket.on('data', (chunk: Buffer) => this.#take(socket, lines, chunk))
    // A media process that is not there yet is no news; that a line broke is told when it is closed.
    socket.on('error', (error) => this.#options.log.debug({ error: error.message }, 'media line'))
    socket.once('close', () => this.#closed())
  }

  #take(socket: Socket, lines: Lines, chunk: Buffer): void {
    for (const line of lines.push(chunk)) {
      if (socket.destroyed) return
      const event = parsed(line)
      if (event === undefined) {
        this.#options.log.error({ line: line.slice(0, 200) }, 'the media process makes no sense')
        socket.destroy()
        return
      }
      this.#options.onEvent(event)
    }
    if (lines.held > limits.mediaEventBacklogBytes) socket.destroy()
  }

  #closed(): void {
    const wasConnected = this.#isConnected
    this.#isConnected = false
    this.#socket = undefined
    this.#unsent = ''
    if (wasConnected) this.#options.onDisconnected()
    if (this.#isStopped) return
    if (wasConnected) this.#options.log.warn({}, 'the line to the media process broke')
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, limits.mediaReconnectMaxMs)
  }
}

/** Cuts what arrives into lines; characters may be split between chunks. */
class Lines {
  readonly #decoder = new StringDecoder('utf8')
  #parts: string[] = []
  #held = 0

  /** Characters of a line that is not yet whole. */
  get held(): number {
    return this.#held
  }

  push(chunk: Buffer): readonly string[] {
    const text = this.#decoder.write(chunk)
    const last = text.lastIndexOf('\n')
    if (last < 0) {
      this.#keep(text)
      return []
    }
    const whole = this.#parts.join('') + text.slice(0, last)
    this.#parts = []
    this.#held = 0
    this.#keep(text.slice(last + 1))
    return whole.split('\n')
  }

  #keep(text: string): void {
    this.#parts.push(text)
    this.#held += text.length
  }
}

/** The media process is our own and of the same version: its words are trusted, if they are words at all. */
function parsed(line: string): MediaEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as MediaEvent) : undefined
  } catch {
    return undefined
  }
}

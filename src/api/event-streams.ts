/** One subscriber's connection: Server-Sent Events or WebSocket. Both pull from the feed as fast as the peer reads. */
import { Readable } from 'node:stream'
import type { WebSocket } from '@fastify/websocket'
import type { OutEvent, PastEvent } from '../control/command.ts'
import type { EventFeed, FeedReader } from './event-feed.ts'
import { eventText } from './event-view.ts'

export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  Connection: 'close',
} as const

export interface EventStream extends FeedReader {
  start(feed: EventFeed): void
  heartbeat(): void
  /** The server ends it: shutdown, or a credential that has lapsed. */
  end(): void
}

/** WHATWG HTML §9.2. There is no `event` field: a browser's `onmessage` sees every event, also of types that it does not know yet. */
const sseFrame = (event: OutEvent | PastEvent): string => `id: ${event.id}\ndata: ${eventText(event)}\n\n`

/** How long a browser waits before it comes back with its last event id. */
const sseGreeting = 'retry: 2000\n: sotto\n\n'

export class SseStream implements EventStream {
  readonly readable: Readable
  #feed: EventFeed | undefined
  #wanted = false
  #ended = false

  constructor() {
    this.readable = new Readable({ read: () => this.#pull() })
    this.readable.push(sseGreeting)
  }

  start(feed: EventFeed): void {
    this.#feed = feed
    this.#pull()
  }

  ready(): void {
    if (this.#wanted) this.#pull()
  }

  /** No last chunk: the reader sees a broken connection and resumes from the last event that he has. */
  tooSlow(): void {
    this.readable.destroy()
  }

  heartbeat(): void {
    if (this.#wanted && !this.#ended) this.readable.push(': \n\n')
  }

  end(): void {
    if (this.#ended || this.readable.destroyed) return
    this.#ended = true
    this.readable.push(null)
  }

  #pull(): void {
    this.#wanted = false
    if (this.#ended) return
    for (let event = this.#feed?.next(); event !== undefined; event = this.#feed?.next()) {
      if (!this.readable.push(sseFrame(event))) return
    }
    this.#wanted = true
  }
}

/** Bytes in the socket's own buffer from which on events wait in the feed. */
const webSocketBufferBytes = 65_536

export class WebSocketStream implements EventStream {
  readonly #socket: WebSocket
  #feed: EventFeed | undefined
  #answered = true

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('pong', () => {
      this.#answered = true
    })
  }

  start(feed: EventFeed): void {
    this.#feed = feed
    this.ready()
  }

  ready(): void {
    while (this.#socket.bufferedAmount < webSocketBufferBytes) {
      const event = this.#feed?.next()
      if (event === undefined) return
      this.#socket.send(eventText(event), () => this.#sent())
    }
  }

  tooSlow(): void {
    this.#socket.terminate()
  }

  /** RFC 6455 §5.5.2: a peer that has not answered the ping before is gone. */
  heartbeat(): void {
    if (!this.#answered) return this.#socket.terminate()
    this.#answered = false
    this.#socket.ping()
  }

  /** RFC 6455 §7.4.1: going away. */
  end(): void {
    this.#socket.close(1001)
  }

  #sent(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.ready()
  }
}

/** A program that reads the server's event stream, over Server-Sent Events or WebSocket, and remembers everything in order. */
import { WebSocket } from 'ws'
import type { CallView } from './call-control.ts'
import { eventually } from './phone-wait.ts'

export interface EventView {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly callId?: string
  readonly call?: CallView
  readonly data: Readonly<Record<string, unknown>>
}

export interface Reading {
  /** The server's URL without path. */
  readonly http: string
  readonly key: string
  /** The id of the last event that is known. */
  readonly after?: string
  readonly types?: string
}

export class EventReader {
  readonly events: EventView[] = []
  #close: () => void = () => {}

  static async sse(reading: Reading): Promise<EventReader> {
    const reader = new EventReader()
    const abort = new AbortController()
    reader.#close = () => abort.abort()
    const headers = { authorization: `Bearer ${reading.key}`, ...(reading.after === undefined ? {} : { 'last-event-id': reading.after }) }
    const response = await fetch(`${reading.http}${pathOf(reading)}`, { headers, signal: abort.signal })
    if (response.status !== 200 || response.body === null) throw new Error(`the event stream was refused: ${response.status}`)
    void reader.#readFrames(response.body).catch(() => {})
    return reader
  }

  static webSocket(reading: Reading): Promise<EventReader> {
    const reader = new EventReader()
    const { promise, resolve, reject } = Promise.withResolvers<EventReader>()
    const cursor = reading.after === undefined ? {} : { cursor: reading.after }
    const url = `${reading.http.replace(/^http/, 'ws')}${pathOf(reading, cursor)}`
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${reading.key}` } })
    reader.#close = () => socket.terminate()
    socket.on('message', (data) => reader.events.push(JSON.parse(data.toString())))
    socket.once('open', () => resolve(reader))
    socket.on('error', reject)
    return promise
  }

  /** Those of one call, in the order in which they came. */
  of(call: string): readonly EventView[] {
    return this.events.filter((event) => event.callId === call && event.seq > 0)
  }

  /** The first event that fits, come or yet to come. */
  until(what: string, fits: (event: EventView) => boolean, ms?: number): Promise<EventView> {
    return eventually(`the event ${what}`, () => this.events.find(fits), ms).catch((error: Error) => {
      throw new Error(`${error.message}; there were ${this.events.map((e) => e.type)}`)
    })
  }

  close(): void {
    this.#close()
  }

  /** WHATWG HTML §9.2: frames end in an empty line; comments have no data. */
  async #readFrames(body: ReadableStream<Uint8Array>): Promise<void> {
    let waiting = ''
    const decoder = new TextDecoder()
    for await (const bytes of body) {
      const frames = (waiting + decoder.decode(bytes, { stream: true })).split('\n\n')
      waiting = frames.pop() ?? ''
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1]
        if (data !== undefined) this.events.push(JSON.parse(data))
      }
    }
  }
}

function pathOf({ types }: Reading, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...(types === undefined ? {} : { types }), ...more })
  return `/sotto/v1/events?${query}`
}

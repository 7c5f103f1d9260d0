/** Server-Sent Events (WHATWG HTML §9.2), read from `fetch`: unlike `EventSource` it tells why a stream was refused, and that bytes still come. */

export interface SseMessage {
  readonly event: string
  readonly id: string
  readonly data: string
}

export class SseParser {
  #rest = ''
  #event = ''
  #id = ''
  #data: string[] = []

  /** The messages that this piece of text completes. */
  push(text: string): readonly SseMessage[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    const messages: SseMessage[] = []
    for (const line of lines) {
      if (line !== '') this.#field(line)
      else if (this.#data.length > 0) messages.push(this.#message())
    }
    return messages
  }

  #message(): SseMessage {
    const message = { event: this.#event || 'message', id: this.#id, data: this.#data.join('\n') }
    this.#event = ''
    this.#data = []
    return message
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') this.#data.push(value)
    if (name === 'event') this.#event = value
    if (name === 'id') this.#id = value
  }
}

/** Reads a body to its end. `onBytes` is called for comments too: as long as they come, the connection lives. */
export async function readSse(
  body: ReadableStream<Uint8Array>,
  onMessages: (messages: readonly SseMessage[]) => void,
  onBytes: () => void,
) {
  const parser = new SseParser()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      onBytes()
      const messages = parser.push(decoder.decode(chunk.value, { stream: true }))
      if (messages.length > 0) onMessages(messages)
    }
  } catch {
    // Cut off; whoever reads opens it again.
  }
}

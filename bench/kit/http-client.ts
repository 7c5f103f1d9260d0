/** HTTP/1.1 over one kept connection, one request after the other: a small part of what the server's side of it costs. */
import { connect, type Socket } from 'node:net'

export interface HttpAnswer {
  readonly status: number
  readonly body: string
  readonly sentAt: number
  readonly ms: number
}

export class HttpClient {
  readonly #socket: Socket
  readonly #host: string
  readonly #key: string
  #waiting: { readonly sentAt: number; readonly done: (answer: HttpAnswer) => void } | undefined
  #chunks: Buffer[] = []
  #held = 0
  #needed = 0
  #head = ''

  private constructor(socket: Socket, host: string, key: string) {
    this.#socket = socket
    this.#host = host
    this.#key = key
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
  }

  /** `base` as in http://127.0.0.1:8080 */
  static open(base: string, key: string): Promise<HttpClient> {
    const { hostname, port, host } = new URL(base)
    const { promise, resolve, reject } = Promise.withResolvers<HttpClient>()
    const socket = connect(Number(port), hostname, () => resolve(new HttpClient(socket, host, key)))
    socket.once('error', reject)
    return promise
  }

  request(method: string, path: string, body?: object): Promise<HttpAnswer> {
    const content = body === undefined ? '' : JSON.stringify(body)
    const type = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n`
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>()
    this.#waiting = { sentAt: performance.now(), done: resolve }
    this.#socket.write(
      `${method} /sotto/v1${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAuthorization: Bearer ${this.#key}\r\n${type}\r\n${content}`,
    )
    return promise
  }

  /** As `request`, with a refusal thrown. */
  async must<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.request(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return JSON.parse(answer.body) as T
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#needed === 0) this.#readHead()
    if (this.#needed > 0 && this.#held >= this.#needed) this.#finish()
  }

  #readHead(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    const end = bytes?.indexOf('\r\n\r\n') ?? -1
    if (bytes === undefined || end < 0) return
    this.#head = bytes.toString('latin1', 0, end)
    this.#needed = end + 4 + Number(/content-length: (\d+)/i.exec(this.#head)?.[1] ?? 0)
  }

  #finish(): void {
    const bytes = Buffer.concat(this.#chunks)
    const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4, this.#needed).toString()
    const waiting = this.#waiting
    this.#chunks = []
    this.#held = this.#needed = 0
    this.#waiting = undefined
    if (waiting === undefined) return
    waiting.done({ status: Number(this.#head.slice(9, 12)), body, sentAt: waiting.sentAt, ms: performance.now() - waiting.sentAt })
  }
}

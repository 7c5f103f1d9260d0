/** HTTP of a test, byte for byte: the target reaches the wire as it was written, with its double slashes, raw pluses and escapes. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface Reply {
  readonly status: number
  /** Names in lower case; a header that came twice is joined. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Names as they were spelt, each with its value. */
  readonly rawHeaders: readonly string[]
  readonly text: string
}

export interface Sending {
  readonly method: string
  readonly target: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | undefined
}

const agent = new Agent({ keepAlive: false })

/** `base` is the server's URL. */
export function send(base: string, { method, target, headers = [], body }: Sending): Promise<Reply> {
  const { hostname, port } = new URL(base)
  const length: (readonly [string, string])[] = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))]]
  const fields = Object.fromEntries([['Host', 'sotto.test'], ...length, ...headers])
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const sent = request({ hostname, port, method, path: target, headers: fields, agent, timeout: 15_000 }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const { statusCode: status = 0, rawHeaders } = answer
      resolve({ status, headers: joined(answer.headers), rawHeaders, text: Buffer.concat(chunks).toString() })
    })
  })
  sent.on('timeout', () => sent.destroy(new Error(`${method} ${target}: no answer within 15 s`)))
  sent.on('error', reject)
  sent.end(body)
  return promise
}

const joined = (headers: IncomingHttpHeaders): Reply['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))

/** A form, as a client's library would write it. */
export const form = (fields: Readonly<Record<string, string>>): Pick<Sending, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/x-www-form-urlencoded']],
  body: new URLSearchParams(fields).toString(),
})

export const json = (value: unknown): Pick<Sending, 'headers' | 'body'> => ({
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify(value),
})

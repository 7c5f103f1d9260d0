/** A request of a vendor's client on the wire, byte for byte as it says. */
import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import type { Reply, Request } from './dialect-clients.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export function sendTo(base: string, { line, headers = {}, body }: Request): Promise<Reply> {
  const [, method, path] = /^(\S+) (.*)$/.exec(line) ?? []
  assert.ok(method !== undefined && path !== undefined, line)
  const { hostname, port } = new URL(base)
  const length: Record<string, string> = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const sent = httpRequest({ hostname, port, method, path, agent, headers: { Host: 'sotto.test', ...length, ...headers } }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }))
    answer.on('error', reject)
  })
  sent.on('error', reject)
  sent.setTimeout(15_000, () => sent.destroy(new Error(`${line}: no answer`)))
  sent.end(body)
  return promise
}

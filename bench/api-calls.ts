/**
 * How fast the list of calls is answered: 200 live calls, a server in a process of its own, keep-alive connections, no pipelining.
 * `node bench/api-calls.ts [seconds] [query]`
 */
import { fork } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { addMs } from '../src/kernel/time.ts'
import { keys, startApi } from '../testkit/api-server.ts'
import { aCall, aSupervision, noon, supervised } from '../testkit/desk.ts'

const liveCalls = 200
const connections = 16

async function serve(): Promise<void> {
  const server = await startApi()
  for (let i = 0; i < liveCalls; i += 1) {
    server.desk.put(supervised(aCall(`call-${i}`, { startedAt: addMs(noon, i) }), aSupervision(`supervision-${i}`)))
  }
  process.send?.(server.url)
  process.once('disconnect', () => process.exit())
}

async function measure(): Promise<void> {
  const [seconds = '5', query = ''] = process.argv.slice(2)
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [] })
  const url = await new Promise<string>((resolve) => child.once('message', (message) => resolve(String(message))))
  const request = `GET /sotto/v1/calls${query} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${keys.observer}\r\n\r\n`
  const clients = Array.from({ length: connections }, () => new Client(url, request))
  await pause(1000)
  const before = total(clients)
  const start = performance.now()
  await pause(Number(seconds) * 1000)
  const elapsed = (performance.now() - start) / 1000
  const { answers, bytes } = total(clients)
  const rate = (answers - before.answers) / elapsed
  console.log(
    `${Math.round(rate)} requests/s, ${((bytes - before.bytes) / elapsed / 1e6).toFixed(0)} MB/s, ${Math.round((bytes - before.bytes) / (answers - before.answers))} bytes each`,
  )
  for (const client of clients) client.end()
  child.disconnect()
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const total = (clients: readonly Client[]) => ({
  answers: clients.reduce((sum, client) => sum + client.answers, 0),
  bytes: clients.reduce((sum, client) => sum + client.bytes, 0),
})

/** One request after the other; reads no more than the length of each answer. */
class Client {
  answers = 0
  bytes = 0
  readonly #socket: Socket
  readonly #request: string
  #missing = 0

  constructor(url: string, request: string) {
    this.#request = request
    const { hostname, port } = new URL(url)
    this.#socket = connect(Number(port), hostname, () => this.#socket.write(request))
    this.#socket.on('data', (chunk) => this.#read(chunk))
  }

  end(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#missing += this.#missing === 0 ? lengthOf(chunk) - chunk.length : -chunk.length
    if (this.#missing > 0) return
    this.answers += 1
    this.#socket.write(this.#request)
  }
}

/** Head and body; the head of an answer comes in one piece here. */
function lengthOf(chunk: Buffer): number {
  const head = chunk.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(chunk.toString('latin1', 0, head))?.[1]
  if (head === -1 || length === undefined || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200')))
    throw new Error(chunk.toString('latin1', 0, 400))
  return head + 4 + Number(length)
}

// Last, because a class exists from its line on.
if (process.send === undefined) await measure()
else await serve()

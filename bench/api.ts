/**
 * HTTP beside live calls with audio: a page of all calls, one call, and the way of a supervision.
 *   npm run bench -- api [--calls 200] [--seconds 4]
 */
import { parseArgs } from 'node:util'
import { pause } from '../testkit/phone-wait.ts'
import { BenchFloor } from './kit/floor.ts'
import { HttpClient } from './kit/http-client.ts'
import { Meter, printMachine } from './kit/machine.ts'
import { fixed, printTable, Samples } from './kit/samples.ts'
import { key, supervisorOf } from './kit/server.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '200' }, seconds: { type: 'string', default: '4' } } })
const measuredMs = Number(values.seconds) * 1000
const supervisions = 100
const changesPerSecond = 20

const heading = [
  ...['GET', 'bytes', 'connections', 'requests', 'req/s', 'control %', 'waiting %', 'control ms/req', 'req/s·core'],
  ...['ms median', 'p95', 'p99', 'max', 'load %', 'frames late p99 ms'],
]

printMachine(`HTTP with ${values.calls} live calls`)
const floor = await BenchFloor.open()
try {
  await floor.fill(Number(values.calls), { perSecond: 100 })
  await pause(1_000)
  await printRequests()
  await printSupervisions()
} finally {
  await floor.close()
}

async function printRequests(): Promise<void> {
  const all = '/calls?limit=500'
  const one = `/calls/${floor.calls[0]?.id}`
  const rows: string[][] = []
  const idleMs = await idleControlMs()
  for (const [what, path] of [
    ['all calls', all],
    ['first 50 calls', '/calls'],
    ['one call', one],
  ] as const) {
    for (const connections of [1, 16]) rows.push(await round({ what, path, connections, idleMs }))
  }
  const settle = floor.churn(changesPerSecond)
  await pause(1_000)
  const churningMs = await idleControlMs()
  rows.push(await round({ what: `all calls, ${changesPerSecond} new ones a second`, path: all, connections: 16, idleMs: churningMs }))
  settle()
  printTable(heading, rows)
  console.log(
    'req/s·core: what one core of control would answer at this cost per request; the calls’ own share is taken off. waiting: ready to run, and no core free.\n',
  )
}

/** What live calls cost control while nobody asks anything. */
async function idleControlMs(): Promise<number> {
  const meter = new Meter(floor.pids)
  await pause(2_000)
  const { cpuMs, wallMs } = meter.read()
  return (cpuMs[0] ?? 0) / wallMs
}

interface Round {
  readonly what: string
  readonly path: string
  readonly connections: number
  /** Of control, in a millisecond, without requests. */
  readonly idleMs: number
}

async function round({ what, path, connections, idleMs }: Round): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: connections }, () => HttpClient.open(floor.server.sotto.http, key)))
  await repeat(clients, path, 1_500)
  floor.rtp.reset()
  const meter = new Meter(floor.pids)
  const { times, bytes } = await repeat(clients, path, measuredMs)
  const { wallMs, cpuMs, ownMs, waitedPercent } = meter.read()
  for (const client of clients) client.close()
  const perRequest = ((cpuMs[0] ?? 0) - idleMs * wallMs) / times.count
  return [
    ...[what, String(bytes), String(connections), String(times.count), fixed((times.count / wallMs) * 1000, 0)],
    ...[fixed(((cpuMs[0] ?? 0) / wallMs) * 100, 0), fixed(waitedPercent[0] ?? 0, 0), fixed(perRequest, 3), fixed(1000 / perRequest, 0)],
    ...[0.5, 0.95, 0.99, 1].map((q) => fixed(times.at(q), 2)),
    ...[fixed((ownMs / wallMs) * 100, 0), fixed(floor.rtp.lag.at(0.99))],
  ]
}

/** Each client asks again as soon as it is answered. */
async function repeat(clients: readonly HttpClient[], path: string, ms: number): Promise<{ times: Samples; bytes: number }> {
  const times = new Samples()
  const until = performance.now() + ms
  let bytes = 0
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        const answer = await client.request('GET', path)
        if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`)
        bytes = answer.body.length
        times.add(answer.ms)
      }
    }),
  )
  return { times, bytes }
}

/** Attach, change, end: one after the other, as a person's client would ask. */
async function printSupervisions(): Promise<void> {
  const [attach, change, end] = [new Samples(), new Samples(), new Samples()]
  for (const call of floor.calls.slice(0, supervisions)) {
    const body = { supervisor: { extension: supervisorOf(call.n) }, mode: 'monitor', target: 'agent' }
    const attached = await floor.http.request('POST', `/calls/${call.id}/supervisions`, body)
    attach.add(attached.ms)
    const { id } = JSON.parse(attached.body)
    // The phone of the load picks up 20 ms after it rings, and the new matrix has to be confirmed.
    await pause(60)
    const changed = await floor.http.request('PATCH', `/supervisions/${id}`, { mode: 'whisper' })
    change.add(changed.ms)
    const ended = await floor.http.request('DELETE', `/supervisions/${id}`)
    end.add(ended.ms)
    for (const { status, body: why } of [attached, changed, ended]) if (status >= 300) throw new Error(`${status} ${why}`)
  }
  console.log(attach.line('POST supervision (phone has answered 180)'))
  console.log(change.line('PATCH mode (mixer has confirmed)'))
  console.log(end.line('DELETE supervision (mixer has confirmed)'))
}

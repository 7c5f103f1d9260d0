/**
 * The five dialects beside live calls with audio: requests per second and delays of each one's list, and of its whisper request.
 *   npm run bench -- dialects [--calls 200] [--seconds 4]
 */
import { parseArgs } from 'node:util'
import { type DialectClient, dialectClients, type Reply, type Request } from '../testkit/dialect-clients.ts'
import { sendTo } from '../testkit/dialect-wire.ts'
import { pause } from '../testkit/phone-wait.ts'
import { BenchFloor } from './kit/floor.ts'
import { Meter, printMachine } from './kit/machine.ts'
import { fixed, printTable, Samples } from './kit/samples.ts'
import { agentOf, supervisorOf, voipnowApp } from './kit/server.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '200' }, seconds: { type: 'string', default: '4' } } })
const measuredMs = Number(values.seconds) * 1000
const connections = 16
const whispers = 40

printMachine(`dialects with ${values.calls} live calls`)
const floor = await BenchFloor.open()
const send = (request: Request): Promise<Reply> => sendTo(floor.server.sotto.http, request)
try {
  await floor.fill(Number(values.calls), { perSecond: 100 })
  await pause(1_000)
  const rows: string[][] = []
  for (const client of dialectClients) rows.push(await lists(client))
  printTable(['list of', 'bytes', 'requests', 'req/s', 'control %', 'ms median', 'p95', 'p99', 'max', 'load %'], rows)
  console.log('newvoicemedia has no list of calls: its agents who are ready.\n')
  let first = 0
  for (const client of dialectClients) first += await whisper(client, first)
} finally {
  await floor.close()
}

async function lists(client: DialectClient): Promise<string[]> {
  const asked = client.list(await client.login(send, voipnowApp))
  await repeat(asked, 1_000)
  const meter = new Meter(floor.pids)
  const { times, bytes } = await repeat(asked, measuredMs)
  const { wallMs, cpuMs, ownMs } = meter.read()
  return [
    ...[
      client.name,
      String(bytes),
      String(times.count),
      fixed((times.count / wallMs) * 1000, 0),
      fixed(((cpuMs[0] ?? 0) / wallMs) * 100, 0),
    ],
    ...[0.5, 0.95, 0.99, 1].map((q) => fixed(times.at(q), 2)),
    fixed((ownMs / wallMs) * 100, 0),
  ]
}

async function repeat(asked: Request, ms: number): Promise<{ readonly times: Samples; readonly bytes: number }> {
  const times = new Samples()
  const until = performance.now() + ms
  let bytes = 0
  const worker = async () => {
    while (performance.now() < until) {
      const before = performance.now()
      const { status, text } = await send(asked)
      if (status !== 200 || text.includes('Failed')) throw new Error(`${asked.line}: ${status} ${text}`)
      times.add(performance.now() - before)
      bytes = text.length
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return { times, bytes }
}

/** One request after the other, each for a call of its own; answered when the supervisor's phone has said that it rings. */
async function whisper(client: DialectClient, first: number): Promise<number> {
  const token = await client.login(send, voipnowApp)
  const times = new Samples()
  for (const call of floor.calls.slice(first, first + whispers)) {
    const supervisor = { extension: supervisorOf(call.n), directNumber: supervisorOf(call.n), agent: String(30_000 + call.n) }
    const id = client.find(await send(client.list(token)), `+1555${String(call.sip.id).padStart(7, '0')}`)
    const asked = id === undefined ? undefined : client.supervise(token, { id, target: agentOf(call.n), by: supervisor, mode: 'whisper' })
    if (asked === undefined) return 0
    const before = performance.now()
    const { status, text } = await send(asked)
    times.add(performance.now() - before)
    if (status >= 300 || text.includes('Failed') || text === 'false') throw new Error(`${asked.line} ${asked.body}: ${status} ${text}`)
  }
  console.log(times.line(`${client.name}: whisper (phone has answered 180)`))
  return whispers
}

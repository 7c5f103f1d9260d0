/**
 * What a live call with audio costs in memory and processor time, plain and whispered, on the whole server.
 *   npm run bench -- resources [--calls 0,200,400] [--seconds 5]
 */
import { parseArgs } from 'node:util'
import { pause } from '../testkit/phone-wait.ts'
import { BenchFloor } from './kit/floor.ts'
import { Meter, printMachine, rssMb, type Used } from './kit/machine.ts'
import { toneFrame } from './kit/rtp-load.ts'
import { fixed, printTable } from './kit/samples.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '0,200,400' }, seconds: { type: 'string', default: '5' } } })
const measuredMs = Number(values.seconds) * 1000
const counts = values.calls.split(',').map(Number)

const heading = [
  ...['calls', 'kind', 'control MB', 'media MB', 'control kB/call', 'media kB/call', 'control %', 'media %', 'media waiting %'],
  ...['control ms/call·s', 'media ms/call·s', 'packets in/s', 'out/s', 'load %', 'frames late p99 ms'],
]

const warmingCalls = 3

printMachine('What a live call costs')
const rows: string[][] = []
for (const kind of ['plain', 'whispered'] as const) rows.push(...(await series(kind)))
printTable(heading, rows)
console.log(
  'ms per call and second: 10 is one per cent of a core. kB per call: against the first row of its kind; garbage not yet collected is in it.',
)

/** A server of its own for each kind: what a process has once taken from the system it does not give back. */
async function series(kind: 'plain' | 'whispered'): Promise<string[][]> {
  const floor = await BenchFloor.open()
  const measured: Measured[] = []
  try {
    await warmUp(floor, kind)
    for (const count of counts) {
      await grow(floor, count, kind)
      await pause(2_000)
      measured.push(await measure(floor, count))
    }
  } finally {
    await floor.close()
  }
  return measured.map((one) => rowOf(kind, one, measured[0] ?? one))
}

/** Code is compiled and pools are filled by the first calls, and that is no cost of a call. */
async function warmUp(floor: BenchFloor, kind: 'plain' | 'whispered'): Promise<void> {
  await grow(floor, warmingCalls, kind)
  await pause(1_000)
}

async function grow(floor: BenchFloor, count: number, kind: 'plain' | 'whispered'): Promise<void> {
  const before = floor.calls.length
  await floor.fill(count, { perSecond: 100 })
  const added = floor.calls.slice(before)
  for (const { customer, agent } of added) customer.say = agent.say = toneFrame
  if (kind === 'plain') return
  floor.dress = (leg) => {
    leg.say = toneFrame
  }
  for (const call of added) await floor.supervise(call, 'whisper')
}

interface Measured {
  readonly count: number
  readonly rss: readonly [control: number, media: number]
  readonly used: Used
  readonly sentPerS: number
  readonly heardPerS: number
  readonly lagP99: number
}

async function measure(floor: BenchFloor, count: number): Promise<Measured> {
  floor.rtp.reset()
  const meter = new Meter(floor.pids)
  await pause(measuredMs)
  const used = meter.read()
  const [control, media] = floor.pids
  const perS = (packets: number) => (packets / used.wallMs) * 1000
  const { rtp } = floor
  return {
    ...{ count, used, rss: [rssMb(control), rssMb(media)] as const },
    ...{ sentPerS: perS(rtp.sent), heardPerS: perS(rtp.heard), lagP99: rtp.lag.at(0.99) },
  }
}

function rowOf(kind: string, one: Measured, first: Measured): string[] {
  const { count, rss, used } = one
  const percent = used.cpuMs.map((ms) => (ms / used.wallMs) * 100)
  const kbPerCall = [0, 1].map((i) => ((rss[i] ?? 0) - (first.rss[i] ?? 0)) * 1024).map((kb) => kb / (count - first.count))
  const perCallSecond = used.cpuMs.map((ms) => ms / (used.wallMs / 1000) / Math.max(count, 1))
  const orDash = (value: number, digits: number) => (count === first.count ? '–' : fixed(value, digits))
  return [
    ...[String(count), kind, ...rss.map((mb) => fixed(mb, 0)), ...kbPerCall.map((kb) => orDash(kb, 0))],
    ...percent.map((p) => fixed(p)),
    fixed(used.waitedPercent[1] ?? 0),
    ...perCallSecond.map((ms) => orDash(ms, 2)),
    ...[one.sentPerS, one.heardPerS].map((n) => fixed(n, 0)),
    ...[fixed((used.ownMs / used.wallMs) * 100, 0), fixed(one.lagP99)],
  ]
}

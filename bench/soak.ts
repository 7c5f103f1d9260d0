/**
 * Hours of calls with random operations: does anything leak? Ports, timers and legs are counted by what the processes hold when all is quiet,
 * memory by its trend. `node bench/soak.ts [minutes]`, default 60.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { Floor, newReport } from '../testkit/floor.ts'
import { pause } from '../testkit/phone-wait.ts'
import { SeededRandom } from '../testkit/random.ts'
import type { Sotto } from '../testkit/sotto.ts'

const minutes = Number(process.argv[2] ?? 60)
const stations = 12
/** Ended calls and events are kept for a day; so small here that they are not taken for a leak. */
const kept = { endedCallsKept: 200, eventsKept: 1000 }

interface Sample {
  readonly minute: number
  readonly rssMb: Readonly<Record<'control' | 'media', number>>
  readonly handles: Readonly<Record<'control' | 'media', number>>
}

const floor = await Floor.open(stations, { pauseMs: [100, 600], limits: kept })
const report = newReport()
const started = performance.now()
const over = () => performance.now() - started > minutes * 60_000
const minuteNow = () => Math.round((performance.now() - started) / 6000) / 10
try {
  await pause(2000)
  const before = sample(floor.sotto)
  print(before)
  const sampler = setInterval(() => print(sample(floor.sotto)), Math.max(10_000, minutes * 1000))
  await floor.run(new SeededRandom(Number(process.env.SOTTO_SEED ?? 7)), report, () => !over())
  clearInterval(sampler)
  // Freed ports rest for five seconds; transactions of the last calls live for 32.
  await pause(40_000)
  print(sample(floor.sotto))
  console.log(
    `${report.sequences} calls, ${report.operations} operations, ${report.frames} frames judged, ${report.allowed} with a supervisor who was allowed`,
  )
  console.log(`failures ${report.failures.length}, leaks to customers ${report.leaks.length}`)
  for (const failure of report.failures.slice(0, 10)) console.log(JSON.stringify(failure))
  for (const leak of report.leaks.slice(0, 10)) console.log(JSON.stringify(leak))
  console.log(await gauges(floor.sotto.http))
} finally {
  await floor.close()
}

function sample(sotto: Sotto): Sample {
  const of = (name: 'control' | 'media') => sotto.pids(name)[0] ?? died(sotto, name)
  return {
    minute: minuteNow(),
    rssMb: { control: rssMb(of('control')), media: rssMb(of('media')) },
    handles: { control: readdirSync(`/proc/${of('control')}/fd`).length, media: readdirSync(`/proc/${of('media')}/fd`).length },
  }
}

function died(sotto: Sotto, name: string): never {
  console.log(`${name} died; the server's last words:\n${sotto.output.slice(-4000)}`)
  process.exit(1)
}

function rssMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kb) / 102.4) / 10
}

function print({ minute, rssMb: rss, handles }: Sample): void {
  console.log(
    `${String(minute).padStart(6)} min  control ${rss.control} MB ${handles.control} handles  media ${rss.media} MB ${handles.media} handles  ` +
      `calls ${report.sequences} operations ${report.operations} failures ${report.failures.length} leaks ${report.leaks.length}`,
  )
}

/** What the server itself says it holds now. */
async function gauges(http: string): Promise<string> {
  const text = await (await fetch(`${http}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => /^sotto_(calls|supervisions|legs|bridges|sip_contacts)/.test(line))
    .join('\n')
}

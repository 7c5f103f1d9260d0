/** The page with many live calls: the browser's processor time, its frames, its memory. */
import type { CDPSession } from 'playwright-core'
import { pause } from '../../testkit/phone-wait.ts'
import { BenchFloor } from '../kit/floor.ts'
import { Meter } from '../kit/machine.ts'
import { browserCpuMs } from '../kit/processes.ts'
import { toneFrame } from '../kit/rtp-load.ts'
import { fixed, Samples } from '../kit/samples.ts'
import { probed, supervisorKey } from './desk.ts'
import { profiled } from './page-profile.ts'

export interface Asked {
  readonly calls: number
  readonly seconds: number
  readonly profile: boolean
}

/** More calls than rows are in sight: they have audio, so that their meters move. The others only show that they are there. */
const speaking = 40
/** New calls a second beside the live ones, each for three seconds: what a floor with calls of four minutes sees. */
const turnover = 2
const turnoverMs = 3_000
const spare = 60

export async function measureCalls({ calls, seconds, profile }: Asked): Promise<object> {
  const floor = await BenchFloor.open({}, calls + spare)
  await floor.fill(calls, { perSecond: 40, quietFrom: speaking })
  console.log(`${calls} calls are up\n`)
  const talk = setInterval(() => takeTurns(floor), 700)
  const person = await probed()
  const stop = floor.churn(turnover, turnoverMs)
  try {
    await person.signIn(floor.server.sotto.http, supervisorKey)
    const wire = await person.page.context().newCDPSession(person.page)
    await pause(3_000)
    const before = await heapMb(wire)
    const figures: Record<string, unknown> = {}
    figures.watching = await processorTime(floor, 'watching', seconds)
    await person.page.locator('#calls').getByRole('row').nth(3).hover()
    await person.page.locator('#calls').getByRole('button', { name: 'Listen' }).nth(2).click()
    await person.strips.first().waitFor()
    figures.listening = await processorTime(floor, 'listening to one', seconds)
    if (profile) await profiled(wire, Math.min(seconds, 15))
    const half = Math.min(seconds, 10) * 1_000
    figures.frames = gaps('still', await person.page.evaluate((ms) => window.sottoBench.frames(ms), half))
    figures.scrolling = gaps('scrolling', await person.page.evaluate((ms) => window.sottoBench.scroll(ms), half))
    const after = await heapMb(wire)
    console.log(`heap ${fixed(before)} MB before, ${fixed(after)} MB after\n`)
    return { calls, ...figures, heapMb: { before, after } }
  } finally {
    stop()
    clearInterval(talk)
    await person.leave()
    await floor.close()
  }
}

/** Somebody speaks in each call, and then the other one. */
function takeTurns({ calls }: BenchFloor): void {
  for (const { customer, agent } of calls.slice(0, speaking)) {
    const isHis = Math.random() < 0.5
    customer.say = isHis ? toneFrame : silence
    agent.say = isHis ? silence : toneFrame
  }
}

const silence = new Uint8Array(toneFrame.length).fill(0xff)

async function processorTime(floor: BenchFloor, what: string, seconds: number): Promise<object> {
  const [server, before] = [new Meter(floor.pids), browserCpuMs()]
  await pause(seconds * 1_000)
  const { wallMs, cpuMs, ownMs } = server.read()
  const parts = [...browserCpuMs()].map(([kind, ms]) => [kind, ((ms - (before.get(kind) ?? 0)) / wallMs) * 100] as const)
  const percent = parts.reduce((sum, [, each]) => sum + each, 0)
  const busy = parts.filter(([, each]) => each >= 0.5).map(([kind, each]) => `${kind} ${fixed(each)}`)
  const others = `control ${fixed(((cpuMs[0] ?? 0) / wallMs) * 100)}, media ${fixed(((cpuMs[1] ?? 0) / wallMs) * 100)}, load ${fixed((ownMs / wallMs) * 100)}`
  console.log(`${what}: the browser ${fixed(percent)} % of a core (${busy.join(', ')}); ${others}`)
  return { percent, parts: Object.fromEntries(parts) }
}

function gaps(what: string, all: readonly number[]): object {
  const samples = new Samples()
  for (const gap of all) samples.add(gap)
  console.log(samples.line(`between two frames, ${what}`))
  return { n: samples.count, p50: samples.at(0.5), p95: samples.at(0.95), p99: samples.at(0.99), max: samples.at(1) }
}

/** What is left after a collection. */
async function heapMb(wire: CDPSession): Promise<number> {
  await wire.send('HeapProfiler.collectGarbage')
  const { usedSize } = await wire.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

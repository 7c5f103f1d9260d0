/** Where the page's main thread spends its time: functions by the profiler, and what the browser itself does for the page. */
import type { CDPSession } from 'playwright-core'
import { pause } from '../../testkit/phone-wait.ts'
import { fixed, printTable } from '../kit/samples.ts'

const shown = 25

export async function profiled(wire: CDPSession, seconds: number): Promise<void> {
  await wire.send('Performance.enable')
  await wire.send('Profiler.enable')
  const before = await durations(wire)
  await wire.send('Profiler.start')
  await pause(seconds * 1_000)
  const { profile } = await wire.send('Profiler.stop')
  const after = await durations(wire)
  const times = new Map<string, number>()
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, lineNumber, columnNumber, url } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.split('/').at(-1) ?? ''}:${lineNumber + 1}:${columnNumber}`,
    ]),
  )
  for (const [i, id] of (profile.samples ?? []).entries()) {
    const name = names.get(id) ?? ''
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas?.[i] ?? 0) / 1_000)
  }
  const rows = [...times].filter(([name]) => !name.startsWith('(idle)')).sort((a, b) => b[1] - a[1])
  const perSecond = (ms: number) => fixed(ms / seconds, 2)
  printTable(
    ['ms a second', 'of its own'],
    rows.slice(0, shown).map(([name, ms]) => [perSecond(ms), name.padEnd(70)]),
  )
  printTable(
    ['ms a second', 'what'],
    [...after].map(([name, ms]) => [perSecond(ms - (before.get(name) ?? 0)), name.padEnd(30)]),
  )
}

async function durations(wire: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await wire.send('Performance.getMetrics')
  return new Map(metrics.filter(({ name }) => name.endsWith('Duration')).map(({ name, value }) => [name, value * 1_000]))
}

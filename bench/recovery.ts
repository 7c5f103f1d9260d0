/**
 * How long the server is away when control is killed with -9, against the number of live calls: until it answers, until every call is there again,
 * and until a phone's BYE is answered. The log is as a day's work leaves it.
 *   npm run bench -- recovery [--calls 10,50,200] [--kills 5] [--before 200]
 */
import { createSocket } from 'node:dgram'
import { parseArgs } from 'node:util'
import { pause } from '../testkit/phone-wait.ts'
import { printMachine } from './kit/machine.ts'
import { Pace } from './kit/pace.ts'
import { fixed, printTable, Samples } from './kit/samples.ts'
import { key, numberOf, startServer } from './kit/server.ts'
import { type LoadCall, SipLoad } from './kit/sip-load.ts'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10,50,200' },
    kills: { type: 'string', default: '5' },
    /** Calls that came and went before, so that there is a log to be read. */
    before: { type: 'string', default: '200' },
  },
})
const giveUpMs = 20_000
let made = 0

printMachine('Recovery of control after kill -9')
const server = await startServer()
const { sotto, phonesPort } = server
const sink = createSocket('udp4')
await new Promise<void>((resolve) => sink.bind(0, '127.0.0.1', () => resolve()))
let hangsUpAtOnce = true
const onUp = (call: LoadCall) => void (hangsUpAtOnce && setTimeout(() => load.hangUp(call), 20))
const rtpPort = sink.address().port
const load = await SipLoad.open({ server: sotto.sip, trunkPort: sotto.trunkPort, phonesPort, answerMs: 20, rtpPortOf: () => rtpPort, onUp })
try {
  await new Pace(50).run(Number(values.before) * 20, () => void load.call(numberOf(callsMade())))
  await until(() => load.open === 0, 'the calls before are over')
  hangsUpAtOnce = false
  const rows: string[][] = []
  for (const calls of values.calls.split(',').map(Number)) rows.push(await row(calls))
  const heading = ['live calls', 'kills', 'answers after ms p50/max', 'all calls there after ms p50/max', 'BYE answered ms p50/max']
  printTable(heading, rows)
} finally {
  load.close()
  sink.close()
  await sotto.stop()
}

function callsMade(): number {
  made += 1
  return made
}

async function row(count: number): Promise<string[]> {
  const live: LoadCall[] = []
  await new Pace(50).run(count * 20, () => void (live.length < count && live.push(load.call(numberOf(live.length)))))
  await until(() => live.every(({ state }) => state === 'up'), 'all calls are up')
  await until(async () => (await callsThere()) === count, 'the server has them')
  const [ready, there, bye] = [new Samples(), new Samples(), new Samples()]
  for (let kill = 0; kill < Number(values.kills); kill += 1) {
    await pause(1_500)
    const killedAt = performance.now()
    sotto.kill('control')
    await until(async () => (await callsThere()) !== undefined, 'it answers', 2)
    ready.add(performance.now() - killedAt)
    await until(async () => (await callsThere()) === count, 'all calls are there', 2)
    there.add(performance.now() - killedAt)
  }
  for (const call of live) load.hangUp(call)
  await until(() => load.open === 0, 'they are over')
  for (const { at } of live) bye.add(at.ended - at.bye)
  const both = (samples: Samples) => `${fixed(samples.at(0.5), 0)} / ${fixed(samples.at(1), 0)}`
  return [String(count), values.kills, both(ready), both(there), both(bye)]
}

/** Undefined where nobody answers. */
async function callsThere(): Promise<number | undefined> {
  try {
    let [count, cursor] = [0, '']
    for (;;) {
      const url = `${sotto.http}/sotto/v1/calls?limit=200${cursor}`
      const answer = await fetch(url, { headers: { Authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(1_000) })
      const { items, next } = (await answer.json()) as { readonly items: readonly unknown[]; readonly next: string | null }
      count += items.length
      if (next === null) return count
      cursor = `&cursor=${encodeURIComponent(next)}`
    }
  } catch {
    return undefined
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string, everyMs = 10): Promise<void> {
  for (const end = performance.now() + giveUpMs; performance.now() < end; await pause(everyMs)) if (await isSo()) return
  throw new Error(`never: ${what}`)
}

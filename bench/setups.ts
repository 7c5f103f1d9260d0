/**
 * Set-ups and tear-downs per second: trunk → extension → 180 → 200 → ACK → BYE through launcher, control and media, over UDP.
 *   npm run bench -- setups [--rates 100,200,300] [--seconds 5] [--hold 500] [--profile FOLDER] [--data FOLDER]
 */
import { createSocket } from 'node:dgram'
import { parseArgs } from 'node:util'
import { pause } from '../testkit/phone-wait.ts'
import { Meter, printMachine, type Used } from './kit/machine.ts'
import { Pace } from './kit/pace.ts'
import { printTopCosts } from './kit/profile.ts'
import { fixed, printTable, Samples } from './kit/samples.ts'
import { type BenchServer, numberOf, pidOf, startServer } from './kit/server.ts'
import { type LoadCall, SipLoad } from './kit/sip-load.ts'
import { printInProcess } from './kit/user-agents.ts'

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '100,200,300,400' },
    seconds: { type: 'string', default: '5' },
    hold: { type: 'string', default: '500' },
    profile: { type: 'string' },
    /** Where the log and the history lie: on tmpfs nobody waits for a disk. */
    data: { type: 'string' },
  },
})
const measuredMs = Number(values.seconds) * 1000
const holdMs = Number(values.hold)
const giveUpMs = 3_000
/** Until its code is compiled, a call costs twice as much. */
const warmUp = { perSecond: 100, ms: 10_000 }
const heading = [
  ...['calls/s', 'calls', 'failed', 'repeated', 'control %', 'waiting %', 'control ms/call', 'calls/s·core', 'media ms/call'],
  ...['added 180 ms p50/95/99', 'added 200 ms p50/95/99', 'BYE→200 ms p50/95/99', 'load %', 'waiting %', 'load lag ms p50/99'],
]

printMachine('Call set-ups and tear-downs through the whole server')
const profiling = values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` }
const server = await startServer({ ...profiling, ...(values.data === undefined ? {} : { SOTTO_DATA: values.data }) })
const sink = createSocket('udp4')
await new Promise<void>((resolve) => sink.bind(0, '127.0.0.1', () => resolve()))
const controlPid = pidOf(server, 'control')
const load = await openLoad(server)
try {
  await round(warmUp.perSecond, warmUp.ms)
  const rows: string[][] = []
  for (const rate of values.rates.split(',').map(Number)) rows.push(await round(rate, measuredMs))
  printTable(heading, rows)
  console.log('added: INVITE in → INVITE out, plus 180 (200) in → 180 (200) out; the phone’s own time is not in it.')
  console.log('calls/s·core: what one core of control would carry at this cost per call. waiting: ready to run, and no core free.\n')
} finally {
  load.close()
  sink.close()
  await pause(values.profile === undefined ? 0 : 1_000)
  await server.sotto.stop()
}
if (values.profile === undefined) printInProcess()
else printTopCosts(values.profile, controlPid)

function openLoad({ sotto, phonesPort }: BenchServer): Promise<SipLoad> {
  const rtpPort = sink.address().port
  const onUp = (call: LoadCall) => void setTimeout(() => load.hangUp(call), holdMs)
  return SipLoad.open({ server: sotto.sip, trunkPort: sotto.trunkPort, phonesPort, answerMs: 20, rtpPortOf: () => rtpPort, onUp })
}

async function round(rate: number, ms: number): Promise<string[]> {
  const calls: LoadCall[] = []
  const meter = new Meter([controlPid, pidOf(server, 'media')])
  const repeatedBefore = load.repeated
  const pace = new Pace(rate)
  await pace.run(ms, () => calls.push(load.call(numberOf(calls.length))))
  const busy = meter.read()
  for (let waited = 0; load.open > 0 && waited < giveUpMs; waited += 20) await pause(20)
  for (const call of calls) if (call.state === 'calling' || call.state === 'up') load.drop(call)
  // A call costs until its end, so that what it costs is read later than what was used in the time of the even rate.
  return rowOf({ rate, calls, busy, whole: meter.read(), lag: pace.lag, repeated: load.repeated - repeatedBefore })
}

interface Round {
  readonly rate: number
  readonly calls: readonly LoadCall[]
  readonly busy: Used
  readonly whole: Used
  readonly lag: Samples
  readonly repeated: number
}

function rowOf({ rate, calls, busy, whole, lag, repeated }: Round): string[] {
  const done = calls.filter((call) => call.state === 'ended')
  const [ringing, answered, bye] = [new Samples(), new Samples(), new Samples()]
  for (const { at } of done) {
    ringing.add(at.offered - at.invited + at.ringing - at.rang)
    answered.add(at.offered - at.invited + at.answered - at.picked)
    bye.add(at.ended - at.bye)
  }
  const [controlMs = 0, mediaMs = 0] = whole.cpuMs
  const perCall = controlMs / calls.length
  const spread = (samples: Samples) => [0.5, 0.95, 0.99].map((q) => fixed(samples.at(q))).join(' / ')
  return [
    String(rate),
    String(calls.length),
    String(calls.length - done.length),
    String(repeated),
    fixed(((busy.cpuMs[0] ?? 0) / busy.wallMs) * 100, 0),
    fixed(busy.waitedPercent[0] ?? 0, 0),
    fixed(perCall, 2),
    fixed(1000 / perCall, 0),
    fixed(mediaMs / calls.length, 2),
    spread(ringing),
    spread(answered),
    spread(bye),
    fixed((busy.ownMs / busy.wallMs) * 100, 0),
    fixed(busy.waitedPercent.at(-1) ?? 0, 0),
    `${fixed(lag.at(0.5))} / ${fixed(lag.at(0.99))}`,
  ]
}

/**
 * What a supervisor and an agent notice, end to end through HTTP, SIP and RTP, on a floor of some live calls.
 *   npm run bench -- supervised [--calls 25] [--rounds 5]
 */
import { parseArgs } from 'node:util'
import { pause } from '../testkit/phone-wait.ts'
import { BenchFloor, type LiveCall, type LiveSupervision } from './kit/floor.ts'
import { HttpClient } from './kit/http-client.ts'
import { Meter, printMachine } from './kit/machine.ts'
import { firstLoud, type RtpLeg, silenceFrame, toneFrame } from './kit/rtp-load.ts'
import { fixed, Samples } from './kit/samples.ts'
import { key } from './kit/server.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '25' }, rounds: { type: 'string', default: '5' } } })
/** Between 180 and 200 of every phone of the load. */
const answeringMs = 20
const rounds = Number(values.rounds)
/** A burst of five frames, then long enough that its echo in every ring has passed. */
const burstMs = 100
const restMs = 300
const patienceMs = 2_000

printMachine('Delays of supervision, end to end')
const floor = await BenchFloor.open()
const clients = await Promise.all([0, 1, 2].map(() => HttpClient.open(floor.server.sotto.http, key)))
let missed = 0
try {
  await floor.fill(Number(values.calls))
  await pause(1_000)
  const meter = new Meter(floor.pids)
  floor.rtp.reset()
  await voices()
  await firstAudio()
  await modes()
  report(meter)
} finally {
  for (const client of clients) client.close()
  await floor.close()
}

/** How long a voice takes: the customer's to the agent alone and beside a whisper, the whisper's to the agent. */
async function voices(): Promise<void> {
  const [alone, beside, whisper] = [new Samples(), new Samples(), new Samples()]
  await everyCall((call) => bursts(call.customer, call.agent, alone))
  const supervisions = await superviseAll('whisper')
  await pause(500)
  await everyCall((call) => bursts(call.customer, call.agent, beside))
  await everyCall((call, i) => bursts(supervisions[i]?.leg ?? call.customer, call.agent, whisper))
  await leaveAll(supervisions)
  console.log(alone.line('customer’s frame sent → agent’s, plain call'))
  console.log(beside.line('customer’s frame sent → agent’s, whispered call'))
  console.log(whisper.line('whisper’s first frame sent → agent’s first with it'))
}

/** The delay of the frame that begins a burst: from its sending to the first frame at the far end that is not silent. */
async function bursts(from: RtpLeg, to: RtpLeg, delays: Samples): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await pause(Math.random() * 100)
    let sentAt = 0
    from.onSent = (at) => {
      if (sentAt === 0 && from.say === toneFrame) sentAt = at
    }
    const heard = listen(to, (packet) => firstLoud(packet) >= 0)
    from.say = toneFrame
    await pause(burstMs)
    from.say = silenceFrame
    const arrival = await heard
    from.onSent = undefined
    if (arrival !== undefined) delays.add(arrival.at - sentAt)
    await pause(restMs)
  }
}

/** From the supervisor's 200 to the first frame in which he hears the call. */
async function firstAudio(): Promise<void> {
  const delays = new Samples()
  const requests = new Samples()
  for (const { customer, agent } of floor.calls) customer.say = agent.say = toneFrame
  const heard = new Map<RtpLeg, Promise<Arrival | undefined>>()
  floor.dress = (leg) =>
    void heard.set(
      leg,
      listen(leg, (packet) => firstLoud(packet) >= 0),
    )
  for (let round = 0; round < rounds; round++) {
    await byClients(async (call, http) => {
      const sentAt = performance.now()
      const supervision = await floor.supervise(call, 'monitor', http)
      const arrival = await heard.get(supervision.leg)
      if (arrival !== undefined) delays.add(arrival.at - supervision.answeredAt)
      if (arrival !== undefined) requests.add(arrival.at - sentAt - answeringMs)
      await floor.leave(supervision, http)
    })
  }
  floor.dress = () => {}
  for (const { customer, agent } of floor.calls) customer.say = agent.say = silenceFrame
  console.log(delays.line('supervisor’s 200 sent → his first frame with audio'))
  console.log(requests.line('POST sent → the same, without his 20 ms of ringing'))
}

/** A mode is switched under a supervisor who never stops speaking. The agent's stream must not show it but by what is in it. */
async function modes(): Promise<void> {
  const [on, off, answers, gaps] = [new Samples(), new Samples(), new Samples(), new Samples()]
  floor.dress = (leg) => {
    leg.say = toneFrame
  }
  const supervisions = await superviseAll('monitor')
  await pause(500)
  floor.rtp.reset()
  for (let round = 0; round < rounds; round++) {
    for (const [mode, delays, isIt] of [
      ['whisper', on, (packet: Buffer) => firstLoud(packet) >= 0],
      ['monitor', off, (packet: Buffer) => firstLoud(packet) < 0],
    ] as const) {
      await byClients(async (call, http) => {
        await pause(Math.random() * 40)
        const heard = listen(call.agent, isIt)
        const answer = await http.request('PATCH', `/supervisions/${supervisions[floor.calls.indexOf(call)]?.id}`, { mode })
        const arrival = await heard
        answers.add(answer.ms)
        if (arrival !== undefined) delays.add(arrival.at - answer.sentAt)
      })
      await pause(100)
    }
  }
  const agents = floor.calls.map((call) => call.agent.heard)
  for (const { longestGapMs } of agents) gaps.add(longestGapMs)
  const total = (count: (heard: RtpLeg['heard']) => number) => agents.reduce((sum, heard) => sum + count(heard), 0)
  console.log(on.line('PATCH whisper sent → agent’s first frame with him'))
  console.log(off.line('PATCH monitor sent → agent’s first frame without'))
  console.log(answers.line('PATCH sent → answered'))
  console.log(gaps.line('longest gap between frames, of each agent'))
  console.log(
    `agents’ streams meanwhile: ${total((h) => h.packets)} frames, ${total((h) => h.lost)} missing in sequence, ${total((h) => h.timestampJumps)} timestamps out of step; ` +
      `our own longest gap towards the server ${fixed(floor.rtp.longestOwnGapMs)} ms`,
  )
  floor.dress = () => {}
  await leaveAll(supervisions)
}

interface Arrival {
  readonly packet: Buffer
  readonly at: number
}

/** The next frame that fits, or none within two seconds: then it counts as missed. */
function listen(leg: RtpLeg, fits: (packet: Buffer) => boolean): Promise<Arrival | undefined> {
  const { promise, resolve } = Promise.withResolvers<Arrival | undefined>()
  const finish = (arrival: Arrival | undefined) => {
    clearTimeout(timer)
    leg.onHeard = undefined
    resolve(arrival)
  }
  const timer = setTimeout(() => {
    missed += 1
    finish(undefined)
  }, patienceMs)
  leg.onHeard = (packet, at) => {
    if (fits(packet)) finish({ packet, at })
  }
  return promise
}

async function everyCall(work: (call: LiveCall, index: number) => Promise<void>): Promise<void> {
  await Promise.all(floor.calls.map(work))
}

/** All calls, as many at a time as there are clients. */
async function byClients(work: (call: LiveCall, http: HttpClient) => Promise<void>): Promise<void> {
  const waiting = [...floor.calls]
  await Promise.all(
    clients.map(async (http) => {
      for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) await work(call, http)
    }),
  )
}

async function superviseAll(mode: string): Promise<readonly LiveSupervision[]> {
  const supervisions: LiveSupervision[] = []
  for (const call of floor.calls) supervisions.push(await floor.supervise(call, mode))
  return supervisions
}

async function leaveAll(supervisions: readonly LiveSupervision[]): Promise<void> {
  for (const supervision of supervisions) await floor.leave(supervision)
}

function report(meter: Meter): void {
  const { wallMs, cpuMs, ownMs, waitedPercent } = meter.read()
  const [control = 0, media = 0] = cpuMs.map((ms) => (ms / wallMs) * 100)
  const { lag } = floor.rtp
  console.log(
    `\n${floor.calls.length} live calls; missed ${missed}; control ${fixed(control)} %, media ${fixed(media)} % of a core; ` +
      `the load itself ${fixed((ownMs / wallMs) * 100)} %, its frames late by median ${fixed(lag.at(0.5), 2)}, p99 ${fixed(lag.at(0.99), 2)}, max ${fixed(lag.at(1), 2)} ms; ` +
      `waiting for a core: control ${fixed(waitedPercent[0] ?? 0)} %, media ${fixed(waitedPercent[1] ?? 0)} %, the load ${fixed(waitedPercent[2] ?? 0)} %`,
  )
}

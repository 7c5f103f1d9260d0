/** The SIP layer alone: two user agents in one process call each other, without sockets, media or anything above. */
import { type LegId, legId } from '../../src/kernel/ids.ts'
import { type Instant, instant } from '../../src/kernel/time.ts'
import type { Output } from '../../src/sip/door.ts'
import { datagramFlow } from '../../src/sip/transport.ts'
import { UserAgent } from '../../src/sip/user-agent.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { account, hash, trunkSettings } from '../../testkit/sip-world.ts'
import { fixed } from './samples.ts'

const description =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n'
/** The virtual clock runs as if calls came at this rate, so that as many transactions linger as would under such a load. */
const callsPerSecond = 200
const lingerMs = 33_000

/** A whole call each: INVITE, 100, 180, 200, ACK, BYE, 200 on both sides; half of it is one side's. */
export function printInProcess(seconds = 4): void {
  const pair = new Pair()
  // Transactions linger for 32 s: from then on as many end as begin.
  for (let ms = 0; ms < lingerMs; ms += 1000 / callsPerSecond) pair.call()
  const cpuBefore = process.cpuUsage()
  const until = performance.now() + seconds * 1000
  let calls = 0
  for (; performance.now() < until; calls++) pair.call()
  const { user, system } = process.cpuUsage(cpuBefore)
  const perCallMs = (user + system) / 1000 / calls
  console.log(
    `UserAgent alone, in process: ${fixed(1000 / perCallMs, 0)} whole calls/s·core with both sides, ${fixed(2000 / perCallMs, 0)} one side ` +
      `(n ${calls}, ${fixed(perCallMs * 1000, 0)} µs a call, ${pair.transactions} transactions lingering, ${pair.completed === pair.begun ? 'all' : `only ${pair.completed}`} completed)`,
  )
}

class Pair {
  begun = 0
  completed = 0
  readonly #near = new UserAgent(trunkSettings('10.0.0.1', '10.0.0.2'), new SeededRandom(1), hash)
  readonly #far = new UserAgent(trunkSettings('10.0.0.2', '10.0.0.1'), new SeededRandom(2), hash)
  readonly #queue: { readonly from: UserAgent; readonly output: Output }[] = []
  #at: Instant = instant(1_700_000_000_000)

  get transactions(): number {
    return this.#near.load.transactions + this.#far.load.transactions
  }

  call(): void {
    this.#at = instant(this.#at + 1000 / callsPerSecond)
    for (const agent of [this.#near, this.#far]) {
      const due = agent.deadline()
      if (due !== undefined && due <= this.#at) this.#take(agent, agent.wake(this.#at))
    }
    this.begun += 1
    const session = legId(`leg${this.begun}`)
    const to = { kind: 'trunk', account, trunk: 'peer', number: '+18661234567' } as const
    this.#take(this.#near, this.#near.invite(this.#at, { session, to, from: { user: '+15550001' }, sdp: description }))
    for (let next = 0; next < this.#queue.length; next++) this.#carryOut(this.#queue[next], session)
    this.#queue.length = 0
  }

  #take(from: UserAgent, outputs: readonly Output[]): void {
    for (const output of outputs) this.#queue.push({ from, output })
  }

  #carryOut(work: { readonly from: UserAgent; readonly output: Output } | undefined, called: LegId): void {
    if (work?.output.kind === 'send') {
      const { bytes, flow } = work.output
      const to = work.from === this.#near ? this.#far : this.#near
      this.#take(to, to.receive(this.#at, bytes, datagramFlow(flow.remote, flow.local)))
    } else if (work?.output.kind === 'event') this.#react(work.output.event, called)
  }

  #react(event: Extract<Output, { kind: 'event' }>['event'], called: LegId): void {
    if (event.kind === 'offered') {
      this.#take(this.#far, this.#far.ring(this.#at, event.session, { status: 180 }))
      this.#take(this.#far, this.#far.answer(this.#at, event.session, description))
    } else if (event.kind === 'confirmed') this.#take(this.#near, this.#near.hangUp(this.#at, called))
    else if (event.kind === 'ended' && event.session === called) this.completed += 1
  }
}

/**
 * How many calls a second the SIP layer sets up and tears down on one core: both ends of every call run here, so the figure for one end
 * is about twice as high. `node bench/sip-calls.ts [calls]`
 */

import { instant } from '../src/kernel/time.ts'
import type { Output } from '../src/sip/door.ts'
import { datagramFlow } from '../src/sip/transport.ts'
import { UserAgent } from '../src/sip/user-agent.ts'
import { SeededRandom } from '../testkit/random.ts'
import { account, hash, leg, trunkSettings } from '../testkit/sip-world.ts'

const calls = Number(process.argv[2] ?? 5_000)
const sdp = `v=0\r\n${'a=rtpmap:0 PCMU/8000\r\n'.repeat(12)}`
let now = instant(1_800_000_000_000)
const near = new UserAgent(trunkSettings('10.0.0.1', '10.0.0.2'), new SeededRandom(1), hash)
const far = new UserAgent(trunkSettings('10.0.0.2', '10.0.0.1'), new SeededRandom(2), hash)
let messages = 0
let ended = 0

function carryOut(from: UserAgent, outputs: readonly Output[]): void {
  for (const output of outputs) {
    if (output.kind === 'send') {
      messages += 1
      const to = from === near ? far : near
      carryOut(to, to.receive(now, output.bytes, datagramFlow(output.flow.remote, output.flow.local)))
    } else if (output.kind === 'event' && output.event.kind === 'offered') {
      carryOut(from, from.ring(now, output.event.session, { status: 180 }))
      carryOut(from, from.answer(now, output.event.session, sdp))
    } else if (output.kind === 'event' && output.event.kind === 'ended') ended += 1
  }
}

function run(first: number, count: number): void {
  for (let n = first; n < first + count; n++) {
    const session = leg(`call-${n}`)
    carryOut(
      near,
      near.invite(now, { session, to: { kind: 'trunk', account, trunk: 'peer', number: String(n) }, from: { user: '1' }, sdp }),
    )
    carryOut(near, near.hangUp(now, session, { q850: 16 }))
    now = instant(now + 2)
    for (const agent of [near, far]) if ((agent.deadline() ?? now + 1) <= now) carryOut(agent, agent.wake(now))
  }
}

run(0, 1_000)
messages = 0
ended = 0
const begin = performance.now()
run(1_000, calls)
const seconds = (performance.now() - begin) / 1000
console.log(`${calls} calls, ${ended} ends, ${messages} messages in ${seconds.toFixed(2)} s`)
console.log(
  `${Math.round(calls / seconds)} calls/s with both ends in this process; transactions held: ${near.load.transactions + far.load.transactions}`,
)

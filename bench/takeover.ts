/**
 * What listeners miss when the active media process is killed, or frozen, and its standby takes over: npm run bench has the figures of
 * `--calls 100`. Every call has a customer, an agent and a supervisor, a third of them in each mode, every fourth in SRTP.
 *   node bench/takeover.ts [--calls 100] [--rounds 10] [--how kill|freeze|none]
 */
import { parseArgs } from 'node:util'
import { TakeoverScene } from '../testkit/takeover.ts'

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '10' },
    how: { type: 'string', default: 'kill' },
  },
})
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const scene = await TakeoverScene.open({
  calls: Number(values.calls),
  secureEvery: 4,
  ports: '30000-31999',
  nodeArguments: ['--max-semi-space-size=32'],
})
for (const phone of scene.phones) phone.hears = false
const all: number[] = []
for (let round = 0; round < Number(values.rounds); round++) {
  await pause(300 + Math.random() * 100)
  for (const phone of scene.phones) phone.listen()
  await pause(200)
  const killedAt = performance.now()
  if (values.how !== 'none') scene.active.process.kill(values.how === 'kill' ? 'SIGKILL' : 'SIGSTOP')
  await pause(values.how === 'freeze' ? 1_500 : 800)
  const losses = scene.phones.map((phone) => phone.loss())
  const firstAfter = Math.min(...scene.phones.map((phone) => phone.firstAfter(killedAt + 1)))
  if (values.how !== 'none') await goOn()
  const missing = losses.map(({ missingMs }) => missingMs).toSorted((a, b) => a - b)
  all.push(...missing)
  const worst = (of: (loss: (typeof losses)[number]) => number) => Math.max(...losses.map(of))
  console.log(
    JSON.stringify({
      missingMs: { p50: quantile(missing, 0.5), p95: quantile(missing, 0.95), max: quantile(missing, 1) },
      silentMs: Math.round(worst(({ silentMs }) => silentMs)),
      firstAfterMs: Math.round(firstAfter - killedAt),
      numbersSkipped: worst(({ numbersSkipped }) => numbersSkipped),
      numbersReused: worst(({ numbersReused }) => numbersReused),
      ssrcs: worst(({ ssrcs }) => ssrcs),
      refused: worst(({ refused }) => refused),
    }),
  )
}
all.sort((a, b) => a - b)
console.log(
  JSON.stringify({
    calls: scene.calls.length,
    rounds: all.length / scene.phones.length,
    p50: quantile(all, 0.5),
    p95: quantile(all, 0.95),
    max: quantile(all, 1),
  }),
)
await scene.close()

async function goOn(): Promise<void> {
  scene.succeeded()
  await scene.attach()
  await scene.startStandby()
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN
}

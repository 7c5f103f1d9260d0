import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Floor, newReport } from '../../testkit/floor.ts'
import { SeededRandom } from '../../testkit/random.ts'

const sequences = Number(process.env.SOTTO_SEQUENCES ?? 1000)
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 1_000_000)

test(`a customer hears no frame of a supervisor who may not speak to him: ${sequences} random sequences over real RTP (seed ${seed})`, async () => {
  const floor = await Floor.open(12)
  const report = newReport()
  try {
    await floor.run(new SeededRandom(seed), report, ({ sequences: done }) => done < sequences)
  } finally {
    await floor.close()
  }
  console.log(
    `${report.sequences} sequences, ${report.operations} operations, ${report.frames} frames, ${report.allowed} with a supervisor who was allowed`,
  )
  assert.deepEqual(report.failures.slice(0, 5), [])
  assert.deepEqual(report.leaks.slice(0, 5), [])
  assert.ok(report.allowed > report.frames / 100, 'the ear hears supervisors where they may be heard')
})

test('the judge finds a supervisor where he is not allowed', async () => {
  const floor = await Floor.open(4, { allowNothing: true })
  const report = newReport()
  try {
    await floor.run(new SeededRandom(1), report, ({ sequences: done }) => done < 20)
  } finally {
    await floor.close()
  }
  assert.ok(report.leaks.length > 20, `${report.leaks.length} leaks found`)
})

/** What the surfaces keep comes back as it was: tokens, answers to orders. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onPaper } from '../../testkit/paper.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { addMs, instant } from '../kernel/time.ts'
import { jsonAnswer } from './answer.ts'
import { Idempotency, type KeptAnswer } from './idempotency.ts'

const at = instant(1_800_000_000_000)
const order = { credential: 'c', key: 'k', method: 'POST', path: '/calls', body: Buffer.from('{}') }
const settings = { keepMs: 1_000, most: 2 }
const never = () => assert.fail('carried out twice')

test('an order that was carried out before a restart is not carried out again', async () => {
  const memory = onPaper<KeptAnswer>()
  const first = new Idempotency(settings, memory)
  const text = await first.once(at, order, async () => jsonAnswer(201, '{"id":"c_1"}', { Location: '/calls/c_1' }))
  const bytes = await first.once(at, { ...order, key: 'bytes' }, async () => jsonAnswer(200, Buffer.from([0, 255, 128])))
  const second = new Idempotency(settings, memory)
  const again = await second.once(addMs(at, 999), order, never)
  assert.deepEqual(again, { ...text, headers: { ...text.headers, 'Idempotent-Replayed': 'true' } })
  assert.deepEqual((await second.once(addMs(at, 999), { ...order, key: 'bytes' }, never)).body, bytes.body)
  await assert.rejects(second.once(at, { ...order, body: Buffer.from('{"a":1}') }, never), /parameter-invalid/)
})

test('what is not kept is not remembered either: answers that say come back later, lapsed keys, the oldest of too many', async () => {
  const memory = onPaper<KeptAnswer>()
  const random = new SeededRandom(1)
  const first = new Idempotency(settings, memory)
  await first.once(at, { ...order, key: random.hex(4) }, async () => jsonAnswer(503, '{}'))
  assert.equal(memory.size, 0)
  for (let n = 0; n < 5; n += 1) await first.once(at, { ...order, key: `k${n}` }, async () => jsonAnswer(201, '{}'))
  assert.equal(memory.size, settings.most)
  await first.once(addMs(at, 5_000), order, async () => jsonAnswer(201, '{}'))
  assert.equal(memory.size, 1)
})

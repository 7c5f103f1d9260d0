import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Alarm } from './deadlines.ts'
import { Deadlines } from './deadlines.ts'
import { instant } from './time.ts'

test('alarms ring in order of time, and cleared ones never', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 60 }), (plan) => {
      const queue = new Deadlines<number>()
      const alarms: Alarm<number>[] = plan.map(([at], n) => queue.set(instant(at), n))
      plan.forEach(([, cleared], n) => {
        if (cleared) queue.clear(alarms[n])
      })
      const rang: number[] = []
      for (let alarm = queue.take(instant(50)); alarm !== undefined; alarm = queue.take(instant(50))) rang.push(alarm.at)
      const expected = plan.filter(([, cleared]) => !cleared).map(([at]) => at)
      assert.deepEqual(
        rang,
        expected.sort((a, b) => a - b),
      )
      assert.equal(queue.next(), undefined)
    }),
    { numRuns: 500 },
  )
})

test('an alarm does not ring early, and clearing it twice or late does no harm', () => {
  const queue = new Deadlines<string>()
  const early = queue.set(instant(10), 'early')
  queue.set(instant(20), 'late')
  assert.equal(queue.take(instant(9)), undefined)
  assert.equal(queue.take(instant(10))?.reason, 'early')
  queue.clear(early)
  queue.clear(early)
  assert.equal(queue.next(), 20)
  assert.equal(queue.size, 1)
})

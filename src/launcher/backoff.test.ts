import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

test('the wait doubles from 100 ms to 5 s while lives are short, and begins anew after a long one', () => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 8 }, () => backoff.afterLifeOf(50))
  assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  assert.equal(backoff.afterLifeOf(10_000), 100)
  assert.equal(backoff.afterLifeOf(9_999), 200)
})

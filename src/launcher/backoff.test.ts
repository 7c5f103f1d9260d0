import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

const unready = (livedMs: number) => ({ livedMs, wasReady: false })

test('the wait doubles from 100 ms to 5 s while lives end before they are ready, and begins anew after a long one', () => {
  const backoff = new Backoff(0)
  const waits = Array.from({ length: 8 }, () => backoff.after(unready(50)))
  assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  assert.equal(backoff.after(unready(10_000)), 100)
  assert.equal(backoff.after(unready(9_999)), 200)
})

test('whoever had been ready is started again at once, however often, and owes nothing for before', () => {
  const backoff = new Backoff(0)
  const waits = Array.from({ length: 8 }, () => backoff.after({ livedMs: 300, wasReady: true }))
  assert.deepEqual(waits, Array(8).fill(0))
  for (let deaths = 0; deaths < 5; deaths++) backoff.after(unready(50))
  assert.equal(backoff.after({ livedMs: 300, wasReady: true }), 0)
  assert.equal(backoff.after(unready(50)), 100)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterEvent, afterHeader, unknownClock } from './clock.ts'

test('the header sets the clock, and does not move it within its own coarseness', () => {
  const clock = afterHeader(unknownClock, { serverMs: 60_000, localMs: 0 })
  assert.equal(clock.offsetMs, 60_000)
  assert.equal(afterHeader(clock, { serverMs: 61_400, localMs: 500 }), clock)
  assert.equal(afterHeader(clock, { serverMs: 90_000, localMs: 0 }).offsetMs, 90_000)
})

test('an event moves the clock forward and never back', () => {
  const clock = afterHeader(unknownClock, { serverMs: 10_000, localMs: 0 })
  assert.equal(afterEvent(clock, { serverMs: 10_400, localMs: 0 }).offsetMs, 10_400)
  assert.equal(afterEvent(clock, { serverMs: 3_000, localMs: 0 }), clock)
})

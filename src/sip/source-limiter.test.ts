import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { instant } from '../kernel/time.ts'
import { SourceLimiter } from './source-limiter.ts'

test('a source is over its limit within its second, and others are not', () => {
  const sources = new SourceLimiter()
  for (let n = 0; n < limits.sipRequestsPerSourcePerSecond; n++) sources.charge(instant(0), '192.0.2.1')
  assert.equal(sources.isOver(instant(999), '192.0.2.1'), true)
  assert.equal(sources.isOver(instant(999), '192.0.2.2'), false)
  assert.equal(sources.isOver(instant(1000), '192.0.2.1'), false)
})

test('the table is bounded: the oldest source is forgotten first', () => {
  const sources = new SourceLimiter()
  for (let n = 0; n < limits.sipRequestsPerSourcePerSecond; n++) sources.charge(instant(0), 'first')
  for (let n = 1; n < limits.sipSources; n++) sources.charge(instant(1), `source ${n}`)
  assert.equal(sources.isOver(instant(2), 'first'), true)
  sources.charge(instant(2), 'one more')
  assert.equal(sources.isOver(instant(2), 'first'), false)
})

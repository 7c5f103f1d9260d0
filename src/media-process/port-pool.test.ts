import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { PortPool } from './port-pool.ts'

const at = instant(1_700_000_000_000)

test('even ports whose odd neighbour is in the range too', () => {
  const pool = new PortPool({ from: 20_001, to: 20_006 })
  assert.deepEqual([pool.take(at), pool.take(at), pool.take(at)], [20_002, 20_004, undefined])
})

test('a freed port rests before it is handed out again, after all the others', () => {
  const pool = new PortPool({ from: 20_000, to: 20_003 })
  pool.free(at, pool.take(at) ?? 0)
  assert.deepEqual([pool.take(at), pool.take(at)], [20_002, undefined])
  assert.equal(pool.take(addMs(at, limits.mediaPortQuarantineMs - 1)), undefined)
  assert.equal(pool.take(addMs(at, limits.mediaPortQuarantineMs)), 20_000)
})

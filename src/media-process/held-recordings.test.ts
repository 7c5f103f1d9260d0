import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bridgeId } from '../kernel/ids.ts'
import { instant } from '../kernel/time.ts'
import type { RecordOrder } from '../media/protocol.ts'
import { HeldRecordings } from './held-recordings.ts'

const order: RecordOrder = {
  ...{ kind: 'record', bridge: bridgeId('b'), recording: 'r1', state: 'on', directory: 'acme/day' },
  ...{ format: 'wav-g711', mix: true, coach: 'exclude', tracks: [] },
}

test('a recording that is only announced yet is held as ordered, and as running from when it begins', () => {
  const held = new HeldRecordings()
  held.ordered(order)
  assert.deepEqual([held.compare(() => 'announced'), held.all, held.running], [[], [{ order }], []])
  const begunAt = instant(5)
  assert.deepEqual(
    held.compare(() => begunAt),
    [{ recording: 'r1', begunAt }],
  )
  assert.deepEqual(held.running, [{ order, begunAt }])
  assert.deepEqual([held.compare(() => undefined), held.all], [[{ recording: 'r1' }], []])
})

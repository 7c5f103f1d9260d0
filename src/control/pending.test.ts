import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EndReason } from '../call/reason.ts'
import { endReasons } from '../call/reason.ts'
import type { RefusalCode } from '../call/refusal.ts'
import { codeOf } from './pending.ts'

const codes: Partial<Record<EndReason, RefusalCode>> = {
  busy: 'endpoint-busy',
  'no-answer': 'endpoint-unavailable',
  unavailable: 'endpoint-unavailable',
  declined: 'endpoint-unavailable',
  'unknown-number': 'number-invalid',
  failed: 'engine-failed',
  'media-lost': 'engine-failed',
  shutdown: 'capacity-exceeded',
}

for (const reason of endReasons) {
  const code = codes[reason] ?? 'call-ended'
  test(`a leg that ended as ${reason} before it was accepted is answered ${code}`, () => assert.equal(codeOf(reason), code))
}

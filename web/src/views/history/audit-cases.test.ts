import assert from 'node:assert/strict'
import { test } from 'node:test'
import { casesOf, placeOn, stretchOf } from './audit-cases.ts'
import type { AuditEntry } from './types.ts'

const at = (second: number): string => new Date(Date.parse('2026-11-20T12:00:00Z') + second * 1000).toISOString()
const supervisor = { partyId: 'p_3', extension: '101', name: 'Sara' }
const ben = { partyId: 'p_2', extension: '106', name: 'Ben' }
const heard = (from: number, to: number | null, over: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ seq: 1, at: at(to ?? from), kind: 'hearing', callId: 'c_1', supervisor, other: ben, could: 'hear', mode: 'monitor' },
  ...{ from: at(from), to: to === null ? null : at(to) },
  ...over,
})

test('who hears is the supervisor or the other one, as the entry says', () => {
  const [found] = casesOf([heard(0, 10), heard(4, 6, { could: 'be-heard', mode: 'whisper' })])
  assert.deepEqual(
    found?.lanes.map(({ listener, talker, isSupervisorHeard }) => [listener, talker, isSupervisorHeard]),
    [
      ['Sara', 'Ben', false],
      ['Ben', 'Sara', true],
    ],
  )
})

test('intervals of one pair lie on one lane', () => {
  const [found] = casesOf([heard(0, 4), heard(6, 8)])
  assert.equal(found?.lanes.length, 1)
  assert.equal(found?.lanes[0]?.spans.length, 2)
})

test('the call in which something happened last comes first, and refusals stay with their call', () => {
  const refused: AuditEntry = { seq: 2, at: at(30), kind: 'supervision.denied', callId: 'c_1', code: 'forbidden' }
  const cases = casesOf([heard(0, 10), heard(5, 20, { callId: 'c_2' }), refused])
  assert.deepEqual(
    cases.map(({ callId, refused }) => [callId, refused.length]),
    [
      ['c_1', 1],
      ['c_2', 0],
    ],
  )
})

test('a bar lies where its interval lies, and what still lasts reaches the end', () => {
  const lanes = casesOf([heard(0, 10), heard(15, null, { could: 'be-heard' })])[0]?.lanes ?? []
  const stretch = stretchOf(lanes, Date.parse(at(20)))
  assert.deepEqual(placeOn(stretch, { from: at(0), to: at(10), mode: 'monitor' }), { left: 0, width: 50 })
  assert.deepEqual(placeOn(stretch, { from: at(15), to: null, mode: 'monitor' }), { left: 75, width: 25 })
})

test('a person who was taken out has no name', () => {
  const [found] = casesOf([heard(0, 1, { other: { partyId: 'p_1', erased: true } })])
  assert.equal(found?.lanes[0]?.talker, 'somebody who was taken out')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { historyHash, historyPlace, queryOf } from './history-place.ts'

const accepts = ['from', 'to', 'agent', 'number', 'text']
const nowMs = Date.parse('2026-11-20T12:00:00Z')

test('an address is read as it was written', () => {
  const place = { section: 'audit', id: 'c_1/2', wish: { span: 'week', text: 'a b&c' } } as const
  assert.deepEqual(historyPlace(historyHash(place)), place)
})

test('without more the history shows calls, and another page is no history', () => {
  assert.deepEqual(historyPlace('#/history'), { section: 'calls', id: undefined, wish: {} })
  assert.equal(historyPlace('#/history/nonsense')?.section, 'calls')
  assert.equal(historyPlace('#/agent'), undefined)
})

test('a list is asked for the last day unless somebody says otherwise, and for nothing that it does not know', () => {
  assert.equal(queryOf({}, { nowMs, accepts }), 'from=2026-11-19T12%3A00%3A00.000Z')
  assert.equal(queryOf({ span: 'any', supervisor: '101', group: '1' }, { nowMs, accepts }), '')
})

test('numbers are asked for as they are dialled', () => {
  assert.equal(queryOf({ span: 'any', number: '+44 20 (794) 60-101' }, { nowMs, accepts }), 'number=%2B442079460101')
})

test('a span between two times that is half filled in has one end', () => {
  const query = new URLSearchParams(queryOf({ span: 'between', from: '2026-11-20T10:00' }, { nowMs, accepts }))
  assert.equal(query.get('from'), new Date('2026-11-20T10:00').toISOString())
  assert.equal(query.get('to'), null)
})

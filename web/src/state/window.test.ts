import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsIn, scrollTo } from './window.ts'

const view = { scrollTop: 0, height: 400, rowHeight: 40, count: 500 }

test('only the rows in sight and a few around them are drawn', () => {
  assert.deepEqual(rowsIn(view), { first: 0, end: 16 })
  assert.deepEqual(rowsIn({ ...view, scrollTop: 4_000 }), { first: 94, end: 116 })
  assert.deepEqual(rowsIn({ ...view, scrollTop: 19_600 }), { first: 484, end: 500 })
})

test('a list that became shorter than where it was scrolled to draws no row that is not there', () => {
  assert.deepEqual(rowsIn({ ...view, scrollTop: 19_600, count: 3 }), { first: 0, end: 3 })
  assert.deepEqual(rowsIn({ ...view, count: 0 }), { first: 0, end: 0 })
})

test('a row out of sight is scrolled to, one in sight is not moved', () => {
  assert.equal(scrollTo(2, { ...view, scrollTop: 200 }), 80)
  assert.equal(scrollTo(30, view), 840)
  assert.equal(scrollTo(6, { ...view, scrollTop: 200 }), 200)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '../../directory/people.ts'
import { Refused } from '../../http/refused.ts'
import { instant } from '../../kernel/time.ts'
import { dateOf, type Filter, listingOf, matches } from './request-listing.ts'

const account = { timezone: 'Europe/Bucharest' } as Account
const columns = { fields: ['id', 'extension', 'published'], filters: ['id', 'published'], dates: ['published'] }
const read = (query: Record<string, string>) => listingOf({ query }, account, columns)

test('defaults: the first twenty, all fields, oldest first', () => {
  assert.deepEqual(read({}), { count: 20, startIndex: 0, filter: undefined, fields: undefined, newestFirst: false })
})

test('a misspelt sortOder is ignored like any unknown name', () => assert.equal(read({ sortOder: 'desc' }).newestFirst, false))

test('sortOrder in all its words', () => {
  for (const [text, newestFirst] of [
    ['descending', true],
    ['desc', true],
    ['DESC', true],
    ['asc', false],
    ['ascending', false],
  ] as const)
    assert.equal(read({ sortOrder: text }).newestFirst, newestFirst)
})

test('fields: those we know, in our order; unknown ones are left out', () => {
  assert.deepEqual(read({ fields: 'extension, id,colour' }).fields, ['id', 'extension'])
})

for (const [name, query] of [
  ['count', { count: '0' }],
  ['count', { count: '5001' }],
  ['count', { count: 'x' }],
  ['startIndex', { startIndex: '5001' }],
  ['startIndex', { startIndex: '-1' }],
  ['fields', { fields: '' }],
  ['fields', { fields: 'colour' }],
  ['fields', { fields: 'id;extension' }],
  ['filterBy', { filterBy: 'extension', filterValue: '1' }],
  ['filterOp', { filterBy: 'id', filterOp: 'like', filterValue: '1' }],
  ['filterValue', { filterBy: 'id' }],
  ['filterValue', { filterBy: 'published', filterOp: 'greaterThan', filterValue: 'yesterday' }],
  ['sortOrder', { sortOrder: 'up' }],
] as const) {
  test(`refused by its name: ${JSON.stringify(query)}`, () =>
    assert.throws(
      () => read(query),
      (cause) => cause instanceof Refused && cause.refusal.name === name,
    ))
}

const filtered = (filter: Filter, text: string, at?: number) =>
  matches(filter, () => (at === undefined ? { text } : { text, at: instant(at) }))

test('every operator', () => {
  for (const [operator, value, text, says] of [
    ['equals', 'b8', 'b8', true],
    ['equals', 'b8', 'b81', false],
    ['contains', '81', 'b817', true],
    ['startsWith', '81', 'b817', false],
    ['startsWith', 'b8', 'b817', true],
    ['inArray', 'a1, b8', 'b8', true],
    ['inArray', 'a1,b81', 'b8', false],
    ['greaterThan', 'b', 'c', true],
    ['lessThan', 'b', 'c', false],
    ['present', '', 'anything', true],
  ] as const)
    assert.equal(filtered({ by: 'id', operator, value }, text), says, `${text} ${operator} ${value}`)
  assert.equal(
    matches({ by: 'id', operator: 'present', value: '' }, () => undefined),
    false,
  )
})

test('dates compare by the second', () => {
  const at = Date.UTC(2012, 5, 27, 13, 8, 55)
  const filter = read({ filterBy: 'published', filterValue: '2012-06-27T16:08:55 03:00' }).filter
  assert.ok(filter !== undefined)
  assert.equal(filtered(filter, '', at + 999), true)
  assert.equal(filtered(filter, '', at + 1_000), false)
})

test('dates: with an offset, with a plus that became a space, without one in the account’s zone, and a day alone', () => {
  const at = Date.UTC(2012, 5, 27, 13, 8, 55)
  for (const text of [
    '2012-06-27T16:08:55+03:00',
    '2012-06-27T16:08:55 03:00',
    '2012-06-27T16:08:55+0300',
    '2012-06-27T13:08:55Z',
    '2012-06-27T16:08:55',
    '2012-06-27 16:08:55',
  ])
    assert.equal(dateOf(text, account), at, text)
  assert.equal(dateOf('2012-06-27', account), Date.UTC(2012, 5, 26, 21))
  for (const text of ['2012-02-30', '27.6.2012', '2012-06-27T25:00:00Z', 'now', '']) assert.equal(dateOf(text, account), undefined, text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { latest, Notebook, sameJson } from './change.ts'

test('what was told holds until something else is told, or that it is gone', () => {
  const changes = [{ key: 'a', value: 1 }, { key: 'b', value: 2 }, { key: 'a', value: 3 }, { key: 'b', gone: true } as const]
  assert.deepEqual([...latest<number>(changes)], [['a', 3]])
})

test('a notebook tells what is different, and nothing twice', () => {
  const book = new Notebook<{ readonly n: number; readonly of?: readonly string[] }>()
  book.begin('known', { n: 1 })
  book.note('known', { n: 1 })
  book.note('new', { n: 2, of: ['x'] })
  book.note('never', undefined)
  assert.deepEqual(book.take(), [{ key: 'new', value: { n: 2, of: ['x'] } }])
  book.note('new', { n: 2, of: ['x'] })
  assert.deepEqual(book.take(), [])
  book.note('new', { n: 2 })
  book.note('known', undefined)
  assert.deepEqual(book.take(), [
    { key: 'new', value: { n: 2 } },
    { key: 'known', gone: true },
  ])
})

test('values are the same if their JSON says the same, in whatever order', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [first, second] = [JSON.stringify(a), JSON.stringify(b)]
      assert.ok(sameJson(JSON.parse(first), JSON.parse(first)))
      if (sameJson(JSON.parse(first), JSON.parse(second))) assert.deepEqual(JSON.parse(first), JSON.parse(second))
    }),
  )
  assert.ok(sameJson({ a: 1, b: [2] }, { b: [2], a: 1 }))
  assert.ok(!sameJson({ a: 1 }, { a: 1, b: 2 }) && !sameJson([1, 2], [2, 1]) && !sameJson({ 0: 1 }, [1]))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusal } from '../call/refusal.ts'
import { requestId } from '../kernel/ids.ts'
import { fail, ok } from '../kernel/outcome.ts'
import type { Journal } from './journal.ts'
import { Release, type Word } from './release.ts'

/** A journal whose disk is as quick as the test says. */
function slowJournal() {
  const state = { safe: 0, waiting: [] as { place: number; then: () => void }[] }
  const journal: Journal = {
    append: () => 0,
    isSafe: (place) => place <= state.safe,
    whenSafe: (place, then) => void state.waiting.push({ place, then }),
    fault: undefined,
  }
  const safe = (place: number) => {
    state.safe = place
    const due = state.waiting.filter((one) => one.place <= place)
    state.waiting = state.waiting.filter((one) => one.place > place)
    for (const { then } of due) then()
  }
  return { journal, safe }
}

const done = (id: string): Word => ({ kind: 'answered', request: requestId(id), outcome: ok({}) })
const refused = (id: string): Word => ({ kind: 'answered', request: requestId(id), outcome: fail(refusal('call-ended')) })

function opened() {
  const gone: string[] = []
  const { journal, safe } = slowJournal()
  const release = new Release(journal, (word) => gone.push(word.kind === 'answered' ? String(word.request) : word.kind))
  return { gone, safe, release }
}

test('an answer leaves when what it relies on is safe, and all leave in order', () => {
  const { gone, safe, release } = opened()
  release.add(done('a'), 1)
  release.add(done('b'), 2)
  release.add(done('c'), 4)
  assert.deepEqual(gone, [])
  safe(1)
  assert.deepEqual(gone, ['a'])
  safe(3)
  assert.deepEqual(gone, ['a', 'b'])
  release.add(done('d'), 3)
  assert.deepEqual(gone, ['a', 'b'], 'what is safe waits for what is not and came before')
  safe(4)
  assert.deepEqual(gone, ['a', 'b', 'c', 'd'])
})

test('what is safe already leaves at once', () => {
  const { gone, safe, release } = opened()
  safe(7)
  release.add(done('a'), 7)
  assert.deepEqual(gone, ['a'])
})

test('a refusal waits for nothing', () => {
  const { gone, release } = opened()
  release.add(done('a'), 1)
  release.add(refused('b'), 1)
  assert.deepEqual(gone, ['b'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onPaper } from '../../testkit/paper.ts'
import { home } from '../../testkit/people.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { instant } from '../kernel/time.ts'
import { TokenStore } from './tokens.ts'

const at = instant(1_800_000_000_000)
const random = new SeededRandom(1)
const identity = { caller: { account: home, role: 'admin' }, credential: 'key' } as const

test('a token is known after a restart; the oldest goes when there are too many, also from the memory', () => {
  const memory = onPaper<NonNullable<ReturnType<TokenStore['find']>>>()
  const store = new TokenStore({ lifeMs: 1_000, most: 2 }, random, memory)
  const [first, second, third] = [1, 2, 3].map(() => store.issue(at, identity).token)
  const again = new TokenStore({ lifeMs: 1_000, most: 2 }, random, memory)
  assert.equal(again.find(at, first ?? ''), undefined)
  for (const token of [second, third]) assert.deepEqual(again.find(at, token ?? ''), store.find(at, token ?? ''))
  assert.ok(again.find(at, third ?? '') !== undefined)
  assert.equal(memory.size, 2)
})

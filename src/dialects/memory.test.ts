import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onPaper } from '../../testkit/paper.ts'
import { home } from '../../testkit/people.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { type Subscription, SubscriptionBook } from './subscriptions.ts'
import { type Token, TokenBook } from './tokens.ts'

const at = instant(1_800_000_000_000)
const random = new SeededRandom(1)
const holder = { account: home, role: 'supervisor', credential: 'c' } as const
const use = { dialect: 'yeastar', use: 'access' } as const
const grant = { ...use, holder, lifeMs: 1_800_000 }

test('a token is good after a restart for as long as it was before, and says nothing of itself in the memory', () => {
  const memory = onPaper<Token>()
  const text = new TokenBook(random, memory).issue(at, { ...grant, notes: { url: 'https://example.com' } })
  const again = new TokenBook(random, memory)
  const checked = again.check(addMs(at, 1_799_999), use, text)
  assert.ok(checked.ok)
  assert.deepEqual([checked.value.holder, checked.value.notes], [holder, { url: 'https://example.com' }])
  assert.deepEqual(again.check(addMs(at, 1_800_000), use, text), { ok: false, error: 'token-expired' })
  assert.doesNotMatch(JSON.stringify([...memory.load()]), new RegExp(text))
})

test('a sliding life is written down now and then, never further than it has come', () => {
  const memory = onPaper<Token>()
  const book = new TokenBook(random, memory)
  const text = book.issue(at, grant)
  let writes = 0
  const put = memory.put
  memory.put = (...given) => {
    writes += 1
    put(...given)
  }
  const first = book.check(at, use, text)
  assert.ok(first.ok)
  for (let ms = 0; ms < 600_000; ms += 1_000) book.renew(addMs(at, ms), first.value, grant.lifeMs)
  assert.ok(writes > 20 && writes < 40, `${writes} writes`)
  const again = new TokenBook(random, memory).check(addMs(at, 600_000 + 1_780_000), use, text)
  assert.ok(again.ok && again.value.expiresAt <= addMs(at, 599_000 + grant.lifeMs))
})

test('what was revoked or had to make room is not there again', () => {
  const memory = onPaper<Token>()
  const book = new TokenBook(random, memory)
  const text = book.issue(at, grant)
  const token = book.check(at, use, text)
  assert.ok(token.ok)
  book.revoke(token.value)
  assert.equal(memory.size, 0)
  book.issue(at, grant)
  book.issue(addMs(at, grant.lifeMs + limits.tokenRememberedMs + 1), grant)
  assert.equal(memory.size, 1)
})

test('a subscription is there after a restart, and not when it was removed', () => {
  const memory = onPaper<Subscription>()
  const one: Subscription = { id: '1', dialect: 'ringcx', account: home, modified: at, fields: { url: 'https://example.com' } }
  const book = new SubscriptionBook(memory)
  book.put(one)
  book.put({ ...one, id: '2' })
  book.remove(one)
  assert.deepEqual(new SubscriptionBook(memory).list('ringcx', home), [{ ...one, id: '2' }])
})

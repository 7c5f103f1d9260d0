import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { hashPassword, isPasswordHash, PasswordChecker } from './passwords.ts'

const hash = await hashPassword('öffne dich')

test('a password matches its hash, and no other does', async () => {
  const checker = new PasswordChecker()
  assert.equal(await checker.matches(hash, 'öffne dich'), true)
  assert.equal(await checker.matches(hash, 'o\u0308ffne dich'), true)
  assert.equal(await checker.matches(hash, 'oeffne dich'), false)
  assert.equal(await checker.matches(hash, ''), false)
  assert.equal(await checker.matches(undefined, 'öffne dich'), false)
  assert.equal(await checker.matches('öffne dich', 'öffne dich'), false)
})

test('hashes differ, hold nothing of the password, and are what a configuration may hold', async () => {
  const another = await hashPassword('öffne dich')
  assert.notEqual(hash, another)
  assert.ok(isPasswordHash(hash) && isPasswordHash(another))
  assert.match(hash, /^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
})

test('what is too cheap, too dear or no hash is not taken', () => {
  const [, , , , salt, digest] = hash.split('$')
  for (const text of [
    'secret',
    '',
    `scrypt$1024$8$1$${salt}$${digest}`,
    `scrypt$1048576$8$1$${salt}$${digest}`,
    `scrypt$32767$8$1$${salt}$${digest}`,
  ])
    assert.equal(isPasswordHash(text), false, text)
  assert.equal(isPasswordHash(`scrypt$16384$8$5$${salt}$${digest}`), true)
})

test('a crowd waits its turn, and whoever is too many is told so at once', async () => {
  const checker = new PasswordChecker()
  const cheap = `scrypt$16384$1$1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  const room = limits.passwordChecks + limits.passwordChecksWaiting
  const answers = await Promise.all(Array.from({ length: room + 5 }, () => checker.matches(cheap, 'x')))
  assert.equal(answers.filter((answer) => answer === 'busy').length, 5)
  assert.equal(await checker.matches(hash, 'öffne dich'), true)
})

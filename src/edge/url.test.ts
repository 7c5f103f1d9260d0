import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { queryOf } from '../http/query.ts'
import { redactedTarget } from './redact.ts'
import { canonicalTarget, RouteBook } from './url.ts'

describe('W3: targets', () => {
  for (const [target, canonical] of [
    ['/', '/'],
    ['//a///b/', '/a/b'],
    ['/a/?x=1', '/a?x=1'],
    ['/%40me/%2A', '/@me/*'],
    ['/a%2Fb', '/a%2Fb'],
    ['/%61', '/a'],
    ['/a%25b', '/a%25b'],
    ['/a?', '/a?'],
    ['http://host:80/a/b', '/a/b'],
    ['/a?next=http://x/../y', '/a?next=http://x/../y'],
    ['/...', '/...'],
  ] as const) {
    test(`${target} is ${canonical}`, () => assert.deepEqual(canonicalTarget(target), { ok: true, value: canonical }))
  }
  for (const [target, error] of [
    ['/a/..', 'route-unknown'],
    ['/./a', 'route-unknown'],
    ['/%2e%2E/a', 'route-unknown'],
    ['/%', 'body-malformed'],
    ['/%zz', 'body-malformed'],
    ['/%ff', 'body-malformed'],
    ['/a?b=%f', 'body-malformed'],
    ['/a?b=%ff', 'body-malformed'],
  ] as const) {
    test(`${target} is ${error}`, () => assert.deepEqual(canonicalTarget(target), { ok: false, error }))
  }

  test('a canonical target is its own canonical target', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const once = canonicalTarget(path)
        if (once.ok) assert.deepEqual(canonicalTarget(once.value), once)
      }),
    )
  })
})

test('W5: empty pairs are ignored, the first of a repeated name wins, plus is a space', () => {
  assert.deepEqual({ ...queryOf('&a=1&&a=2&b=x+y%2B&=z&c&__proto__=p') }, { a: '1', b: 'x y+', c: '', ['__proto__']: 'p' })
})

test('W14: secrets in targets are shown as fingerprints, however their names are spelled', () => {
  const redacted = redactedTarget('/a?x=1&TOKEN=abc&access%5Ftoken=abc&password=&flag&token=abd')
  const [, first] = /TOKEN=~([0-9a-f]{8})&/.exec(redacted) ?? []
  assert.ok(first)
  assert.match(
    redacted,
    new RegExp(`^/a\\?x=1&TOKEN=~${first}&access%5Ftoken=~${first}&password=~[0-9a-f]{8}&flag&token=~(?!${first})[0-9a-f]{8}$`),
  )
  assert.match(redactedTarget('/voice/api/v1/admin/token/aws80:0123456789abcdef?x=1'), /^\/voice\/api\/v1\/admin\/token\/~[\da-f]{8}\?x=1$/)
  assert.match(redactedTarget('//voice/api/v1/admin/token//aws80:0123456789abcdef'), /\/token\/\/~[\da-f]{8}$/)
  assert.equal(redactedTarget('/api/auth/token/refresh'), '/api/auth/token/refresh')
  assert.equal(redactedTarget('/a'), '/a')
})

test('the route book knows methods and WebSockets of a path', () => {
  const book = new RouteBook()
  book.add('/calls', { methods: ['GET'], webSocket: false })
  book.add('/calls', { methods: ['POST', 'HEAD'], webSocket: false })
  book.add('/calls/:id', { methods: ['DELETE'], webSocket: false })
  book.add('/events', { methods: ['GET'], webSocket: true })
  book.add('/files/*', { methods: ['GET'], webSocket: false })
  assert.deepEqual(
    ['/calls', '/calls/1', '/calls/1/2', '/calls/', '/files/a/b'].map((path) => book.methodsOf(path).join()),
    ['GET,HEAD,POST', 'DELETE', '', '', 'GET'],
  )
  assert.deepEqual(
    ['/events', '/calls'].map((path) => book.takesWebSocket(path)),
    [true, false],
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseJson, type RawBody, readFormOrJson, readJson } from './body.ts'
import { Refused } from './refused.ts'

const raw = (text: string | Uint8Array, contentType: string | undefined = 'application/json', contentEncoding?: string): RawBody => ({
  bytes: Buffer.from(text as string),
  contentType,
  contentEncoding,
})

function codeOf(read: () => unknown): string {
  try {
    return JSON.stringify(read())
  } catch (cause) {
    return cause instanceof Refused ? cause.refusal.code : String(cause)
  }
}

const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`

test('numbers may be read as they were written, for identifiers', () => {
  const text = '{"a":1526884410.120,"b":[12345678901234567890,{"c":-0}],"d":"1","e":true,"f":null}'
  assert.deepEqual(parseJson(text, 'texts'), { a: '1526884410.120', b: ['12345678901234567890', { c: '-0' }], d: '1', e: true })
  assert.deepEqual(parseJson('{"a":1.50}'), { a: 1.5 })
})

describe('JSON bodies', () => {
  for (const [what, body, read] of [
    ['nothing', '', '{}'],
    ['white space', ' \r\n', '{}'],
    ['a byte order mark', '\uFEFF{"a":1}', '{"a":1}'],
    ['only a byte order mark', '\uFEFF', '{}'],
    ['a doubled key: the last wins', '{"a":1,"a":2}', '{"a":2}'],
    ['null, which is absent', '{"a":null,"b":{"c":null},"d":[null,1]}', '{"b":{},"d":[1]}'],
    ['names of the prototype chain', '{"__proto__":{"x":1},"constructor":1,"a":{"prototype":2,"b":3}}', '{"a":{"b":3}}'],
    ['32 levels', nested(32), nested(32)],
    ['33 levels', nested(33), 'body-malformed'],
    ['60,000 brackets', '['.repeat(60_000), 'body-malformed'],
    ['brackets in a text', `{"a":"${'[{'.repeat(100)}\\"["}`, `{"a":"${'[{'.repeat(100)}\\"["}`],
    ['an array', '[1]', 'body-malformed'],
    ['a text', '"a"', 'body-malformed'],
    ['a broken object', '{"a":', 'body-malformed'],
    ['two values', '{} {}', 'body-malformed'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'body-malformed'],
  ] as const) {
    test(what, () =>
      assert.equal(
        codeOf(() => readJson(raw(body))),
        read,
      ),
    )
  }

  test('the prototype of what comes out is untouched', () => {
    const body = readJson(raw('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true}}}'))
    assert.equal((body as { admin?: boolean }).admin, undefined)
    assert.equal(({} as { admin?: boolean }).admin, undefined)
  })

  test('escaped quotes without end are read in no time', () => {
    const before = performance.now()
    assert.equal(
      codeOf(() => readJson(raw(`{"a":"${'\\"'.repeat(30_000)}`))),
      'body-malformed',
    )
    assert.ok(performance.now() - before < 500, 'work grows with the length, not with its square')
  })

  test('whatever comes, it is an object or a refusal', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
    )
    fc.assert(
      fc.property(anything, (bytes) =>
        assert.match(
          codeOf(() => readJson(raw(bytes))),
          /^\{|^body-malformed$/,
        ),
      ),
    )
  })

  test('an object without null and without names of the prototype chain comes out as it went in', () => {
    const value = fc.letrec((tie) => ({
      object: fc.dictionary(fc.string(), tie('value') as fc.Arbitrary<unknown>, { maxKeys: 4, noNullPrototype: true }),
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), tie('object')),
    }))
    const clean = (value.object as fc.Arbitrary<object>).filter(
      (object) => !/"(?:__proto__|constructor|prototype)":/.test(JSON.stringify(object)),
    )
    fc.assert(fc.property(clean, (object) => assert.deepEqual(readJson(raw(JSON.stringify(object))), JSON.parse(JSON.stringify(object)))))
  })
})

describe('content types', () => {
  for (const [type, encoding, taken] of [
    ['application/json', undefined, true],
    ['application/json; charset=UTF-8', undefined, true],
    ['Application/JSON;charset="utf-8"', 'identity', true],
    ['application/merge-patch+json', undefined, true],
    [undefined, undefined, true],
    ['application/json; charset=utf-16', undefined, false],
    ['text/plain', undefined, false],
    ['application/x-www-form-urlencoded', undefined, false],
    ['application/json', 'gzip', false],
  ] as const) {
    test(`${type} ${encoding ?? ''} is ${taken ? 'taken' : 'refused'}`, () => {
      const body: RawBody = { bytes: Buffer.from('{"a":1}'), contentType: type, contentEncoding: encoding }
      assert.equal(
        codeOf(() => readJson(body)),
        taken ? '{"a":1}' : 'media-type-unsupported',
      )
    })
  }

  test('no body needs no type', () => assert.deepEqual(readJson(raw('', 'text/plain', 'gzip')), {}))
})

describe('forms', () => {
  const form = (text: string) => codeOf(() => readFormOrJson(raw(text, 'application/x-www-form-urlencoded; charset=utf-8')))
  test('the first of a repeated name wins', () => assert.equal(form('a=1&a=2&&b=x+y%2B'), '{"a":"1","b":"x y+"}'))
  test('a broken escape is refused', () => assert.equal(form('a=%zz'), 'body-malformed'))
  test('names of the prototype chain are left out', () => assert.equal(form('__proto__=1&a=1'), '{"a":"1"}'))
})

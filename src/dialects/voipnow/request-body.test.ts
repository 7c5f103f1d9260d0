import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refused } from '../../http/refused.ts'
import { silent } from '../../kernel/log.ts'
import type { House } from '../dialect.ts'
import { bodyOf, repair } from './request-body.ts'

const house = (lenientJson: boolean) =>
  ({ settings: { voipnow: { lenientJson } }, log: silent }) as unknown as Pick<House, 'settings' | 'log'>
const read = (text: string, lenient = true) => bodyOf(house(lenient), { body: Buffer.from(text), requestId: 'req_1' })

for (const [what, broken, fields, repairs] of [
  ['a name opened with another quote', `{\n 'action":"Whisper"\n}`, { action: 'Whisper' }, 1],
  ['the colon inside the name', `{\n "sendCallTo:"0003*024",\n "a":1 }`, { sendCallTo: '0003*024', a: 1 }, 1],
  ['an extension whose quote became a star', `{\n "sendCallTo":"0003*024*,\n "private":0 }`, { sendCallTo: '0003*024', private: 0 }, 1],
  ['a string left open', `{\n "note":"hello, you,\n "private":0 }`, { note: 'hello, you', private: 0 }, 1],
  ['a string left open at the end', `{\n "callerId":"Me <42>\n}`, { callerId: 'Me <42>' }, 1],
  ['lines that end in CRLF', `{\r\n 'a":"0003*024*,\r\n "b":2\r\n}`, { a: '0003*024', b: 2 }, 2],
] as const) {
  test(`repaired: ${what}`, () => assert.deepEqual(read(broken), { fields, repairs }))
}

test('what is right is left alone, however it looks', () => {
  const text = `{"note":"it's 'so\\":", "sendCallTo":"0003*024*"}`
  assert.deepEqual(read(text), { fields: { note: `it's 'so":`, sendCallTo: '0003*024*' }, repairs: 0 })
})

test('an empty body is no body', () => {
  assert.deepEqual(bodyOf(house(true), { body: undefined, requestId: 'r' }), { fields: {}, repairs: 0 })
})

const malformed = (cause: unknown) => cause instanceof Refused && cause.refusal.code === 'body-malformed'

for (const [what, text, lenient] of [
  ['no JSON at all', 'action=Whisper', true],
  ['a repair that does not suffice', `{\n 'a":"b\n "c" }`, true],
  ['more repairs than eight', `{\n${Array.from({ length: 9 }, (_, i) => `'n${i}":1`).join(',\n')}}`, true],
  ['a broken body over 4 KiB', `{\n 'a":"${'x'.repeat(4_096)}"\n}`, true],
  ['anything broken where repairs are off', `{\n 'action":"Whisper"\n}`, false],
  ['a list', '[1]', true],
] as const) {
  test(`refused: ${what}`, () => assert.throws(() => read(text, lenient), malformed))
}

test('eight repairs are allowed', () => {
  const text = `{\n${Array.from({ length: 8 }, (_, i) => `'n${i}":1`).join(',\n')}}`
  assert.equal(read(text).repairs, 8)
})

test('no text makes it do anything but read or refuse', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', "'", '*', ':', ',', '\n', '{', '}', 'a', '0', ' ', '\\', '\r'), maxLength: 80 }),
      (text) => {
        try {
          assert.equal(typeof read(text).fields, 'object')
        } catch (cause) {
          assert.ok(malformed(cause), String(cause))
        }
        const repaired = repair(text)
        assert.ok(repaired === undefined || repaired.count <= 8)
      },
    ),
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { now } from './clock.ts'
import { systemHash } from './hash.ts'
import { systemLog } from './log.ts'
import { numberPlan } from './numbers.ts'
import { systemRandom } from './random.ts'

test('the clock never goes back and is near the wall’s', () => {
  let before = now()
  for (let i = 0; i < 10_000; i += 1) {
    const at = now()
    assert.ok(at >= before)
    before = at
  }
  assert.ok(Math.abs(now() - Date.now()) < 5_000)
})

test('random numbers stay below their bound and hex has the asked length', () => {
  const seen = new Set(Array.from({ length: 500 }, () => systemRandom.integer(3)))
  assert.deepEqual([...seen].sort(), [0, 1, 2])
  assert.match(systemRandom.hex(16), /^[0-9a-f]{32}$/)
  assert.notEqual(systemRandom.hex(16), systemRandom.hex(16))
  assert.ok(systemRandom.integer(2 ** 32) < 2 ** 32)
})

test('digests are those of RFC 1321 and FIPS 180', () => {
  assert.equal(systemHash.md5('abc'), '900150983cd24fb0d6963f7d28e17f72')
  assert.equal(systemHash.sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

describe('the log', () => {
  const written = (fields: Record<string, unknown>, level: 'info' | 'warn' = 'info') => {
    const lines: string[] = []
    systemLog({ level, process: 'control', destination: { write: (line) => lines.push(line) } }).info(fields, 'hello')
    return lines
  }

  test('writes one JSON line with level, time, process and fields', () => {
    const [line = ''] = written({ call: 'c1' })
    const { level, time, process, call, msg } = JSON.parse(line)
    assert.deepEqual({ level, process, call, msg }, { level: 'info', process: 'control', call: 'c1', msg: 'hello' })
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5_000)
  })

  test('never shows a secret, however deep it stands', () => {
    const [line = ''] = written({
      headers: { Authorization: 'Bearer s3cret', 'X-Auth-Token': 's3cret' },
      url: '/sotto/v1/events?types=a&access_token=s3cret&callId=1',
      accounts: [{ extensions: [{ number: '101', password: 's3cret' }], credentials: new Map([['apiToken', 's3cret']]) }],
      error: new Error('GET /x?token=s3cret failed'),
    })
    assert.doesNotMatch(line.replace(/"stack":"[^"]*"/, ''), /s3cret/)
    assert.match(line, /types=a&access_token=\[redacted\]&callId=1/)
    assert.match(line, /"number":"101"/)
  })

  test('survives cycles and keeps silent below its level', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    assert.equal(written(loop).length, 1)
    assert.equal(written({}, 'warn').length, 0)
  })
})

describe('numbering plans', () => {
  const cases: readonly (readonly [text: string, country: string, e164: string | undefined, possible: string | undefined])[] = [
    ['02071838750', 'GB', '+442071838750', '+442071838750'],
    ['+442071838750', 'US', '+442071838750', '+442071838750'],
    ['0018661234567', 'GB', '+18661234567', '+18661234567'],
    // No number of Britain begins so: it is not turned into one, but may be compared with one.
    ['6501234567', 'GB', undefined, '+446501234567'],
    ['101', 'GB', undefined, undefined],
    ['+12', 'GB', undefined, undefined],
    ['15554150123', '', '+15554150123', '+15554150123'],
    ['0003*101', 'GB', undefined, undefined],
    ['١٢٣٤٥٦٧٨٩', 'GB', undefined, undefined],
  ]
  for (const [text, country, e164, possible] of cases) {
    test(`${text} in ${country || 'no country'}`, () => {
      assert.equal(numberPlan.e164(text, country), e164)
      assert.equal(numberPlan.possible(text, country), possible)
    })
  }
})

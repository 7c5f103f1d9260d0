import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Refused } from '../../http/refused.ts'
import { anythingOf, digitsOf, flagOf, listOf, numberOf, operationOf, readBody, textOf, tokenOf } from './request.ts'

const read = async (text: string | Uint8Array, contentType = 'application/json') => {
  try {
    return await readBody({ body: Buffer.from(text as string), headers: { 'content-type': contentType } })
  } catch (cause) {
    return cause instanceof Refused ? cause.refusal.code : String(cause)
  }
}
const form = 'application/x-www-form-urlencoded'

describe('bodies', () => {
  test('none', async () => assert.deepEqual(await readBody({ body: undefined, headers: { 'content-type': 'application/json' } }), {}))

  for (const [what, body, type, fields] of [
    ['JSON with a byte order mark', '\uFEFF{"type":1}', 'application/json', { type: 1 }],
    [
      'an id as a number',
      '{"call_id":1758782566.8130,"agent_id":502842370097,"deep":{"a":1.50}}',
      'application/json',
      { call_id: '1758782566.8130', agent_id: 502842370097, deep: { a: 1.5 } },
    ],
    ['a number that JSON cannot carry', '\uFEFF{"agent_id":12345678901234567890}', form, { agent_id: '12345678901234567890' }],
    ['JSON that claims to be a form', ' {"type":1}', form, { type: 1 }],
    ['a form', 'type=1&type=2&intercom=%2B91+98', form, { type: '1', intercom: '+91 98' }],
    ['a list in a form', 'intercom[]=820&type=4', form, { intercom: ['820'], type: '4' }],
    ['a numbered list in a form', 'intercom%5B0%5D=9&intercom%5B1%5D=820', form, { intercom: ['9', '820'] }],
    ['a name that stands twice', 'intercom=1&intercom[0]=2', form, { intercom: '1' }],
    ['names of the prototype chain', '__proto__[]=1&constructor=2&a=3', form, { a: '3' }],
    ['space', ' \n', 'application/json', {}],
    ['a text', '"x"', 'application/json', 'body-malformed'],
  ] as const) {
    test(what, async () => assert.deepEqual(await read(body, type), fields))
  }

  test('multipart, with a file that nobody asked for', async () => {
    const part = (name: string, value: string) => `--b\r\nContent-Disposition: form-data; name="${name}"${value}\r\n`
    const body = [
      part('type', '\r\n\r\n4'),
      part('intercom[]', '\r\n\r\n820'),
      part('type', '\r\n\r\n1'),
      part('file', '; filename="x"\r\n\r\nx'),
    ]
    assert.deepEqual(await read(`${body.join('')}--b--\r\n`, 'multipart/form-data; boundary="b"'), { type: '4', intercom: ['820'] })
  })

  test('whatever comes, it is an object or malformed', async () => {
    const type = fc.constantFrom('application/json', form, 'multipart/form-data; boundary=b', 'multipart/form-data', '', 'text/xml')
    const body = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.string({ maxLength: 120 }), fc.json({ maxDepth: 2 }))
    await fc.assert(
      fc.asyncProperty(type, body, async (contentType, bytes) => {
        const found = await read(bytes, contentType)
        assert.ok(typeof found === 'object' || found === 'body-malformed', String(found))
      }),
      { numRuns: 300 },
    )
  })
})

test('whatever a field is, it is a value or refused', () => {
  const readers = [textOf, digitsOf, flagOf, listOf, anythingOf, (fields: object) => operationOf({ ...fields })]
  const bounded = (fields: Readonly<Record<string, unknown>>, name: string) => numberOf(fields, name, { min: 1, max: 10 })
  fc.assert(
    fc.property(fc.anything({ maxDepth: 2 }), (value) => {
      for (const reader of [...readers, bounded]) {
        try {
          reader({ type: value }, 'type')
        } catch (cause) {
          assert.ok(cause instanceof Refused, String(cause))
          assert.match(cause.refusal.code, /^parameter-(?:missing|invalid)$/)
        }
      }
    }),
  )
})

test('tokens', () => {
  for (const [header, token] of [
    ['x', 'x'],
    ['Bearer x', 'x'],
    ['bEARER\tx', 'x'],
    ['bearerx', 'bearerx'],
    ['Bearer', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(tokenOf({ headers: { authorization: header } }), token)
  }
  assert.equal(tokenOf({ headers: {} }), undefined)
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parse } from './parser.ts'
import { tortureMessages } from './torture/messages.ts'
import { write } from './writer.ts'

/** What an attacker does to a message: cut, repeat, overwrite, and put the grammar's own words where they do not belong. */
const words = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ';',
  ',',
  ':',
  '"',
  '\\',
  '<',
  '>',
  '@',
  '?',
  '=',
  '%',
  '%00',
  '%0d%0a',
  '[',
  ']',
  'sip:',
  'SIP/2.0',
  '\0',
  'é',
  '\u007f',
]
const word = fc.constantFrom(...words.map((text) => new TextEncoder().encode(text)))
const damage = fc.record({
  at: fc.nat(4000),
  remove: fc.nat(40),
  insert: fc.oneof(word, fc.uint8Array({ maxLength: 8 })),
  repeat: fc.constantFrom(1, 1, 1, 50),
})

function damaged(bytes: Uint8Array, damages: readonly { at: number; remove: number; insert: Uint8Array; repeat: number }[]): Uint8Array {
  let result = Buffer.from(bytes)
  for (const { at, remove, insert, repeat } of damages) {
    const place = at % (result.length + 1)
    const inserted = new Array<Uint8Array>(repeat).fill(insert)
    result = Buffer.concat([result.subarray(0, place), ...inserted, result.subarray(Math.min(place + remove, result.length))])
  }
  return Uint8Array.from(result)
}

describe('the parser under fire', () => {
  const original = fc.constantFrom(...tortureMessages.map(({ bytes }) => bytes))

  it('never throws, and whatever it lets through or wants answered can be written and read again', () => {
    fc.assert(
      fc.property(original, fc.array(damage, { minLength: 1, maxLength: 8 }), (bytes, damages) => {
        const outcome = parse(damaged(bytes, damages))
        if (outcome.ok) return assert.ok(parse(write(outcome.value)).ok)
        const { status, answer } = outcome.error
        assert.ok(status >= 400 && status <= 599)
        if (answer === undefined) return
        const { via, from, to, callId, cseq } = answer
        const response = write({
          kind: 'response',
          status,
          reason: outcome.error.why,
          via,
          from,
          to,
          callId,
          cseq,
          headers: [],
          body: new Uint8Array(0),
        })
        assert.ok(parse(response).ok)
      }),
      { numRuns: 10_000 },
    )
  })

  it('is not impressed by bytes without any order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.equal(parse(bytes).ok, false)),
      { numRuns: 3000 },
    )
  })
})

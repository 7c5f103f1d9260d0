import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { blanked, blankedOfHisCall, digitsOf, erasedWord, isMentionedIn } from './erasure.ts'

const person = { numbers: ['442071838750'] }

describe('a person is taken out', () => {
  test('in every spelling, and in no longer number', () => {
    const text = 'a +442071838750, 442071838750; sip:00442071838750@x +4420718387501 1442071838750 +1442071838750'
    assert.equal(blanked(text, person), `a erased, erased; sip:erased@x +4420718387501 1442071838750 +1442071838750`)
  })

  test('with the name beside his number, and with no other name', () => {
    const call = {
      ani: '+442071838750',
      parties: [
        { endpoint: { kind: 'number', number: '+442071838750', name: 'Zoë', claimed: 'anybody', trunk: 't' } },
        { endpoint: { kind: 'extension', extension: '210', name: 'Paco' } },
      ],
      notes: 'speaks to +442071838750',
    }
    assert.deepEqual(blanked(call, person), {
      ani: erasedWord,
      parties: [
        { endpoint: { kind: 'number', number: erasedWord, trunk: 't' } },
        { endpoint: { kind: 'extension', extension: '210', name: 'Paco' } },
      ],
      notes: 'speaks to erased',
    })
  })

  test('and of his calls what was noted, keyed in and said by programs', () => {
    const call = {
      labels: { crm: '7' },
      reference: 'r',
      presentedName: 'n',
      disposition: { name: 'sold', notes: 'likes tea' },
      digit: '4',
      at: 1,
    }
    assert.deepEqual(blankedOfHisCall(call, person), { labels: {}, disposition: { name: 'sold' }, digit: '', at: 1 })
  })

  test('what does not mention him is the same, and what was blanked mentions him no more, however it is nested', () => {
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('+442071838750', 'x442071838750y', '+4420718387599', 'other', 5, null),
        fc.array(tie('tree')),
        fc.dictionary(fc.constantFrom('number', 'name', 'a'), tie('tree')),
      ),
    })).tree
    fc.assert(
      fc.property(value, (given) => {
        const left = blanked(given, person)
        assert.equal(isMentionedIn(JSON.stringify(left), person), false)
        if (!isMentionedIn(JSON.stringify(given), person)) assert.equal(left, given)
      }),
    )
  })
})

test('a number of a person has six digits or more', () => {
  assert.deepEqual(['+44 20 7183-8750', '0044 2071838750', '442071838750', '101', '+44abc', '1'.repeat(16)].map(digitsOf), [
    ...['442071838750', '442071838750', '442071838750', undefined, undefined, undefined],
  ])
})

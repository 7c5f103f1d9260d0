import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { NameAddr } from './message.ts'
import { formatNameAddr, parseNameAddr, parseNameAddrs } from './name-addr.ts'
import { sipUri } from './uri.ts'

function read(text: string): NameAddr {
  const outcome = parseNameAddr(text)
  assert.ok(outcome.ok, `${text}: ${outcome.ok ? '' : outcome.error}`)
  return outcome.value
}

const bob = sipUri({ user: 'bob', host: 'example.com' })

describe('parseNameAddr', () => {
  const good: readonly (readonly [string, NameAddr])[] = [
    ['<sip:bob@example.com>', { uri: bob, params: new Map() }],
    ['sip:bob@example.com;tag=1', { uri: bob, params: new Map([['tag', '1']]) }],
    [' "Bob \\"B\\" \\\\" <sip:bob@example.com> ; TAG = 1 ', { displayName: 'Bob "B" \\', uri: bob, params: new Map([['tag', '1']]) }],
    ['Bob  J. <sip:bob@example.com>', { displayName: 'Bob J.', uri: bob, params: new Map() }],
    ['Jérôme <sip:bob@example.com>', { displayName: 'Jérôme', uri: bob, params: new Map() }],
    ['"" <sip:bob@example.com>', { uri: bob, params: new Map() }],
    [
      '<sip:bob@example.com>;+sip.instance="<urn:uuid:1>";q=0.7',
      {
        uri: bob,
        params: new Map([
          ['+sip.instance', '<urn:uuid:1>'],
          ['q', '0.7'],
        ]),
      },
    ],
    [
      '<sip:bob@example.com;lr>;lr',
      { uri: sipUri({ user: 'bob', host: 'example.com', params: { lr: undefined } }), params: new Map([['lr', undefined]]) },
    ],
    ['<tel:+1555>', { uri: { scheme: 'tel', number: '+1555', params: new Map() }, params: new Map() }],
  ]
  for (const [text, address] of good) it(`reads ${text}`, () => assert.deepEqual(read(text), address))

  const bad = [
    ...[
      '',
      ' ',
      'Bob',
      '"Bob" sip:bob@example.com',
      '"Bob <sip:bob@example.com>',
      '"Bob\\" <sip:bob@example.com>',
      '<sip:bob@example.com',
      '< sip:bob@example.com>',
    ],
    ...[
      '<sip:bob@example.com >',
      'Bob, J <sip:bob@example.com>',
      'B(o)b <sip:bob@example.com>',
      '<sip:bob@example.com>;',
      '<sip:bob@example.com>;;tag=1',
    ],
    ...[
      '<sip:bob@example.com>;tag=1;tag=2',
      '<sip:bob@example.com>;tag=',
      '<sip:bob@example.com>;tag="1',
      '<sip:bob@example.com>;=1',
      '<sip:bob@example.com> x',
    ],
    ...['<sip:bob@example.com>, <sip:bob@example.com>', 'sip:bob@example.com?Route=x', '<<sip:bob@example.com>>'],
  ]
  for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseNameAddr(text).ok, false))

  it('splits a list at its commas, not at those in names and parameters', () => {
    const outcome = parseNameAddrs('"Bell, A" <sip:bob@example.com>;a="x,y" ,sip:bob@example.com;b=1')
    assert.ok(outcome.ok)
    assert.deepEqual(
      outcome.value.map(({ displayName, params }) => [displayName, ...params]),
      [
        ['Bell, A', ['a', 'x,y']],
        [undefined, ['b', '1']],
      ],
    )
    for (const text of ['', ',', '<sip:a@b>,', '<sip:a@b>,,<sip:a@b>', '*']) assert.equal(parseNameAddrs(text).ok, false, text)
  })
})

describe('formatNameAddr', () => {
  it('is read back as it was, for every name and every parameter', () => {
    // Controls become spaces and nothing else changes, so the two sides agree about everything that can be seen.
    const visible = fc.string({ unit: 'grapheme', maxLength: 20 })
    const name = fc.stringMatching(/^[a-z+.-]{1,8}$/)
    const params = fc.uniqueArray(fc.tuple(name, fc.oneof(visible, fc.constant(undefined))), { selector: ([one]) => one, maxLength: 4 })
    fc.assert(
      fc.property(visible, params, (displayName, entries) => {
        const address = { ...(displayName !== '' && { displayName }), uri: bob, params: new Map(entries) }
        assert.deepEqual(read(formatNameAddr(address)), address)
      }),
      { numRuns: 2000 },
    )
  })

  it('lets no name out of its quotes', () => {
    const hostile = fc.array(fc.constantFrom('"', '\\', '<', '>', ',', ';', '\r', '\n', '\0', '\u007f', '\t', 'x'), { maxLength: 12 })
    fc.assert(
      fc.property(hostile, hostile, (some, more) => {
        const text = formatNameAddr({ displayName: some.join(''), uri: bob, params: new Map([['p', more.join('')]]) })
        for (const char of ['\r', '\n', '\0', '\u007f']) assert.ok(!text.includes(char))
        assert.deepEqual(read(text).uri, bob)
        assert.deepEqual([...read(text).params.keys()], ['p'])
      }),
      { numRuns: 2000 },
    )
  })
})

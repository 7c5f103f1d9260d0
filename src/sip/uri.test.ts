import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { SipUri, Uri } from './message.ts'
import { sameUri } from './same-uri.ts'
import { formatUri, parseUri, sipUri } from './uri.ts'

function read(text: string): Uri {
  const outcome = parseUri(text)
  assert.ok(outcome.ok, `${text}: ${outcome.ok ? '' : outcome.error}`)
  return outcome.value
}

function sip(text: string): SipUri {
  const uri = read(text)
  assert.ok(uri.scheme === 'sip' || uri.scheme === 'sips')
  return uri
}

describe('parseUri', () => {
  it('reads every part of a SIP URI', () => {
    assert.deepEqual(sip('SIPS:alice:secret%21@Example.COM:5061;Transport=tcp;lr?Subject=hi%20there&Replaces=a%40b'), {
      ...{ scheme: 'sips', user: 'alice', password: 'secret!', host: 'example.com', port: 5061 },
      params: new Map([
        ['transport', 'tcp'],
        ['lr', undefined],
      ]),
      headers: new Map([
        ['Subject', 'hi there'],
        ['Replaces', 'a@b'],
      ]),
    })
  })

  it('keeps a plus sign, a star and a hash of a dialled number', () => {
    assert.equal(sip('sip:+15551234567@example.com').user, '+15551234567')
    assert.equal(sip('sip:*72#@example.com').user, '*72#')
    assert.equal(formatUri(sip('sip:*72#@example.com')), 'sip:*72%23@example.com')
  })

  it('reads a Replaces that a phone forgot to escape in its Refer-To', () => {
    assert.equal(sip('sip:bob@example.com?Replaces=call@host;to-tag=1;from-tag=2').headers.get('Replaces'), 'call@host;to-tag=1;from-tag=2')
  })

  it('reads telephone numbers without their visual separators (RFC 3966 §5.1.1)', () => {
    assert.deepEqual(read('tel:+1-(555)-123.4567;ext=12'), { scheme: 'tel', number: '+15551234567', params: new Map([['ext', '12']]) })
    assert.deepEqual(read('tel:*31#'), { scheme: 'tel', number: '*31#', params: new Map() })
  })

  it('keeps a URI of another scheme as it is', () =>
    assert.deepEqual(read('urn:service:sos'), { scheme: 'other', text: 'urn:service:sos' }))

  const bad = [
    ...[
      '',
      'sip',
      'sip:',
      ':x',
      '1sip:x',
      'alice@example.com',
      'sip:@example.com',
      'sip:a b@example.com',
      'sip:a@ex ample.com',
      'sip:a@b@c',
    ],
    ...[
      'sip:a@-host',
      'sip:a@.host',
      'sip:a@ho..st',
      'sip:a@host:',
      'sip:a@host:0',
      'sip:a@host:65536',
      'sip:a@host:5x',
      'sip:2001:db8::1',
    ],
    ...[
      'sip:a@[2001:db8::1',
      'sip:a@[2001:db8::1]x',
      'sip:a@[::1::]',
      'sip:a@[1:2:3:4:5:6:7:8:9]',
      'sip:a@[fe80::1%25eth0]',
      'sip:a@[12345::]',
    ],
    ...[
      'sip:a%4@host',
      'sip:a%zz@host',
      'sip:%ff@host',
      'sip:%c0%80@host',
      'sip:a"b@host',
      'sip:a<b@host',
      'sip:é@host',
      'sip:a@host;',
      'sip:a@host;;lr',
    ],
    ...[
      'sip:a@host;lr;lr',
      'sip:a@host;=x',
      'sip:a@host?',
      'sip:a@host?a',
      'sip:a@host?=b',
      'sip:a@host;x=a b',
      'sip:a@host\r\nX:y',
      'tel:',
      'tel:+',
      'tel:12x',
    ],
    ...['tel:+1;ext=1;ext=2', 'urn:a b', 'http://x/"', 'x:<y>'],
  ]
  for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseUri(text).ok, false))
})

describe('formatUri', () => {
  it('gives back every URI that can be built, whatever is in it', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((one) => one.isWellFormed())
    const values = fc.dictionary(text, fc.oneof(text, fc.constant(undefined)), { maxKeys: 4 })
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
    const parts = fc.record({
      user: text,
      host,
      port: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 65_535 })),
      params: values,
    })
    fc.assert(
      fc.property(parts, fc.dictionary(text, text, { maxKeys: 3 }), (some, headers) => {
        const uri = sipUri({ ...some, params: lowerNames(some.params), headers })
        assert.deepEqual(read(formatUri(uri)), uri)
      }),
      { numRuns: 2000 },
    )
  })

  it('prints nothing that could end a URI, a header or a line', () => {
    const uri = sipUri({ user: 'a>\r\nX: y"', host: 'h', params: { 'p>\n': '\0' }, headers: { 'n\r': 'v\n' } })
    assert.equal(formatUri(uri), 'sip:a%3E%0D%0AX%3A%20y%22@h;p%3E%0A=%00?n%0D=v%0A')
    assert.equal(formatUri({ scheme: 'other', text: 'urn:a>\r\n b' }), 'urn:a%3E%0D%0A%20b')
    assert.equal(formatUri({ scheme: 'tel', number: '+1\r\n', params: new Map() }), 'tel:+1%0D%0A')
  })

  it('refuses a host that is none as a bug of ours', () => {
    assert.throws(() => formatUri(sipUri({ host: 'a\r\nb' })), { name: 'Bug' })
    assert.throws(() => formatUri(sipUri({ host: 'a', port: 70_000 })), { name: 'Bug' })
  })
})

const lowerNames = (params: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]))

describe('sameUri (RFC 3261 §19.1.4)', () => {
  const same: readonly (readonly [string, string])[] = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0:0:0:0:0:1]'],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['urn:x', 'urn:x'],
  ]
  for (const [a, b] of same) it(`${a} = ${b}`, () => assert.deepEqual([sameUri(read(a), read(b)), sameUri(read(b), read(a))], [true, true]))

  const different: readonly (readonly [string, string])[] = [
    ['sip:alice@atlanta.com', 'sip:ALICE@atlanta.com'],
    ['sip:alice@atlanta.com', 'sips:alice@atlanta.com'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com;transport=udp', 'sip:bob@biloxi.com;transport=tcp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;user=phone'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;maddr=192.0.2.1'],
    ['sip:bob@biloxi.com', 'sip:bob:secret@biloxi.com'],
    ['sip:carol@chicago.com;newparam=6', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:db8::2]'],
    ['tel:+12015550123', 'tel:2015550123'],
    ['tel:+12015550123', 'tel:+12015550123;ext=1'],
    ['tel:+12015550123', 'sip:+12015550123@example.com'],
    ['urn:x', 'urn:y'],
    ['urn:x', 'sip:x'],
  ]
  for (const [a, b] of different)
    it(`${a} ≠ ${b}`, () => assert.deepEqual([sameUri(read(a), read(b)), sameUri(read(b), read(a))], [false, false]))
})

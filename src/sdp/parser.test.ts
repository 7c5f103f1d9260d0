import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { limits } from '../kernel/limits.ts'
import { parseSdp } from './parser.ts'
import { writeSdp } from './writer.ts'

const phone = [
  'v=0',
  'o=- 20518 1 IN IP4 203.0.113.1',
  's= ',
  'c=IN IP4 203.0.113.1',
  'b=AS:64',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 54400/2 RTP/SAVP 8 0 101',
  'c=IN IP4 203.0.113.9',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=rtcp-mux',
  'm=video 0 RTP/AVP 96',
  'm=image 54402 udptl t38',
  'a=T38FaxVersion:0',
]

function read(lines: readonly string[], lineEnd = '\r\n') {
  const outcome = parseSdp(lines.join(lineEnd) + lineEnd)
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.error)
  return outcome.value
}

function refusal(text: string): string {
  const outcome = parseSdp(text)
  assert.equal(outcome.ok, false, text)
  return outcome.ok ? '' : outcome.error
}

describe('parseSdp', () => {
  it('reads streams with their own connection and attributes', () => {
    const description = read(phone)
    assert.deepEqual(description.origin, { username: '-', sessionId: '20518', version: '1', address: { family: 4, host: '203.0.113.1' } })
    assert.equal(description.name, '-')
    assert.deepEqual(description.attributes, [{ name: 'group', value: 'BUNDLE 0' }])
    assert.deepEqual(description.streams, [
      {
        kind: 'audio',
        port: 54_400,
        protocol: 'RTP/SAVP',
        formats: ['8', '0', '101'],
        connection: { family: 4, host: '203.0.113.9' },
        attributes: [{ name: 'rtpmap', value: '101 telephone-event/8000' }, { name: 'fmtp', value: '101 0-15' }, { name: 'rtcp-mux' }],
      },
      { kind: 'video', port: 0, protocol: 'RTP/AVP', formats: ['96'], attributes: [] },
      { kind: 'image', port: 54_402, protocol: 'udptl', formats: ['t38'], attributes: [{ name: 'T38FaxVersion', value: '0' }] },
    ])
  })

  it('understands lines that end with LF alone (RFC 8866 §9)', () => assert.deepEqual(read(phone, '\n'), read(phone)))

  it('reads bytes and text alike', () => {
    const text = phone.join('\r\n')
    assert.deepEqual(parseSdp(new TextEncoder().encode(text)), parseSdp(text))
  })

  it('reads IPv6 addresses and numbers of 64 bits', () => {
    const description = read([
      'v=0',
      'o=a 18446744073709551615 18446744073709551615 IN IP6 2001:db8::1',
      's=x',
      'c=IN IP6 2001:db8::2',
      't=0 0',
    ])
    assert.equal(description.origin.version, '18446744073709551615')
    assert.deepEqual(description.connection, { family: 6, host: '2001:db8::2' })
  })

  const bad: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'another version': 'v=1\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n',
    'no origin': 'v=0\r\ns=-\r\nt=0 0\r\n',
    'two origins': 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\no=- 1 1 IN IP4 192.0.2.1\r\n',
    'origin numbers that are none': 'v=0\r\no=- x 1 IN IP4 192.0.2.1\r\n',
    'a line without a type': 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm =audio 1 RTP/AVP 0\r\n',
    'a stream without formats': 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP\r\n',
    'a port above 65535': 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 65536 RTP/AVP 0\r\n',
    'a network that is not the Internet': 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=ATM NSAP 1\r\n',
    XML: '<audio/>',
  }
  for (const [what, text] of Object.entries(bad)) it(`refuses ${what}`, () => assert.ok(refusal(text).length > 0))

  it('refuses more than its bounds', () => {
    const start = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n'
    assert.match(refusal(start + 'a=x\r\n'.repeat(limits.sdpLines)), /lines/)
    assert.match(refusal(start + 'm=audio 1 RTP/AVP 0\r\n'.repeat(limits.sdpStreams + 1)), /streams/)
    assert.match(refusal(`${start}a=${'x'.repeat(limits.sdpBytes)}`), /longer/)
  })

  it('gives back what was written, for every description', () => {
    const plain = { noNullPrototype: true }
    const word = fc.stringMatching(/^[a-z0-9-]{1,8}$/)
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
    const address = fc.oneof(
      fc.ipV4().map((host) => ({ family: 4 as const, host })),
      fc.ipV6().map((host) => ({ family: 6 as const, host })),
    )
    const attribute = fc.oneof(
      fc.record({ name: word }, plain),
      fc.record({ name: word, value: fc.stringMatching(/^[ -~]{0,20}$/) }, plain),
    )
    const content = { attributes: fc.array(attribute, { maxLength: 5 }), connection: address }
    const stream = fc.record(
      {
        ...{ kind: word, port: fc.nat(65_535), protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVP', 'udptl') },
        ...{ formats: fc.array(word, { minLength: 1, maxLength: 4 }), ...content },
      },
      { ...plain, requiredKeys: ['kind', 'port', 'protocol', 'formats', 'attributes'] },
    )
    const description = fc.record(
      {
        origin: fc.record({ username: word, sessionId: number, version: number, address }, plain),
        ...{ name: word, streams: fc.array(stream, { maxLength: 4 }), ...content },
      },
      { ...plain, requiredKeys: ['origin', 'name', 'attributes', 'streams'] },
    )
    fc.assert(
      fc.property(description, (value) => assert.deepEqual(parseSdp(writeSdp(value)), { ok: true, value })),
      { numRuns: 500 },
    )
  })

  it('never throws, whatever a phone sends', () => {
    const text = phone.join('\r\n')
    const damage = fc.record({ at: fc.nat(text.length), remove: fc.nat(12), insert: fc.string({ maxLength: 6 }) })
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (damages) => {
        let damaged = text
        for (const { at, remove, insert } of damages) damaged = damaged.slice(0, at) + insert + damaged.slice(at + remove)
        const outcome = parseSdp(damaged)
        if (outcome.ok) parseSdp(writeSdp(outcome.value))
        assert.equal(typeof outcome.ok, 'boolean')
      }),
      { numRuns: 2000 },
    )
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../kernel/limits.ts'
import type { Message, ProtocolFault } from './message.ts'
import { parse } from './parser.ts'

const encoder = new TextEncoder()

const ordinary = [
  'INVITE sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKnashds8;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@example.com>;tag=1928301774',
  'To: Bob <sip:bob@example.com>',
  'Call-ID: a84b4c76e66710@192.0.2.10',
  'CSeq: 314159 INVITE',
]

/** The ordinary INVITE with lines changed by their beginnings (`undefined` takes one out) and others added. */
function invite(changes: Readonly<Record<string, string | undefined>> = {}, added: readonly string[] = [], body = ''): Uint8Array {
  const lines = ordinary.flatMap((line) => {
    const key = Object.keys(changes).find((start) => line.startsWith(start))
    return key === undefined ? [line] : (changes[key] ?? [])
  })
  return encoder.encode(`${[...lines, ...added].join('\r\n')}\r\n\r\n${body}`)
}

function read(bytes: Uint8Array): Message {
  const outcome = parse(bytes)
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.error.why)
  return outcome.value
}

function fault(bytes: Uint8Array): ProtocolFault {
  const outcome = parse(bytes)
  assert.ok(!outcome.ok, 'a fault was expected')
  return outcome.error
}

describe('parse', () => {
  it('puts structured headers into fields and leaves the others as text, in order', () => {
    const message = read(invite({}, ['m: <sip:alice@192.0.2.10>', 'X-FOO:  a ', 'k: timer', 'Supported: 100rel'], 'body'))
    assert.ok(message.kind === 'request')
    assert.deepEqual([message.method, message.maxForwards, message.callId], ['INVITE', 70, 'a84b4c76e66710@192.0.2.10'])
    assert.deepEqual(message.headers, [
      { name: 'Contact', value: '<sip:alice@192.0.2.10>' },
      { name: 'X-Foo', value: 'a' },
      { name: 'Supported', value: 'timer' },
      { name: 'Supported', value: '100rel' },
    ])
    assert.equal(new TextDecoder().decode(message.body), 'body')
  })

  it('RFC 3261 §7.5: ignores empty lines before the start line', () => {
    assert.equal(read(Uint8Array.from([13, 10, 13, 10, ...invite()])).kind, 'request')
  })

  it('RFC 3261 §18.3: takes the rest of a datagram without Content-Length, and no more than Content-Length', () => {
    assert.equal(read(invite({}, [], '12345')).body.length, 5)
    assert.equal(read(invite({}, ['Content-Length: 3'], '12345')).body.length, 3)
  })

  it('RFC 3261 §18.3: a body that is too short is answered with 400', () => {
    const { status, answer } = fault(invite({}, ['Content-Length: 6'], '12345'))
    assert.deepEqual([status, answer?.callId], [400, 'a84b4c76e66710@192.0.2.10'])
  })

  it('RFC 3261 §7.3.1: unfolds lines', () => {
    assert.deepEqual(read(invite({}, ['Subject: a', ' \t b', '\tc  '])).headers, [{ name: 'Subject', value: 'a b c' }])
  })

  it('RFC 3261 §7.1: the version is compared without case', () => {
    assert.equal(read(invite({ INVITE: 'INVITE sip:bob@example.com sip/2.0' })).kind, 'request')
  })

  it('reads a name in ISO 8859-1 as well as in UTF-8', () => {
    const bytes = invite({ From: 'From: "J?r?me" <sip:alice@example.com>;tag=1' })
    assert.equal(read(bytes.map((byte) => (byte === 0x3f ? 0xe9 : byte))).from.displayName, 'Jéréme')
    assert.equal(read(invite({ From: 'From: "Jérôme" <sip:alice@example.com>;tag=1' })).from.displayName, 'Jérôme')
  })

  const startLines = [
    ...['INVITE sip:bob@example.com', 'INVITE SIP/2.0', 'INVITE  sip:bob@example.com SIP/2.0', ' INVITE sip:bob@example.com SIP/2.0'],
    ...[
      'INV(TE sip:bob@example.com SIP/2.0',
      'INVITE sip:bob@example.com SIP/2.0 ',
      'INVITE sip:bob@example.com HTTP/1.1',
      'INVITE <sip:bob@example.com> SIP/2.0',
    ],
    ...[
      'INVITE sip:bob@example.com SIP/2.x',
      'INVITE sip:bob@example.com SIP/',
      'INVITE bob SIP/2.0',
      'INVITE sip:bob@example.com?a=b SIP/2.0',
    ],
  ]
  for (const line of startLines) it(`refuses ${JSON.stringify(line)}`, () => assert.equal(fault(invite({ INVITE: line })).status, 400))

  it('RFC 3261 §21.5.6: answers another version with 505', () => {
    for (const version of ['SIP/1.0', 'SIP/3.0', 'SIP/2.1', 'sip/02.0']) {
      const { status, answer } = fault(invite({ INVITE: `INVITE sip:bob@example.com ${version}` }))
      assert.deepEqual([status, answer?.method], [505, 'INVITE'], version)
    }
  })

  const statusLines = [
    'SIP/2.0 200',
    'SIP/2.0  200 OK',
    'SIP/2.0 99 x',
    'SIP/2.0 2000 x',
    'SIP/2.0 700 x',
    'SIP/2.0 2x0 OK',
    'SIP/3.0 200 OK',
    'SIP/2.0 099 x',
  ]
  for (const line of statusLines) {
    it(`drops a response that begins with ${JSON.stringify(line)}`, () => assert.equal(fault(invite({ INVITE: line })).answer, undefined))
  }

  for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
    it(`RFC 3261 §8.1.1: drops a request without ${name}`, () => {
      const { why, answer } = fault(invite({ [name]: undefined }))
      assert.equal(answer, undefined)
      assert.ok(why.includes(name), why)
    })
  }

  it('RFC 3261 §16.6: supposes 70 where Max-Forwards is missing', () => {
    const message = read(invite({ 'Max-Forwards': undefined }))
    assert.ok(message.kind === 'request')
    assert.equal(message.maxForwards, 70)
  })

  for (const line of ['From: <sip:a@b>;tag=2', 'To: <sip:a@b>', 'Call-ID: x', 'CSeq: 2 INVITE', 'Max-Forwards: 1', 'i: x']) {
    it(`refuses a second ${line}`, () => {
      const { status, answer } = fault(invite({}, [line]))
      assert.deepEqual([status, answer?.callId, answer?.cseq.number], [400, 'a84b4c76e66710@192.0.2.10', 314_159])
    })
  }

  it('refuses two lengths, whether they agree or not', () => {
    for (const second of ['Content-Length: 5', 'l: 4', 'CONTENT-LENGTH : 5']) {
      assert.equal(fault(invite({}, ['Content-Length: 5', second], '12345')).status, 400, second)
    }
  })

  for (const value of ['-1', '+1', '1.0', '0x1', '1 1', '', '4294967297', '99999999999999999999']) {
    it(`refuses the length ${JSON.stringify(value)}`, () => assert.equal(fault(invite({}, [`Content-Length: ${value}`])).status, 400))
  }

  for (const line of ['NoColon', ': empty', 'Sub ject: x', 'Süd: x', 'X(1): x']) {
    it(`refuses the header line ${JSON.stringify(line)}`, () => assert.equal(fault(invite({}, [line])).status, 400))
  }

  for (const [what, damage] of Object.entries({ LF: '\n', CR: '\r', NUL: '\0', BEL: '\u0007', DEL: '\u007f', ESC: '\u001b' })) {
    it(`refuses a lone ${what} in the head, where two readers could see two different headers`, () => {
      assert.equal(fault(invite({}, [`Subject: a${damage}Contact: <sip:eve@example.com>`])).status, 400)
    })
  }

  it('refuses a head without an end', () => assert.equal(fault(invite().slice(0, -2)).status, 400))

  it('keeps within its bounds', () => {
    assert.equal(read(invite({}, new Array<string>(limits.sipHeaders - 7 + 1).fill('A: b'))).headers.length, limits.sipHeaders - 6)
    assert.match(fault(invite({}, new Array<string>(limits.sipHeaders).fill('A: b'))).why, /too many/)
    assert.match(fault(invite({}, [`A: ${'b'.repeat(limits.sipHeaderBytes)}`])).why, /too long/)
    assert.match(fault(invite({}, [], 'x'.repeat(limits.sipMessageBytes))).why, /longer/)
  })

  it('keeps quiet about bytes that are no message at all', () => {
    for (const bytes of ['', '\r\n', '\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\u0016\u0003\u0001', 'x'.repeat(1000)]) {
      assert.equal(fault(encoder.encode(bytes)).answer, undefined, bytes.slice(0, 20))
    }
  })
})

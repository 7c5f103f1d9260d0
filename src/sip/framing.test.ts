import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { limits } from '../kernel/limits.ts'
import { type Framed, StreamFramer } from './framing.ts'
import { parse } from './parser.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const head = (length: string) =>
  `MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\n${length}From: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\n\r\n`
const message = (body: string, name = 'Content-Length') => `${head(`${name}: ${encoder.encode(body).length}\r\n`)}${body}`

function push(text: string, framer = new StreamFramer()): readonly Framed[] {
  return framer.push(encoder.encode(text))
}

const shown = (framed: readonly Framed[]) => framed.map((one) => (one.kind === 'message' ? decoder.decode(one.bytes) : one.kind))

describe('StreamFramer', () => {
  it('RFC 3261 §18.3: cuts by Content-Length, under each of its names', () => {
    const [one, two, three] = [message('hello'), message('', 'l'), message('ü\r\n\r\n', 'content-length  ')]
    assert.deepEqual(shown(push(one + two + three)), [one, two, three])
  })

  it('reads a folded Content-Length, and none out of another header', () => {
    const folded = message('abc').replace('Content-Length: 3', 'Subject: x\r\n Content-Length: 9\r\nContent-Length:\r\n 3')
    assert.deepEqual(shown(push(folded)), [folded])
  })

  it('RFC 5626 §4.4.1: tells pings from pongs', () => {
    assert.deepEqual(shown(push('\r\n\r\n')), ['ping'])
    assert.deepEqual(shown(push('\r\n')), ['pong'])
    assert.deepEqual(shown(push(`\r\n${message('x')}\r\n\r\n${message('y')}`)), ['pong', message('x'), 'ping', message('y')])
  })

  it('answers a ping that arrives in two pieces', () => {
    for (const pieces of [
      ['\r\n', '\r\n'],
      ['\r', '\n\r\n'],
      ['\r\n\r', '\n'],
      ['\r', '\n', '\r', '\n'],
    ]) {
      const framer = new StreamFramer()
      const framed = pieces.flatMap((piece) => shown(push(piece, framer)))
      assert.equal(framed.filter((one) => one === 'ping').length, 1, JSON.stringify(pieces))
    }
  })

  it('a message between two CRLFs keeps them apart', () => {
    const framer = new StreamFramer()
    assert.deepEqual(shown(push('\r\n', framer)), ['pong'])
    assert.deepEqual(shown(push(message('x'), framer)), [message('x')])
    assert.deepEqual(shown(push('\r\n', framer)), ['pong'])
  })

  const broken: Readonly<Record<string, string>> = {
    'no Content-Length': head(''),
    'two lengths': head('Content-Length: 0\r\nl: 0\r\n'),
    'an illegal length': head('Content-Length: -1\r\n'),
    'a length beyond the bound': head(`Content-Length: ${limits.sipMessageBytes}\r\n`),
    'a head without an end': `A: ${'b'.repeat(limits.sipMessageBytes)}`,
    'a lone LF': 'MESSAGE sip:a@b SIP/2.0\nl: 0\n\n',
    'a lone CR between messages': '\rx',
    'a TLS hello': '\u0016\u0003\u0001\u0002',
    'a space before the start line': ` ${message('x')}`,
  }
  for (const [what, text] of Object.entries(broken)) {
    it(`gives a stream up at ${what}, and stays silent from then on`, () => {
      const framer = new StreamFramer()
      assert.deepEqual(shown(push(message('before') + text, framer)), [message('before'), 'broken'])
      assert.deepEqual(push(message('after'), framer), [])
    })
  }

  it('frames the same, wherever the network cuts the stream', () => {
    const pieces = fc.constantFrom(message(''), message('hello'), message('\r\n\r\nMESSAGE'), message('ü'.repeat(300)), message('x', 'L'))
    fc.assert(
      fc.property(
        fc.array(pieces, { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (messages, steps) => {
          const stream = encoder.encode(messages.join(''))
          const framer = new StreamFramer()
          const framed: Framed[] = []
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const step = steps[turn % steps.length] ?? 1
            framed.push(...framer.push(stream.subarray(at, at + step)))
            at += step
          }
          assert.deepEqual(shown(framed), messages)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('hands out bytes that the next push does not touch', () => {
    const framer = new StreamFramer()
    const [first] = push(message('hello'), framer)
    push(message('world'), framer)
    assert.ok(first?.kind === 'message')
    assert.equal(decoder.decode(first.bytes), message('hello'))
  })

  it('never breaks on whatever comes, and says no more than the parser can judge', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(encoder.encode(message('x')))), { maxLength: 6 }),
        (chunks) => {
          const framer = new StreamFramer()
          for (const chunk of chunks)
            for (const one of framer.push(chunk)) if (one.kind === 'message') assert.equal(typeof parse(one.bytes).ok, 'boolean')
        },
      ),
      { numRuns: 2000 },
    )
  })
})

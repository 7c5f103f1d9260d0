import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { instant } from '../kernel/time.ts'
import { fromBase64 } from './base64.ts'
import { readOrder } from './order-codec.ts'
import { Reception } from './reception.ts'
import { appendGoodbye, PeerReports, writeReport } from './rtcp.ts'
import { looksLikeRtcp, RtpHeader, sequenceAhead } from './rtp.ts'
import { SrtpContext } from './srtp.ts'

const at = instant(1_700_000_000_000)
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const newCipher = (key: Uint8Array) => {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  return (blocks: Uint8Array): Uint8Array => cipher.update(blocks)
}

describe('RTP headers (RFC 3550 §5.1)', () => {
  test('what is written is read', () => {
    const field = fc.record({
      marker: fc.boolean(),
      payloadType: fc.integer({ min: 0, max: 127 }),
      sequence: fc.integer({ min: 0, max: 65_535 }),
      timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      ssrc: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(field, (fields) => {
        const packet = new Uint8Array(20)
        Object.assign(new RtpHeader(), fields).write(packet)
        const read = new RtpHeader()
        assert.ok(read.read(packet, 20))
        assert.deepEqual({ ...read }, { ...fields, payloadOffset: 12, payloadLength: 8 })
      }),
    )
  })

  const cases: [string, string, false | [offset: number, length: number]][] = [
    ['contributing sources are passed over', '82000001 00000002 00000003 aaaaaaaa bbbbbbbb ffff', [20, 2]],
    ['an extension is passed over', '90000001 00000002 00000003 bede0001 11223344 ffff', [20, 2]],
    ['padding is cut off', 'a0000001 00000002 00000003 ffff 000003', [12, 2]],
    ['an empty packet has no payload', '80000001 00000002 00000003', [12, 0]],
    ['version 1', '40000001 00000002 00000003 ffff', false],
    ['shorter than a header', '80000001 00000002 000000', false],
    ['contributing sources beyond the end', '8f000001 00000002 00000003 ffff', false],
    ['an extension beyond the end', '90000001 00000002 00000003 bedeffff', false],
    ['an extension without its length', '90000001 00000002 00000003 bede', false],
    ['more padding than packet', 'a0000001 00000002 00000003 ffff09', false],
    ['padding of zero', 'a0000001 00000002 00000003 ffff00', false],
  ]
  for (const [name, bytes, expected] of cases) {
    test(name, () => {
      const header = new RtpHeader()
      const packet = hex(bytes)
      assert.equal(header.read(packet, packet.length), expected !== false)
      if (expected) assert.deepEqual([header.payloadOffset, header.payloadLength], expected)
    })
  }

  test('RFC 5761 §4: payload types 64 to 95 are RTCP on a shared port', () => {
    assert.deepEqual(
      [191, 192, 200, 223, 224].map((second) => looksLikeRtcp(Uint8Array.of(0x80, second))),
      [false, true, true, true, false],
    )
  })
})

describe('reception (RFC 3550 appendix A)', () => {
  test('loss, duplicates, reordering and roll-over are told apart', () => {
    const reception = new Reception()
    const arrivals = [65_534, 65_535, 1, 0, 0, 5].map((sequence) => reception.arrive(sequence, 7))
    assert.deepEqual(arrivals, ['restarted', 'next', 'next', 'reordered', 'duplicate', 'next'])
    assert.equal(reception.lost, 3)
    assert.equal(reception.fractionLost(), Math.floor((3 * 256) / 8))
    assert.equal(reception.fractionLost(), 0)
  })

  test('one stray sequence is doubted, two in a row are a restart', () => {
    const reception = new Reception()
    reception.arrive(10, 7)
    assert.deepEqual([reception.arrive(40_000, 7), reception.arrive(11, 7)], ['doubtful', 'next'])
    assert.deepEqual([reception.arrive(30_000, 7), reception.arrive(30_001, 7)], ['doubtful', 'restarted'])
  })

  test('jitter: a constant 10 ms back and forth converges to 80 samples', () => {
    const reception = new Reception()
    for (let n = 0; n < 400; n++) reception.timing(instant(at + n * 20 + (n % 2) * 10), n * 160)
    assert.ok(Math.abs(reception.jitter - 80) < 1, String(reception.jitter))
  })
})

describe('RTCP (RFC 3550 §6)', () => {
  test('a report of ours, read by the peer and answered, yields loss, jitter and round trip', () => {
    const ours = new Uint8Array(160)
    const theirs = new Uint8Array(160)
    const sent = { ssrc: 1, packets: 10, octets: 1_600, timestamp: 99 }
    const reception = new Reception()
    for (const sequence of [1, 2, 4]) reception.arrive(sequence, 1)
    const peer = new PeerReports()
    const us = new PeerReports()
    peer.read(instant(at + 30), ours, writeReport(ours, at, sent, new Reception(), us, 'a@sotto'), 2)
    const length = writeReport(theirs, instant(at + 1_030), { ...sent, ssrc: 2 }, reception, peer, 'b@sotto')
    us.read(instant(at + 1_060), theirs, appendGoodbye(theirs, length, 2), 1)
    assert.equal(us.fractionLost, 0.25)
    assert.ok(Math.abs((us.roundTripMs ?? 0) - 60) < 1, String(us.roundTripMs))
    assert.equal(length % 4, 0)
  })

  test('a leg that sent nothing sends a receiver report', () => {
    const out = new Uint8Array(160)
    writeReport(out, at, { ssrc: 1, packets: 0, octets: 0, timestamp: 0 }, new Reception(), new PeerReports(), 'a@sotto')
    assert.equal(out[1], 201)
  })
})

test('base64 equals the platform’s', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => assert.deepEqual(fromBase64(Buffer.from(bytes).toString('base64')), bytes)),
  )
})

describe('fuzz: whatever the bytes, no exception', () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  const looksValid = bytes.map((random) => {
    if (random[0] !== undefined) random[0] = 0x80 | (random[0] & 0x3f)
    return random
  })
  test('RTP, SRTP and RTCP', () => {
    const header = new RtpHeader()
    const srtp = new SrtpContext('AES_CM_128_HMAC_SHA1_80', new Uint8Array(30), newCipher)
    fc.assert(
      fc.property(fc.oneof(bytes, looksValid), (packet) => {
        if (header.read(packet, packet.length)) assert.ok(header.payloadOffset + header.payloadLength <= packet.length)
        new PeerReports().read(at, packet, packet.length, 1)
        assert.equal(srtp.unprotect(packet, packet.length), -1)
        assert.equal(srtp.unprotectRtcp(packet, packet.length), -1)
      }),
      { numRuns: 5_000 },
    )
  })

  test('protocol lines: an order or a reason', () => {
    const kinds = fc.constantFrom(
      'hello',
      'renew',
      'open-leg',
      'set-leg',
      'set-voice',
      'close-leg',
      'rewire',
      'close-bridge',
      'send-dtmf',
      'measure',
    )
    const almost = fc.record({
      kind: kinds,
      leg: fc.anything(),
      media: fc.anything(),
      rows: fc.anything(),
      bridge: fc.anything(),
      epoch: fc.anything(),
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          almost.map((value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? 1 : v))),
        ),
        (line) => {
          const read = readOrder(line)
          if (!read.ok) assert.ok(read.error.length > 0)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('a whole order is read as it was written', () => {
    const order = {
      kind: 'set-leg',
      leg: 'l1',
      media: {
        remote: { address: '2001:db8::1', port: 4_000 },
        rtcpMux: true,
        codec: 'PCMA',
        payloadType: 8,
        telephoneEvent: 101,
        ptimeMs: 20,
        direction: 'sendrecv',
        srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', send: 'AA==', receive: 'AA==' },
      },
    }
    assert.deepEqual(readOrder(JSON.stringify(order)), { ok: true, value: order })
  })

  test('orders of legs over WebRTC too, with descriptions that are longer than any name', () => {
    const description = `v=0\r\n${'a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n'.repeat(100)}`
    for (const order of [
      { kind: 'open-leg', leg: 'l', account: 'a', voice: 'supervisor', family: 4, webrtc: { role: 'answer', offer: description } },
      { kind: 'open-leg', leg: 'l', account: 'a', voice: 'core', family: 4, webrtc: { role: 'offer' } },
      { kind: 'describe-leg', leg: 'l', description, type: 'answer' },
    ])
      assert.deepEqual(readOrder(JSON.stringify(order)), { ok: true, value: order })
    const endless = { kind: 'describe-leg', leg: 'l', description: 'v'.repeat(40_000), type: 'offer' }
    assert.ok(!readOrder(JSON.stringify(endless)).ok)
    assert.ok(!readOrder(JSON.stringify({ ...endless, description, type: 'rollback' })).ok)
  })
})

test('sequence numbers are compared on a circle', () => {
  assert.deepEqual([sequenceAhead(0, 65_535), sequenceAhead(65_535, 0), sequenceAhead(5, 5)], [1, -1, 0])
})

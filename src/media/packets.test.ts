import assert from 'node:assert/strict'
import { createCipheriv, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { instant } from '../kernel/time.ts'
import { fromBase64 } from './base64.ts'
import { readOrder } from './order-codec.ts'
import { Reception } from './reception.ts'
import { appendGoodbye, PeerReports, writeReport } from './rtcp.ts'
import { looksLikeRtcp, RtpHeader, sequenceAhead } from './rtp.ts'
import { HmacSha1 } from './sha1.ts'
import { SrtpContext, srtpContexts } from './srtp.ts'

const at = instant(1_700_000_000_000)
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const newCipher = (key: Uint8Array) => {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  return (blocks: Uint8Array): Uint8Array => cipher.update(blocks)
}

function rtp(sequence: number, payload: Uint8Array, ssrc = 0xdecafbad): Uint8Array {
  const header = new RtpHeader()
  Object.assign(header, { payloadType: 0, sequence, timestamp: sequence * 160, ssrc })
  const packet = new Uint8Array(12 + payload.length)
  header.write(packet)
  packet.set(payload, 12)
  return packet
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
    assert.deepEqual([191, 192, 200, 223, 224].map((second) => looksLikeRtcp(Uint8Array.of(0x80, second))), [false, true, true, true, false])
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

describe('SRTP (RFC 3711)', () => {
  // Appendix B.3.
  const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6')
  const sessionKey = hex('C61E7A93744F39EE10734AFE3FF7A087')
  const sessionSalt = hex('30CBBC08863D8C85D49DB34A9AE1')
  const sessionAuth = hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4')

  /** The standard once more, by way of the platform's own CTR mode and HMAC. */
  function reference(packet: Uint8Array, rollover: number, tagBytes: number): Uint8Array {
    const iv = Buffer.alloc(16)
    iv.set(sessionSalt)
    for (let i = 0; i < 4; i++) iv[4 + i] = (iv[4 + i] ?? 0) ^ (packet[8 + i] ?? 0)
    iv.writeUInt32BE((iv.readUInt32BE(8) ^ rollover) >>> 0, 8)
    iv.writeUInt16BE(iv.readUInt16BE(12) ^ (((packet[2] ?? 0) << 8) | (packet[3] ?? 0)), 12)
    const body = createCipheriv('aes-128-ctr', sessionKey, iv).update(packet.subarray(12))
    const signed = Buffer.concat([packet.subarray(0, 12), body])
    const suffix = Buffer.alloc(4)
    suffix.writeUInt32BE(rollover)
    return Buffer.concat([signed, createHmac('sha1', sessionAuth).update(signed).update(suffix).digest().subarray(0, tagBytes)])
  }

  test('appendix B.3: the session keys are derived as printed', () => {
    const keys: string[] = []
    new SrtpContext('AES_CM_128_HMAC_SHA1_80', master, (key) => {
      keys.push(Buffer.from(key).toString('hex'))
      return newCipher(key)
    })
    assert.equal(keys[1], Buffer.from(sessionKey).toString('hex'))
  })

  for (const [suite, tagBytes] of [
    ['AES_CM_128_HMAC_SHA1_80', 10],
    ['AES_CM_128_HMAC_SHA1_32', 4],
  ] as const) {
    test(`${suite}: packets before and after the roll-over equal an independent implementation's`, () => {
      const send = new SrtpContext(suite, master, newCipher)
      const receive = new SrtpContext(suite, master, newCipher)
      for (const [sequence, rollover] of [
        [65_534, 0],
        [65_535, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const plain = rtp(sequence, Uint8Array.from({ length: 160 }, (_, n) => n ^ sequence))
        const buffer = new Uint8Array(plain.length + 16)
        buffer.set(plain)
        const length = send.protect(buffer, plain.length)
        assert.deepEqual(Buffer.from(buffer.subarray(0, length)), Buffer.from(reference(plain, rollover, tagBytes)))
        assert.equal(receive.unprotect(buffer, length), plain.length)
        assert.deepEqual(buffer.subarray(0, plain.length), plain)
      }
    })
  }

  test('a replay, a changed bit and a stranger’s key are refused; the stream goes on', () => {
    const send = new SrtpContext('AES_CM_128_HMAC_SHA1_80', master, newCipher)
    const receive = new SrtpContext('AES_CM_128_HMAC_SHA1_80', master, newCipher)
    const protectedPacket = (sequence: number): Uint8Array => {
      const buffer = new Uint8Array(40)
      buffer.set(rtp(sequence, Uint8Array.of(1, 2, 3)))
      return buffer.slice(0, send.protect(buffer, 15))
    }
    const first = protectedPacket(1)
    const second = protectedPacket(2)
    assert.equal(receive.unprotect(second.slice(), second.length), 15)
    assert.equal(receive.unprotect(second.slice(), second.length), -1)
    const forged = first.slice()
    forged[13] = (forged[13] ?? 0) ^ 1
    assert.equal(receive.unprotect(forged, forged.length), -1)
    assert.equal(receive.unprotect(first.slice(), first.length), 15)
    for (let sequence = 3; sequence < 200; sequence++) receive.unprotect(protectedPacket(sequence), 25)
    assert.equal(receive.unprotect(first.slice(), first.length), -1)
  })

  test('SRTCP: there and back, no replay, no forgery', () => {
    const send = new SrtpContext('AES_CM_128_HMAC_SHA1_32', master, newCipher)
    const receive = new SrtpContext('AES_CM_128_HMAC_SHA1_32', master, newCipher)
    const buffer = new Uint8Array(160)
    const plain = writeReport(buffer, at, { ssrc: 1, packets: 1, octets: 1, timestamp: 1 }, new Reception(), new PeerReports(), 'a@sotto')
    const before = buffer.slice(0, plain)
    const length = send.protectRtcp(buffer, plain)
    assert.equal(length, plain + 14)
    const copy = buffer.slice(0, length)
    assert.notDeepEqual(copy.slice(0, plain), before)
    const forged = copy.slice()
    forged[9] = (forged[9] ?? 0) ^ 1
    assert.equal(receive.unprotectRtcp(forged, length), -1)
    assert.equal(receive.unprotectRtcp(copy, length), plain)
    assert.deepEqual(copy.slice(0, plain), before)
    assert.equal(receive.unprotectRtcp(buffer.slice(0, length), length), -1)
  })

  test('keys that are no keys are refused', () => {
    const good = Buffer.from(master).toString('base64')
    const suite = 'AES_CM_128_HMAC_SHA1_80'
    assert.ok(srtpContexts({ suite, send: good, receive: good }, newCipher))
    for (const send of ['', '!!!', good.slice(4), `${good}AAAA`]) assert.equal(srtpContexts({ suite, send, receive: good }, newCipher), undefined)
  })

  test('HMAC-SHA1 equals the platform’s for every length around the block', () => {
    const key = sessionAuth
    const hmac = new HmacSha1(key)
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, n) => n * 7)
      const out = new Uint8Array(20)
      hmac.digest(out, data, length, 0x01020304)
      assert.deepEqual(Buffer.from(out), createHmac('sha1', key).update(data).update(hex('01020304')).digest(), String(length))
      hmac.digest(out, data, length)
      assert.deepEqual(Buffer.from(out), createHmac('sha1', key).update(data).digest(), String(length))
    }
  })
})

test('base64 equals the platform’s', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => assert.deepEqual(fromBase64(Buffer.from(bytes).toString('base64')), bytes)))
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
    const kinds = fc.constantFrom('hello', 'renew', 'open-leg', 'set-leg', 'set-voice', 'close-leg', 'rewire', 'close-bridge', 'send-dtmf', 'measure')
    const almost = fc.record({ kind: kinds, leg: fc.anything(), media: fc.anything(), rows: fc.anything(), bridge: fc.anything(), epoch: fc.anything() })
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), almost.map((value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? 1 : v)))), (line) => {
        const read = readOrder(line)
        if (!read.ok) assert.ok(read.error.length > 0)
      }),
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
})

test('sequence numbers are compared on a circle', () => {
  assert.deepEqual([sequenceAhead(0, 65_535), sequenceAhead(65_535, 0), sequenceAhead(5, 5)], [1, -1, 0])
})

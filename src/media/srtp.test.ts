import assert from 'node:assert/strict'
import { createCipheriv, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { instant } from '../kernel/time.ts'
import { Reception } from './reception.ts'
import { PeerReports, writeReport } from './rtcp.ts'
import { RtpHeader } from './rtp.ts'
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
        const plain = rtp(
          sequence,
          Uint8Array.from({ length: 160 }, (_, n) => n ^ sequence),
        )
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
    for (const send of ['', '!!!', good.slice(4), `${good}AAAA`])
      assert.equal(srtpContexts({ suite, send, receive: good }, newCipher), undefined)
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

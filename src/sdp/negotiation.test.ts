import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Direction } from './audio.ts'
import type { SessionDescription } from './description.ts'
import { answerOffer, familyOf, type LocalAudio, makeOffer, readAnswer } from './negotiation.ts'
import { parseSdp } from './parser.ts'
import { writeSdp } from './writer.ts'

const ourKey = 'A'.repeat(40)
const theirKey = 'b'.repeat(40)

const local: LocalAudio = {
  endpoint: { address: '192.0.2.1', port: 30_000 },
  codecs: ['PCMU', 'PCMA'],
  telephoneEvent: true,
  comfortNoise: true,
  ptimeMs: 20,
  direction: 'sendrecv',
}
const describer = { sessionId: '7' }

/** A phone's description: `audio` is its m= line without port, or a list of further lines. */
function description(lines: readonly string[]): SessionDescription {
  const outcome = parseSdp(['v=0', 'o=phone 1 1 IN IP4 203.0.113.5', 's=-', 't=0 0', ...lines].join('\r\n'))
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.error)
  return outcome.value
}

const address = 'c=IN IP4 203.0.113.5'

function answer(offer: SessionDescription, own: LocalAudio = local) {
  const outcome = answerOffer(offer, own, describer)
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.error)
  return outcome.value
}

function refusedBecause(lines: readonly string[], own: LocalAudio = local): string {
  const outcome = answerOffer(description(lines), own, describer)
  assert.equal(outcome.ok, false)
  return outcome.ok ? '' : outcome.error
}

const written = (sdp: SessionDescription) => writeSdp(sdp).trim().split('\r\n')

describe('answerOffer', () => {
  it('takes the codec that the offer prefers, with events and comfort noise', () => {
    const {
      agreed,
      answer: sdp,
      holds,
    } = answer(description([address, 'm=audio 4000 RTP/AVP 9 8 0 13 97', 'a=rtpmap:97 telephone-event/8000']))
    assert.deepEqual(agreed, {
      remote: { address: '203.0.113.5', port: 4000 },
      remoteRtcp: { address: '203.0.113.5', port: 4001 },
      ...{ rtcpMux: false, codec: 'PCMA', payloadType: 8, telephoneEvent: 97, comfortNoise: 13, ptimeMs: 20, direction: 'sendrecv' },
    })
    assert.equal(holds, false)
    assert.deepEqual(written(sdp), [
      ...['v=0', 'o=- 7 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 30000 RTP/AVP 8 97 13', 'a=rtpmap:8 PCMA/8000'],
      ...['a=rtpmap:97 telephone-event/8000', 'a=fmtp:97 0-15', 'a=rtpmap:13 CN/8000', 'a=ptime:20', 'a=sendrecv'],
    ])
  })

  it('knows a codec under a dynamic payload type, in any case', () => {
    const { agreed } = answer(description([address, 'm=audio 4000 RTP/AVP 100', 'a=rtpmap:100 pcma/8000/1']))
    assert.deepEqual([agreed.codec, agreed.payloadType], ['PCMA', 100])
  })

  it('takes neither two channels nor another clock rate for G.711', () => {
    assert.match(refusedBecause([address, 'm=audio 4000 RTP/AVP 100 101', 'a=rtpmap:100 PCMA/8000/2', 'a=rtpmap:101 PCMU/16000']), /codec/)
  })

  it('leaves out events and comfort noise that were not offered or are not wanted', () => {
    const offer = description([address, 'm=audio 4000 RTP/AVP 0 13 101', 'a=rtpmap:101 telephone-event/8000'])
    assert.deepEqual(answer(offer, { ...local, comfortNoise: false, telephoneEvent: false }).answer.streams[0]?.formats, ['0'])
    assert.deepEqual(answer(description([address, 'm=audio 4000 RTP/AVP 0'])).answer.streams[0]?.formats, ['0'])
  })

  it('RFC 3264 §6: refuses every other stream in its place', () => {
    const offer = description([
      ...[address, 'm=video 5000 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'm=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/AVP 0'],
      ...['m=image 5002 udptl t38', 'm=application 5004 TCP/BFCP *'],
    ])
    const sdp = answer(offer).answer
    assert.deepEqual(
      sdp.streams.map(({ kind, port, protocol, formats }) => [kind, port, protocol, ...formats]),
      [
        ['video', 0, 'RTP/AVP', '96'],
        ['audio', 30_000, 'RTP/AVP', '0'],
        ['audio', 0, 'RTP/AVP', '0'],
        ['image', 0, 'udptl', 't38'],
        ['application', 0, 'TCP/BFCP', '*'],
      ],
    )
  })

  it('takes the second audio stream when the first one cannot be taken', () => {
    const offer = description([
      address,
      'm=audio 4000 RTP/SAVP 0',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`,
      'm=audio 4002 RTP/AVP 0',
    ])
    const { agreed, answer: sdp } = answer(offer)
    assert.equal(agreed.remote.port, 4002)
    assert.deepEqual(
      sdp.streams.map((stream) => stream.port),
      [0, 30_000],
    )
  })

  const refusals: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    'no stream': [[address], /no audio/],
    'no audio': [[address, 'm=video 5000 RTP/AVP 96'], /no audio/],
    'audio that the offer itself refuses': [[address, 'm=audio 0 RTP/AVP 0'], /no audio/],
    'no codec in common': [[address, 'm=audio 4000 RTP/AVP 18 9'], /codec/],
    'no address': [['m=audio 4000 RTP/AVP 0'], /address/],
    'a host name for an address': [['c=IN IP4 phone.example.com', 'm=audio 4000 RTP/AVP 0'], /unicast/],
    'a multicast address': [['c=IN IP4 224.2.36.42/127', 'm=audio 4000 RTP/AVP 0'], /unicast/],
    'everybody on the wire': [['c=IN IP4 255.255.255.255', 'm=audio 4000 RTP/AVP 0'], /unicast/],
    'an IPv6 multicast address': [['c=IN IP6 ff15::101', 'm=audio 4000 RTP/AVP 0'], /unicast/],
    'the other IP version': [['c=IN IP6 2001:db8::5', 'm=audio 4000 RTP/AVP 0'], /IP version/],
    WebRTC: [[address, 'm=audio 4000 UDP/TLS/RTP/SAVPF 0'], /not supported/],
    'SRTP without a key of ours': [[address, 'm=audio 4000 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`], /keys/],
  }
  for (const [what, [lines, why]] of Object.entries(refusals)) it(`refuses ${what}`, () => assert.match(refusedBecause(lines), why))

  it('answers over IPv6', () => {
    const offer = description(['c=IN IP6 2001:db8::5', 'm=audio 4000 RTP/AVP 0'])
    assert.equal(familyOf(offer), 6)
    const { agreed, answer: sdp } = answer(offer, { ...local, endpoint: { address: '2001:db8::1', port: 30_000 } })
    assert.deepEqual(agreed.remote, { address: '2001:db8::5', port: 4000 })
    assert.ok(written(sdp).includes('c=IN IP6 2001:db8::1'))
  })
})

describe('RFC 5118: addresses of both versions', () => {
  it('§4.8: each stream has its own', () => {
    const offer = description(['m=audio 22334 RTP/AVP 0', 'c=IN IP4 192.0.2.1', 'm=video 6024 RTP/AVP 107', 'c=IN IP6 2001:db8::1'])
    assert.equal(familyOf(offer), 4)
    assert.deepEqual(answer(offer).agreed.remote, { address: '192.0.2.1', port: 22_334 })
  })

  it('§4.9: an IPv4-mapped address is one of IPv6', () => {
    const offer = description(['c=IN IP6 ::ffff:192.0.2.2', 'm=audio 6000 RTP/AVP 0'])
    assert.equal(familyOf(offer), 6)
    assert.equal(answer(offer, { ...local, endpoint: { address: '2001:db8::1', port: 30_000 } }).agreed.remote.address, '::ffff:192.0.2.2')
  })
})

describe('direction and hold', () => {
  const said: readonly (readonly [string[], Direction, boolean])[] = [
    [[], 'sendrecv', false],
    [['a=sendrecv'], 'sendrecv', false],
    [['a=sendonly'], 'recvonly', true],
    [['a=recvonly'], 'sendonly', false],
    [['a=inactive'], 'inactive', true],
  ]
  for (const [lines, direction, holds] of said) {
    it(`RFC 3264 §6.1: ${lines[0] ?? 'no direction'} is answered with ${direction}`, () => {
      const result = answer(description([address, 'm=audio 4000 RTP/AVP 0', ...lines]))
      assert.deepEqual([result.agreed.direction, result.holds], [direction, holds])
      assert.ok(written(result.answer).includes(`a=${direction}`))
    })
  }

  it('a direction of the session holds for the stream', () => {
    assert.equal(answer(description([address, 'a=sendonly', 'm=audio 4000 RTP/AVP 0'])).agreed.direction, 'recvonly')
    assert.equal(answer(description([address, 'a=sendonly', 'm=audio 4000 RTP/AVP 0', 'a=sendrecv'])).agreed.direction, 'sendrecv')
  })

  it('RFC 3264 §8.4: the address 0.0.0.0 holds, and nothing is sent there', () => {
    const { agreed, holds } = answer(description(['c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0']))
    assert.deepEqual([agreed.direction, holds], ['recvonly', true])
    assert.equal(answer(description(['c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0', 'a=inactive'])).agreed.direction, 'inactive')
  })

  it('never allows what one of both sides does not want', () => {
    const directions: Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
    const weSend = (direction: Direction) => direction === 'sendrecv' || direction === 'sendonly'
    const weHear = (direction: Direction) => direction === 'sendrecv' || direction === 'recvonly'
    for (const theirs of directions) {
      for (const ours of directions) {
        const { agreed } = answer(description([address, 'm=audio 4000 RTP/AVP 0', `a=${theirs}`]), { ...local, direction: ours })
        assert.equal(weSend(agreed.direction), weSend(ours) && weHear(theirs), `${theirs} offered to ${ours}`)
        assert.equal(weHear(agreed.direction), weHear(ours) && weSend(theirs), `${theirs} offered to ${ours}`)
      }
    }
  })
})

describe('RTCP and packet time', () => {
  const rtcpOf = (lines: readonly string[]) => answer(description([address, 'm=audio 4000 RTP/AVP 0', ...lines])).agreed

  it('RFC 3605: goes where a=rtcp says', () => {
    assert.deepEqual(rtcpOf(['a=rtcp:4444']).remoteRtcp, { address: '203.0.113.5', port: 4444 })
    assert.deepEqual(rtcpOf(['a=rtcp:4444 IN IP4 203.0.113.77']).remoteRtcp, { address: '203.0.113.77', port: 4444 })
    assert.deepEqual(rtcpOf(['a=rtcp:4444 IN IP4 239.1.1.1']).remoteRtcp, { address: '203.0.113.5', port: 4444 })
    assert.deepEqual(rtcpOf(['a=rtcp:nonsense']).remoteRtcp, { address: '203.0.113.5', port: 4001 })
  })

  it('RFC 5761: is multiplexed where offered, and only there', () => {
    const offer = description([address, 'm=audio 4000 RTP/AVP 0', 'a=rtcp:4000', 'a=rtcp-mux'])
    const { agreed, answer: sdp } = answer(offer)
    assert.equal(agreed.rtcpMux, true)
    assert.equal(agreed.remoteRtcp, undefined)
    assert.ok(written(sdp).includes('a=rtcp-mux'))
    assert.ok(!written(answer(description([address, 'm=audio 4000 RTP/AVP 0'])).answer).includes('a=rtcp-mux'))
  })

  it('announces a port of its own', () => {
    const own = { ...local, rtcp: { address: '192.0.2.1', port: 31_000 } }
    assert.ok(written(answer(description([address, 'm=audio 4000 RTP/AVP 0']), own).answer).includes('a=rtcp:31000 IN IP4 192.0.2.1'))
  })

  const times: readonly (readonly [string[], number])[] = [
    [[], 20],
    [['a=ptime:30'], 30],
    [['a=ptime:35'], 30],
    [['a=ptime:5'], 10],
    [['a=ptime:200'], 60],
    [['a=maxptime:10'], 10],
    [['a=ptime:40', 'a=maxptime:30'], 30],
    [['a=ptime:0'], 20],
    [['a=ptime:x'], 20],
  ]
  for (const [lines, ms] of times) it(`${lines.join(' ') || 'no a=ptime'} means ${ms} ms`, () => assert.equal(rtcpOf(lines).ptimeMs, ms))
})

describe('SRTP keys (RFC 4568)', () => {
  const secure = { ...local, srtpKey: ourKey }
  const offerWith = (...cryptos: string[]) =>
    description([address, 'm=audio 4000 RTP/SAVP 0', ...cryptos.map((crypto) => `a=crypto:${crypto}`)])

  it('§6.1: takes the first line that it can, with its tag and a key of its own', () => {
    const offer = offerWith(`1 F8_128_HMAC_SHA1_80 inline:${theirKey}`, `22 AES_CM_128_HMAC_SHA1_32 inline:${theirKey}|2^31`)
    const { agreed, answer: sdp } = answer(offer, secure)
    assert.deepEqual(agreed.srtp, { suite: 'AES_CM_128_HMAC_SHA1_32', send: ourKey, receive: theirKey })
    assert.ok(written(sdp).includes(`a=crypto:22 AES_CM_128_HMAC_SHA1_32 inline:${ourKey}`))
    assert.ok(written(sdp).includes('m=audio 30000 RTP/SAVP 0'))
  })

  const impossible: Readonly<Record<string, string>> = {
    'a key that is too short': '1 AES_CM_128_HMAC_SHA1_80 inline:YWJj',
    'a master key identifier': `1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}|2^20|1:4`,
    'a master key identifier without a lifetime': `1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}|1:4`,
    'session parameters': `1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey} UNENCRYPTED_SRTP`,
    'two keys': `1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey};inline:${theirKey}`,
    'no tag': `AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`,
    'another suite': `1 AEAD_AES_256_GCM inline:${theirKey}`,
  }
  for (const [what, crypto] of Object.entries(impossible)) {
    it(`refuses ${what}`, () => assert.equal(answerOffer(offerWith(crypto), secure, describer).ok, false))
  }

  it('refuses RTP/SAVP without keys, and ignores keys on RTP/AVP', () => {
    assert.equal(answerOffer(offerWith(), secure, describer).ok, false)
    const plain = description([address, 'm=audio 4000 RTP/AVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`])
    assert.equal(answer(plain, secure).agreed.srtp, undefined)
  })

  it('offers both suites and reads which one was taken', () => {
    const offer = makeOffer(secure, describer)
    assert.equal(written(offer).filter((line) => line.startsWith('a=crypto:')).length, 2)
    const taken = readAnswer(offerWith(`2 AES_CM_128_HMAC_SHA1_32 inline:${theirKey}`), offer, secure)
    assert.ok(taken.ok)
    assert.deepEqual(taken.value.agreed.srtp, { suite: 'AES_CM_128_HMAC_SHA1_32', send: ourKey, receive: theirKey })
    for (const forged of [`3 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`, `2 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`]) {
      assert.equal(readAnswer(offerWith(forged), offer, secure).ok, false)
    }
  })

  it('does not let an answer drop the encryption', () => {
    assert.equal(readAnswer(description([address, 'm=audio 4000 RTP/AVP 0']), makeOffer(secure, describer), secure).ok, false)
    assert.equal(readAnswer(offerWith(`1 AES_CM_128_HMAC_SHA1_80 inline:${theirKey}`), makeOffer(local, describer), local).ok, false)
  })
})

describe('our offers', () => {
  it('list everything in order of preference', () => {
    assert.deepEqual(written(makeOffer(local, describer)), [
      ...[
        'v=0',
        'o=- 7 1 IN IP4 192.0.2.1',
        's=-',
        'c=IN IP4 192.0.2.1',
        't=0 0',
        'm=audio 30000 RTP/AVP 0 8 101 13',
        'a=rtpmap:0 PCMU/8000',
      ],
      ...[
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=rtpmap:13 CN/8000',
        'a=ptime:20',
        'a=rtcp-mux',
      ],
      'a=sendrecv',
    ])
  })

  it('are answered by ourselves, whatever both sides want', () => {
    const direction = fc.constantFrom<Direction>('sendrecv', 'sendonly', 'recvonly', 'inactive')
    const side = fc.record({
      codecs: fc.shuffledSubarray(['PCMU', 'PCMA'] as const, { minLength: 1 }),
      ...{ telephoneEvent: fc.boolean(), comfortNoise: fc.boolean(), direction, ptimeMs: fc.constantFrom(10, 20, 30) },
    })
    fc.assert(
      fc.property(side, side, fc.boolean(), (one, other, isSecure) => {
        const caller: LocalAudio = { ...local, ...one, ...(isSecure && { srtpKey: ourKey }) }
        const callee: LocalAudio = { ...local, ...other, endpoint: { address: '192.0.2.2', port: 40_000 }, srtpKey: theirKey }
        const offer = makeOffer(caller, { sessionId: '1' })
        const theirs = answerOffer(offer, callee, { sessionId: '2' })
        if (!theirs.ok) return assert.ok(!one.codecs.some((codec) => other.codecs.includes(codec)))
        const ours = readAnswer(theirs.value.answer, offer, caller)
        assert.ok(ours.ok)
        const { agreed } = ours.value
        assert.equal(agreed.codec, theirs.value.agreed.codec)
        assert.equal(agreed.telephoneEvent, theirs.value.agreed.telephoneEvent)
        assert.deepEqual(agreed.srtp?.send, theirs.value.agreed.srtp?.receive)
        assert.equal(agreed.rtcpMux, true)
        const mirror = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' }
        assert.equal(agreed.direction, mirror[theirs.value.agreed.direction])
      }),
      { numRuns: 300 },
    )
  })

  it('RFC 3264 §8: count the version up when something changed, and only then', () => {
    const first = makeOffer(local, describer)
    const same = makeOffer(local, { ...describer, previous: first })
    assert.deepEqual(same, first)
    const held = makeOffer({ ...local, direction: 'sendonly' }, { ...describer, previous: same })
    assert.equal(held.origin.version, '2')
    assert.equal(makeOffer(local, { ...describer, previous: held }).origin.version, '3')
  })

  it('RFC 3264 §8: keep the streams in their places and the meaning of payload types', () => {
    const offer = description([
      ...[address, 'm=video 5000 RTP/AVP 96', 'm=audio 4000 RTP/AVP 101 96', 'a=rtpmap:101 PCMA/8000', 'a=rtpmap:96 telephone-event/8000'],
    ])
    const previous = answer(offer).answer
    const again = makeOffer(local, { ...describer, previous })
    assert.deepEqual(
      again.streams.map(({ kind, port, formats }) => [kind, port, ...formats]),
      [
        ['video', 0, '96'],
        ['audio', 30_000, '0', '101', '96', '13'],
      ],
    )
    const noEvents = answer(description([address, 'm=audio 4000 RTP/AVP 101', 'a=rtpmap:101 PCMA/8000'])).answer
    assert.deepEqual(makeOffer(local, { ...describer, previous: noEvents }).streams[0]?.formats, ['0', '101', '102', '13'])
  })

  it('are not agreed by an answer that refuses or misses the audio', () => {
    const offer = makeOffer(local, describer)
    for (const lines of [
      [address],
      [address, 'm=audio 0 RTP/AVP 0'],
      [address, 'm=video 4000 RTP/AVP 0'],
      [address, 'm=audio 4000 RTP/AVP 18'],
    ]) {
      assert.equal(readAnswer(description(lines), offer, local).ok, false, lines.join(' '))
    }
  })

  it('our answers count the version up over re-offers', () => {
    const offer = description([address, 'm=audio 4000 RTP/AVP 0'])
    const previous = answer(offer).answer
    const held = answerOffer(description([address, 'm=audio 4000 RTP/AVP 0', 'a=sendonly']), local, { ...describer, previous })
    assert.ok(held.ok)
    assert.equal(held.value.answer.origin.version, '2')
  })
})

/** What browsers write, what we make of it, and what nobody should have written. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { agreedWith, answerTo, forLibrary, ourOffer, ownTransport, readDescription, sameConnection } from './webrtc-description.ts'

const fingerprint = `sha-256 ${Array.from({ length: 32 }, (_, n) => n.toString(16).padStart(2, '0').toUpperCase()).join(':')}`

/** As Chromium 140 and later describe a microphone, without its Opus lines. */
const chromium = [
  ...['v=0', 'o=- 2104868528135567394 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=extmap-allow-mixed'],
  ...['a=msid-semantic: WMS', 'm=audio 53609 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126', 'c=IN IP4 192.0.2.2', 'a=rtcp:9 IN IP4 0.0.0.0'],
  ...['a=candidate:3576185492 1 udp 2122194687 192.0.2.2 53609 typ host generation 0 network-id 1'],
  ...['a=candidate:1 1 udp 2122265343 2b0f8a53-7f5c-4f5a-9a52-1c4d3a9f0a11.local 44993 typ host generation 0'],
  ...['a=candidate:2 1 udp 1677721855 203.0.113.5 61000 typ srflx raddr 192.0.2.2 rport 53609 generation 0'],
  ...['a=candidate:3 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0'],
  ...['a=ice-ufrag:KyY/', 'a=ice-pwd:zABQld6mWU/dcy3f/lJ77pcW', 'a=ice-options:trickle', `a=fingerprint:${fingerprint}`, 'a=setup:actpass'],
  ...['a=mid:0', 'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'a=sendrecv', 'a=rtcp-mux', 'a=rtcp-rsize'],
  ...['a=rtpmap:111 opus/48000/2', 'a=rtpmap:9 G722/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:13 CN/8000'],
  ...['a=rtpmap:110 telephone-event/48000', 'a=rtpmap:126 telephone-event/8000', ''],
].join('\r\n')

const transport = {
  ...{ ufrag: 'abcd', password: 'efghijklmnopqrstuvwxyz', fingerprint },
  candidates: ['1 1 UDP 2114977791 198.51.100.1 20000 typ host'],
}

function read(sdp: string) {
  const described = readDescription(sdp)
  assert.ok(described.ok, described.ok ? '' : described.error)
  return described.value
}

const refusal = (sdp: string): string => {
  const described = readDescription(sdp)
  return described.ok ? '' : described.error
}

const answer = (sdp: string): string => answerTo(read(sdp), transport, { ssrc: 7, version: 3 })

describe('what a browser offers', () => {
  test('is G.711 with events of its rate, and addresses only by which it can be reached at once', () => {
    const { codec, payloadType, telephoneEvent, candidates, ufrag, mid, isBundled } = read(chromium)
    assert.deepEqual([codec, payloadType, telephoneEvent, ufrag, mid, isBundled], ['PCMU', 0, 126, 'KyY/', '0', true])
    assert.deepEqual(candidates, ['3576185492 1 udp 2122194687 192.0.2.2 53609 typ host', '2 1 udp 1677721855 203.0.113.5 61000 typ srflx'])
  })

  test('A-law is taken where it is named first, whatever its number', () => {
    const sdp = chromium.replace(' 0 8 13', ' 97 0 13').replace('a=rtpmap:8 PCMA/8000', 'a=rtpmap:97 pcma/8000/1')
    const { codec, payloadType } = read(sdp)
    assert.deepEqual([codec, payloadType], ['PCMA', 97])
  })

  test('the library is told no more than it needs, and that the browser begins', () => {
    const told = forLibrary(read(chromium))
    assert.match(told, /^a=setup:active\r$/m)
    assert.doesNotMatch(told, /opus|extmap|\.local|tcptype/)
    assert.match(forLibrary(read(chromium.replace('actpass', 'passive'))), /^a=setup:passive\r$/m)
  })

  test('more candidates than anybody needs are not all tried', () => {
    const many = Array.from({ length: 300 }, (_, n) => `a=candidate:${n} 1 udp 1 192.0.2.1 ${n + 1} typ host\r\n`).join('')
    assert.equal(read(chromium + many).candidates.length, 24)
  })

  test('the connection is named by its credentials, not by what is said over it', () => {
    const held = chromium.replace('a=sendrecv', 'a=inactive')
    assert.ok(sameConnection(read(chromium), read(held)))
    for (const other of [chromium.replace('KyY/', 'KyY+'), chromium.replace('pcW', 'pcX'), chromium.replace('sha-256 00:', 'sha-256 FF:')])
      assert.ok(!sameConnection(read(chromium), read(other)))
  })

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['video only', chromium.replace('m=audio', 'm=video'), /no audio/],
    ['refused audio', chromium.replace('m=audio 53609', 'm=audio 0'), /no audio/],
    ['plain RTP', chromium.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), /RTP\/AVP/],
    ['no G.711', chromium.replaceAll(/ 0 8 13/g, ' 13'), /PCMU/],
    ['no fingerprint', chromium.replace('a=fingerprint', 'a=finger'), /fingerprint/],
    ['a fingerprint that is none', chromium.replace('sha-256 00:', 'sha-256 '.concat('0x:')), /fingerprint/],
    ['MD5', chromium.replace('sha-256', 'md5'), /fingerprint/],
    ['no password', chromium.replace('zABQld6mWU/dcy3f/lJ77pcW', 'short'), /ICE/],
    ['RTCP beside RTP', chromium.replace('a=rtcp-mux\r\n', ''), /RTCP/],
    ['a name with a line in it', chromium.replace('a=mid:0', 'a=mid:0\ta=evil'), /name/],
  ]
  for (const [name, sdp, why] of broken) test(`${name} is refused`, () => assert.match(refusal(sdp), why))

  test('any text at all is read or refused, and what the library is told has only lines that we know', () => {
    const lines = chromium.split('\r\n')
    const piece = fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const described = readDescription(pieces.join('\r\n'))
        if (!described.ok) return
        for (const line of forLibrary(described.value).split('\r\n'))
          assert.match(
            line,
            /^$|^[vostcm]=|^a=(group|mid|sendrecv|rtcp-mux|rtpmap|setup|ice-(ufrag|pwd)|fingerprint|candidate|end-of-candidates)/,
          )
      }),
    )
  })
})

describe('what we answer', () => {
  test('one codec, our own transport, and the SSRC that we send', () => {
    const said = answer(chromium)
    for (const line of [
      'm=audio 20000 UDP/TLS/RTP/SAVPF 0 126',
      'a=setup:passive',
      'a=ssrc:7 cname:7@sotto',
      'a=rtpmap:126 telephone-event/8000',
    ])
      assert.ok(said.includes(`\r\n${line}\r\n`), line)
    assert.match(said, /^o=- 7 3 /m)
    assert.equal(read(said).ufrag, 'abcd')
  })

  for (const [theirs, ours] of [
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ] as const) {
    test(`${theirs} is answered by ${ours}`, () => {
      const sdp = chromium.replace('a=sendrecv', `a=${theirs}`)
      assert.match(answer(sdp), new RegExp(`^a=${ours}\r$`, 'm'))
      assert.equal(agreedWith(read(sdp)).direction, ours)
    })
  }

  test('video beside the audio is refused in its place', () => {
    const video = ['m=video 9 UDP/TLS/RTP/SAVPF 96 97', 'c=IN IP4 0.0.0.0', 'a=mid:1', 'a=rtpmap:96 VP8/90000', ''].join('\r\n')
    const said = answer(chromium.replace('BUNDLE 0', 'BUNDLE 0 1') + video)
    assert.deepEqual([...said.matchAll(/^m=\w+ \d+/gm)].map(String), ['m=audio 20000', 'm=video 0'])
    assert.match(said, /^a=group:BUNDLE 0\r$/m)
  })

  test('who wants to wait for us is waited for', () => {
    assert.match(answer(chromium.replace('actpass', 'passive')), /^a=setup:active\r$/m)
  })

  test('our own offer leaves both laws and the choice of who begins', () => {
    const offered = read(ourOffer(transport, { ssrc: 9, version: 1 }))
    assert.deepEqual([offered.audio.formats, offered.setup, offered.telephoneEvent], [['0', '8', '101'], 'actpass', 101])
  })
})

describe('where we are reached', () => {
  const sdp = (...candidates: readonly string[]) =>
    ['v=0', 'a=ice-ufrag:abcd', 'a=ice-pwd:efghijklmnopqrstuvwxyz', `a=fingerprint:${fingerprint}`, 'm=audio 9 UDP/TLS/RTP/SAVPF 0']
      .concat(candidates.map((candidate) => `a=candidate:${candidate}`))
      .join('\r\n')
  const own = '1 1 UDP 2114977791 192.168.1.4 20000 typ host'
  const seen = '2 1 UDP 1678769919 203.0.113.9 4242 typ srflx'

  test('by the address that is advertised instead of ours', () => {
    const { candidates } = ownTransport(sdp(own, `${seen} raddr 0.0.0.0 rport 0`), { listens: '192.168.1.4', advertised: '203.0.113.7' })
    assert.deepEqual(candidates, [own.replace('192.168.1.4', '203.0.113.7'), seen])
  })

  test('by all of the family, and the advertised one beside them, where we listen on all', () => {
    const six = '3 1 UDP 2116026111 fd00::2 20000 typ host'
    const { candidates } = ownTransport(sdp(six, own), { listens: '0.0.0.0', advertised: '203.0.113.7' })
    assert.deepEqual(candidates, [own, 'advertised 1 UDP 2114977535 203.0.113.7 20000 typ host'])
    assert.deepEqual(ownTransport(sdp(own), { listens: '0.0.0.0', advertised: '192.168.1.4' }).candidates, [own])
  })
})

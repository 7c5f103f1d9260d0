import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserSdp } from '../../testkit/browser-sdp.ts'
import { parseSdp } from './parser.ts'
import { isWebRtc, readWebRtc } from './webrtc.ts'

function read(text: string) {
  const parsed = parseSdp(text)
  assert.ok(parsed.ok)
  return readWebRtc(parsed.value)
}

test('what a browser offers: its codecs that are ours in its order, key presses, and the connection it would be over', () => {
  const offered = read(
    browserSdp({ codecs: ['111 opus/48000/2', '8 PCMA/8000', '0 PCMU/8000', '110 telephone-event/48000', '126 telephone-event/8000'] }),
  )
  assert.ok(offered.ok)
  const { connection, ...audio } = offered.value
  assert.deepEqual(audio, { codecs: ['PCMA', 'PCMU'], telephoneEvent: 126, direction: 'sendrecv', holds: false })
  assert.match(connection, /^abcd sha-256 AB:/)
  const again = read(browserSdp({ ufrag: 'efgh' }))
  assert.notEqual(again.ok && again.value.connection, connection)
})

test('directions are seen from here; address and port say nothing, for candidates do', () => {
  const direction = (said: string) => {
    const audio = read(browserSdp({ direction: said }))
    return audio.ok ? [audio.value.direction, audio.value.holds] : audio.error
  }
  assert.deepEqual(direction('sendonly'), ['recvonly', true])
  assert.deepEqual(direction('recvonly'), ['sendonly', false])
  assert.deepEqual(direction('inactive'), ['inactive', true])
})

test('credentials and fingerprint may stand before the first stream, for all of them', () => {
  const text = browserSdp()
  const head = text.split('\r\n').filter((line) => /^a=(ice|fingerprint)/.test(line))
  const body = text.split('\r\n').filter((line) => !head.includes(line))
  const moved = [...body.slice(0, 4), ...head, ...body.slice(4)].join('\r\n')
  assert.ok(read(moved).ok)
})

test('what is no WebRTC audio, and why', () => {
  const why = (text: string) => {
    const audio = read(text)
    return audio.ok ? 'taken' : audio.error
  }
  assert.equal(why(browserSdp({ without: 'a=fingerprint' })), 'no fingerprint of a certificate')
  assert.equal(why(browserSdp({ without: 'a=ice-ufrag' })), 'no ICE credentials')
  assert.equal(why(browserSdp({ without: 'm=' })), 'no audio')
  assert.match(why(browserSdp({ codecs: ['111 opus/48000/2'] })), /PCMU or PCMA/)
  assert.match(why(browserSdp({ protocol: 'RTP/AVP' })), /RTP\/AVP is no WebRTC/)
})

test('DTLS is what tells WebRTC from the SRTP of phones', () => {
  const is = (text: string) => {
    const parsed = parseSdp(text)
    return parsed.ok && isWebRtc(parsed.value)
  }
  assert.equal(is(browserSdp()), true)
  assert.equal(is(browserSdp({ protocol: 'RTP/SAVPF', without: 'a=fingerprint' })), false)
  assert.equal(is(browserSdp({ protocol: 'RTP/SAVP' })), false)
})

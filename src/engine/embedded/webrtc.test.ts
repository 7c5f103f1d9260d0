/** Softphones in browsers: SIP sessions whose audio is WebRTC. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserSdp } from '../../../testkit/browser-sdp.ts'
import { account, EngineScript, offeredEvent, phoneSdp } from '../../../testkit/engine-script.ts'
import { type LegId, legId } from '../../kernel/ids.ts'
import { instant } from '../../kernel/time.ts'
import type { MediaOrder } from '../../media/protocol.ts'
import type { ContactView } from '../../sip/door.ts'

const [a, b] = ['a', 'b'].map((name) => legId(name)) as [LegId, LegId]
const local = { address: '127.0.0.1', port: 20_000 }
const agreed = { codec: 'PCMU', payloadType: 0, telephoneEvent: 126, ptimeMs: 20, direction: 'sendrecv' } as const
const media = { ...agreed, remote: { address: '0.0.0.0', port: 9 }, rtcpMux: true }
const offer = browserSdp()
const answer = browserSdp({ ufrag: 'answer' })

const contact = (uri: string, transport: ContactView['transport'] = 'WS'): ContactView => ({
  ...{ uri, transport, remote: { address: '127.0.0.1', port: 5 }, expiresAt: instant(0) },
})
const browser = contact('sip:x@abc123.invalid;transport=ws')

function registered(...contacts: readonly ContactView[]): EngineScript {
  const script = new EngineScript()
  script.sipSays({ kind: 'registered', account, extension: '211', contacts })
  return script.forget()
}

const opened = (script: EngineScript, leg: LegId, description: string, more: { agreed?: typeof agreed } = {}) =>
  script.mediaSays({ kind: 'leg-opened', leg, local, description, ...more })
const described = (script: EngineScript, leg: LegId, description?: string) =>
  script.mediaSays({ kind: 'leg-described', leg, agreed, ...(description !== undefined && { description }) })
const kinds = (things: readonly { readonly kind: string }[]): readonly string[] => things.map(({ kind }) => kind)
const opening = (orders: readonly MediaOrder[]) =>
  orders.filter((order) => order.kind === 'open-leg').map(({ webrtc }) => webrtc?.role ?? 'rtp')

/** A browser that has called us and talks. */
function calling(): EngineScript {
  const script = new EngineScript().forget()
  script.sipSays(offeredEvent('a', offer))
  script.order({ kind: 'answer', leg: a })
  opened(script, a, 'our answer', { agreed })
  return script
}

/** One that we called, and that talks. */
function called(): EngineScript {
  const script = registered(browser)
  script.invite('b')
  opened(script, b, 'our offer')
  script.sipSays({ kind: 'answered', session: b, sdpIs: 'answer', sdp: answer })
  described(script, b)
  return script.forget()
}

/** The SIP layer was asked for this, with that description. */
function says(script: EngineScript, asked: string, sdp: string): void {
  assert.ok(script.takeAsked().includes(asked))
  assert.ok(script.door.sdp.includes(sdp), script.door.sdp)
}

test('a browser that calls: its offer goes to the media process as it came, and the 2xx has the answer of that', () => {
  const script = calling()
  assert.deepEqual(script.takeMedia(), [
    { kind: 'open-leg', leg: a, account, voice: 'core', family: 4, webrtc: { role: 'answer', offer } },
    { kind: 'set-leg', leg: a, media },
  ])
  says(script, 'answer a', 'our answer')
  assert.deepEqual(kinds(script.takeEvents()), ['leg-offered', 'leg-answered'])
})

test('one whose audio makes no sense is refused, before the desk hears of it', () => {
  const script = new EngineScript().forget()
  script.sipSays(offeredEvent('a', browserSdp({ codecs: ['111 opus/48000/2'] })))
  assert.deepEqual(script.takeEvents(), [])
  assert.ok(script.takeAsked().some((asked) => asked.includes('488')))
})

test('a browser that is called gets an offer of the media process, which then gets its answer', () => {
  const script = registered(browser)
  script.invite('b')
  assert.deepEqual(opening(script.takeMedia()), ['offer'])
  opened(script, b, 'our offer')
  says(script, 'invite b', 'our offer')
  script.sipSays({ kind: 'answered', session: b, sdpIs: 'answer', sdp: answer })
  assert.deepEqual(script.takeMedia(), [{ kind: 'describe-leg', leg: b, description: answer, type: 'answer' }])
  assert.deepEqual(kinds(script.takeEvents()), [])
  described(script, b)
  assert.deepEqual(script.takeMedia(), [{ kind: 'set-leg', leg: b, media }])
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered'])
})

test('only who has no phone besides is offered WebRTC: one offer goes to all of them', () => {
  for (const [contacts, role] of [
    [[browser], 'offer'],
    [[browser, contact('sip:y@def456.invalid;transport=wss', 'WSS')], 'offer'],
    [[browser, contact('sip:211@192.0.2.7', 'UDP')], 'rtp'],
    [[contact('sip:211@192.0.2.7;transport=ws')], 'rtp'],
    [[contact('sip:211@phone.invalid', 'UDP')], 'rtp'],
  ] as const) {
    const script = registered(...contacts)
    script.invite('b')
    assert.deepEqual(opening(script.takeMedia()), [role])
  }
})

test('a phone over WebSocket that is no browser says so, and is called once more with plain RTP; then that is all', () => {
  const script = registered(browser)
  script.invite('b')
  opened(script, b, 'our offer')
  script.forget()
  script.sipSays({ kind: 'ended', session: b, by: 'remote', status: 488 })
  const orders = script.takeMedia()
  assert.deepEqual([kinds(orders), opening(orders)], [['close-leg', 'open-leg'], ['rtp']])
  script.opened('b')
  says(script, 'invite b without WebRTC', 'm=audio 20000 RTP/AVP')
  const again = legId('b without WebRTC')
  script.sipSays({ kind: 'ringing', session: again, status: 180 })
  script.sipSays({ kind: 'ended', session: again, by: 'remote', status: 488 })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-ringing', 'leg-ended'])
})

test('and the other way round, where a browser is not to be known by its contact', () => {
  const script = registered(contact('sip:211@192.0.2.7;transport=ws'))
  script.invite('b')
  script.opened('b')
  script.forget()
  script.sipSays({ kind: 'ended', session: b, by: 'remote', status: 488 })
  assert.deepEqual(opening(script.takeMedia()), ['offer'])
  opened(script, b, 'our offer')
  script.sipSays({ kind: 'answered', session: legId('b over WebRTC'), sdpIs: 'answer', sdp: answer })
  described(script, b)
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered'])
})

test('an answer that the media process cannot take ends the leg; hung up meanwhile, it is forgotten', () => {
  for (const end of ['fails', 'hangs up', 'no sense'] as const) {
    const script = registered(browser)
    script.invite('b')
    opened(script, b, 'our offer')
    script.sipSays({ kind: 'answered', session: b, sdpIs: 'answer', sdp: end === 'no sense' ? phoneSdp() : answer })
    if (end === 'fails') script.mediaSays({ kind: 'leg-failed', leg: b, why: 'no' })
    if (end === 'hangs up') script.order({ kind: 'hang-up', leg: b, reason: 'cancelled' })
    assert.deepEqual(kinds(script.takeEvents()), ['leg-ended'])
    script.forget()
    described(script, b)
    assert.deepEqual([script.takeEvents(), script.takeMedia()], [[], []])
  }
})

test('hold and resume: a re-offer goes through the media process, whose answer goes back', () => {
  const script = calling().forget()
  const hold = browserSdp({ direction: 'sendonly' })
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: hold })
  assert.deepEqual(script.takeMedia(), [{ kind: 'describe-leg', leg: a, description: hold, type: 'offer' }])
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: hold })
  assert.ok(
    script.takeAsked().some((asked) => asked.includes('491')),
    'one after the other',
  )
  script.mediaSays({ kind: 'leg-described', leg: a, description: 'held', agreed: { ...agreed, direction: 'recvonly' } })
  says(script, 'answer-offer a', 'held')
  assert.deepEqual(kinds(script.takeEvents()), ['leg-held'])
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: offer })
  described(script, a, 'resumed')
  assert.deepEqual(kinds(script.takeEvents()), ['leg-resumed'])
})

test('a re-offer that makes no sense, to us or to the media process, leaves everything as it was', () => {
  const script = calling().forget()
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: phoneSdp() })
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: offer })
  script.mediaSays({ kind: 'leg-failed', leg: a, why: 'no' })
  assert.equal(script.takeAsked().filter((asked) => asked.includes('488')).length, 2)
  assert.deepEqual(script.takeEvents(), [])
})

test('a connection that is lost is offered anew by a re-INVITE, once', () => {
  const script = called()
  script.mediaSays({ kind: 'leg-lost', leg: b, why: 'died' })
  assert.deepEqual(opening(script.takeMedia()), ['offer'])
  opened(script, b, 'new offer')
  says(script, 'offer b', 'new offer')
  script.sipSays({ kind: 'remoteAnswer', session: b, sdp: answer })
  described(script, b)
  script.mediaSays({ kind: 'leg-connected', leg: b })
  assert.deepEqual(script.takeEvents(), [])
  script.mediaSays({ kind: 'leg-lost', leg: b, why: 'died' })
  script.mediaSays({ kind: 'leg-lost', leg: b, why: 'died' })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: b, reason: 'media-lost' }])
})

test('a phone that does not want the new connection is lost', () => {
  const script = called()
  script.mediaSays({ kind: 'leg-lost', leg: b, why: 'died' })
  opened(script, b, 'new offer')
  script.sipSays({ kind: 'offerFailed', session: b, status: 488 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: b, reason: 'media-lost' }])
})

test('a re-INVITE without an offer is answered with one', () => {
  const script = called()
  script.sipSays({ kind: 'remoteOffer', session: b })
  assert.deepEqual(opening(script.takeMedia()), ['offer'])
  opened(script, b, 'new offer')
  says(script, 'answer-offer b', 'new offer')
  script.sipSays({ kind: 'remoteAnswer', session: b, sdp: answer })
  described(script, b)
  assert.deepEqual(script.takeEvents(), [])
})

test('after a restart it is a browser still', () => {
  const script = called()
  script.restart([b])
  script.forget()
  const state = { leg: b, account, voice: 'core', local, media, webrtc: 'lost' } as const
  script.joinMedia({ legs: [state], bridges: [] })
  script.mediaSays({ kind: 'leg-lost', leg: b, why: 'died' })
  assert.deepEqual(opening(script.takeMedia()), ['offer'])
  opened(script, b, 'new offer')
  says(script, 'offer b', 'new offer')
})

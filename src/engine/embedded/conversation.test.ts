import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineScript, type PhoneSdp, phoneSdp } from '../../../testkit/engine-script.ts'
import { callId, legId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'

const kinds = (things: readonly { readonly kind: string }[]): readonly string[] => things.map(({ kind }) => kind)
const leg = legId('a')
const other = legId('b')

function talking(): EngineScript {
  const script = new EngineScript()
  script.connected('a')
  return script.forget()
}

function wired(rows: Parameters<EngineScript['rewire']>[1], b: PhoneSdp = {}): EngineScript {
  const script = talking()
  script.connected('b', { sdp: phoneSdp(b) })
  script.rewire(1, rows)
  return script.forget()
}

const reoffer = (script: EngineScript, of?: PhoneSdp): void =>
  script.sipSays({ kind: 'remoteOffer', session: leg, ...(of !== undefined && { sdp: phoneSdp(of) }) })

for (const [what, held, direction] of [
  ['sendonly', { direction: 'sendonly' }, 'recvonly'],
  ['inactive', { direction: 'inactive' }, 'inactive'],
  ['the address 0.0.0.0 of old', { address: '0.0.0.0' }, 'recvonly'],
] as const) {
  test(`a phone holds by ${what} and resumes: answered, media set, and the desk told of each once`, () => {
    const script = talking()
    reoffer(script, held)
    assert.deepEqual(script.takeAsked(), ['answer-offer a'])
    const [order] = script.takeMedia()
    assert.equal(order?.kind === 'set-leg' && order.media.direction, direction)
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-held', leg }])
    reoffer(script, held)
    assert.deepEqual([script.takeEvents(), script.takeMedia()], [[], []])
    reoffer(script, {})
    assert.deepEqual(kinds(script.takeMedia()), ['set-leg'])
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-resumed', leg }])
  })
}

test('a phone that is mute (recvonly) still listens: not held', () => {
  const script = talking()
  reoffer(script, { direction: 'recvonly' })
  const [order] = script.takeMedia()
  assert.equal(order?.kind === 'set-leg' && order.media.direction, 'sendonly')
  assert.deepEqual(script.takeEvents(), [])
})

test('a new address or codec reaches the media process; a re-offer that changes nothing does not', () => {
  const script = talking()
  reoffer(script, {})
  assert.deepEqual([script.takeAsked(), script.takeMedia()], [['answer-offer a'], []])
  reoffer(script, { address: '192.0.2.99', codecs: [8] })
  const [order] = script.takeMedia()
  assert.ok(order?.kind === 'set-leg')
  assert.deepEqual([order.media.remote, order.media.codec], [{ address: '192.0.2.99', port: 4_000 }, 'PCMA'])
})

test('what cannot be agreed is 488 and changes nothing (RFC 3261 §14.1)', () => {
  const script = talking()
  reoffer(script, { codecs: [3] })
  reoffer(script, { address: '2001:db8::1' })
  assert.deepEqual(script.takeAsked(), ['refuse-offer a 488', 'refuse-offer a 488'])
  assert.deepEqual([script.takeMedia(), script.takeEvents()], [[], []])
})

test('a re-INVITE without an offer is answered by ours; what the phone makes of it decides on hold', () => {
  const script = talking()
  reoffer(script, { direction: 'inactive' })
  script.forget()
  reoffer(script)
  assert.deepEqual(script.takeAsked(), ['answer-offer a'])
  assert.match(script.door.sdp, /a=sendrecv/)
  assert.deepEqual(script.takeEvents(), [])
  script.sipSays({ kind: 'remoteAnswer', session: leg, sdp: phoneSdp() })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-resumed', leg }])
  reoffer(script)
  script.sipSays({ kind: 'remoteAnswer', session: leg, sdp: 'nothing' })
  assert.deepEqual(script.takeEvents(), [])
})

test('the version of our description grows with every change and only then (RFC 3264 §8)', () => {
  const script = talking()
  const version = () => Number(/o=- \d+ (\d+)/.exec(script.door.sdp)?.[1])
  const first = version()
  reoffer(script, { direction: 'sendonly' })
  const held = version()
  reoffer(script, { direction: 'sendonly' })
  assert.ok(held > first)
  assert.equal(version(), held)
})

test('a re-offer while the first offer is still open meets 491', () => {
  const script = new EngineScript()
  script.offered('a')
  script.forget()
  reoffer(script, {})
  script.order({ kind: 'answer', leg })
  reoffer(script, {})
  assert.deepEqual(script.takeAsked(), ['refuse-offer a 491', 'refuse-offer a 491'])
})

test('RFC 4733: a key that the media process saw is told to the desk; it hands it on by itself, but not to a phone that takes no events', () => {
  const script = wired([{ listener: other, talkers: [leg] }], { events: false })
  script.mediaSays({ kind: 'dtmf', leg, digit: '5', durationMs: 120 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-dtmf', leg, digit: '5', durationMs: 120 }])
  assert.deepEqual(script.takeAsked(), ['info b 5'])
  assert.deepEqual(script.takeMedia(), [])
})

test('SIP INFO: a key is told to the desk and played to whoever hears that leg, and to nobody else', () => {
  const script = wired([
    { listener: other, talkers: [leg] },
    { listener: leg, talkers: [] },
  ])
  script.sipSays({ kind: 'dtmf', session: leg, digit: '#', durationMs: 160 })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-dtmf'])
  assert.deepEqual(script.takeMedia(), [{ kind: 'send-dtmf', leg: other, digits: '#', durationMs: 160 }])
  script.sipSays({ kind: 'dtmf', session: other, digit: '1', durationMs: 160 })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-dtmf'])
  assert.deepEqual(script.takeMedia(), [])
})

test('a phone that sends each key both ways is heard once', () => {
  const script = wired([{ listener: other, talkers: [leg] }])
  script.mediaSays({ kind: 'dtmf', leg, digit: '1', durationMs: 100 })
  script.sipSays({ kind: 'dtmf', session: leg, digit: '1', durationMs: 160 })
  script.sipSays({ kind: 'dtmf', session: leg, digit: '2', durationMs: 160 })
  script.mediaSays({ kind: 'dtmf', leg, digit: '2', durationMs: 100 })
  assert.deepEqual(
    script.takeEvents().map((e) => e.kind === 'leg-dtmf' && e.digit),
    ['1', '2'],
  )
})

test('a flood of keys is not queued without end', () => {
  const script = wired([{ listener: other, talkers: [leg] }])
  for (let n = 0; n < 1_000; n++) script.sipSays({ kind: 'dtmf', session: leg, digit: '1', durationMs: 160 })
  assert.ok(script.takeMedia().length < limits.mediaDigitsQueued)
})

test('REFER: accepted, told to the desk, its progress told to the phone until the end, and no further', () => {
  const script = talking()
  script.sipSays({ kind: 'transferRequested', session: leg, transferId: 't1', target: '300' })
  assert.deepEqual(script.takeAsked(), ['accept-transfer a t1'])
  assert.deepEqual(script.takeEvents(), [{ kind: 'transfer-requested', leg, transfer: 't1', dialled: '300' }])
  for (const progress of ['trying', 'ringing', 'done', 'failed'] as const)
    script.order({ kind: 'transfer-progress', leg, transfer: 't1', progress })
  const told = [100, 180, 200].map((status) => `transfer-progress a t1 ${status}`)
  assert.deepEqual(script.takeAsked(), told)
})

test('a phone that is let go in a transfer learns its success before the BYE; one that is ended otherwise, its failure', () => {
  for (const [reason, status] of [
    ['transferred', 200],
    ['call-ended', 503],
  ] as const) {
    const script = talking()
    script.sipSays({ kind: 'transferRequested', session: leg, transferId: 't1', target: '300' })
    script.forget()
    script.order({ kind: 'hang-up', leg, reason })
    assert.deepEqual(script.takeAsked(), [`transfer-progress a t1 ${status}`, 'hang-up a'])
  }
})

test('attended: the leg that the phone has spoken to already is named; one that is gone is refused by 481', () => {
  const script = talking()
  script.connected('b', { call: callId('c2') })
  script.forget()
  script.sipSays({ kind: 'transferRequested', session: leg, transferId: 't1', target: '300', replaces: other })
  const [event] = script.takeEvents()
  assert.equal(event?.kind === 'transfer-requested' && event.consulted, 'b')
  script.forget()
  script.sipSays({ kind: 'transferRequested', session: leg, transferId: 't2', target: '300', replaces: legId('z') })
  assert.deepEqual([script.takeAsked(), script.takeEvents()], [['refuse-transfer a t2 481'], []])
})

test('a REFER before the answer is refused', () => {
  const script = new EngineScript()
  script.invite('a')
  script.opened('a')
  script.forget()
  script.sipSays({ kind: 'transferRequested', session: leg, transferId: 't1', target: '300' })
  assert.deepEqual([script.takeAsked(), script.takeEvents()], [['refuse-transfer a t1 491'], []])
})

test('audio stops: the phone is asked each time; one that is gone has ended by media-lost', () => {
  const script = talking()
  script.mediaSays({ kind: 'rtp-stopped', leg, silentMs: 10_000 })
  script.sipSays({ kind: 'alive', session: leg })
  script.mediaSays({ kind: 'rtp-stopped', leg, silentMs: 20_000 })
  assert.deepEqual(script.takeAsked(), ['probe a', 'probe a'])
  script.sipSays({ kind: 'ended', session: leg, by: 'timeout', status: 408 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'media-lost' }])
})

test('audio that came back was a pause; a BYE is a hang-up in any case; a held phone may be silent', () => {
  const back = talking()
  back.mediaSays({ kind: 'rtp-stopped', leg, silentMs: 10_000 })
  back.mediaSays({ kind: 'rtp-resumed', leg })
  back.sipSays({ kind: 'ended', session: leg, by: 'timeout', status: 408 })
  assert.deepEqual(back.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])

  const bye = talking()
  bye.mediaSays({ kind: 'rtp-stopped', leg, silentMs: 10_000 })
  bye.sipSays({ kind: 'ended', session: leg, by: 'remote' })
  assert.deepEqual(bye.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'hangup' }])

  const held = talking()
  reoffer(held, { direction: 'sendonly' })
  held.forget()
  held.mediaSays({ kind: 'rtp-stopped', leg, silentMs: 10_000 })
  assert.deepEqual(held.takeAsked(), [])
})

test('the media process gives a leg up: media-lost, and the phone hears BYE', () => {
  const script = talking()
  script.mediaSays({ kind: 'leg-failed', leg, why: 'bug' })
  assert.deepEqual([script.takeAsked(), script.takeEvents()], [['hang-up a'], [{ kind: 'leg-ended', leg, reason: 'media-lost' }]])
})

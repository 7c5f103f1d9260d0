import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineScript, offeredEvent, phoneSdp } from '../../../testkit/engine-script.ts'
import { type EndReason, endReasons } from '../../call/reason.ts'
import { legId } from '../../kernel/ids.ts'

const kinds = (things: readonly { readonly kind: string }[]): readonly string[] => things.map(({ kind }) => kind)
const leg = legId('a')

test('a caller is told to the desk, rung once, and answered in this order: ports, 2xx with an answer of them, its media, leg-answered', () => {
  const script = new EngineScript().forget()
  script.offered('a', phoneSdp({ codecs: [8, 0] }))
  assert.deepEqual(script.takeEvents(), [
    {
      kind: 'leg-offered',
      leg,
      source: { kind: 'extension', account, extension: '210' },
      from: { number: '210', name: 'Ann' },
      dialled: '211',
    },
  ])
  script.order({ kind: 'ring', leg })
  script.order({ kind: 'ring', leg })
  assert.deepEqual(script.takeAsked(), ['ring a 180'])
  assert.deepEqual(script.takeMedia(), [])
  script.order({ kind: 'answer', leg })
  assert.deepEqual(script.takeMedia(), [{ kind: 'open-leg', leg, account, voice: 'core', family: 4 }])
  assert.deepEqual(script.takeAsked(), [])
  script.outputs.length = 0
  script.opened('a', 20_044)
  assert.deepEqual(script.takeAsked(), ['answer a'])
  assert.match(script.door.sdp, /m=audio 20044 RTP\/AVP 8 101/)
  assert.deepEqual(
    script.outputs.map((o) => (o.kind === 'media' ? o.order.kind : o.kind === 'event' ? o.event.kind : o.kind)),
    ['set-leg', 'leg-answered'],
  )
})

test('a trunk tells the number of the caller; one who does not want to be shown is not shown', () => {
  const script = new EngineScript().forget()
  const base = { ...offeredEvent('a', phoneSdp()), source: { kind: 'trunk', account, trunk: 't1' } } as const
  const callers = [
    { number: '+442071838750', anonymous: false },
    { number: '+442071838750', displayName: 'Ann', anonymous: true },
    { anonymous: false },
    { number: '+442071838750', claimed: '+18005550199', displayName: 'Ann', anonymous: false },
    { number: '+442071838750', claimed: '+18005550199', anonymous: true },
  ]
  callers.forEach((from, n) => {
    script.sipSays({ ...base, session: legId(`a${n}`), from } as Parameters<EngineScript['sipSays']>[0])
  })
  const events = script.takeEvents().map((e) => (e.kind === 'leg-offered' ? { source: e.source, from: e.from } : e))
  const source = { kind: 'trunk', account, trunk: 't1' }
  assert.deepEqual(events, [
    { source, from: { number: '+442071838750' } },
    { source, from: { number: 'anonymous' } },
    { source, from: { number: 'anonymous' } },
    { source, from: { number: '+442071838750', name: 'Ann', claimed: '+18005550199' } },
    { source, from: { number: 'anonymous' } },
  ])
})

for (const [what, sdp] of [
  ['without a common codec', phoneSdp({ codecs: [3] })],
  ['with DTLS only', phoneSdp({ protocol: 'UDP/TLS/RTP/SAVPF' })],
  ['that is none', 'hello'],
] as const) {
  test(`an offer ${what} is refused by 488, and the desk hears nothing of it`, () => {
    const script = new EngineScript().forget()
    script.offered('a', sdp)
    assert.deepEqual([script.takeAsked(), script.takeEvents(), script.takeMedia()], [['refuse a 488'], [], []])
    assert.equal(script.engine.stats().legs, 0)
  })
}

test('without a media process callers are refused by 503', () => {
  const script = new EngineScript({ withoutMedia: true })
  script.offered('a')
  assert.deepEqual([script.takeAsked(), script.takeEvents()], [['refuse a 503'], []])
})

test('RFC 3891: the desk is told which leg is to be replaced; one that has gone meanwhile is 481', () => {
  const script = new EngineScript()
  script.connected('b')
  script.forget()
  script.sipSays(offeredEvent('a', phoneSdp(), 'b'))
  const [event] = script.takeEvents()
  assert.equal(event?.kind === 'leg-offered' && event.replaces, 'b')
  script.sipSays(offeredEvent('d', phoneSdp(), 'z'))
  assert.deepEqual([script.takeAsked(), script.takeEvents()], [['refuse d 481'], []])
})

test('an offer of IPv6 opens ports of IPv6', () => {
  const script = new EngineScript()
  script.offered('a', phoneSdp({ address: '2001:db8::7' }))
  script.forget()
  script.order({ kind: 'answer', leg })
  const [order] = script.takeMedia()
  assert.equal(order?.kind === 'open-leg' && order.family, 6)
})

test('an offer of SRTP is answered by SRTP', () => {
  const script = new EngineScript()
  script.offered('a', phoneSdp({ srtp: true }))
  script.order({ kind: 'answer', leg })
  script.forget()
  script.opened('a')
  assert.match(script.door.sdp, /m=audio 20000 RTP\/SAVP /)
  const [order] = script.takeMedia()
  assert.equal(order?.kind === 'set-leg' && order.media.srtp?.receive, 'B'.repeat(40))
})

test('CANCEL crosses the answer while the ports are being opened: cancelled, ports given back, and no 2xx', () => {
  const script = new EngineScript()
  script.offered('a')
  script.order({ kind: 'answer', leg })
  script.forget()
  script.sipSays({ kind: 'ended', session: leg, by: 'remote' })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'cancelled' }])
  assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
  script.opened('a')
  assert.deepEqual([script.takeAsked(), script.takeEvents(), script.takeMedia()], [[], [], []])
})

test('orders for a caller who is gone change nothing', () => {
  const script = new EngineScript()
  script.offered('a')
  script.sipSays({ kind: 'ended', session: leg, by: 'remote' })
  script.forget()
  for (const kind of ['ring', 'answer'] as const) script.order({ kind, leg })
  script.order({ kind: 'hang-up', leg, reason: 'hangup' })
  script.order({ kind: 'set-voice', leg, voice: 'core' })
  script.order({ kind: 'transfer-progress', leg, transfer: 't', progress: 'done' })
  assert.deepEqual([script.takeAsked(), script.takeEvents(), script.takeMedia()], [[], [], []])
})

test('a second answer, or a ring after the answer, changes nothing', () => {
  const script = new EngineScript()
  script.offered('a')
  script.order({ kind: 'answer', leg })
  script.forget()
  script.order({ kind: 'answer', leg })
  script.order({ kind: 'ring', leg })
  script.opened('a')
  script.order({ kind: 'answer', leg })
  assert.deepEqual(script.takeAsked(), ['answer a'])
})

test('hang-up while the ports are being opened refuses the call', () => {
  const script = new EngineScript()
  script.offered('a')
  script.order({ kind: 'answer', leg })
  script.forget()
  script.order({ kind: 'hang-up', leg, reason: 'busy' })
  assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
  assert.deepEqual(script.door.causes, [{ status: 486, q850: 17, text: 'User busy' }])
})

test('the media process vanishes while the ports are being opened: the caller is refused', () => {
  const script = new EngineScript()
  script.offered('a')
  script.order({ kind: 'answer', leg })
  script.forget()
  script.loseMedia()
  assert.deepEqual(script.takeEvents(), [
    { kind: 'media', up: false },
    { kind: 'leg-ended', leg, reason: 'failed' },
  ])
  assert.deepEqual(script.door.causes[0]?.status, 500)
})

test('an answer that comes while the media process is away fails the leg at once', () => {
  const script = new EngineScript()
  script.offered('a')
  script.loseMedia()
  script.forget()
  script.order({ kind: 'answer', leg })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])
})

const statuses: Readonly<Partial<Record<EndReason, number>>> = {
  busy: 486,
  declined: 603,
  unavailable: 480,
  'unknown-number': 404,
  'no-answer': 480,
  cancelled: 487,
  'not-allowed': 403,
  failed: 500,
  'media-lost': 500,
  shutdown: 503,
}

test('a caller who was never answered is told why, by status and ISDN cause', () => {
  for (const reason of endReasons) {
    const script = new EngineScript()
    script.offered('a')
    script.forget()
    script.order({ kind: 'hang-up', leg, reason })
    assert.equal(script.door.causes[0]?.status, statuses[reason] ?? 480, reason)
    assert.ok((script.door.causes[0]?.q850 ?? 0) > 0)
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason }])
    // It never had ports.
    assert.deepEqual(script.takeMedia(), [])
  }
})

test('a caller without an offer gets ours in the 2xx, and talks when the answer has come with the ACK', () => {
  const script = new EngineScript()
  script.sipSays(offeredEvent('a', undefined))
  script.order({ kind: 'answer', leg })
  script.forget()
  script.opened('a')
  assert.deepEqual(script.takeAsked(), ['answer a'])
  assert.match(script.door.sdp, /m=audio 20000 RTP\/AVP 0 8 101/)
  assert.deepEqual([script.takeEvents(), script.takeMedia()], [[], []])
  script.sipSays({ kind: 'remoteAnswer', session: leg, sdp: phoneSdp({ codecs: [8] }) }, { kind: 'confirmed', session: leg })
  assert.deepEqual(kinds(script.takeMedia()), ['set-leg'])
  assert.deepEqual(kinds(script.takeEvents()), ['leg-answered'])
})

test('an ACK without a usable answer ends the call; so does one that never comes, a BYE before it, and a hang-up', () => {
  const endings: readonly [(script: EngineScript) => void, EndReason][] = [
    [(script) => script.sipSays({ kind: 'remoteAnswer', session: leg, sdp: 'nothing' }), 'failed'],
    [(script) => script.sipSays({ kind: 'ended', session: leg, by: 'timeout' }), 'failed'],
    [(script) => script.sipSays({ kind: 'ended', session: leg, by: 'remote' }), 'hangup'],
    [(script) => script.order({ kind: 'hang-up', leg, reason: 'removed' }), 'removed'],
  ]
  for (const [end, reason] of endings) {
    const script = new EngineScript()
    script.sipSays(offeredEvent('a', undefined))
    script.order({ kind: 'answer', leg })
    script.opened('a')
    script.forget()
    end(script)
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason }])
    assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
    // A 2xx is out: the far end is in a call, and gets no status.
    assert.equal(script.door.causes[0]?.status, undefined)
  }
})

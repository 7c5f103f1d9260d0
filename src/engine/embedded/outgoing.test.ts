import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineScript, phoneSdp } from '../../../testkit/engine-script.ts'
import { type EndReason, endReasons } from '../../call/reason.ts'
import { legId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, instant } from '../../kernel/time.ts'
import type { SipEvent } from '../../sip/door.ts'

const kinds = (things: readonly { readonly kind: string }[]): readonly string[] => things.map(({ kind }) => kind)
type Ended = Extract<SipEvent, { kind: 'ended' }>

function registered(script: EngineScript, transports: readonly ('UDP' | 'TLS' | 'WSS')[], address = '192.0.2.7'): void {
  const contacts = transports.map((transport) => ({ uri: 'sip:x', transport, remote: { address, port: 5060 }, expiresAt: instant(0) }))
  script.sipSays({ kind: 'registered', account, extension: '211', contacts })
}

test('a leg is called in this order: ports, INVITE with an offer of them, ringing, answer, its media set before the desk may wire it', () => {
  const script = new EngineScript().forget()
  const leg = script.invite('a')
  assert.deepEqual(script.takeMedia(), [{ kind: 'open-leg', leg, account, voice: 'core', family: 4 }])
  assert.deepEqual(script.takeAsked(), [])
  script.opened('a', 20_044)
  assert.deepEqual(script.takeAsked(), ['invite a'])
  assert.match(script.door.sdp, /c=IN IP4 127\.0\.0\.1\r\n[\s\S]*m=audio 20044 RTP\/AVP 0 8 101/)
  script.sipSays({ kind: 'trying', session: leg }, { kind: 'ringing', session: leg, status: 180 })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-ringing'])
  script.outputs.length = 0
  script.sipSays({ kind: 'answered', session: leg, sdpIs: 'answer', sdp: phoneSdp({ codecs: [8] }) })
  assert.deepEqual(script.outputs, [
    {
      kind: 'media',
      order: {
        kind: 'set-leg',
        leg,
        media: {
          ...{ remote: { address: '192.0.2.7', port: 4_000 }, remoteRtcp: { address: '192.0.2.7', port: 4_001 }, rtcpMux: false },
          ...{ codec: 'PCMA', payloadType: 8, telephoneEvent: 101, ptimeMs: 20, direction: 'sendrecv' },
        },
      },
    },
    { kind: 'event', event: { kind: 'leg-answered', leg } },
  ])
})

test('who calls is shown; who does not want to be known is not', () => {
  const script = new EngineScript()
  const to = { kind: 'number', account, trunk: 't1', number: '+442071838750' } as const
  const shown = [{ number: '210', name: 'Ann' }, { number: '210' }, { number: 'anonymous' }, { number: '', name: 'Ann' }]
  shown.forEach((from, n) => {
    script.order({ kind: 'invite', leg: legId(`a${n}`), to, from, voice: 'core', autoAnswer: true })
    script.opened(`a${n}`)
  })
  assert.deepEqual(
    script.door.invitations.map(({ from }) => from),
    [{ user: '210', displayName: 'Ann' }, { user: '210' }, { user: 'anonymous', anonymous: true }, { user: 'anonymous', anonymous: true }],
  )
  assert.deepEqual(script.door.invitations[0]?.to, { kind: 'trunk', account, trunk: 't1', number: '+442071838750' })
  assert.equal(script.door.invitations[0]?.autoAnswer, true)
})

test('it rings once, by 180 or 183; 181 and 182 only say that the far end works on it; an answer without either is accepted first', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.opened('a')
  script.forget()
  for (const status of [181, 182, 183, 180] as const) script.sipSays({ kind: 'ringing', session: leg, status })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-ringing'])
  script.connected('b')
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered'])
})

test('100 alone is no acceptance yet: a phone that is busy says it too, and what follows at once counts', () => {
  const script = new EngineScript()
  const [busy, slow] = [script.invite('a'), script.invite('b')]
  script.opened('a')
  script.opened('b')
  script.forget()
  script.sipSays({ kind: 'trying', session: busy }, { kind: 'trying', session: slow })
  assert.deepEqual(script.takeEvents(), [])
  script.sipSays({ kind: 'ended', session: busy, by: 'remote', status: 486 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: busy, reason: 'busy' }])
  const due = addMs(script.at, limits.sipVerdictMs)
  assert.equal(script.engine.deadline(), due)
  script.do(script.engine.wake(addMs(due, -1)))
  assert.deepEqual(script.takeEvents(), [])
  script.do(script.engine.wake(due))
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-accepted', leg: slow }])
})

test('hang-up while the ports are being opened: no INVITE is ever sent, and the ports are given back', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.forget()
  script.order({ kind: 'hang-up', leg, reason: 'cancelled' })
  assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'cancelled' }])
  script.opened('a')
  assert.deepEqual([script.takeAsked(), script.takeEvents(), script.takeMedia()], [[], [], []])
})

test('no ports, no call', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.forget()
  script.mediaSays({ kind: 'leg-failed', leg, why: 'no port is free' })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])
  assert.deepEqual(script.takeAsked(), [])
})

test('while the media process is away no leg is called', () => {
  const script = new EngineScript({ withoutMedia: true })
  const leg = script.invite('a')
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])
  assert.deepEqual([script.takeMedia(), script.takeAsked()], [[], []])
})

const refusals: readonly { readonly ended: Omit<Ended, 'kind' | 'session'>; readonly quiet: EndReason; readonly rang?: EndReason }[] = [
  { ended: { by: 'remote', status: 486 }, quiet: 'busy' },
  { ended: { by: 'remote', status: 600 }, quiet: 'busy' },
  { ended: { by: 'remote', status: 603 }, quiet: 'declined' },
  { ended: { by: 'remote', status: 403 }, quiet: 'declined' },
  { ended: { by: 'remote', status: 404 }, quiet: 'unknown-number' },
  { ended: { by: 'remote', status: 484 }, quiet: 'unknown-number' },
  { ended: { by: 'remote', status: 604 }, quiet: 'unknown-number' },
  { ended: { by: 'remote', status: 480 }, quiet: 'unavailable', rang: 'no-answer' },
  { ended: { by: 'remote', status: 408 }, quiet: 'unavailable', rang: 'no-answer' },
  { ended: { by: 'remote', status: 487 }, quiet: 'unavailable', rang: 'no-answer' },
  { ended: { by: 'timeout', status: 408 }, quiet: 'unavailable', rang: 'no-answer' },
  { ended: { by: 'fault', status: 480 }, quiet: 'unavailable', rang: 'no-answer' },
  { ended: { by: 'remote', status: 480, q850: 17 }, quiet: 'busy' },
  { ended: { by: 'remote', status: 503, q850: 1 }, quiet: 'unknown-number' },
  { ended: { by: 'remote', status: 500, q850: 19 }, quiet: 'no-answer' },
  { ended: { by: 'remote', status: 503 }, quiet: 'failed' },
  { ended: { by: 'remote', status: 302 }, quiet: 'failed' },
  { ended: { by: 'remote', status: 488 }, quiet: 'failed' },
  { ended: { by: 'fault' }, quiet: 'failed' },
]

test('what a refusal means to the desk', () => {
  for (const { ended, quiet, rang = quiet } of refusals) {
    for (const [rings, reason] of [
      [false, quiet],
      [true, rang],
    ] as const) {
      const script = new EngineScript()
      const leg = script.invite('a')
      script.opened('a')
      if (rings) script.sipSays({ kind: 'ringing', session: leg, status: 180 })
      script.forget()
      script.sipSays({ kind: 'ended', session: leg, ...ended })
      assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason }], JSON.stringify(ended))
      assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
    }
  }
})

test('a phone that another one was quicker than is told so, and lists no missed call (RFC 3326 §2)', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.opened('a')
  script.order({ kind: 'hang-up', leg, reason: 'answered-elsewhere' })
  assert.deepEqual(script.door.causes, [{ status: 200, q850: 26, text: 'Call completed elsewhere' }])
})

test('a session that we end tells its ISDN cause and no status, whatever the reason', () => {
  for (const reason of endReasons) {
    const script = new EngineScript()
    const leg = script.connected('a')
    script.forget()
    script.order({ kind: 'hang-up', leg, reason })
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason }])
    assert.deepEqual(script.takeAsked(), ['hang-up a'])
    assert.ok((script.door.causes[0]?.q850 ?? 0) > 0)
    assert.equal(script.door.causes[0]?.status, reason === 'answered-elsewhere' ? 200 : undefined)
  }
})

for (const [what, sdp] of [
  ['no description', undefined],
  ['one that is none', 'v=1\r\n'],
  ['no codec in common', phoneSdp({ codecs: [3] })],
  ['no audio', phoneSdp({ port: 0 })],
] as const) {
  test(`an answer with ${what} cannot be talked by: BYE, and the leg has failed`, () => {
    const script = new EngineScript()
    const leg = script.invite('a')
    script.opened('a')
    script.forget()
    script.sipSays({ kind: 'answered', session: leg, sdpIs: 'answer', ...(sdp !== undefined && { sdp }) })
    assert.deepEqual(script.takeAsked(), ['hang-up a'])
    assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])
    assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg }])
  })
}

test('a 2xx that makes an offer is answered in the ACK', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.opened('a')
  script.forget()
  script.sipSays({ kind: 'answered', session: leg, sdpIs: 'offer', sdp: phoneSdp() })
  assert.deepEqual(script.takeAsked(), ['answer-offer a'])
  assert.deepEqual(kinds(script.takeMedia()), ['set-leg'])
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered'])
})

test('a phone that answers while it holds us is held from the start', () => {
  const script = new EngineScript().forget()
  script.connected('a', { sdp: phoneSdp({ direction: 'sendonly' }) })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered', 'leg-held'])
})

test('SRTP is offered where signalling to every contact is encrypted, and not otherwise', () => {
  for (const [transports, protocol] of [
    [['TLS'], 'RTP/SAVP'],
    [['TLS', 'WSS'], 'RTP/SAVP'],
    [['TLS', 'UDP'], 'RTP/AVP'],
    [['UDP'], 'RTP/AVP'],
  ] as const) {
    const script = new EngineScript()
    registered(script, transports)
    script.invite('a')
    script.opened('a')
    assert.ok(script.door.sdp.includes(`m=audio 20000 ${protocol} `), `${transports}: ${script.door.sdp}`)
  }
})

test('SRTP is agreed: the keys of both sides reach the media process', () => {
  const script = new EngineScript()
  registered(script, ['TLS'])
  const leg = script.invite('a')
  script.opened('a')
  script.forget()
  script.sipSays({ kind: 'answered', session: leg, sdpIs: 'answer', sdp: phoneSdp({ srtp: true }) })
  const [order] = script.takeMedia()
  const srtp = order?.kind === 'set-leg' ? order.media.srtp : undefined
  assert.equal(srtp?.receive, 'B'.repeat(40))
  assert.ok(script.door.sdp.includes(`inline:${srtp?.send}`))
})

test('a phone that refuses SRTP by 488 is asked once more without, on the same ports; a second 488 is final', () => {
  const script = new EngineScript()
  registered(script, ['TLS'])
  const leg = script.invite('a')
  script.opened('a')
  script.sipSays({ kind: 'ringing', session: leg, status: 180 })
  script.forget()
  script.sipSays({ kind: 'ended', session: leg, by: 'remote', status: 488 })
  const again = script.door.invitations[1]
  assert.ok(again !== undefined && again.session !== leg)
  assert.match(again.sdp ?? '', /m=audio 20000 RTP\/AVP /)
  assert.deepEqual([script.takeEvents(), script.takeMedia()], [[], []])
  script.sipSays({ kind: 'ended', session: leg, by: 'local' })
  assert.deepEqual(script.takeEvents(), [])
  script.sipSays({ kind: 'ended', session: again.session, by: 'remote', status: 488 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg, reason: 'failed' }])
})

test('after the repeated invitation the leg is the same to the desk: answered, and hung up by its own name', () => {
  const script = new EngineScript()
  registered(script, ['TLS'])
  const leg = script.invite('a')
  script.opened('a')
  script.sipSays({ kind: 'ended', session: leg, by: 'remote', status: 488 })
  const session = script.door.invitations[1]?.session ?? leg
  script.forget()
  script.sipSays({ kind: 'answered', session, sdpIs: 'answer', sdp: phoneSdp() })
  assert.deepEqual(kinds(script.takeEvents()), ['leg-accepted', 'leg-answered'])
  script.order({ kind: 'hang-up', leg, reason: 'hangup' })
  assert.deepEqual(script.takeAsked(), [`hang-up ${session}`])
})

test('where the phone speaks IPv6, ports of IPv6 are opened', () => {
  const script = new EngineScript()
  registered(script, ['UDP'], '2001:db8::7')
  script.forget()
  script.invite('a')
  const [order] = script.takeMedia()
  assert.equal(order?.kind === 'open-leg' && order.family, 6)
})

test('fixed contacts and trunks: encrypted or not, IPv4 or IPv6, as their settings say', () => {
  const trunk = { account, id: 't1', trusted: [] }
  const cases = [
    [new EngineScript({ fixedContact: 'sip:299@[2001:db8::7]' }), '299', 'RTP/AVP', 6],
    [new EngineScript({ fixedContact: 'sips:299@192.0.2.7' }), '299', 'RTP/SAVP', 4],
    [new EngineScript({ trunks: [{ ...trunk, peer: 'tls:trunk.example' }] }), undefined, 'RTP/SAVP', 4],
    [new EngineScript({ trunks: [{ ...trunk, peer: 'udp:[2001:db8::9]:5060' }] }), undefined, 'RTP/AVP', 6],
  ] as const
  for (const [script, extension, protocol, family] of cases) {
    script.forget()
    const to =
      extension === undefined
        ? ({ kind: 'number', account, trunk: 't1', number: '+1' } as const)
        : ({ kind: 'extension', account, extension, mayBeMonitored: true } as const)
    script.order({ kind: 'invite', leg: legId('a'), to, from: { number: '210' }, voice: 'core', autoAnswer: false })
    const [order] = script.takeMedia()
    assert.equal(order?.kind === 'open-leg' && order.family, family)
    const local = { address: family === 6 ? '::1' : '127.0.0.1', port: 20_000 }
    script.mediaSays({ kind: 'leg-opened', leg: legId('a'), local })
    assert.ok(script.door.sdp.includes(`m=audio 20000 ${protocol} `), script.door.sdp)
  }
})

test('the next leg of a call is offered what its legs speak, so that nothing has to be transcoded', () => {
  const script = new EngineScript()
  script.connected('a', { sdp: phoneSdp({ codecs: [8] }) })
  script.invite('b', 'supervisor')
  script.opened('b')
  assert.match(script.door.sdp, /RTP\/AVP 8 0 101/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineScript, mainCall, phoneSdp } from '../../../testkit/engine-script.ts'
import { bridgeId, callId, legId, requestId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs } from '../../kernel/time.ts'
import type { BridgeState, LegState, MediaOrder } from '../../media/protocol.ts'

const kinds = (things: readonly { readonly kind: string }[]): readonly string[] => things.map(({ kind }) => kind)
const [a, b, s] = [legId('a'), legId('b'), legId('s')]
const bridge = bridgeId('c1')
const pair = [
  { listener: a, talkers: [b] },
  { listener: b, talkers: [a] },
]

function two(): EngineScript {
  const script = new EngineScript()
  script.connected('a')
  script.connected('b')
  return script.forget()
}

test('the matrix goes to the bridge that bears the id of the call; the clock of a row is its first talker of the conversation', () => {
  const script = two()
  script.connected('s', { voice: 'supervisor' })
  script.forget()
  script.rewire(1, [
    { listener: a, talkers: [s, b] },
    { listener: s, talkers: [] },
    { listener: b, talkers: [], source: 'hold-music' },
  ])
  assert.deepEqual(script.takeMedia(), [
    {
      ...{ kind: 'rewire', bridge, account, revision: 1 },
      rows: [
        { listener: a, talkers: [s, b], main: b },
        { listener: s, talkers: [] },
        { listener: b, talkers: [], source: 'hold-music' },
      ],
    },
  ])
})

test('what the mixer confirms or refuses is told, with the revision; a confirmation that came before is no news', () => {
  const script = two()
  script.rewire(1, pair)
  script.rewire(2, [])
  script.forget()
  script.mediaSays({ kind: 'rewired', bridge, revision: 2, at: script.at })
  script.mediaSays({ kind: 'rewired', bridge, revision: 1, at: script.at })
  script.mediaSays({ kind: 'rewire-refused', bridge, revision: 3, why: 'no' })
  assert.deepEqual(script.takeEvents(), [
    { kind: 'wired', call: mainCall, revision: 2, at: script.at },
    { kind: 'wiring-failed', call: mainCall, revision: 3, why: 'no' },
  ])
})

test('a matrix that comes late (a lower revision) is not carried out', () => {
  const script = two()
  script.rewire(2, [])
  script.forget()
  script.rewire(1, pair)
  assert.deepEqual(script.takeMedia(), [])
})

test('a matrix that names a leg which has just ended, or does not talk yet, is carried out without it', () => {
  const script = two()
  script.invite('s', 'supervisor')
  script.sipSays({ kind: 'ended', session: b, by: 'remote' })
  script.forget()
  script.rewire(1, [
    { listener: a, talkers: [b, s] },
    { listener: b, talkers: [a] },
    { listener: s, talkers: [a, b] },
  ])
  const [order] = script.takeMedia()
  assert.deepEqual(order?.kind === 'rewire' && order.rows, [{ listener: a, talkers: [] }])
})

test('a leg of another call moves to the one that names it, and a later order of the old one cannot take it back', () => {
  const script = two()
  script.rewire(1, pair)
  script.connected('d', { call: callId('c2') })
  script.forget()
  script.rewire(1, [{ listener: legId('d'), talkers: [b] }], callId('c2'))
  script.loseMedia()
  script.forget()
  script.joinMedia({ legs: holding('a', 'b', 'd'), bridges: [] })
  const rewires = script.takeMedia().filter((order) => order.kind === 'rewire')
  assert.deepEqual(
    rewires.map(({ bridge, rows }) => [bridge, rows]),
    [
      ['c1', [{ listener: a, talkers: [] }]],
      ['c2', [{ listener: 'd', talkers: [b], main: b }]],
    ],
  )
})

test('a bridge that is closed is forgotten; that its last matrix is in force is told all the same', () => {
  const script = two()
  script.rewire(1, pair)
  script.forget()
  script.order({ kind: 'close' })
  assert.deepEqual(script.takeMedia(), [{ kind: 'close-bridge', bridge }])
  script.mediaSays({ kind: 'rewired', bridge, revision: 1, at: script.at })
  script.mediaSays({ kind: 'rewire-refused', bridge, revision: 1, why: 'no' })
  assert.deepEqual(
    script.takeEvents().map(({ kind }) => kind),
    ['wired'],
  )
  assert.equal(script.engine.stats().bridges, 0)
})

test('take-over: a supervisor’s voice becomes the conversation’s, for the lease and for the clock', () => {
  const script = two()
  script.connected('s', { voice: 'supervisor' })
  script.forget()
  script.order({ kind: 'set-voice', leg: s, voice: 'core' })
  script.rewire(1, [{ listener: a, talkers: [s] }])
  assert.deepEqual(script.takeMedia().slice(0, 1), [{ kind: 'set-voice', leg: s, voice: 'core' }])
})

test('levels: asked for and answered by the desk’s own request; nothing wired, nothing measured', () => {
  const script = two()
  script.rewire(1, pair)
  script.forget()
  script.do(script.engine.measure(script.at, mainCall, requestId('r1')))
  const [order] = script.takeMedia()
  assert.ok(order?.kind === 'measure')
  const legs = [{ leg: a, levelDbov: -20, lastAudioAt: script.at, packetsReceived: 9, packetsSent: 9 }]
  script.mediaSays({ kind: 'measured', bridge, request: order.request, revision: 1, legs })
  script.mediaSays({ kind: 'measured', bridge, request: order.request, revision: 1, legs })
  assert.deepEqual(script.takeEvents(), [
    { kind: 'measured', call: mainCall, request: 'r1', legs: [{ leg: a, levelDbov: -20, lastAudioAt: script.at }] },
  ])
  script.do(script.engine.measure(script.at, callId('c9'), requestId('r2')))
  assert.deepEqual(script.takeEvents(), [{ kind: 'measured', call: 'c9', request: 'r2', legs: [] }])
})

test('the line: hello with our epoch and lease, then what does it hold; calls can be carried from then on', () => {
  const script = new EngineScript({ withoutMedia: true })
  script.do(script.engine.mediaConnected(script.at))
  assert.deepEqual(script.takeMedia(), [{ kind: 'hello', epoch: 7, leaseMs: limits.mediaLeaseMs }])
  script.mediaSays({ kind: 'welcome', pid: 1, epoch: 7, fenced: false })
  assert.deepEqual(script.takeMedia(), [{ kind: 'list' }])
  assert.deepEqual(script.takeEvents(), [])
  script.mediaSays({ kind: 'inventory', legs: [], bridges: [] })
  assert.deepEqual(script.takeEvents(), [{ kind: 'media', up: true }])
})

test('the lease is renewed at least every third of it, by deadline, for as long as the line is there', () => {
  const script = new EngineScript().forget()
  const first = script.engine.deadline()
  assert.ok(first !== undefined && first - script.at <= limits.mediaLeaseMs / 3)
  script.do(script.engine.wake(addMs(first, -1)))
  assert.deepEqual(script.takeMedia(), [])
  script.do(script.engine.wake(first))
  assert.deepEqual(script.takeMedia(), [{ kind: 'renew' }])
  assert.ok((script.engine.deadline() ?? first) > first)
  script.loseMedia()
  assert.equal(script.engine.deadline(), undefined)
})

test('the deadline is the earlier one of lease and SIP, and each is woken only when it is due', () => {
  const script = new EngineScript().forget()
  script.door.due = addMs(script.at, 5)
  assert.equal(script.engine.deadline(), addMs(script.at, 5))
  script.do(script.engine.wake(addMs(script.at, 5)))
  assert.deepEqual([script.takeAsked(), script.takeMedia()], [['wake'], []])
})

test('a newer control process has taken over: no call can be carried here', () => {
  const script = two()
  script.invite('d')
  script.forget()
  script.mediaSays({ kind: 'welcome', pid: 1, epoch: 8, fenced: true })
  assert.deepEqual(kinds(script.takeEvents()), ['media', 'leg-ended'])
  script.rewire(1, pair)
  assert.deepEqual(script.takeMedia(), [])
  assert.equal(script.engine.stats().media, 'fenced')
})

test('a lease that lapsed while we were busy: every matrix is ordered again, which brings the supervisors back', () => {
  const script = two()
  script.rewire(3, pair)
  script.forget()
  script.mediaSays({ kind: 'lease-lapsed', at: script.at })
  const [order] = script.takeMedia()
  assert.ok(order?.kind === 'rewire')
  assert.deepEqual([order.revision, order.rows.length], [3, 2])
})

const stateOf = (order: Extract<MediaOrder, { kind: 'set-leg' }>): LegState => ({
  leg: order.leg,
  account,
  voice: 'core',
  local: { address: '127.0.0.1', port: 20_000 },
  media: order.media,
})

/** What a media process holds that these legs were opened and set in. */
function holding(...legs: readonly string[]): LegState[] {
  const script = new EngineScript()
  for (const leg of legs) script.connected(leg)
  return script.media.flatMap((order) => (order.kind === 'set-leg' ? [stateOf(order)] : []))
}

test('a media process that is new holds nothing: conversations on it are over, callers who wait are not', () => {
  const script = two()
  script.offered('w')
  script.rewire(1, pair)
  script.forget()
  script.loseMedia()
  assert.deepEqual(script.takeEvents(), [{ kind: 'media', up: false }])
  script.joinMedia()
  assert.deepEqual(script.takeEvents(), [
    { kind: 'leg-ended', leg: a, reason: 'media-lost' },
    { kind: 'leg-ended', leg: b, reason: 'media-lost' },
    { kind: 'media', up: true },
  ])
  assert.deepEqual(script.takeAsked(), ['hang-up a', 'hang-up b'])
  assert.equal(script.engine.stats().legs, 1)
})

test('the same media process on a new line: what it missed is made good, what it should not have is closed, and calls go on', () => {
  const script = two()
  script.rewire(1, pair)
  const [stateA, stateB] = holding('a', 'b')
  assert.ok(stateA !== undefined && stateB !== undefined)
  script.loseMedia()
  script.rewire(2, [{ listener: a, talkers: [b] }])
  script.order({ kind: 'set-voice', leg: a, voice: 'supervisor' })
  script.sipSays({ kind: 'remoteOffer', session: b, sdp: phoneSdp({ direction: 'sendonly' }) })
  script.forget()
  const stale: LegState = { ...stateA, leg: legId('gone') }
  const bridges: BridgeState[] = [
    { bridge, account, revision: 1, rows: pair },
    { bridge: bridgeId('gone'), account, revision: 4, rows: [] },
  ]
  script.joinMedia({ legs: [stale, stateA, stateB], bridges })
  const orders = script.takeMedia().slice(2)
  assert.deepEqual(kinds(orders), ['close-leg', 'set-voice', 'set-leg', 'close-bridge', 'rewire'])
  assert.deepEqual(orders[0], { kind: 'close-leg', leg: 'gone' })
  assert.deepEqual(orders[3], { kind: 'close-bridge', bridge: 'gone' })
  assert.equal(orders[4]?.kind === 'rewire' && orders[4].revision, 2)
  assert.deepEqual(script.takeEvents(), [{ kind: 'media', up: true }])
})

test('calls of a control process that died are kept while their phones speak, without the supervisors whom nobody vouches for', () => {
  const script = new EngineScript({ withoutMedia: true })
  const [stateA, stateB] = holding('a', 'b')
  assert.ok(stateA !== undefined && stateB !== undefined)
  const supervisor: LegState = { ...stateA, leg: legId('s'), voice: 'supervisor' }
  const unfinished: LegState = { leg: legId('u'), account, voice: 'core', local: stateA.local }
  script.joinMedia({ legs: [stateA, stateB, supervisor, unfinished], bridges: [{ bridge, account, revision: 3, rows: pair }] })
  assert.deepEqual(script.takeMedia().slice(2), [
    { kind: 'close-leg', leg: 's' },
    { kind: 'close-leg', leg: 'u' },
  ])
  script.mediaSays({ kind: 'rtp-stopped', leg: a, silentMs: 50_000 })
  assert.deepEqual(script.takeMedia(), [])
  script.mediaSays({ kind: 'rtp-stopped', leg: a, silentMs: 60_000 })
  assert.deepEqual(script.takeMedia(), [{ kind: 'close-leg', leg: 'a' }])
  script.mediaSays({ kind: 'rtp-stopped', leg: b, silentMs: 60_000 })
  assert.deepEqual(script.takeMedia(), [
    { kind: 'close-leg', leg: 'b' },
    { kind: 'close-bridge', bridge },
  ])
})

test('a leg whose ports were asked for when the line broke cannot be told from one that was never opened: it fails', () => {
  const script = new EngineScript()
  const leg = script.invite('a')
  script.forget()
  script.loseMedia()
  assert.deepEqual(script.takeEvents(), [
    { kind: 'media', up: false },
    { kind: 'leg-ended', leg, reason: 'failed' },
  ])
})

test('stopping says goodbye to everybody, then to the trunks', () => {
  const script = two()
  script.offered('w')
  script.forget()
  script.do(script.engine.stop(script.at))
  assert.deepEqual(script.takeAsked(), ['hang-up a', 'hang-up b', 'hang-up w', 'stop'])
  assert.deepEqual(kinds(script.takeEvents()), ['leg-ended', 'leg-ended', 'leg-ended'])
  assert.equal(script.engine.stats().legs, 0)
})

test('registrations and trunks are told as they change', () => {
  const script = new EngineScript().forget()
  const contact = { uri: 'sip:x', transport: 'UDP', remote: { address: '192.0.2.7', port: 5060 }, expiresAt: script.at } as const
  script.sipSays({ kind: 'registered', account, extension: '211', contacts: [contact, contact] })
  assert.equal(script.engine.stats().contacts, 2)
  script.sipSays({ kind: 'unregistered', account, extension: '211', why: 'expired' })
  script.sipSays({ kind: 'trunkUp', account, trunk: 't1' }, { kind: 'trunkDown', account, trunk: 't1', why: 'no answer' })
  assert.deepEqual(script.takeEvents(), [
    { kind: 'registration', account, extension: '211', contacts: 2 },
    { kind: 'registration', account, extension: '211', contacts: 0 },
    { kind: 'trunk', account, trunk: 't1', up: true },
    { kind: 'trunk', account, trunk: 't1', up: false },
  ])
})

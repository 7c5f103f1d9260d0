import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserSdp } from '../../../testkit/browser-sdp.ts'
import { account, EngineScript, mainCall } from '../../../testkit/engine-script.ts'
import { accountId, callId, type LegId, legId, lineId, requestId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs } from '../../kernel/time.ts'
import type { LegState, MediaOrder } from '../../media/protocol.ts'

const line = lineId('n1')
const media = legId('n1')
const [a, b, s] = ['a', 'b', 's'].map((name) => legId(name)) as [LegId, LegId, LegId]
const holder = { account, owner: 'user u1', user: 'u1', label: 'Wall' }
const local = { address: '127.0.0.1', port: 20_000 }
const agreed = { codec: 'PCMU', payloadType: 0, telephoneEvent: 126, ptimeMs: 20, direction: 'sendrecv' } as const
const offer = browserSdp()
const otherOffer = browserSdp({ ufrag: 'other' })

const open = (script: EngineScript, text = offer) =>
  script.do(script.engine.openLine(script.at, requestId('r1'), { ...holder, line }, text))
const renew = (script: EngineScript, text: string, request = 'r2') =>
  script.do(script.engine.renewLine(script.at, requestId(request), line, text))
const opened = (script: EngineScript) => script.mediaSays({ kind: 'leg-opened', leg: media, local, description: 'answer', agreed })
const described = (script: EngineScript) => script.mediaSays({ kind: 'leg-described', leg: media, description: 'answer 2', agreed })
const connected = (script: EngineScript) => script.mediaSays({ kind: 'leg-connected', leg: media })
const lost = (script: EngineScript) => script.mediaSays({ kind: 'leg-lost', leg: media, why: 'closed' })
const later = (script: EngineScript, ms: number) => {
  script.at = addMs(script.at, ms)
  script.do(script.engine.wake(script.at))
}
const attach = (script: EngineScript, leg = s, call = mainCall, name = line) => {
  const to = { kind: 'line', account, line: name, mayBeMonitored: false } as const
  script.order({ kind: 'invite', leg, to, from: { number: '210' }, voice: 'supervisor', autoAnswer: false }, call)
}

function up(): EngineScript {
  const script = new EngineScript()
  open(script)
  opened(script)
  connected(script)
  return script.forget()
}

/** Two who talk, and the line. */
function talking(): EngineScript {
  const script = up()
  script.connected('a')
  script.connected('b')
  return script.forget()
}

const supervised = [
  { listener: a, talkers: [b] },
  { listener: b, talkers: [a, s] },
  { listener: s, talkers: [a, b] },
]

const states = (script: EngineScript) => script.takeEvents().flatMap((e) => (e.kind === 'line-state' ? [e.line.state] : []))
/** The lease is renewed all the while. */
const said = (script: EngineScript) => script.takeMedia().filter(({ kind }) => kind !== 'renew')
const kinds = (orders: readonly MediaOrder[]) => orders.map(({ kind }) => kind)

test('a line is opened with the offer as it came; the answer of the media process is told, then that packets pass', () => {
  const script = new EngineScript().forget()
  open(script)
  assert.deepEqual(script.takeMedia(), [
    { kind: 'open-leg', leg: media, account, voice: 'supervisor', family: 4, webrtc: { role: 'answer', offer } },
  ])
  opened(script)
  const held = { ...holder, line, createdAt: script.at }
  assert.deepEqual(script.takeEvents(), [
    { kind: 'line-opened', request: requestId('r1'), line: { ...held, state: 'connecting' }, answer: 'answer' },
  ])
  assert.deepEqual(script.takeMedia(), [
    { kind: 'set-leg', leg: media, media: { ...agreed, remote: { address: '0.0.0.0', port: 9 }, rtcpMux: true } },
  ])
  connected(script)
  assert.deepEqual(script.takeEvents(), [{ kind: 'line-state', line: { ...held, state: 'open' } }])
})

test('an offer that makes no sense, no media process, one that cannot, and one that does not answer', () => {
  const script = new EngineScript().forget()
  const because = () => script.takeEvents().map((e) => (e.kind === 'line-failed' ? e.because : e.kind))
  open(script, 'v=0')
  assert.deepEqual([because(), script.takeMedia()], [['offer'], []])
  open(script)
  script.mediaSays({ kind: 'leg-failed', leg: media, why: 'no port' })
  assert.deepEqual(because(), ['media'])
  open(script)
  later(script, limits.lineAnswerMs)
  assert.deepEqual(because(), ['media'])
  assert.deepEqual(kinds(script.takeMedia()).includes('close-leg'), true)
  opened(script)
  assert.deepEqual(because(), [], 'it comes too late for anybody')
  open(script)
  script.loseMedia()
  assert.deepEqual(because(), ['media', 'media'], 'that the media process is gone, too')
  open(script)
  assert.deepEqual(because(), ['media'])
  assert.equal(script.engine.stats().lines, 0)
})

test('an invitation to a line is answered at once, without a word to the media process; its rows name the leg of the line', () => {
  const script = talking()
  attach(script)
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-answered', leg: s }])
  assert.deepEqual(script.takeMedia(), [])
  script.rewire(1, supervised)
  const [order] = script.takeMedia()
  assert.deepEqual(order?.kind === 'rewire' && order.rows, [
    { listener: a, talkers: [b], main: b },
    { listener: b, talkers: [a, media], main: a },
    { listener: media, talkers: [a, b], main: a },
  ])
})

test('an invitation to a line that is not there, is lost, or belongs to another account fails', () => {
  const script = talking()
  attach(script, s, mainCall, lineId('n9'))
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: s, reason: 'unavailable' }])
  lost(script)
  script.forget()
  attach(script, legId('s2'))
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: 's2', reason: 'unavailable' }])
  const stranger = up()
  const to = { kind: 'line', account: accountId('other'), line, mayBeMonitored: false } as const
  const effect = { kind: 'invite', leg: s, to, from: { number: '1' }, voice: 'supervisor', autoAnswer: false } as const
  stranger.do(stranger.engine.order(stranger.at, { call: mainCall, account: accountId('other'), effect }))
  assert.deepEqual(stranger.takeEvents(), [{ kind: 'leg-ended', leg: s, reason: 'unavailable' }])
})

test('hung up, the line is free: it stays open, and the next call has it without a new connection', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  script.forget()
  script.rewire(2, supervised.slice(0, 1))
  script.order({ kind: 'hang-up', leg: s, reason: 'ended-by-request' })
  assert.deepEqual(kinds(script.takeMedia()), ['rewire'])
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: s, reason: 'ended-by-request' }])
  attach(script, legId('s2'), callId('c2'))
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-answered', leg: 's2' }])
  assert.deepEqual(script.takeMedia(), [])
  assert.deepEqual(script.takeAsked(), [], 'the SIP layer hears of none of it')
})

test('a call that invites a line which another call has gets it', () => {
  const script = talking()
  attach(script)
  script.forget()
  attach(script, legId('s2'), callId('c2'))
  assert.deepEqual(script.takeEvents(), [
    { kind: 'leg-ended', leg: s, reason: 'moved' },
    { kind: 'leg-answered', leg: 's2' },
  ])
  script.order({ kind: 'hang-up', leg: s, reason: 'moved' })
  assert.deepEqual(script.takeEvents(), [])
})

test('who takes over speaks for the conversation, and for no longer than he has the call', () => {
  const script = talking()
  attach(script)
  script.order({ kind: 'set-voice', leg: s, voice: 'core' })
  script.order({ kind: 'hang-up', leg: s, reason: 'removed' })
  assert.deepEqual(script.takeMedia(), [
    { kind: 'set-voice', leg: media, voice: 'core' },
    { kind: 'set-voice', leg: media, voice: 'supervisor' },
  ])
})

test('a lost line keeps its place for a while: a new offer brings it back, and the call notices nothing', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  script.forget()
  lost(script)
  assert.deepEqual(states(script), ['lost'])
  later(script, limits.lineGraceMs - 1)
  renew(script, otherOffer)
  assert.deepEqual(said(script), [{ kind: 'describe-leg', leg: media, description: otherOffer, type: 'offer' }])
  described(script)
  const [told] = script.takeEvents()
  assert.deepEqual(told?.kind === 'line-opened' && [told.request, told.line.state, told.answer], ['r2', 'connecting', 'answer 2'])
  connected(script)
  assert.deepEqual(states(script), ['open'])
  later(script, limits.lineLostMs)
  assert.deepEqual([script.takeEvents(), said(script)], [[], []])
})

test('without a new offer the supervision ends after the grace, and the line after a while', () => {
  const script = talking()
  attach(script)
  script.forget()
  lost(script)
  script.forget()
  later(script, limits.lineGraceMs)
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-ended', leg: s, reason: 'media-lost' }])
  later(script, limits.lineLostMs - limits.lineGraceMs)
  assert.deepEqual(states(script), ['closed'])
  assert.deepEqual(said(script), [{ kind: 'close-leg', leg: media }])
  renew(script, otherOffer)
  const [refused] = script.takeEvents()
  assert.equal(refused?.kind === 'line-failed' && refused.because, 'unknown')
})

test('one that never connects is lost', () => {
  const script = new EngineScript()
  open(script)
  opened(script)
  script.forget()
  later(script, limits.lineConnectMs)
  assert.deepEqual(states(script), ['lost'])
})

test('a renewed offer of the same connection changes its direction and not its state', () => {
  const script = up()
  renew(script, browserSdp({ direction: 'recvonly' }))
  script.mediaSays({ kind: 'leg-described', leg: media, description: 'answer 2', agreed: { ...agreed, direction: 'sendonly' } })
  const [told] = script.takeEvents()
  assert.deepEqual(told?.kind === 'line-opened' && told.line.state, 'open')
  assert.equal(
    script.takeMedia().some((order) => order.kind === 'set-leg' && order.media.direction === 'sendonly'),
    true,
  )
})

test('one offer at a time; what a working line cannot be described as leaves it as it is', () => {
  const script = up()
  renew(script, otherOffer)
  renew(script, otherOffer, 'r3')
  script.mediaSays({ kind: 'leg-failed', leg: media, why: 'no' })
  const told = script.takeEvents().map((e) => (e.kind === 'line-failed' ? [e.request, e.because] : e.kind))
  assert.deepEqual(told, [
    ['r3', 'busy'],
    ['r2', 'media'],
  ])
  assert.deepEqual(script.engine.stats().lines, 1)
})

test('a lost leg that cannot be described is opened anew, and the matrix names it again only then', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  lost(script)
  renew(script, otherOffer)
  script.forget()
  script.mediaSays({ kind: 'leg-failed', leg: media, why: 'unknown leg' })
  assert.deepEqual(kinds(script.takeMedia()), ['close-leg', 'open-leg'])
  script.rewire(2, supervised)
  const [without] = script.takeMedia()
  assert.deepEqual(without?.kind === 'rewire' && without.rows.map(({ listener }) => listener), [a, b])
  opened(script)
  const orders = script.takeMedia()
  assert.deepEqual(kinds(orders), ['set-leg', 'rewire'])
  const [, again] = orders
  assert.deepEqual(again?.kind === 'rewire' && again.rows.map(({ listener }) => listener), [a, b, media])
})

test('closed by its holder, it leaves its call', () => {
  const script = talking()
  attach(script)
  script.forget()
  script.do(script.engine.closeLine(script.at, line))
  assert.deepEqual(kinds(script.takeMedia()), ['close-leg'])
  assert.deepEqual(
    script.takeEvents().map((e) => (e.kind === 'line-state' ? e.line.state : e.kind)),
    ['leg-ended', 'closed'],
  )
})

test('key presses, levels and recordings of a line are those of the leg that borrows it', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  script.forget()
  script.mediaSays({ kind: 'dtmf', leg: media, digit: '5', durationMs: 100 })
  assert.deepEqual(script.takeEvents(), [{ kind: 'leg-dtmf', leg: s, digit: '5', durationMs: 100 }])
  script.do(script.engine.measure(script.at, mainCall, requestId('m')))
  const [asked] = script.takeMedia()
  assert.ok(asked?.kind === 'measure')
  const level = { levelDbov: -20, lastAudioAt: null, packetsReceived: 1, packetsSent: 1 }
  script.mediaSays({ kind: 'measured', bridge: asked.bridge, request: asked.request, revision: 1, legs: [{ leg: media, ...level }] })
  const [measured] = script.takeEvents()
  assert.deepEqual(measured?.kind === 'measured' && measured.legs, [{ leg: s, levelDbov: -20, lastAudioAt: null }])
})

const holding = (...legs: readonly (readonly [LegId, LegState['webrtc']?])[]): LegState[] =>
  legs.map(([leg, webrtc]) => ({
    ...{ leg, account, local, voice: leg === media ? 'supervisor' : 'core' },
    ...(webrtc !== undefined && { webrtc }),
  }))

test('a media process that comes back without the line waits for a new offer, and opens it anew', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  script.loseMedia()
  script.forget()
  script.joinMedia({ legs: holding([a], [b]), bridges: [] })
  assert.deepEqual(states(script), ['lost'])
  const [rewired] = script.takeMedia().filter((order) => order.kind === 'rewire')
  assert.deepEqual(
    rewired?.rows.map(({ listener }) => listener),
    [a, b],
  )
  renew(script, otherOffer)
  assert.deepEqual(kinds(script.takeMedia()), ['open-leg'])
  opened(script)
  assert.deepEqual(kinds(script.takeMedia()), ['set-leg', 'rewire'])
})

test('a successor that holds the line without its connection is described anew', () => {
  const script = talking()
  attach(script)
  script.loseMedia()
  script.forget()
  script.joinMedia({ legs: holding([a], [b], [media, 'lost']), bridges: [] })
  assert.deepEqual(states(script), ['lost'])
  assert.equal(kinds(script.takeMedia()).includes('close-leg'), false)
  renew(script, otherOffer)
  assert.deepEqual(kinds(script.takeMedia()), ['describe-leg'])
})

test('the control process dies: the line goes on with its call, and is known again', () => {
  const script = talking()
  attach(script)
  script.rewire(1, supervised)
  script.restart([a, b])
  const [restored] = script.takeEvents()
  assert.ok(restored?.kind === 'restored')
  assert.deepEqual(
    restored.legs.map(({ leg, call }) => [leg, call]),
    [
      [a, mainCall],
      [b, mainCall],
      [s, mainCall],
    ],
  )
  assert.deepEqual(
    restored.lines?.map(({ line: id, owner, state }) => [id, owner, state]),
    [[line, 'user u1', 'open']],
  )
  script.joinMedia({ legs: holding([a], [b], [media, 'connected']), bridges: [] })
  const [order] = script.takeMedia().filter(({ kind }) => kind === 'rewire')
  assert.deepEqual(order?.kind === 'rewire' && order.rows.map(({ listener }) => listener), [a, b, media])
  assert.deepEqual(states(script), [])
  script.order({ kind: 'hang-up', leg: s, reason: 'ended-by-request' })
  assert.equal(kinds(script.takeMedia()).includes('close-leg'), false)
  assert.deepEqual(
    script.takeEvents().map(({ kind }) => kind),
    ['leg-ended'],
  )
})

test('a line that was being opened when the process died is not known, and its leg is closed', () => {
  const script = new EngineScript()
  open(script)
  script.restart([])
  assert.deepEqual(
    script.takeEvents().map((e) => (e.kind === 'restored' ? (e.lines ?? []) : e.kind)),
    [[]],
  )
  script.joinMedia({ legs: holding([media, 'connecting']), bridges: [] })
  assert.deepEqual(
    script.takeMedia().filter(({ kind }) => kind === 'close-leg'),
    [{ kind: 'close-leg', leg: media }],
  )
})

/** The control process dies; the media process does not. What the next one makes of what both have left. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, EngineScript, mainCall, offeredEvent, phoneSdp } from '../../../testkit/engine-script.ts'
import { bridgeId, callId, type LegId, legId } from '../../kernel/ids.ts'
import type { BridgeState, LegMedia, LegState, MediaOrder } from '../../media/protocol.ts'

const [a, b, s] = ['a', 'b', 's'].map((name) => legId(name)) as [LegId, LegId, LegId]
const rows = [
  { listener: a, talkers: [b] },
  { listener: b, talkers: [a, s] },
  { listener: s, talkers: [a, b] },
]

/** Two who talk and one who whispers to the second of them. */
function supervised() {
  const script = new EngineScript()
  script.connected('a')
  script.connected('b', { sdp: phoneSdp({ codecs: [8] }) })
  script.connected('s', { voice: 'supervisor' })
  script.rewire(3, rows)
  return script
}

/** What the media process would say of what it was told. */
function inventory(script: EngineScript): { legs: LegState[]; bridges: BridgeState[] } {
  const legs = new Map<LegId, LegState>()
  const bridges: BridgeState[] = []
  for (const output of script.outputs) if (output.kind === 'media') apply(output.order, legs, bridges)
  return { legs: [...legs.values()], bridges }
}

function apply(order: MediaOrder, legs: Map<LegId, LegState>, bridges: BridgeState[]): void {
  const local = { address: '127.0.0.1', port: 20_000 }
  if (order.kind === 'open-leg') legs.set(order.leg, { leg: order.leg, account: order.account, voice: order.voice, local })
  const known = 'leg' in order ? legs.get(order.leg) : undefined
  if (order.kind === 'set-leg' && known !== undefined) legs.set(order.leg, { ...known, media: order.media })
  if (order.kind === 'close-leg') legs.delete(order.leg)
  if (order.kind === 'rewire') bridges.push({ bridge: order.bridge, account: order.account, revision: order.revision, rows: order.rows })
}

test('legs that talk go on: the media process is told nothing but the matrix of before, under the same revision', () => {
  const script = supervised()
  const held = inventory(script)
  script.restart([a, b, s])
  assert.deepEqual(script.takeEvents(), [
    {
      kind: 'restored',
      bridges: [mainCall],
      legs: [a, b, s].map((leg) => ({ leg, phase: 'connected', held: false, transfers: [], call: mainCall })),
    },
  ])
  script.joinMedia(held)
  const [hello, list, ...orders] = script.takeMedia()
  assert.deepEqual([hello?.kind, hello?.kind === 'hello' && hello.epoch, list?.kind], ['hello', 8, 'list'])
  assert.deepEqual(orders, [{ kind: 'rewire', bridge: bridgeId(mainCall), account, revision: 3, rows: held.bridges[0]?.rows }])
  script.mediaSays({ kind: 'rewired', bridge: bridgeId(mainCall), revision: 3, at: script.at })
  assert.deepEqual(script.takeEvents(), [
    { kind: 'media', up: true },
    { kind: 'wired', call: mainCall, revision: 3, at: script.at },
  ])
})

test('the desk that orders the same matrix again has it confirmed again; an older one is no order', () => {
  const script = supervised()
  script.restart([a, b, s])
  script.joinMedia(inventory(supervised()))
  script.mediaSays({ kind: 'rewired', bridge: bridgeId(mainCall), revision: 3, at: script.at })
  script.forget()
  script.rewire(3, rows)
  assert.deepEqual(
    script.takeMedia().map(({ kind }) => kind),
    ['rewire'],
  )
  script.mediaSays({ kind: 'rewired', bridge: bridgeId(mainCall), revision: 3, at: script.at })
  assert.deepEqual(
    script.takeEvents().map(({ kind }) => kind),
    ['wired'],
  )
  script.rewire(2, [])
  assert.deepEqual(script.takeMedia(), [])
})

test('descriptions go on where they were: same session, next version, same keys', () => {
  const script = new EngineScript()
  const leg = script.offered('a', phoneSdp({ srtp: true }))
  script.order({ kind: 'answer', leg })
  script.opened('a')
  const before = script.door.sdp
  script.restart([leg])
  script.restart([leg])
  script.sipSays({ kind: 'remoteOffer', session: leg, sdp: phoneSdp({ srtp: true, direction: 'sendonly' }) })
  const origin = (sdp: string) => /^o=\S+ (\d+) (\d+)/m.exec(sdp)?.slice(1).map(Number) ?? []
  const [session, version] = origin(before)
  assert.deepEqual(origin(script.door.sdp), [session, (version ?? 0) + 1])
  assert.equal(/a=crypto.*/.exec(script.door.sdp)?.[0], /a=crypto.*/.exec(before)?.[0])
  assert.deepEqual(script.takeEvents().at(-1), { kind: 'leg-held', leg })
})

test('what was being set up has ended, and its ports are given back', () => {
  for (const how of ['opening', 'inviting', 'ringing', 'offered', 'answering'] as const) {
    const script = new EngineScript()
    const leg = how === 'offered' || how === 'answering' ? script.offered('a') : script.invite('a')
    if (how === 'inviting' || how === 'ringing') script.opened('a')
    if (how === 'ringing') script.sipSays({ kind: 'ringing', session: leg, status: 180 })
    if (how === 'answering') script.order({ kind: 'answer', leg })
    const held = inventory(script)
    script.restart([], how === 'opening' ? [] : [leg])
    const events = script.takeEvents()
    assert.deepEqual(events[0], { kind: 'leg-ended', leg, reason: 'failed' }, how)
    assert.deepEqual(
      events.slice(1).map((event) => event.kind === 'restored' && event.legs),
      [[]],
      how,
    )
    script.joinMedia(held)
    const closed = script.takeMedia().filter(({ kind }) => kind === 'close-leg')
    assert.equal(closed.length, held.legs.length, how)
    assert.equal(script.engine.stats().legs, 0)
  }
})

test('a caller without an offer, whom our 2xx has reached: his answer comes with the ACK, to whoever is there then', () => {
  const script = new EngineScript()
  script.sipSays(offeredEvent('a', undefined))
  script.order({ kind: 'answer', leg: a })
  script.opened('a')
  script.restart([a])
  assert.deepEqual(
    script.takeEvents().map((event) => event.kind === 'restored' && event.legs.map(({ phase }) => phase)),
    [['answering']],
  )
  script.joinMedia({ legs: [{ leg: a, account, voice: 'core', local: { address: '127.0.0.1', port: 20_000 } }], bridges: [] })
  script.sipSays({ kind: 'remoteAnswer', session: a, sdp: phoneSdp() })
  assert.deepEqual(script.takeEvents().at(-1), { kind: 'leg-answered', leg: a })
})

test('a leg that the media process has lost meanwhile ends by media-lost; one whose session is gone has failed', () => {
  const script = supervised()
  const held = inventory(script)
  script.restart([a, b])
  assert.deepEqual(script.takeEvents()[0], { kind: 'leg-ended', leg: s, reason: 'failed' })
  script.joinMedia({ ...held, legs: held.legs.filter(({ leg }) => leg !== b) })
  assert.deepEqual(script.takeAsked(), ['restore', `hang-up ${b}`])
  assert.deepEqual(script.takeEvents()[0], { kind: 'leg-ended', leg: b, reason: 'media-lost' })
  assert.deepEqual(
    script.takeMedia().filter(({ kind }) => kind === 'close-leg'),
    [s, b].map((leg) => ({ kind: 'close-leg', leg })),
  )
})

test('a session that no leg belongs to is hung up: nobody would ever', () => {
  const script = supervised()
  script.restart([a, b, s, legId('nobody')])
  assert.deepEqual(script.takeAsked(), ['restore', 'hang-up nobody'])
})

const media: LegMedia = {
  ...{ remote: { address: '192.0.2.7', port: 4_000 }, rtcpMux: false, codec: 'PCMU', payloadType: 0, ptimeMs: 20, direction: 'sendrecv' },
}
const local = { address: '127.0.0.1', port: 21_000 }
const stranger = (leg: string): LegState => ({ leg: legId(leg), account, voice: 'core', local, media })

test('legs that nobody remembers are closed, but conversations of a call that nobody remembers are kept', () => {
  const script = supervised()
  const held = inventory(script)
  const [bridge] = held.bridges
  assert.ok(bridge !== undefined)
  script.restart([a, b, s])
  const late = legId('late')
  const unknown = { bridge: bridgeId('c9'), account, revision: 1, rows: [{ listener: legId('x'), talkers: [legId('y')] }] }
  script.joinMedia({
    legs: [...held.legs, stranger('late'), stranger('x'), stranger('y'), { ...stranger('z'), voice: 'supervisor' }],
    bridges: [{ ...bridge, rows: [...bridge.rows, { listener: late, talkers: [] }] }, unknown],
  })
  const orders = script.takeMedia()
  assert.deepEqual(
    orders.flatMap((order) => (order.kind === 'close-leg' ? [order.leg] : [])),
    [late, legId('z')],
  )
  assert.ok(!orders.some(({ kind }) => kind === 'close-bridge'))
})

test('a change that the media process had not been told is told now', () => {
  const script = supervised()
  const held = inventory(script)
  script.loseMedia()
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: phoneSdp({ port: 4_444 }) })
  script.order({ kind: 'set-voice', leg: s, voice: 'core' })
  script.restart([a, b, s])
  script.joinMedia(held)
  const orders = script.takeMedia()
  assert.ok(orders.some((order) => order.kind === 'set-leg' && order.leg === a && order.media.remote.port === 4_444))
  assert.ok(orders.some((order) => order.kind === 'set-voice' && order.leg === s && order.voice === 'core'))
})

test('held stays held, a transfer stays open, and both are told', () => {
  const script = supervised()
  script.sipSays({ kind: 'remoteOffer', session: a, sdp: phoneSdp({ direction: 'sendonly' }) })
  script.sipSays({ kind: 'transferRequested', session: b, transferId: 't1', target: '300' })
  script.restart([a, b, s])
  const [event] = script.takeEvents()
  assert.ok(event?.kind === 'restored')
  assert.deepEqual(
    event.legs.map(({ held, transfers }) => [held, transfers]),
    [
      [true, []],
      [false, ['t1']],
      [false, []],
    ],
  )
  script.restart([a, b, s])
  script.order({ kind: 'transfer-progress', leg: b, transfer: 't1', progress: 'failed' })
  assert.deepEqual(script.takeAsked(), ['restore', `transfer-progress ${b} t1 503`])
})

test('what has ended is not remembered; nothing is told twice', () => {
  const script = supervised()
  assert.ok(script.remembered().length >= 4)
  assert.deepEqual(script.remembered(), [])
  script.mediaSays({ kind: 'rtp-stopped', leg: a, silentMs: 10_000 })
  assert.deepEqual(script.remembered(), [], 'that is asked again')
  for (const leg of [a, b, s]) script.order({ kind: 'hang-up', leg, reason: 'hangup' })
  script.order({ kind: 'close' })
  assert.deepEqual(
    script.remembered().map((change) => 'gone' in change && change.key),
    ['leg a', 'leg b', 'leg s', `bridge ${mainCall}`],
  )
  script.restart([])
  assert.deepEqual(script.takeEvents(), [{ kind: 'restored', legs: [], bridges: [] }])
})

test('a bridge with nobody on it is no heritage either', () => {
  const script = supervised()
  for (const leg of [a, b, s]) script.order({ kind: 'hang-up', leg, reason: 'hangup' })
  script.restart([])
  script.joinMedia({ legs: [], bridges: [{ bridge: bridgeId(callId('c9')), account, revision: 1, rows: [] }] })
  assert.deepEqual(
    script.takeMedia().filter(({ kind }) => kind === 'close-bridge'),
    [{ kind: 'close-bridge', bridge: bridgeId('c9') }],
  )
})

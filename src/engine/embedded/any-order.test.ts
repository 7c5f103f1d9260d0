import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { browserSdp } from '../../../testkit/browser-sdp.ts'
import { account, EngineScript, offeredEvent, phoneSdp } from '../../../testkit/engine-script.ts'
import { endReasons } from '../../call/reason.ts'
import { bridgeId, callId, type LegId, legId, lineId, requestId } from '../../kernel/ids.ts'
import { addMs, instant } from '../../kernel/time.ts'
import type { MediaOrder } from '../../media/protocol.ts'
import type { ContactView } from '../../sip/door.ts'

/**
 * Whatever comes in whatever order (an answer after the end, ports after a hang-up, a re-offer before the answer), the engine keeps
 * its word to both sides: it never throws, a leg ends once and is not heard of again, the media process is never told to wire a leg that it
 * was not told to open and set, and nothing is left behind.
 */

const legs = ['a', 'b', 'c', 's1', 's2'] as const
/** Those of `legs` that have no phone, and borrow a line. */
const byLine = legs.slice(3).map((name) => legId(name))
const phones = legs.slice(0, 3)
/** Also their legs in the media process. */
const lines = ['n1', 'n2'].map((name) => lineId(name))
const isLine = (id: LegId): boolean => lines.some((line) => legId(line) === id)
type Move = (script: EngineScript) => void

const sdps = [
  phoneSdp(),
  phoneSdp({ codecs: [8] }),
  phoneSdp({ direction: 'sendonly' }),
  phoneSdp({ address: '0.0.0.0' }),
  phoneSdp({ codecs: [3] }),
  phoneSdp({ srtp: true }),
  browserSdp(),
  browserSdp({ direction: 'sendonly' }),
  browserSdp({ ufrag: 'other' }),
  browserSdp({ codecs: ['111 opus/48000/2'] }),
  '',
  'v=0',
]

const leg = fc.constantFrom(...phones).map((name): LegId => legId(name))
const anyLeg = fc.constantFrom(...legs).map((name): LegId => legId(name))
/** What the media process speaks of. */
const mediaLeg = fc.constantFrom(...phones, ...lines).map((name): LegId => legId(name))
const line = fc.constantFrom(...lines)
const sdp = fc.option(fc.constantFrom(...sdps), { nil: undefined })
const call = fc.constantFrom(callId('c1'), callId('c2'))
const status = fc.constantFrom(180, 403, 408, 480, 486, 487, 488, 500, 603)
const withSdp = (text: string | undefined) => (text === undefined ? {} : { sdp: text })

const rows = fc.array(fc.record({ listener: anyLeg, talkers: fc.subarray(legs.map((name) => legId(name))) }), { maxLength: 3 })

let revision = 0
const local = { address: '127.0.0.1', port: 20_000 }
const agreed = { codec: 'PCMU', payloadType: 0, ptimeMs: 20, direction: 'sendrecv' } as const
const browser: ContactView = {
  ...{ uri: 'sip:x@y.invalid;transport=ws', transport: 'WS', remote: { address: '127.0.0.1', port: 5 }, expiresAt: instant(0) },
}
const moves: readonly [number, fc.Arbitrary<Move>][] = [
  // The desk calls a leg, or the phone does, only while there is none of that name.
  [
    4,
    fc.tuple(leg, call).map(
      ([id, c]): Move =>
        (s) =>
          alive(s).has(id) || s.invite(id, 'core', '211', c),
    ),
  ],
  [
    3,
    fc.tuple(leg, sdp).map(
      ([id, text]): Move =>
        (s) =>
          alive(s).has(id) || s.sipSays(offeredEvent(id, text)),
    ),
  ],
  [
    6,
    fc.tuple(mediaLeg, fc.boolean()).map(
      ([id, isWebRtc]): Move =>
        (s) =>
          isWebRtc || isLine(id) ? s.mediaSays({ kind: 'leg-opened', leg: id, local, description: 'v=0', agreed }) : s.opened(id),
    ),
  ],
  [
    1,
    mediaLeg.map(
      (id): Move =>
        (s) =>
          s.mediaSays({ kind: 'leg-failed', leg: id, why: 'test' }),
    ),
  ],
  [
    4,
    fc.tuple(mediaLeg, fc.constantFrom('leg-described', 'leg-connected', 'leg-lost')).map(
      ([id, kind]): Move =>
        (s) =>
          s.mediaSays(kind === 'leg-described' ? { kind, leg: id, description: 'v=0', agreed } : { kind, leg: id, why: 'test' }),
    ),
  ],
  [
    3,
    fc.tuple(line, fc.constantFrom(...sdps)).map(
      ([id, offer]): Move =>
        (s) =>
          s.do(s.engine.openLine(s.at, requestId('r'), { line: id, account, owner: 'o' }, offer)),
    ),
  ],
  [
    3,
    fc.tuple(line, fc.constantFrom(...sdps)).map(
      ([id, offer]): Move =>
        (s) =>
          s.do(s.engine.renewLine(s.at, requestId('r'), id, offer)),
    ),
  ],
  [
    1,
    line.map(
      (id): Move =>
        (s) =>
          s.do(s.engine.closeLine(s.at, id)),
    ),
  ],
  [
    4,
    fc.tuple(fc.constantFrom(...byLine), line, call).map(
      ([id, name, c]): Move =>
        (s) => {
          if (alive(s).has(id)) return
          const to = { kind: 'line', account, line: name, mayBeMonitored: false } as const
          s.order({ kind: 'invite', leg: id, to, from: { number: '1' }, voice: 'supervisor', autoAnswer: false }, c)
        },
    ),
  ],
  [
    1,
    fc.nat(70_000).map(
      (ms): Move =>
        (s) => {
          s.at = addMs(s.at, ms)
          s.do(s.engine.wake(s.at))
        },
    ),
  ],
  [1, fc.constantFrom<Move>((s) => s.sipSays({ kind: 'registered', account, extension: '211', contacts: [browser] }))],
  [
    5,
    fc.tuple(leg, sdp, fc.boolean()).map(
      ([id, text, isOffer]): Move =>
        (s) =>
          s.sipSays({ kind: 'answered', session: sessionOf(s, id), sdpIs: isOffer ? 'offer' : 'answer', ...withSdp(text) }),
    ),
  ],
  [
    3,
    leg.map(
      (id): Move =>
        (s) =>
          s.sipSays({ kind: 'ringing', session: sessionOf(s, id), status: 180 }),
    ),
  ],
  [
    3,
    fc.tuple(leg, status, fc.constantFrom('remote', 'timeout', 'fault', 'local')).map(
      ([id, code, by]): Move =>
        (s) =>
          s.sipSays({ kind: 'ended', session: sessionOf(s, id), by, status: code }),
    ),
  ],
  [
    3,
    fc.tuple(leg, sdp).map(
      ([id, text]): Move =>
        (s) =>
          s.sipSays({ kind: 'remoteOffer', session: sessionOf(s, id), ...withSdp(text) }),
    ),
  ],
  [
    3,
    fc.tuple(leg, fc.constantFrom(...sdps)).map(
      ([id, text]): Move =>
        (s) =>
          s.sipSays({ kind: 'remoteAnswer', session: sessionOf(s, id), sdp: text }),
    ),
  ],
  [
    2,
    leg.map(
      (id): Move =>
        (s) =>
          s.sipSays({ kind: 'transferRequested', session: sessionOf(s, id), transferId: 't', target: '300' }),
    ),
  ],
  [
    2,
    leg.map(
      (id): Move =>
        (s) =>
          s.sipSays({ kind: 'dtmf', session: sessionOf(s, id), digit: '1', durationMs: 100 }),
    ),
  ],
  [
    2,
    leg.map(
      (id): Move =>
        (s) =>
          s.mediaSays({ kind: 'dtmf', leg: id, digit: '1', durationMs: 100 }),
    ),
  ],
  [
    2,
    leg.map(
      (id): Move =>
        (s) =>
          s.mediaSays({ kind: 'rtp-stopped', leg: id, silentMs: 10_000 }),
    ),
  ],
  [
    3,
    fc.tuple(leg, call).map(
      ([id, c]): Move =>
        (s) =>
          s.order({ kind: 'answer', leg: id }, c),
    ),
  ],
  [
    2,
    leg.map(
      (id): Move =>
        (s) =>
          s.order({ kind: 'ring', leg: id }),
    ),
  ],
  [
    3,
    fc.tuple(anyLeg, fc.constantFrom(...endReasons)).map(
      ([id, reason]): Move =>
        (s) =>
          s.order({ kind: 'hang-up', leg: id, reason }),
    ),
  ],
  [
    2,
    fc.tuple(anyLeg, fc.constantFrom('core', 'supervisor')).map(
      ([id, voice]): Move =>
        (s) =>
          s.order({ kind: 'set-voice', leg: id, voice }),
    ),
  ],
  [
    1,
    leg.map(
      (id): Move =>
        (s) =>
          s.order({ kind: 'transfer-progress', leg: id, transfer: 't', progress: 'done' }),
    ),
  ],
  [
    4,
    fc.tuple(rows, call).map(
      ([matrix, c]): Move =>
        (s) =>
          s.rewire(++revision, matrix, c),
    ),
  ],
  [
    1,
    call.map(
      (c): Move =>
        (s) =>
          s.order({ kind: 'close' }, c),
    ),
  ],
  [1, fc.constant<Move>((s) => s.mediaSays({ kind: 'lease-lapsed', at: s.at }))],
  [
    1,
    fc.tuple(call, fc.nat(40)).map(
      ([c, n]): Move =>
        (s) =>
          s.mediaSays({ kind: 'rewired', bridge: bridgeId(c), revision: n, at: s.at }),
    ),
  ],
]

/** An invitation that was repeated goes on under another name. */
function sessionOf(script: EngineScript, id: LegId): LegId {
  return script.door.invitations.findLast(({ session }) => session.startsWith(id))?.session ?? id
}

function alive(script: EngineScript): Set<LegId> {
  const living = new Set<LegId>()
  for (const output of script.outputs) {
    if (output.kind === 'media' && output.order.kind === 'open-leg' && !isLine(output.order.leg)) living.add(output.order.leg)
    if (output.kind !== 'event' || !('leg' in output.event)) continue
    if (output.event.kind === 'leg-ended') living.delete(output.event.leg)
    else living.add(output.event.leg)
  }
  return living
}

/** The media process as it would be told: strict about everything. */
class StrictMedia {
  readonly #open = new Map<LegId, 'open' | 'set'>()

  take(order: MediaOrder): void {
    switch (order.kind) {
      case 'open-leg':
        if (this.#open.has(order.leg)) return assert.ok(order.webrtc !== undefined, 'opened twice')
        this.#open.set(order.leg, 'open')
        return
      case 'set-leg':
        assert.ok(this.#open.has(order.leg), 'set before it was opened')
        this.#open.set(order.leg, 'set')
        return
      case 'close-leg':
        this.#open.delete(order.leg)
        return
      case 'rewire':
        for (const { listener, talkers } of order.rows) {
          for (const id of [listener, ...talkers]) assert.equal(this.#open.get(id), 'set', 'wired before it was set, or after its end')
        }
        return
      case 'set-voice':
      case 'send-dtmf':
        assert.ok(this.#open.has(order.leg), `${order.kind} for a leg that is not open`)
    }
  }

  get legs(): number {
    return this.#open.size
  }
}

function check(script: EngineScript): void {
  const media = new StrictMedia()
  const living = new Map<LegId, 'new' | 'answered'>()
  for (const output of script.outputs) {
    if (output.kind === 'media') {
      media.take(output.order)
      if (output.order.kind === 'open-leg' && !living.has(output.order.leg) && !isLine(output.order.leg))
        living.set(output.order.leg, 'new')
    }
    if (output.kind !== 'event' || !('leg' in output.event)) continue
    const { event } = output
    if (event.kind === 'leg-offered') assert.ok(!living.has(event.leg), 'offered twice')
    else assert.ok(living.has(event.leg) || byLine.includes(event.leg), `${event.kind} of a leg that has ended`)
    if (event.kind === 'leg-answered') assert.notEqual(living.get(event.leg), 'answered', 'answered twice')
    if (event.kind === 'leg-ended') living.delete(event.leg)
    else if (event.kind === 'leg-answered') living.set(event.leg, 'answered')
    else if (event.kind === 'leg-offered') living.set(event.leg, 'new')
  }
  assert.equal(script.engine.stats().legs, living.size)
}

test('in any order, the engine keeps its word to the desk and to the media process, and leaves nothing behind', () => {
  const move = fc.oneof(...moves.map(([weight, arbitrary]) => ({ weight, arbitrary })))
  const run = (script: readonly Move[]) => {
    const engine = new EngineScript().forget()
    for (const one of script) one(engine)
    check(engine)
    for (const id of alive(engine)) engine.order({ kind: 'hang-up', leg: id, reason: 'shutdown' })
    check(engine)
    for (const id of lines) engine.do(engine.engine.closeLine(engine.at, id))
    assert.deepEqual([engine.engine.stats().legs, engine.engine.stats().lines], [0, 0])
    const media = new StrictMedia()
    for (const output of engine.outputs) if (output.kind === 'media') media.take(output.order)
    assert.equal(media.legs, 0, 'ports are left open')
  }
  fc.assert(fc.property(fc.array(move, { minLength: 5, maxLength: 60 }), run), { numRuns: 3_000 })
})

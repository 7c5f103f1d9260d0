/** What the media process tells: ports, confirmations of the matrix, silence, levels, and after a break what it still holds. */
import { unreachable } from '../../kernel/assert.ts'
import { type CallId, callId, type LegId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Instant } from '../../kernel/time.ts'
import type { BridgeState, LegState, MediaEvent } from '../../media/protocol.ts'
import { rewireOrder } from './bridges.ts'
import { fellSilent, pressed, speaksAgain } from './conversation.ts'
import { type Core, hangUp, sameMedia } from './core.ts'
import { pickUp } from './incoming.ts'
import type { Leg } from './leg.ts'
import { compareLines, linesWithoutMedia, lineTold, type OfMediaLeg } from './lines.ts'
import { callOut } from './outgoing.ts'
import { recordedEvent } from './recordings.ts'
import { described, describingFailed, isConnected, offerAgain, restoreConnection } from './webrtc.ts'

export function mediaEvent(core: Core, at: Instant, event: MediaEvent): void {
  if (isOfMediaLeg(event) && lineTold(core, at, event)) return
  switch (event.kind) {
    case 'welcome':
      return event.fenced ? fenced(core, at) : core.line.welcomed()
    case 'inventory':
      return compare(core, at, event)
    case 'leg-opened':
      return legOpened(core, at, core.legs.get(event.leg), event)
    case 'leg-failed':
      return ofLeg(core, event, (leg) => legFailed(core, at, leg))
    case 'leg-described':
      return ofLeg(core, event, (leg) => described(core, at, leg, event))
    case 'leg-connected':
    case 'leg-lost':
      return ofLeg(core, event, (leg) => (event.kind === 'leg-lost' ? restoreConnection(core, at, leg) : isConnected(leg)))
    case 'rewired':
      return rewired(core, callId(event.bridge), event)
    case 'rewire-refused':
      return rewireRefused(core, callId(event.bridge), event)
    case 'dtmf':
      return ofLeg(core, { leg: callLegOf(core, event.leg) }, (leg) =>
        pressed(core, at, leg, { by: 'rtp', digit: event.digit, durationMs: event.durationMs }),
      )
    case 'rtp-stopped':
      ofLeg(core, event, (leg) => fellSilent(core, at, leg))
      return inheritedSilence(core, event)
    case 'rtp-resumed':
      return ofLeg(core, event, speaksAgain)
    case 'measured':
      return measured(core, event)
    case 'lease-lapsed':
      return vouchAgain(core)
    case 'recorded':
    case 'record-failed':
      return core.outbox.event(recordedEvent(at, event))
    default:
      return unreachable(event)
  }
}

const isOfMediaLeg = (event: MediaEvent): event is OfMediaLeg =>
  event.kind === 'leg-opened' ||
  event.kind === 'leg-described' ||
  event.kind === 'leg-connected' ||
  event.kind === 'leg-lost' ||
  event.kind === 'leg-failed'

/** Of a line: the call's leg that borrows it. */
const callLegOf = (core: Core, leg: LegId): LegId => core.lines.ofMedia(leg)?.leg ?? leg

/** News of a leg that has ended meanwhile is no news. */
function ofLeg(core: Core, event: { readonly leg: Leg['id'] }, tell: (leg: Leg) => void): void {
  const leg = core.legs.get(event.leg)
  if (leg !== undefined) tell(leg)
}

/** A phone of an inherited call that says nothing any more has hung up: there was nobody to tell. */
function inheritedSilence(core: Core, { leg, silentMs }: { readonly leg: LegId; readonly silentMs: number }): void {
  if (!core.inheritance.hasLeg(leg) || silentMs < limits.inheritedSilenceMs) return
  core.line.order({ kind: 'close-leg', leg })
  for (const bridge of core.inheritance.drop(leg)) core.line.order({ kind: 'close-bridge', bridge })
}

function legOpened(core: Core, at: Instant, leg: Leg | undefined, event: Extract<OfMediaLeg, { kind: 'leg-opened' }>): void {
  const { local: bound } = event
  const local = { address: core.mediaAddress[bound.address.includes(':') ? 6 : 4] ?? bound.address, port: bound.port }
  if (leg?.phase === 'opening') callOut(core, at, leg, { ...event, local })
  else if (leg?.phase === 'answering') pickUp(core, at, leg, { ...event, local })
  else if (leg?.phase === 'connected' && leg.isWebRtc) offerAgain(core, at, leg, event)
}

function legFailed(core: Core, at: Instant, leg: Leg): void {
  if (leg.isWebRtc && describingFailed(core, at, leg)) return
  hangUp(core, at, leg, leg.phase === 'connected' ? 'media-lost' : 'failed')
}

function rewired(core: Core, call: CallId, event: { readonly revision: number; readonly at: Instant }): void {
  const bridge = core.bridges.get(call)
  // That of a call which has ended is forgotten already when the mixer confirms its last matrix: from then on nobody heard anybody.
  if (bridge !== undefined && event.revision <= bridge.confirmed) return
  if (bridge !== undefined) bridge.confirmed = event.revision
  core.outbox.event({ kind: 'wired', call, revision: event.revision, at: event.at })
}

function rewireRefused(core: Core, call: CallId, event: { readonly revision: number; readonly why: string }): void {
  if (core.bridges.get(call) === undefined) return
  core.outbox.event({ kind: 'wiring-failed', call, revision: event.revision, why: event.why })
}

function measured(core: Core, event: Extract<MediaEvent, { kind: 'measured' }>): void {
  const question = core.line.answered(event.request)
  if (question === undefined) return
  const legs = event.legs.map(({ leg, levelDbov, lastAudioAt }) => ({ leg: callLegOf(core, leg), levelDbov, lastAudioAt }))
  core.outbox.event({ kind: 'measured', ...question, legs })
}

export function mediaConnected(core: Core, at: Instant): void {
  core.line.connected(at)
}

/**
 * The line broke: the media process is gone, or only the line. Conversations may still be going on there and are left alone; legs that
 * wait for their ports would wait in vain.
 */
export function mediaDisconnected(core: Core, at: Instant): void {
  const wasUp = core.line.isUp
  core.line.disconnected()
  if (wasUp) withoutMedia(core, at)
}

/** A newer control process has taken over: whatever we know of calls is out of date. */
function fenced(core: Core, at: Instant): void {
  const wasUp = core.line.isUp
  core.line.fenced()
  if (wasUp) withoutMedia(core, at)
}

function withoutMedia(core: Core, at: Instant): void {
  core.outbox.event({ kind: 'media', up: false })
  linesWithoutMedia(core)
  for (const leg of core.legs.all()) if (leg.phase === 'opening' || leg.phase === 'answering') hangUp(core, at, leg, 'failed')
}

/** We were busy for longer than the lease, and supervisors were cut off meanwhile. Our matrices still hold: nobody else orders any. */
function vouchAgain(core: Core): void {
  for (const bridge of core.bridges.all()) {
    if (bridge.revision > 0) core.line.order(rewireOrder(bridge, core.legs))
    if (bridge.recording !== undefined) core.line.order(bridge.recording)
  }
}

/** After every connection both sides compare what they hold: a fresh process is empty, one that went on has all but our last orders. */
function compare(
  core: Core,
  at: Instant,
  inventory: { readonly legs: readonly LegState[]; readonly bridges: readonly BridgeState[] },
): void {
  if (core.line.state !== 'listing') return
  core.line.listed()
  core.inheritance.take(inventory)
  compareLegs(core, at, inventory.legs)
  compareBridges(core, inventory.bridges)
  core.outbox.event({ kind: 'media', up: true })
}

function compareLegs(core: Core, at: Instant, held: readonly LegState[]): void {
  const known = new Map(held.map((state) => [state.leg, state]))
  compareLines(core, at, known)
  for (const { leg } of held) {
    const isOurs = core.legs.get(leg)?.hasMedia === true || core.lines.ofMedia(leg) !== undefined
    if (!isOurs && !core.inheritance.hasLeg(leg)) core.line.order({ kind: 'close-leg', leg })
  }
  for (const leg of core.legs.all()) {
    if (!leg.hasMedia || leg.line !== undefined) continue
    const state = known.get(leg.id)
    if (state === undefined) hangUp(core, at, leg, 'media-lost')
    else compareLeg(core, leg, state)
  }
}

function compareLeg(core: Core, leg: Leg, state: LegState): void {
  if (state.voice !== leg.voice) core.line.order({ kind: 'set-voice', leg: leg.id, voice: leg.voice })
  const isSet = leg.media === undefined || (state.media !== undefined && sameMedia(state.media, leg.media))
  if (!isSet && leg.media !== undefined) core.line.order({ kind: 'set-leg', leg: leg.id, media: leg.media })
}

/** Every matrix is ordered again: it may not have arrived, and supervisors whom a lapsed lease has cut off come back only by a new order. */
function compareBridges(core: Core, held: readonly BridgeState[]): void {
  for (const { bridge } of held) {
    if (core.bridges.get(callId(bridge)) === undefined && !core.inheritance.hasBridge(bridge))
      core.line.order({ kind: 'close-bridge', bridge })
  }
  vouchAgain(core)
}

/** What happens on a connected leg: hold and other re-offers, key presses, transfers, silence. */
import type { Effect } from '../../call/effect.ts'
import { unreachable } from '../../kernel/assert.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { SipEvent } from '../../sip/door.ts'
import { type Core, endLeg, setHeld, setMedia } from './core.ts'
import type { Leg } from './leg.ts'
import type { Agreement } from './negotiation.ts'
import { reasonOf } from './reasons.ts'
import { describe, offerAsked } from './webrtc.ts'

type TransferRequested = Extract<SipEvent, { kind: 'transferRequested' }>
type Progress = Extract<Effect, { kind: 'transfer-progress' }>['progress']

/** A re-INVITE or UPDATE of the phone. What cannot be agreed leaves everything as it was (RFC 3261 §14.1). */
export function reoffered(core: Core, at: Instant, leg: Leg, sdp: string | undefined): void {
  const { negotiation } = leg
  if (leg.phase === 'connected' && leg.isWebRtc)
    return sdp === undefined ? offerAsked(core, at, leg) : describe(core, at, leg, sdp, 'reoffered')
  if (leg.phase !== 'connected' || negotiation === undefined) return refuseOffer(core, at, leg, 491)
  if (sdp === undefined) {
    // RFC 3264 §8: the phone asks what we can do, and we can always talk. Whether it still holds us, its answer says.
    core.outbox.fromDoor(core.door.answerOffer(at, leg.session, negotiation.offer({ secure: leg.media?.srtp !== undefined })))
    return
  }
  const answer = negotiation.answer(sdp)
  if (!answer.ok) return refuseOffer(core, at, leg, 488)
  core.outbox.fromDoor(core.door.answerOffer(at, leg.session, answer.value.sdp))
  renew(core, leg, answer.value)
}

function refuseOffer(core: Core, at: Instant, leg: Leg, status: number): void {
  core.outbox.fromDoor(core.door.refuseOffer(at, leg.session, status))
}

/** The answer to an offer that a re-INVITE asked us for. One that makes no sense changes nothing. */
export function reanswered(core: Core, at: Instant, leg: Leg, sdp: string): void {
  if (leg.phase === 'connected' && leg.isWebRtc) return describe(core, at, leg, sdp, 'reanswered')
  const agreement = leg.negotiation?.accept(sdp)
  if (agreement?.ok === true) renew(core, leg, agreement.value)
}

function renew(core: Core, leg: Leg, agreement: Agreement): void {
  setMedia(core, leg, agreement.media)
  setHeld(core, leg, agreement.holds)
}

interface Key {
  readonly by: 'rtp' | 'info'
  readonly digit: string
  readonly durationMs: number
}

/** A key was pressed, told by RTP (RFC 4733) or by SIP INFO: the desk learns of it, and so does whoever hears this leg. */
export function pressed(core: Core, at: Instant, leg: Leg, key: Key): void {
  if (leg.phase !== 'connected') return
  leg.digitsBy ??= key.by
  if (leg.digitsBy !== key.by) return
  core.outbox.event({ kind: 'leg-dtmf', leg: leg.id, digit: key.digit, durationMs: key.durationMs })
  for (const id of core.bridges.listenersOf(leg)) {
    const listener = core.legs.get(id)
    if (listener?.phase === 'connected') handOn(core, at, listener, key)
  }
}

/** The media process hands events of RTP on by itself, along the same matrix; it cannot read SIP, nor tell a phone that takes no events. */
function handOn(core: Core, at: Instant, listener: Leg, { by, digit, durationMs }: Key): void {
  if (listener.media?.telephoneEvent === undefined) {
    if (listener.line !== undefined) return
    core.outbox.fromDoor(core.door.sendDtmf(at, listener.session, digit, durationMs))
    return
  }
  const free = listener.digitsUntil > at ? listener.digitsUntil : at
  if (by === 'rtp' || free - at > limits.digitBacklogMs) return
  listener.digitsUntil = addMs(free, durationMs + pauseBetweenDigitsMs)
  core.line.order({ kind: 'send-dtmf', leg: listener.mediaLeg, digits: digit, durationMs })
}

/** Generous: the repeated end of one event and the gap before the next take less. */
const pauseBetweenDigitsMs = 200

/** A REFER: accepted at once, since its outcome is told by NOTIFY. Whether it may be is the desk's to say, by `failed`. */
export function transferRequested(core: Core, at: Instant, leg: Leg, event: TransferRequested): void {
  const { transferId, target } = event
  const consulted = event.replaces === undefined ? undefined : core.legs.ofSession(event.replaces)
  const namesNobody = event.replaces !== undefined && consulted === undefined
  if (leg.phase !== 'connected' || namesNobody) {
    core.outbox.fromDoor(core.door.refuseTransfer(at, leg.session, transferId, namesNobody ? 481 : 491))
    return
  }
  leg.transfers.add(transferId)
  core.outbox.fromDoor(core.door.acceptTransfer(at, leg.session, transferId))
  core.outbox.event({
    kind: 'transfer-requested',
    leg: leg.id,
    transfer: transferId,
    dialled: target,
    ...(consulted !== undefined && { consulted: consulted.id }),
  })
}

export function transferProgress(
  core: Core,
  at: Instant,
  leg: Leg,
  told: { readonly transfer: string; readonly progress: Progress },
): void {
  if (!leg.transfers.has(told.transfer)) return
  const status = statusOf(told.progress)
  if (status >= 200) leg.transfers.delete(told.transfer)
  core.outbox.fromDoor(core.door.transferProgress(at, leg.session, told.transfer, status))
}

function statusOf(progress: Progress): number {
  switch (progress) {
    case 'trying':
      return 100
    case 'ringing':
      return 180
    case 'done':
      return 200
    case 'failed':
      return 503
    default:
      return unreachable(progress)
  }
}

/** No audio any more: a phone that has lost its network says no goodbye. Asked again for as long as the silence lasts. */
export function fellSilent(core: Core, at: Instant, leg: Leg): void {
  if (leg.phase !== 'connected' || leg.held) return
  leg.probed = true
  core.outbox.fromDoor(core.door.probe(at, leg.session))
}

export function speaksAgain(leg: Leg): void {
  leg.probed = false
}

export function conversationEnded(core: Core, leg: Leg, event: Extract<SipEvent, { kind: 'ended' }>): void {
  endLeg(
    core,
    leg,
    reasonOf(event, {
      direction: leg.origin.kind === 'outgoing' ? 'outgoing' : 'incoming',
      answered: true,
      rang: leg.rang,
      probed: leg.probed,
    }),
  )
}

/**
 * Softphones in browsers: the session is SIP like any other, and its audio a WebRTC leg of the media process. Descriptions pass between the
 * two as they are; only codecs, direction and which connection they are of is read on the way.
 */
import { legId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { AgreedAudio, MediaEvent, WebRtcOpening } from '../../media/protocol.ts'
import { type Core, connect, hangUp, setHeld, setMedia } from './core.ts'
import type { Describing, Leg } from './leg.ts'
import { nowhere } from './lines.ts'
import type { Agreement } from './negotiation.ts'
import { inspectWebRtc } from './webrtc-offer.ts'

type Opened = Extract<MediaEvent, { kind: 'leg-opened' }>
type Described = Extract<MediaEvent, { kind: 'leg-described' }>

export function openWebRtc(core: Core, leg: Leg, webrtc: WebRtcOpening): void {
  const { id, account, voice } = leg
  core.line.order({ kind: 'open-leg', leg: id, account, voice, family: 4, webrtc })
}

/** A leg that was called with the wrong kind of audio is called once more with the other. */
export function callAgain(core: Core, leg: Leg, kind: 'webrtc' | 'rtp'): void {
  leg.isRetried = true
  leg.isWebRtc = kind === 'webrtc'
  leg.negotiation = undefined
  leg.description = undefined
  leg.move('opening')
  core.legs.rename(leg, legId(`${leg.id} ${kind === 'webrtc' ? 'over' : 'without'} WebRTC`))
  core.line.order({ kind: 'close-leg', leg: leg.id })
  if (kind === 'webrtc') openWebRtc(core, leg, { role: 'offer' })
  else core.line.order({ kind: 'open-leg', leg: leg.id, account: leg.account, voice: leg.voice, family: familyOf(core, leg) })
}

/** Our answer to the offer that called us is ready: the 2xx may go. Without an offer of the phone's it is ours that goes. */
export function pickUpWebRtc(core: Core, at: Instant, leg: Leg, { description, agreed }: Opened): void {
  if (description === undefined) return hangUp(core, at, leg, 'failed')
  const offer = leg.origin.kind === 'incoming' ? leg.origin.offer : undefined
  core.outbox.fromDoor(core.door.answer(at, leg.session, description))
  if (offer === undefined) return leg.move('unconfirmed')
  if (agreed === undefined) return hangUp(core, at, leg, 'failed')
  connect(core, leg, agreement(agreed, holds(offer)))
}

/** A new connection of a leg that talks: told to its phone by a re-INVITE, or by the answer to one that had no offer. */
export function offerAgain(core: Core, at: Instant, leg: Leg, { description }: Opened): void {
  const { renewal } = leg
  if (renewal === undefined || description === undefined) return hangUp(core, at, leg, 'media-lost')
  const isAsked = renewal === 'asked'
  leg.renewal = isAsked ? undefined : 'offered'
  core.outbox.fromDoor(isAsked ? core.door.answerOffer(at, leg.session, description) : core.door.offer(at, leg.session, description))
}

/** What a phone said of itself: for the media process to make of it what it can. */
export function describe(core: Core, at: Instant, leg: Leg, sdp: string, as: Describing['kind']): void {
  const inspected = inspectWebRtc(sdp)
  if (!inspected.ok || leg.describing !== undefined) return cannotDescribe(core, at, leg, as, inspected.ok ? 491 : 488)
  leg.describing = { kind: as, holds: inspected.value.holds }
  core.line.order({ kind: 'describe-leg', leg: leg.id, description: sdp, type: as === 'reoffered' ? 'offer' : 'answer' })
}

/** A re-offer that makes no sense leaves everything as it was (RFC 3261 §14.1); an answer that makes none leaves nobody to talk to. */
function cannotDescribe(core: Core, at: Instant, leg: Leg, as: Describing['kind'], status: number): void {
  if (as === 'reoffered') core.outbox.fromDoor(core.door.refuseOffer(at, leg.session, status))
  else hangUp(core, at, leg, as === 'answered' ? 'failed' : 'media-lost')
}

export function described(core: Core, at: Instant, leg: Leg, { description, agreed }: Described): void {
  const { describing } = leg
  leg.describing = undefined
  if (describing === undefined) return
  const { kind } = describing
  if (agreed === undefined || (kind === 'reoffered' && description === undefined)) return cannotDescribe(core, at, leg, kind, 488)
  const agreedNow = agreement(agreed, describing.holds)
  if (kind === 'answered') return connect(core, leg, agreedNow)
  if (description !== undefined && kind === 'reoffered') core.outbox.fromDoor(core.door.answerOffer(at, leg.session, description))
  setMedia(core, leg, agreedNow.media)
  setHeld(core, leg, agreedNow.holds)
}

/** True: it was a description that failed, and it has been dealt with. */
export function describingFailed(core: Core, at: Instant, leg: Leg): boolean {
  const { describing } = leg
  leg.describing = undefined
  if (describing === undefined) return false
  cannotDescribe(core, at, leg, describing.kind, 488)
  return true
}

/** The connection is gone, or died with the media process that held it: the phone is offered another one, once. */
export function restoreConnection(core: Core, at: Instant, leg: Leg): void {
  if (leg.phase !== 'connected') return
  if (leg.renewal !== undefined) return hangUp(core, at, leg, 'media-lost')
  leg.describing = undefined
  leg.renewal = 'ours'
  openWebRtc(core, leg, { role: 'offer' })
}

/** Packets pass. */
export function isConnected(leg: Leg): void {
  leg.renewal = undefined
}

/** The phone does not want our new connection. */
export function offerRefused(core: Core, at: Instant, leg: Leg): void {
  if (leg.renewal !== undefined) hangUp(core, at, leg, 'media-lost')
}

/** RFC 3264 §8: a re-INVITE without an offer asks for ours, which is of a new connection. */
export function offerAsked(core: Core, at: Instant, leg: Leg): void {
  if (leg.renewal !== undefined) return core.outbox.fromDoor(core.door.refuseOffer(at, leg.session, 491))
  leg.renewal = 'asked'
  openWebRtc(core, leg, { role: 'offer' })
}

const familyOf = (core: Core, { origin }: Leg): 4 | 6 => (origin.kind === 'outgoing' ? core.reach.to(origin.to).family : 4)

const holds = (sdp: string): boolean => {
  const inspected = inspectWebRtc(sdp)
  return inspected.ok && inspected.value.holds
}

const agreement = (agreed: AgreedAudio, isHeld: boolean): Agreement => ({
  media: { ...agreed, remote: nowhere, rtcpMux: true },
  holds: isHeld,
})

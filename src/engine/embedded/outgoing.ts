/** A leg that we call: ports first, then INVITE with our offer, then what the phone makes of it. */
import type { Effect } from '../../call/effect.ts'
import type { PhoneEndpoint, Presented } from '../../call/endpoint.ts'
import { assert } from '../../kernel/assert.ts'
import { type AccountId, type CallId, legId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { MediaEvent } from '../../media/protocol.ts'
import type { Invitation, InviteTarget, SipEvent } from '../../sip/door.ts'
import { accepted, type Core, connect, endLeg, hangUp } from './core.ts'
import { Leg, type OutgoingOrigin } from './leg.ts'
import { Negotiation } from './negotiation.ts'
import { reasonOf } from './reasons.ts'
import { callAgain, describe, openWebRtc } from './webrtc.ts'

type Invite = Extract<Effect, { kind: 'invite' }> & { readonly to: PhoneEndpoint }
type AnsweredEvent = Extract<SipEvent, { kind: 'answered' }>
type Opened = Extract<MediaEvent, { kind: 'leg-opened' }>
type EndedEvent = Extract<SipEvent, { kind: 'ended' }>

/** The desk's order. Without a media process no call can be set up, and the leg ends at once. */
export function invite(core: Core, from: { readonly call: CallId; readonly account: AccountId }, effect: Invite): void {
  const { to, voice, autoAnswer } = effect
  const origin: OutgoingOrigin = { kind: 'outgoing', to, from: effect.from, autoAnswer }
  const { family, webrtc } = core.reach.to(to)
  const hasRoom = core.legs.size < limits.mediaLegs
  const leg = new Leg({ id: effect.leg, account: from.account, voice, phase: 'opening', origin })
  leg.call = core.bridges.of(from.call, from.account).call
  core.legs.add(leg)
  if (!core.line.isUp || !hasRoom) return endLeg(core, leg, 'failed')
  leg.isWebRtc = webrtc === true
  if (leg.isWebRtc) return openWebRtc(core, leg, { role: 'offer' })
  core.line.order({ kind: 'open-leg', leg: leg.id, account: leg.account, voice, family })
}

/** Its ports are bound: now it can be told where we receive. */
export function callOut(core: Core, at: Instant, leg: Leg, { local, description }: Opened): void {
  if (leg.isWebRtc) {
    if (description === undefined) return hangUp(core, at, leg, 'failed')
    leg.description = description
    leg.move('inviting')
    return sendInvitation(core, at, leg)
  }
  const wanted = leg.call === undefined ? undefined : core.bridges.get(leg.call)?.codec
  leg.negotiation = Negotiation.begin(local, core.random, wanted)
  leg.secure = core.reach.to(originOf(leg).to).secure
  leg.move('inviting')
  sendInvitation(core, at, leg)
}

function sendInvitation(core: Core, at: Instant, leg: Leg): void {
  const { to, from, autoAnswer } = originOf(leg)
  const sdp = leg.isWebRtc ? leg.description : leg.negotiation?.offer({ secure: leg.secure })
  assert(sdp !== undefined, 'an invited leg has its ports')
  // How long a phone may ring is the desk's to decide; the SIP layer's own limit only catches what the desk forgot.
  const ringTimeoutMs = limits.ringTimeoutMaxMs
  const invitation: Invitation = { session: leg.session, to: targetOf(to), from: shown(from), sdp, autoAnswer, ringTimeoutMs }
  core.outbox.fromDoor(core.door.invite(at, invitation))
}

const targetOf = (to: PhoneEndpoint): InviteTarget =>
  to.kind === 'extension'
    ? { kind: 'extension', account: to.account, number: to.extension }
    : { kind: 'trunk', account: to.account, trunk: to.trunk, number: to.number }

/** What a caller who does not want to be known is called, on both sides of the engine. */
export const anonymous = 'anonymous'

function shown(from: Presented): Invitation['from'] {
  if (from.number === '' || from.number === anonymous) return { user: anonymous, anonymous: true }
  return from.name === undefined ? { user: from.number } : { user: from.number, displayName: from.name }
}

/** 100 says only that the next hop has the request. A phone that takes no second call says that as well, and then that it is busy. */
export function tried(core: Core, at: Instant, leg: Leg): void {
  core.tried.set(addMs(at, limits.sipVerdictMs), leg.id)
}

/** No refusal has followed: the far end works on it. */
export function acceptTried(core: Core, at: Instant): void {
  for (let alarm = core.tried.take(at); alarm !== undefined; alarm = core.tried.take(at)) {
    const leg = core.legs.get(alarm.reason)
    if (leg !== undefined) accepted(core, leg)
  }
}

/** 183 counts as ringing: what a trunk plays before the answer is not let through, and the caller should hear that somebody is called. */
export function ringing(core: Core, leg: Leg, status: number): void {
  accepted(core, leg)
  if ((status !== 180 && status !== 183) || leg.phase !== 'inviting') return
  leg.move('ringing')
  leg.rang = true
  core.outbox.event({ kind: 'leg-ringing', leg: leg.id })
}

export function answered(core: Core, at: Instant, leg: Leg, event: AnsweredEvent): void {
  if (leg.phase !== 'inviting' && leg.phase !== 'ringing') return
  if (leg.isWebRtc) {
    if (event.sdpIs === 'offer' || event.sdp === undefined) return hangUp(core, at, leg, 'failed')
    return describe(core, at, leg, event.sdp, 'answered')
  }
  if (event.sdpIs === 'offer') return answeredWithOffer(core, at, leg, event.sdp ?? '')
  const agreement = event.sdp === undefined ? undefined : leg.negotiation?.accept(event.sdp)
  if (agreement?.ok !== true) return hangUp(core, at, leg, 'failed')
  connect(core, leg, agreement.value)
}

/** A far end that ignores our offer and makes its own in the 2xx: the ACK carries our answer. */
function answeredWithOffer(core: Core, at: Instant, leg: Leg, offer: string): void {
  const answer = leg.negotiation?.answer(offer)
  if (answer?.ok !== true) return hangUp(core, at, leg, 'failed')
  core.outbox.fromDoor(core.door.answerOffer(at, leg.session, answer.value.sdp))
  connect(core, leg, answer.value)
}

/** Our session is over before it was answered. A phone that cannot do SRTP, although its signalling is encrypted, is asked once more; so is one over WebSocket that is no browser after all, or is one. */
export function unanswered(core: Core, at: Instant, leg: Leg, event: EndedEvent): void {
  const isInvited = leg.phase !== 'opening' && leg.describing === undefined
  const cannot = isInvited && event.by === 'remote' && (event.status === 488 || event.status === 606 || event.status === 415)
  if (cannot && leg.isWebRtc && !leg.isRetried) return callAgain(core, leg, 'rtp')
  if (cannot && !leg.isWebRtc && leg.secure) return inviteWithoutSrtp(core, at, leg)
  if (cannot && !leg.isRetried && core.reach.to(originOf(leg).to).webSocket === true) return callAgain(core, leg, 'webrtc')
  endLeg(core, leg, reasonOf(event, { direction: 'outgoing', answered: leg.describing !== undefined, rang: leg.rang, probed: false }))
}

function inviteWithoutSrtp(core: Core, at: Instant, leg: Leg): void {
  leg.secure = false
  core.legs.rename(leg, legId(`${leg.id} without SRTP`))
  sendInvitation(core, at, leg)
}

function originOf(leg: Leg): OutgoingOrigin {
  assert(leg.origin.kind === 'outgoing', 'this leg was called by us')
  return leg.origin
}

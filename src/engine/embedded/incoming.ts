/** A leg that calls us: told to the desk, rung, answered. Its ports are bound only when it is answered. */

import { limits } from '../../kernel/limits.ts'
import type { Instant } from '../../kernel/time.ts'
import type { MediaEvent } from '../../media/protocol.ts'
import type { SipEvent, Source } from '../../sip/door.ts'
import type { CallSource, EngineEvent } from '../port.ts'
import { type Core, connect, endLeg, hangUp } from './core.ts'
import { type IncomingOrigin, Leg } from './leg.ts'
import { inspectOffer, Negotiation } from './negotiation.ts'
import { anonymous } from './outgoing.ts'
import { reasonOf } from './reasons.ts'
import { describe, openWebRtc, pickUpWebRtc } from './webrtc.ts'
import { inspectWebRtc, offersWebRtc } from './webrtc-offer.ts'

type OfferedEvent = Extract<SipEvent, { kind: 'offered' }>
type Offered = Extract<EngineEvent, { kind: 'leg-offered' }>
type Opened = Extract<MediaEvent, { kind: 'leg-opened' }>
type EndedEvent = Extract<SipEvent, { kind: 'ended' }>

/** What cannot become a call is refused here, and the desk never hears of it. */
export function offered(core: Core, at: Instant, event: OfferedEvent): void {
  const refuse = (status: number) => core.outbox.fromDoor(core.door.refuse(at, event.session, status))
  if (!core.line.isUp || core.legs.size >= limits.mediaLegs) return refuse(503)
  const replaced = event.replaces === undefined ? undefined : core.legs.ofSession(event.replaces)
  if (event.replaces !== undefined && replaced === undefined) return refuse(481)
  const origin = originOf(core, event)
  if (origin === undefined) return refuse(488)
  const { account } = event.source
  const leg = new Leg({ id: event.session, account, voice: 'core', phase: 'offered', origin })
  leg.isWebRtc = origin.webrtc === true
  core.legs.add(leg)
  core.outbox.event({
    kind: 'leg-offered',
    leg: event.session,
    source: callSource(event.source),
    from: presented(event.from),
    dialled: event.to,
    ...(replaced !== undefined && { replaces: replaced.id }),
  })
}

/** Without an offer we make one, over IPv4: hardly any phone that leaves the offer to us lacks it. */
function originOf(core: Core, { source, sdp }: OfferedEvent): IncomingOrigin | undefined {
  const by = source.kind
  if (sdp === undefined) return { kind: 'incoming', by, family: 4, ...(isBrowser(core, source) && { webrtc: true }) }
  if (offersWebRtc(sdp)) return inspectWebRtc(sdp).ok ? { kind: 'incoming', by, offer: sdp, family: 4, webrtc: true } : undefined
  const inspected = inspectOffer(sdp)
  return inspected.ok ? { kind: 'incoming', by, offer: sdp, family: inspected.value.family } : undefined
}

/** As far as its registration says: nothing else does, where it sends no offer. */
const isBrowser = (core: Core, source: Source): boolean =>
  source.kind === 'extension' &&
  core.reach.to({ kind: 'extension', account: source.account, extension: source.number, mayBeMonitored: false }).webrtc === true

const callSource = (source: Source): CallSource =>
  source.kind === 'extension'
    ? { kind: 'extension', account: source.account, extension: source.number }
    : { kind: 'trunk', account: source.account, trunk: source.trunk }

/** Somebody who does not want to be shown is not shown; his number stays in the SIP layer (RFC 3323). */
function presented(from: OfferedEvent['from']): Offered['from'] {
  if (from.anonymous || from.number === undefined) return { number: anonymous }
  const { number, displayName: name, claimed } = from
  return { number, ...(name !== undefined && { name }), ...(claimed !== undefined && { claimed }) }
}

/** The caller's own phone plays the ringing tone. */
export function ring(core: Core, at: Instant, leg: Leg): void {
  if (leg.phase !== 'offered' || leg.rang) return
  leg.rang = true
  core.outbox.fromDoor(core.door.ring(at, leg.session, { status: 180 }))
}

export function answer(core: Core, at: Instant, leg: Leg): void {
  if (leg.phase !== 'offered' || leg.origin.kind !== 'incoming') return
  if (!core.line.isUp) return hangUp(core, at, leg, 'failed')
  leg.move('answering')
  const { offer } = leg.origin
  if (leg.isWebRtc) return openWebRtc(core, leg, offer === undefined ? { role: 'offer' } : { role: 'answer', offer })
  core.line.order({ kind: 'open-leg', leg: leg.id, account: leg.account, voice: leg.voice, family: leg.origin.family })
}

/** Its ports are bound: the 2xx can say where we receive. */
export function pickUp(core: Core, at: Instant, leg: Leg, opened: Opened): void {
  if (leg.isWebRtc) return pickUpWebRtc(core, at, leg, opened)
  const { offer } = leg.origin.kind === 'incoming' ? leg.origin : {}
  leg.negotiation = Negotiation.begin(opened.local, core.random, undefined)
  if (offer === undefined) {
    leg.move('unconfirmed')
    core.outbox.fromDoor(core.door.answer(at, leg.session, leg.negotiation.offer({ secure: false })))
    return
  }
  const answer = leg.negotiation.answer(offer)
  if (!answer.ok) return hangUp(core, at, leg, 'failed')
  core.outbox.fromDoor(core.door.answer(at, leg.session, answer.value.sdp))
  connect(core, leg, answer.value)
}

/** The answer to the offer that our 2xx made has come with the ACK. */
export function confirmed(core: Core, at: Instant, leg: Leg, sdp: string): void {
  if (leg.isWebRtc) return describe(core, at, leg, sdp, 'answered')
  const agreement = leg.negotiation?.accept(sdp)
  if (agreement?.ok !== true) return hangUp(core, at, leg, 'failed')
  connect(core, leg, agreement.value)
}

export function withdrawn(core: Core, leg: Leg, event: EndedEvent): void {
  const answered = leg.phase === 'unconfirmed'
  endLeg(core, leg, reasonOf(event, { direction: 'incoming', answered, rang: leg.rang, probed: false }))
}

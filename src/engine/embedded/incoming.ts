/** A leg that calls us: told to the desk, rung, answered. Its ports are bound only when it is answered. */

import { limits } from '../../kernel/limits.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Endpoint } from '../../media/protocol.ts'
import type { SipEvent, Source } from '../../sip/door.ts'
import type { CallSource, EngineEvent } from '../port.ts'
import { type Core, connect, endLeg, hangUp } from './core.ts'
import { type IncomingOrigin, Leg } from './leg.ts'
import { inspectOffer, Negotiation } from './negotiation.ts'
import { anonymous } from './outgoing.ts'
import { reasonOf } from './reasons.ts'

type OfferedEvent = Extract<SipEvent, { kind: 'offered' }>
type Offered = Extract<EngineEvent, { kind: 'leg-offered' }>
type EndedEvent = Extract<SipEvent, { kind: 'ended' }>

/** What cannot become a call is refused here, and the desk never hears of it. */
export function offered(core: Core, at: Instant, event: OfferedEvent): void {
  const refuse = (status: number) => core.outbox.fromDoor(core.door.refuse(at, event.session, status))
  if (!core.line.isUp || core.legs.size >= limits.mediaLegs) return refuse(503)
  const replaced = event.replaces === undefined ? undefined : core.legs.ofSession(event.replaces)
  if (event.replaces !== undefined && replaced === undefined) return refuse(481)
  const origin = originOf(event)
  if (origin === undefined) return refuse(488)
  const { account } = event.source
  core.legs.add(new Leg({ id: event.session, account, voice: 'core', phase: 'offered', origin }))
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
function originOf(event: OfferedEvent): IncomingOrigin | undefined {
  const by = event.source.kind
  if (event.sdp === undefined) return { kind: 'incoming', by, family: 4 }
  const inspected = inspectOffer(event.sdp)
  return inspected.ok ? { kind: 'incoming', by, offer: event.sdp, family: inspected.value.family } : undefined
}

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
  core.line.order({ kind: 'open-leg', leg: leg.id, account: leg.account, voice: leg.voice, family: leg.origin.family })
}

/** Its ports are bound: the 2xx can say where we receive. */
export function pickUp(core: Core, at: Instant, leg: Leg, local: Endpoint): void {
  const { offer } = leg.origin.kind === 'incoming' ? leg.origin : {}
  leg.negotiation = Negotiation.begin(local, core.random, undefined)
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
  const agreement = leg.negotiation?.accept(sdp)
  if (agreement?.ok !== true) return hangUp(core, at, leg, 'failed')
  connect(core, leg, agreement.value)
}

export function withdrawn(core: Core, leg: Leg, event: EndedEvent): void {
  const answered = leg.phase === 'unconfirmed'
  endLeg(core, leg, reasonOf(event, { direction: 'incoming', answered, rang: leg.rang, probed: false }))
}

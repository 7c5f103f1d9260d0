/** What the SIP layer tells: sessions, registrations, trunks. */
import { unreachable } from '../../kernel/assert.ts'
import type { Instant } from '../../kernel/time.ts'
import type { SipEvent } from '../../sip/door.ts'
import { conversationEnded, pressed, reanswered, reoffered, transferRequested } from './conversation.ts'
import type { Core } from './core.ts'
import { confirmed, offered, withdrawn } from './incoming.ts'
import type { Leg } from './leg.ts'
import { answered, ringing, tried, unanswered } from './outgoing.ts'
import { offerRefused } from './webrtc.ts'

type SessionEvent = Exclude<SipEvent, { kind: 'registered' | 'unregistered' | 'trunkUp' | 'trunkDown' | 'offered' }>

export function sipEvent(core: Core, at: Instant, event: SipEvent): void {
  switch (event.kind) {
    case 'registered':
    case 'unregistered':
      return registration(core, event)
    case 'trunkUp':
    case 'trunkDown':
      return core.outbox.event({ kind: 'trunk', account: event.account, trunk: event.trunk, up: event.kind === 'trunkUp' })
    case 'offered':
      return offered(core, at, event)
    default:
      return ofSession(core, at, event)
  }
}

function registration(core: Core, event: Extract<SipEvent, { kind: 'registered' | 'unregistered' }>): void {
  const { account, extension } = event
  if (event.kind === 'registered') core.reach.registered(account, extension, event.contacts)
  else core.reach.unregistered(account, extension)
  const contacts = event.kind === 'registered' ? event.contacts.length : 0
  core.outbox.event({ kind: 'registration', account, extension, contacts })
}

/** The last word of a session that we have ended ourselves finds no leg any more, and changes nothing. */
function ofSession(core: Core, at: Instant, event: SessionEvent): void {
  const leg = core.legs.ofSession(event.session)
  if (leg !== undefined) sessionEvent(core, at, leg, event)
}

function sessionEvent(core: Core, at: Instant, leg: Leg, event: SessionEvent): void {
  switch (event.kind) {
    case 'trying':
      return tried(core, at, leg)
    case 'ringing':
      return ringing(core, leg, event.status)
    case 'answered':
      return answered(core, at, leg, event)
    case 'remoteOffer':
      return reoffered(core, at, leg, event.sdp)
    case 'remoteAnswer':
      return leg.phase === 'unconfirmed' ? confirmed(core, at, leg, event.sdp) : reanswered(core, at, leg, event.sdp)
    case 'dtmf':
      return pressed(core, at, leg, { by: 'info', digit: event.digit, durationMs: event.durationMs })
    case 'transferRequested':
      return transferRequested(core, at, leg, event)
    case 'ended':
      return ended(core, at, leg, event)
    case 'offerFailed':
      return offerRefused(core, at, leg)
    // Sent again until it arrived, a thing of the SIP layer; and a phone that is still there needs nothing.
    case 'confirmed':
    case 'alive':
      return
    default:
      return unreachable(event)
  }
}

function ended(core: Core, at: Instant, leg: Leg, event: Extract<SipEvent, { kind: 'ended' }>): void {
  if (leg.phase === 'connected') conversationEnded(core, leg, event)
  else if (leg.origin.kind === 'outgoing') unanswered(core, at, leg, event)
  else withdrawn(core, leg, event)
}

/** What the parts of the engine share. */
import type { EndReason } from '../../call/reason.ts'
import type { Deadlines } from '../../kernel/deadlines.ts'
import type { LegId, LineId } from '../../kernel/ids.ts'
import type { Random } from '../../kernel/random.ts'
import type { Instant } from '../../kernel/time.ts'
import type { LegMedia } from '../../media/protocol.ts'
import type { HangUpCause, SipDoor } from '../../sip/door.ts'
import type { Bridges } from './bridges.ts'
import type { Inheritance } from './inheritance.ts'
import type { Leg, Legs } from './leg.ts'
import { type Lines, speakAs } from './line.ts'
import type { MediaLine } from './media-line.ts'
import type { Agreement } from './negotiation.ts'
import type { Outbox } from './output.ts'
import type { Reach } from './reach.ts'
import { causeOf } from './reasons.ts'

export interface Core {
  readonly door: SipDoor
  readonly outbox: Outbox
  readonly legs: Legs
  readonly lines: Lines
  readonly bridges: Bridges
  readonly line: MediaLine
  readonly reach: Reach
  readonly inheritance: Inheritance
  /** Legs of which nothing is known but that the next hop has the request. */
  readonly tried: Deadlines<LegId>
  readonly random: Random
  /** What descriptions say instead of the address that the media process has bound. */
  readonly mediaAddress: { readonly 4?: string; readonly 6?: string }
}

/** The one way out of a leg: its ports are given back (a line only lets go), and the desk hears of it once. The session must be ended before or after. */
export function endLeg(core: Core, leg: Leg, reason: EndReason): void {
  if (leg.line !== undefined) detachLine(core, leg, leg.line)
  else if (leg.hasMedia) core.line.order({ kind: 'close-leg', leg: leg.id })
  leg.move('ended')
  core.legs.remove(leg)
  core.outbox.event({ kind: 'leg-ended', leg: leg.id, reason })
}

/** A voice that was the conversation's (take-over) is a supervisor's again: without a lease nobody vouches for it. */
function detachLine(core: Core, leg: Leg, name: LineId): void {
  const line = core.lines.get(name)
  if (line?.leg !== leg.id) return
  line.leg = undefined
  speakAs((order) => core.line.order(order), line, 'supervisor')
  core.lines.arm(line)
}

/** Ends the leg from our side, whatever state it is in. */
export function hangUp(core: Core, at: Instant, leg: Leg, reason: EndReason): void {
  finishTransfers(core, at, leg, reason)
  const { phase, session } = leg
  endLeg(core, leg, reason)
  // Without ports no INVITE has been sent: there is no session to end. A line has none at all.
  if (phase !== 'opening' && leg.line === undefined) core.outbox.fromDoor(core.door.hangUp(at, session, causeFor(leg, phase, reason)))
}

/** A phone that asked for a transfer and goes: it is told the end of it while there is a dialog to tell it in (RFC 3515 §2.4.5). */
function finishTransfers(core: Core, at: Instant, leg: Leg, reason: EndReason): void {
  const status = reason === 'transferred' ? 200 : 503
  for (const transfer of leg.transfers) core.outbox.fromDoor(core.door.transferProgress(at, leg.session, transfer, status))
  leg.transfers.clear()
}

/**
 * A status is told only to a caller who was never answered. RFC 3326 §2 has one more use for it: a phone that another one was quicker than
 * does not list the call as missed.
 */
function causeFor(leg: Leg, phase: Leg['phase'], reason: EndReason): HangUpCause {
  const { status, q850, text } = causeOf[reason]
  if (leg.origin.kind === 'incoming' && (phase === 'offered' || phase === 'answering')) return { status, q850, text }
  return reason === 'answered-elsewhere' ? { status: 200, q850, text } : { q850, text }
}

/** Tells the media process what offer and answer agreed, if that is anything new. */
export function setMedia(core: Core, leg: Leg, media: LegMedia): void {
  if (leg.media !== undefined && sameMedia(leg.media, media)) return
  leg.media = media
  core.line.order({ kind: 'set-leg', leg: leg.id, media })
}

/** The leg speaks: its media is set before the desk can wire it. */
export function connect(core: Core, leg: Leg, agreement: Agreement): void {
  leg.move('connected')
  setMedia(core, leg, agreement.media)
  const bridge = leg.call === undefined ? undefined : core.bridges.get(leg.call)
  if (bridge !== undefined) bridge.codec = agreement.media.codec
  accepted(core, leg)
  core.outbox.event({ kind: 'leg-answered', leg: leg.id })
  setHeld(core, leg, agreement.holds)
}

/** The far end has answered with something, if only that it works on it. */
export function accepted(core: Core, leg: Leg): void {
  if (leg.accepted || leg.origin.kind !== 'outgoing') return
  leg.accepted = true
  core.outbox.event({ kind: 'leg-accepted', leg: leg.id })
}

export function setHeld(core: Core, leg: Leg, held: boolean): void {
  if (leg.held === held) return
  leg.held = held
  core.outbox.event({ kind: held ? 'leg-held' : 'leg-resumed', leg: leg.id })
}

export function sameMedia(a: LegMedia, b: LegMedia): boolean {
  return (
    sameEndpoint(a.remote, b.remote) &&
    sameEndpoint(a.remoteRtcp, b.remoteRtcp) &&
    a.rtcpMux === b.rtcpMux &&
    a.codec === b.codec &&
    a.payloadType === b.payloadType &&
    a.telephoneEvent === b.telephoneEvent &&
    a.comfortNoise === b.comfortNoise &&
    a.ptimeMs === b.ptimeMs &&
    a.direction === b.direction &&
    a.srtp?.suite === b.srtp?.suite &&
    a.srtp?.send === b.srtp?.send &&
    a.srtp?.receive === b.srtp?.receive
  )
}

const sameEndpoint = (a: LegMedia['remoteRtcp'], b: LegMedia['remoteRtcp']): boolean => a?.address === b?.address && a?.port === b?.port

/** What comes in along a dialog, and how a session is hung up from either end. */
import type { Instant } from '../kernel/time.ts'
import { copied, respondTo, sdpOf, tagOf } from './compose.ts'
import type { Dialog } from './dialog.ts'
import { dialogIdOf, inOrder, refreshTarget } from './dialog.ts'
import type { Flow, HangUpCause } from './door.ts'
import type { Request, Response } from './message.ts'
import { acceptHeader, allowHeader } from './options.ts'
import type { Result } from './outgoing.ts'
import type { Core, Purpose, Session } from './session.ts'
import { move } from './session.ts'
import {
  acknowledge,
  answerLate,
  clearAlarm,
  dialogHeaders,
  dropPending,
  end,
  endIfGone,
  endWithBye,
  q850Of,
  refuse,
  release,
  request,
  respond,
  retryAfter,
  tellEnded,
} from './session-basics.ts'
import { prack, refuseSession } from './session-incoming.ts'
import { info } from './session-info.ts'
import type { Received } from './session-offer.ts'
import { acknowledged, remoteOffer } from './session-offer.ts'
import { forgetForks } from './session-outgoing.ts'
import { phoneHeard } from './session-return.ts'
import type { DialogEntry } from './session-table.ts'
import { grantHeaders, restartTimer, sendRefresh, tooShort } from './session-timer.ts'
import { referred } from './session-transfer.ts'

/** An ACK of a 2xx has no transaction; its dialog knows it (RFC 3261 §13.3.1.4). */
export function ackReceived(core: Core, at: Instant, ack: Request): void {
  const entry = core.sessions.find(dialogIdOf(ack))
  if (entry !== undefined) acknowledged(core, at, entry.session, ack)
}

/** RFC 3261 §12.2.2. The transaction exists already, so that a repetition of the request is not taken for one out of order. */
export function dialogRequest(core: Core, at: Instant, entry: DialogEntry<Session>, received: Received & { readonly flow: Flow }): void {
  const { session, dialog } = entry
  const { request: incoming, flow } = received
  const isRepeated = incoming.cseq.number === dialog.repeatable
  if (!isRepeated && !inOrder(dialog, incoming)) return refuse(core, at, received, 500, { headers: [retryAfter(core)] })
  phoneHeard(core, at, session, { dialog, flow })
  if (isRepeated && answeredBefore(core, at, dialog, received)) return
  if (incoming.method === 'BYE') return byeReceived(core, at, session, received)
  if (session.state === 'ended' || session.state === 'ending') return refuse(core, at, received, 481)
  dispatch(core, at, entry, received)
}

/**
 * A request that an earlier process has answered, sent again because the response did not arrive: what it asked for was done, once. An
 * offer is answered anew, since the same offer comes to the same.
 */
function answeredBefore(core: Core, at: Instant, { served }: Dialog, { request, transaction }: Received): boolean {
  const isOffer = request.method === 'INVITE' || request.method === 'UPDATE'
  if (served?.number !== request.cseq.number || (isOffer && served.status < 300)) return false
  respond(core, at, transaction, respondTo(request, served.status))
  return true
}

/** A 2xx whose INVITE an earlier process sent: nobody but us can acknowledge it, and without an ACK the far end gives the session up. */
export function strayResponse(core: Core, at: Instant, response: Response): void {
  if (response.cseq.method !== 'INVITE' || response.status < 200 || response.status >= 300) return
  const [localTag, remoteTag] = [tagOf(response.from) ?? '', tagOf(response.to) ?? '']
  const entry = core.sessions.find({ callId: response.callId, localTag, remoteTag })
  if (entry?.session.isRestored !== true) return
  const { session, dialog } = entry
  acknowledgeAgain(core, at, session, { dialog, number: response.cseq.number })
}

/** With the description of the first time. */
export function acknowledgeAgain(
  core: Core,
  at: Instant,
  session: Session,
  ack: { readonly dialog: Dialog; readonly number: number },
): void {
  const { acknowledged: last, localSdp } = session
  const isDescribed = last?.number === ack.number && last.described === true && localSdp !== undefined
  acknowledge(core, at, session, { ...ack, ...(isDescribed && { sdp: localSdp }) })
}

function dispatch(core: Core, at: Instant, { session, dialog }: DialogEntry<Session>, received: Received): void {
  const { method } = received.request
  switch (method) {
    case 'INVITE':
      return session.dialog === dialog
        ? remoteOffer(core, at, session, received)
        : refuse(core, at, received, 500, { headers: [retryAfter(core)] })
    case 'UPDATE':
      return sdpOf(received.request) === undefined
        ? refreshed(core, at, { session, dialog }, received)
        : remoteOffer(core, at, session, received)
    case 'PRACK':
      return prack(core, at, session, received)
    case 'INFO':
      return info(core, at, session, received)
    case 'REFER':
      return referred(core, at, session, received)
    case 'OPTIONS':
      return respond(
        core,
        at,
        received.transaction,
        respondTo(received.request, 200, { headers: [...dialogHeadersOf(core, received), acceptHeader] }),
      )
    default:
      return refuse(core, at, received, 405, { headers: [allowHeader] })
  }
}

const dialogHeadersOf = (core: Core, received: Received) => dialogHeaders(core, received.transaction.flow, 'sotto')

/** An UPDATE without a description moves the target and winds the session timer up (RFC 3311 §5.2, RFC 4028 §7.4). */
function refreshed(core: Core, at: Instant, { session, dialog }: DialogEntry<Session>, received: Received): void {
  const short = tooShort(received.request)
  if (short !== undefined) return refuse(core, at, received, 422, { headers: [short] })
  refreshTarget(dialog, received.request)
  const isConfirmed = session.state === 'established' || session.state === 'answered'
  const timer = isConfirmed ? grantHeaders(restartTimer(core, at, session, received.request)) : []
  const headers = [...copied(received.request, 'Record-Route'), ...dialogHeadersOf(core, received), ...timer]
  respond(core, at, received.transaction, respondTo(received.request, 200, { headers }))
}

/** RFC 3261 §15.1.2: also in an early dialog, where the INVITE gets its 487; also while our own BYE is on its way. */
function byeReceived(core: Core, at: Instant, session: Session, received: Received): void {
  respond(core, at, received.transaction, respondTo(received.request, 200))
  const cause = q850Of(received.request)
  if (session.state === 'offered') return refuseSession(core, at, session, { status: 487, by: 'remote' })
  if (session.state === 'calling') forgetForks(core, at, session, { reason: {} })
  if (session.dialog !== undefined) session.farewells.delete(session.dialog)
  end(core, at, session, { by: 'remote', ...cause })
  release(core, session)
}

/** RFC 3261 §9.2: a CANCEL that comes after the final response changes nothing. */
export function cancelReceived(core: Core, at: Instant, session: Session, cancel: Request): void {
  if (session.state !== 'offered') return
  const cause = q850Of(cancel)
  refuseSession(core, at, session, { status: 487, by: 'remote', ...(cause.q850 !== undefined && { cause }) })
}

/** CANCEL, BYE or a final refusal, by what the session is (RFC 3261 §15). */
export function hangUp(core: Core, at: Instant, session: Session, cause: HangUpCause): void {
  switch (session.state) {
    case 'offered':
      return refuseSession(core, at, session, { status: cause.status ?? 480, by: 'local', cause })
    case 'calling':
      forgetForks(core, at, session, { reason: cause })
      end(core, at, session, { by: 'local' })
      return release(core, session)
    case 'answered':
      return hangUpUnacknowledged(core, at, session, cause)
    case 'established':
      if (session.acknowledging !== undefined) answerLate(core, at, session, undefined)
      return endWithBye(core, at, session, { by: 'local' }, cause)
    case 'ending':
    case 'ended':
      return
  }
}

/** RFC 3261 §15: the callee must not send a BYE before the ACK, so our 2xx goes on being repeated until then. */
function hangUpUnacknowledged(core: Core, at: Instant, session: Session, cause: HangUpCause): void {
  move(session, 'ending')
  session.lateCause = cause
  for (const alarm of [...session.alarms.keys()]) if (alarm !== 'retransmit') clearAlarm(core, session, alarm)
  dropPending(core, at, session)
  tellEnded(core, session, { by: 'local' })
}

export function probe(core: Core, at: Instant, session: Session): void {
  const { dialog } = session
  if (session.state !== 'established' || dialog === undefined || sendRefresh(core, at, session, 'probe')) return
  request(core, at, session, dialog, { purpose: { kind: 'probe', session }, method: 'OPTIONS' })
}

/** Any answer but 481 and 408 shows that somebody is there and knows the dialog; no way to send counts as no answer. */
export function probeResult(core: Core, at: Instant, session: Session, result: Result<Purpose>): void {
  if (session.state !== 'established') return
  const status = result.kind === 'failed' ? 408 : result.response.status
  if (status < 200 || endIfGone(core, at, session, status)) return
  core.outbox.event({ kind: 'alive', session: session.id })
}

/** INFO and NOTIFY: a 481 to a NOTIFY only ends its subscription (RFC 5057 §5.1), as does its time-out. */
export function infoResult(core: Core, at: Instant, session: Session, result: Result<Purpose>): void {
  if (session.state !== 'established') return
  const status = result.kind === 'failed' ? result.status : result.response.status
  endIfGone(core, at, session, status)
}

/** However it was answered, the dialog is over (RFC 3261 §15.1.1). */
export function byeResult(core: Core, { session, dialog }: DialogEntry<Session>, result: Result<Purpose>): void {
  if (result.kind === 'response' && result.response.status < 200) return
  session.farewells.delete(dialog)
  if (dialog === session.dialog) release(core, session)
}

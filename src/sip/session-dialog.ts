/** What comes in along a dialog, and how a session is hung up from either end. */
import type { Instant } from '../kernel/time.ts'
import { copied, respondTo, sdpOf } from './compose.ts'
import { dialogIdOf, inOrder, refreshTarget } from './dialog.ts'
import type { Flow, HangUpCause } from './door.ts'
import type { Request } from './message.ts'
import { acceptHeader, allowHeader } from './options.ts'
import type { Result } from './outgoing.ts'
import type { Core, Purpose, Session } from './session.ts'
import { move } from './session.ts'
import {
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
  if (!inOrder(dialog, incoming)) return refuse(core, at, received, 500, { headers: [retryAfter(core)] })
  if (session.peer.kind === 'extension') dialog.flow = flow
  if (incoming.method === 'BYE') return byeReceived(core, at, session, received)
  if (session.state === 'ended' || session.state === 'ending') return refuse(core, at, received, 481)
  dispatch(core, at, entry, received)
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
export function byeResult(core: Core, session: Session, result: Result<Purpose>): void {
  if (result.kind === 'failed' || result.response.status >= 200) release(core, session)
}

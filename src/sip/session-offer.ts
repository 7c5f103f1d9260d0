/** Offers and answers after the first (RFC 3261 §14, RFC 3311, RFC 3264): whose turn it is, and what happens when both ends begin at once. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs, earliest } from '../kernel/time.ts'
import { copied, respondTo, sdpOf } from './compose.ts'
import { refreshTarget, retryAfterMs } from './dialog.ts'
import type { Request, Response } from './message.ts'
import { allowHeader } from './options.ts'
import type { Result } from './outgoing.ts'
import type { Core, Purpose, Serving, Session } from './session.ts'
import { move } from './session.ts'
import {
  acknowledge,
  answerLate,
  clearAlarm,
  dialogHeaders,
  end,
  endIfGone,
  endWithBye,
  refuse,
  request,
  respond,
  retryAfter,
  sdpBody,
  sendBye,
  setAlarm,
} from './session-basics.ts'
import { adoptFrom, grantHeaders, refreshHeaders, restartTimer, tooShort } from './session-timer.ts'
import { T1, T2 } from './transaction.ts'

export interface Received {
  readonly request: Request
  readonly transaction: Serving
}

export function offer(core: Core, at: Instant, session: Session, sdp: string): void {
  session.waitingOffer = sdp
  session.offerRetries = 0
  offerNext(core, at, session)
}

/** RFC 3261 §14.1: never while an INVITE runs in either direction, the ACK of our 2xx included. */
export function offerNext(core: Core, at: Instant, session: Session): void {
  const sdp = session.waitingOffer
  if (sdp === undefined || isBusy(session) || session.state !== 'established' || session.alarms.has('offer')) return
  delete session.waitingOffer
  sendOffer(core, at, session, sdp)
}

const isBusy = (session: Session): boolean =>
  session.exchange.kind !== 'idle' || session.unacknowledged !== undefined || session.acknowledging !== undefined

/** RFC 4028 §7.4: a re-INVITE that changes nothing refreshes the session; an offer that waits already does so, too. */
export function refreshByOffer(core: Core, at: Instant, session: Session): void {
  const sdp = session.waitingOffer ?? session.localSdp
  if (sdp !== undefined) session.waitingOffer = sdp
  offerNext(core, at, session)
}

function sendOffer(core: Core, at: Instant, session: Session, sdp: string): void {
  if (session.dialog === undefined) return
  const outgoing = request(core, at, session, session.dialog, {
    purpose: { kind: 'offer', session, sdp },
    method: 'INVITE',
    withContact: true,
    headers: [allowHeader, ...(session.timer === undefined ? [{ name: 'Supported', value: 'timer' }] : refreshHeaders(session.timer))],
    ...sdpBody(sdp),
  })
  session.exchange = { kind: 'ours', outgoing }
  setAlarm(core, session, 'decision', addMs(at, 64 * T1))
}

/** Nobody decides: theirs is refused before it times out, ours is cancelled, since a provisional response has stopped its timer B. */
export function undecided(core: Core, at: Instant, session: Session): void {
  if (session.exchange.kind === 'ours') core.requester.cancel(at, session.exchange.outgoing, [])
  else refuseOffer(core, at, session, 500)
}

function exchanged(core: Core, session: Session): void {
  session.exchange = { kind: 'idle' }
  clearAlarm(core, session, 'decision')
}

export function offerResult(core: Core, at: Instant, session: Session, offered: { sdp: string; result: Result<Purpose> }): void {
  const { result, sdp } = offered
  if (result.kind === 'response' && result.response.status < 200) return
  const accepted = result.kind === 'response' && result.response.status < 300 ? result.response : undefined
  if (accepted !== undefined && session.dialog !== undefined)
    acknowledge(core, at, session, { dialog: session.dialog, number: accepted.cseq.number })
  // A repeated 2xx of an earlier offer must not be taken for the answer to the present one.
  if (session.exchange.kind !== 'ours' || session.exchange.outgoing !== result.outgoing) return
  exchanged(core, session)
  if (accepted !== undefined) offerAccepted(core, at, session, { response: accepted, sdp })
  else if (result.kind === 'failed') offerFailed(core, at, session, { status: result.status, sdp })
  else offerFailed(core, at, session, { status: result.response.status, response: result.response, sdp })
}

function offerAccepted(core: Core, at: Instant, session: Session, { response, sdp }: { response: Response; sdp: string }): void {
  if (session.dialog !== undefined) refreshTarget(session.dialog, response)
  session.localSdp = sdp
  session.offerRetries = 0
  adoptFrom(core, at, session, response)
  const answer = sdpOf(response)
  if (answer !== undefined) core.outbox.event({ kind: 'remoteAnswer', session: session.id, sdp: answer })
  else core.outbox.event({ kind: 'offerFailed', session: session.id, status: response.status })
  offerNext(core, at, session)
}

interface FailedOffer {
  readonly status: number
  readonly response?: Response
  readonly sdp: string
}

function offerFailed(core: Core, at: Instant, session: Session, { status, response, sdp }: FailedOffer): void {
  if (endIfGone(core, at, session, status, response?.reason)) return
  const waitMs = response === undefined ? undefined : retryMs(core, session, response)
  if (waitMs === undefined || ++session.offerRetries > limits.sipOfferRetries) {
    core.outbox.event({ kind: 'offerFailed', session: session.id, status })
    return offerNext(core, at, session)
  }
  session.waitingOffer ??= sdp
  setAlarm(core, session, 'offer', addMs(at, waitMs))
}

/**
 * RFC 3261 §14.1: after a 491 the owner of the Call-ID waits 2.1 to 4 s, the other up to 2 s, in units of 10 ms, so that one of them is
 * first. A 500 with Retry-After says that the far end had not finished with an earlier request (§14.2).
 */
function retryMs(core: Core, session: Session, response: Response): number | undefined {
  if (response.status === 491)
    return session.direction === 'outgoing' ? 2100 + 10 * core.random.integer(191) : 10 * core.random.integer(201)
  const asked = response.status === 500 ? retryAfterMs(response) : undefined
  return asked === undefined || asked > 10_000 ? undefined : asked
}

export function glareOver(core: Core, at: Instant, session: Session): void {
  clearAlarm(core, session, 'offer')
  offerNext(core, at, session)
}

/** A re-INVITE, or an UPDATE with a description. */
export function remoteOffer(core: Core, at: Instant, session: Session, received: Received): void {
  const refusal = refusalOf(core, session, received.request)
  if (refusal !== undefined) return refuse(core, at, received, refusal.status, { headers: refusal.headers })
  if (received.request.method === 'INVITE') {
    session.inviting = received.transaction
    core.sessions.addOffer(session, received.transaction)
    respond(core, at, received.transaction, respondTo(received.request, 100))
  }
  const sdp = sdpOf(received.request)
  session.exchange = { kind: 'theirs', ...received, delayed: sdp === undefined }
  setAlarm(core, session, 'decision', addMs(at, limits.sipDecisionMs))
  core.outbox.event({ kind: 'remoteOffer', session: session.id, ...(sdp !== undefined && { sdp }) })
}

function refusalOf(
  core: Core,
  session: Session,
  received: Request,
): { status: number; headers: readonly ReturnType<typeof retryAfter>[] } | undefined {
  const short = tooShort(received)
  if (short !== undefined) return { status: 422, headers: [short] }
  if (session.exchange.kind === 'ours' || session.unacknowledged?.delayed || session.acknowledging !== undefined)
    return { status: 491, headers: [] }
  if (session.exchange.kind === 'theirs' || (session.state !== 'established' && session.state !== 'answered'))
    return { status: 500, headers: [retryAfter(core)] }
  return undefined
}

export function answerOffer(core: Core, at: Instant, session: Session, sdp: string): void {
  if (session.acknowledging !== undefined) {
    answerLate(core, at, session, sdp)
    return offerNext(core, at, session)
  }
  const { exchange, dialog } = session
  if (exchange.kind !== 'theirs' || dialog === undefined) return
  exchanged(core, session)
  session.localSdp = sdp
  refreshTarget(dialog, exchange.request)
  const timer = grantHeaders(restartTimer(core, at, session, exchange.request))
  const own = dialogHeaders(core, exchange.transaction.flow, dialog.contactUser)
  const headers = [...copied(exchange.request, 'Record-Route'), ...own, ...timer]
  respond(core, at, exchange.transaction, respondTo(exchange.request, 200, { headers, ...sdpBody(sdp) }))
  if (exchange.request.method === 'INVITE') awaitAck(core, at, session, exchange)
  else offerNext(core, at, session)
}

export function refuseOffer(core: Core, at: Instant, session: Session, status: number): void {
  if (session.acknowledging !== undefined) {
    answerLate(core, at, session, undefined)
    return endWithBye(core, at, session, { by: 'local', status }, { status })
  }
  if (session.exchange.kind !== 'theirs') return
  const refused = session.exchange
  exchanged(core, session)
  refuse(core, at, refused, status)
  offerNext(core, at, session)
}

/** RFC 3261 §13.3.1.4: our 2xx is repeated until its ACK comes, over any transport. */
export function awaitAck(core: Core, at: Instant, session: Session, answered: Received & { readonly delayed: boolean }): void {
  const { transaction, delayed } = answered
  session.unacknowledged = { transaction, delayed, number: answered.request.cseq.number, startedAt: at, intervalMs: T1 }
  setAlarm(core, session, 'retransmit', addMs(at, T1))
}

export function repeatAnswer(core: Core, at: Instant, session: Session): void {
  const waiting = session.unacknowledged
  if (waiting === undefined) return
  if (at >= addMs(waiting.startedAt, 64 * T1)) return neverAcknowledged(core, at, session)
  core.requester.transactions.repeat(waiting.transaction)
  const intervalMs = Math.min(2 * waiting.intervalMs, T2)
  session.unacknowledged = { ...waiting, intervalMs }
  const last = addMs(waiting.startedAt, 64 * T1)
  setAlarm(core, session, 'retransmit', earliest(addMs(at, intervalMs), last) ?? last)
}

function neverAcknowledged(core: Core, at: Instant, session: Session): void {
  delete session.unacknowledged
  if (session.state === 'ending') return hangUpAcknowledged(core, at, session)
  endWithBye(core, at, session, { by: 'timeout', status: 408, reason: 'No ACK' }, { status: 408, text: 'No ACK' })
}

/** The ACK of our 2xx: the wait is over, whether or not it brings an answer. */
export function acknowledged(core: Core, at: Instant, session: Session, ack: Request): void {
  const waiting = session.unacknowledged
  if (waiting === undefined || waiting.number !== ack.cseq.number) return
  delete session.unacknowledged
  clearAlarm(core, session, 'retransmit')
  if (session.state === 'ending') return hangUpAcknowledged(core, at, session)
  if (session.state === 'answered') move(session, 'established')
  core.outbox.event({ kind: 'confirmed', session: session.id })
  const sdp = waiting.delayed ? sdpOf(ack) : undefined
  if (sdp !== undefined) core.outbox.event({ kind: 'remoteAnswer', session: session.id, sdp })
  else if (waiting.delayed) return endWithBye(core, at, session, { by: 'fault', status: 488, reason: 'No answer' }, { status: 488 })
  offerNext(core, at, session)
}

/** RFC 3261 §15: the BYE that had to wait for the ACK. */
function hangUpAcknowledged(core: Core, at: Instant, session: Session): void {
  end(core, at, session, { by: 'local' })
  sendBye(core, at, session, session.lateCause)
}

/** Sessions that the far end begins: an INVITE, provisional responses, one final response, its ACK (RFC 3261 §13.3, RFC 3262). */

import type { LegId } from '../kernel/ids.ts'
import { legId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs, earliest } from '../kernel/time.ts'
import { copied, respondTo, sdpOf } from './compose.ts'
import { dialogOfRequest } from './dialog.ts'
import type { Caller, Flow, HangUpCause, Source } from './door.ts'
import { parseRAck, parseSeconds } from './headers.ts'
import type { Header, Request } from './message.ts'
import { header } from './message.ts'
import { listed } from './options.ts'
import type { Credentials } from './outgoing.ts'
import type { Core, Offered, Serving, Session } from './session.ts'
import { move } from './session.ts'
import { clearAlarm, dialogHeaders, end, ownUser, reasonHeaders, refuse, release, respond, sdpBody, setAlarm } from './session-basics.ts'
import { newSession } from './session-new.ts'
import { awaitAck, type Received } from './session-offer.ts'
import { granted, grantHeaders, startTimer } from './session-timer.ts'
import { T1 } from './transaction.ts'

export interface Offering {
  readonly request: Request
  readonly flow: Flow
  readonly source: Source
  readonly credentials?: Credentials
  readonly to: string
  readonly from: Caller
  readonly replaces?: LegId
}

/** A new INVITE from somebody who may call. 100 goes out at once: what follows may take a person's time. */
export function offered(core: Core, at: Instant, transaction: Serving, offering: Offering): void {
  const { request, source } = offering
  const session = newSession(legId(core.random.hex(12)), 'incoming', { peer: source, ...offering })
  const tag = core.random.hex(8)
  const pinned = source.kind === 'extension' ? { flow: offering.flow } : {}
  session.dialog = dialogOfRequest(request, { tag, contactUser: ownUser, ...pinned })
  session.offered = {
    request,
    transaction,
    tag,
    reliably: listed(request, 'Require').has('100rel'),
    rseq: core.random.integer(1_000_000),
    described: false,
  }
  session.inviting = transaction
  core.sessions.add(session)
  core.sessions.addOffer(session, transaction)
  core.sessions.bind(session, session.dialog)
  respond(core, at, transaction, respondTo(request, 100))
  setAlarm(core, session, 'ring', patienceOf(at, request))
  tellOffered(core, session.id, offering)
}

function tellOffered(core: Core, session: LegId, { request, source, to, from, replaces }: Offering): void {
  const sdp = sdpOf(request)
  const more = { ...(sdp !== undefined && { sdp }), ...(replaces !== undefined && { replaces }) }
  core.outbox.event({ kind: 'offered', session, source, to, from, ...more })
}

/** RFC 3261 §13.3.1: the caller may say in Expires how long it wants to wait. */
function patienceOf(at: Instant, request: Request): Instant {
  const longest = addMs(at, limits.ringTimeoutMaxMs)
  const expires = parseSeconds(header(request, 'Expires') ?? '')
  return expires.ok && expires.value > 0 ? (earliest(longest, addMs(at, expires.value * 1000)) ?? longest) : longest
}

export function ring(core: Core, at: Instant, session: Session, ringing: { readonly status: 180 | 183; readonly sdp?: string }): void {
  const { offered: open } = session
  if (session.state !== 'offered' || open === undefined) return
  if (open.pending !== undefined) {
    open.queued = ringing
    return
  }
  open.lastStatus = ringing.status
  if (open.reliably) return ringReliably(core, at, session, { open, ringing })
  sendProvisional(core, at, { open, ringing, more: [] })
  setAlarm(core, session, 'provisional', addMs(at, 60_000))
}

interface Ringing {
  readonly open: Offered
  readonly ringing: { readonly status: 180 | 183; readonly sdp?: string }
}

function sendProvisional(core: Core, at: Instant, { open, ringing, more }: Ringing & { more: readonly Header[] }): void {
  const headers = [...copied(open.request, 'Record-Route'), ...dialogHeaders(core, open.transaction.flow, ownUser), ...more]
  const sdp = open.described ? undefined : ringing.sdp
  respond(core, at, open.transaction, respondTo(open.request, ringing.status, { toTag: open.tag, headers, ...sdpBody(sdp) }))
}

/** RFC 3262 §3: repeated until its PRACK comes, one at a time; for 64*T1, after which the caller cannot be reached. */
function ringReliably(core: Core, at: Instant, session: Session, { open, ringing }: Ringing): void {
  open.rseq += 1
  const more = [
    { name: 'Require', value: '100rel' },
    { name: 'RSeq', value: String(open.rseq) },
  ]
  const described = ringing.sdp !== undefined && !open.described
  sendProvisional(core, at, { open, ringing, more })
  open.pending = { rseq: open.rseq, startedAt: at, intervalMs: T1, sdp: described }
  if (described) open.described = true
  setAlarm(core, session, 'provisional', addMs(at, T1))
}

/** Either a reliable provisional has not been acknowledged yet, or a minute is over (RFC 3261 §13.3.1.1: proxies give up after three). */
export function ringAgain(core: Core, at: Instant, session: Session): void {
  const { offered: open } = session
  if (session.state !== 'offered' || open === undefined) return
  const { pending } = open
  if (pending === undefined) return ring(core, at, session, { status: open.lastStatus ?? 180 })
  if (at >= addMs(pending.startedAt, 64 * T1)) return refuseSession(core, at, session, { status: 504, by: 'timeout' })
  core.requester.transactions.repeat(open.transaction)
  open.pending = { ...pending, intervalMs: pending.intervalMs * 2 }
  const last = addMs(pending.startedAt, 64 * T1)
  setAlarm(core, session, 'provisional', earliest(addMs(at, pending.intervalMs * 2), last) ?? last)
}

export function prack(core: Core, at: Instant, session: Session, received: Received): void {
  const { offered: open } = session
  const rack = parseRAck(header(received.request, 'RAck') ?? '')
  if (!rack.ok) return refuse(core, at, received, 400)
  const { rseq, cseq } = rack.value
  if (open?.pending === undefined || rseq !== open.pending.rseq || cseq.number !== open.request.cseq.number)
    return refuse(core, at, received, 481)
  const answered = open.pending.sdp && sdpOf(open.request) === undefined ? sdpOf(received.request) : undefined
  delete open.pending
  respond(core, at, received.transaction, respondTo(received.request, 200))
  if (answered !== undefined) core.outbox.event({ kind: 'remoteAnswer', session: session.id, sdp: answered })
  setAlarm(core, session, 'provisional', addMs(at, 60_000))
  const { queued, queuedAnswer } = open
  delete open.queued
  if (queuedAnswer !== undefined) answer(core, at, session, queuedAnswer)
  else if (queued !== undefined) ring(core, at, session, queued)
}

/** RFC 3262 §5: not while a provisional with a description waits for its PRACK. */
export function answer(core: Core, at: Instant, session: Session, sdp: string): void {
  const { offered: open, dialog } = session
  if (session.state !== 'offered' || open === undefined || dialog === undefined) return
  if (open.pending?.sdp) {
    open.queuedAnswer = sdp
    return
  }
  move(session, 'answered')
  delete session.offered
  clearAlarm(core, session, 'ring')
  clearAlarm(core, session, 'provisional')
  session.localSdp = sdp
  const interval = granted(open.request)
  const own = dialogHeaders(core, open.transaction.flow, ownUser)
  const headers = [...copied(open.request, 'Record-Route'), ...own, ...grantHeaders(interval)]
  const body = sdpBody(open.described ? undefined : sdp)
  respond(core, at, open.transaction, respondTo(open.request, 200, { toTag: open.tag, headers, ...body }))
  startTimer(core, at, session, { seconds: interval.seconds, weRefresh: interval.refresher === 'uas' })
  awaitAck(core, at, session, {
    request: open.request,
    transaction: open.transaction,
    delayed: sdpOf(open.request) === undefined && !open.described,
  })
}

interface Refusal {
  readonly status: number
  readonly by: 'local' | 'remote' | 'timeout' | 'fault'
  readonly reason?: string
  readonly cause?: HangUpCause
  readonly headers?: readonly Header[]
}

export function refuseSession(core: Core, at: Instant, session: Session, refusal: Refusal): void {
  const { offered: open } = session
  if (session.state !== 'offered' || open === undefined) return
  const reason = refusal.reason === undefined ? {} : { reason: refusal.reason }
  const q850 = refusal.cause?.q850 === undefined ? {} : { q850: refusal.cause.q850 }
  refuse(core, at, open, refusal.status, { toTag: open.tag, headers: [...reasonHeaders(q850), ...(refusal.headers ?? [])], ...reason })
  delete session.offered
  end(core, at, session, { by: refusal.by, status: refusal.status, ...reason })
  release(core, session)
}

/** What every part of the session layer needs: alarms, requests in the dialog, and the ways a session ends. */
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { withoutControls } from './chars.ts'
import { respondTo, sdpType } from './compose.ts'
import { quote } from './cursor.ts'
import type { Dialog, DialogRequest } from './dialog.ts'
import { dialogIdOf, planInDialog } from './dialog.ts'
import type { Flow, HangUpCause } from './door.ts'
import { extensionKey } from './identities.ts'
import type { Header, Request, Response, Uri } from './message.ts'
import { allowHeader, supportedHeader } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { samePhone, sameUri } from './same-uri.ts'
import type { Core, Failure, Purpose, Serving, Session, SessionAlarm } from './session.ts'
import { move } from './session.ts'
import { contactOf, isLost, isStream, sentBy } from './transport.ts'

export function setAlarm(core: Core, session: Session, alarm: SessionAlarm, at: Instant): void {
  clearAlarm(core, session, alarm)
  session.alarms.set(alarm, core.deadlines.set(at, { session, alarm }))
}

export function clearAlarm(core: Core, session: Session, alarm: SessionAlarm): void {
  core.deadlines.clear(session.alarms.get(alarm))
  session.alarms.delete(alarm)
}

export const sdpBody = (sdp: string | undefined): { body?: { type: string; text: string } } =>
  sdp === undefined ? {} : { body: { type: sdpType, text: sdp } }

/** Sends a request along a dialog of the session, with its trunk's credentials. */
export function request(core: Core, at: Instant, session: Session, dialog: Dialog, parts: DialogRequest<Purpose>): Outgoing<Purpose> {
  const product: Header = { name: 'User-Agent', value: core.settings.product }
  followPhone(core, session, dialog)
  const plan = planInDialog(dialog, { ...parts, headers: [...(parts.headers ?? []), product] })
  const { credentials, peer } = session
  const awaits = peer.kind === 'extension' && dialog.flow !== undefined && isLost(dialog.flow) ? { awaits: extensionKey(peer) } : {}
  return core.requester.begin(at, { ...plan, ...(credentials !== undefined && { credentials }), ...awaits })
}

/**
 * A phone whose connection broke and that has registered anew is reached over its new connection: under the same Contact, or under one that
 * differs in the port alone, since phones that open their own TCP connections name the local end of each.
 */
function followPhone(core: Core, { peer }: Session, dialog: Dialog): void {
  if (peer.kind !== 'extension' || dialog.flow === undefined || core.requester.flows.isUsable(dialog.flow)) return
  dialog.flow = wayTo(core, peer, dialog.remoteTarget) ?? dialog.flow
}

/** The flow by which the phone that calls itself so has registered. */
export function wayTo(core: Core, phone: { readonly account: AccountId; readonly number: string }, target: Uri): Flow | undefined {
  const bindings = core.registrar.contacts(phone.account, phone.number).filter((b) => !isLost(b.flow))
  const binding =
    bindings.find((b) => sameUri(b.uri, target)) ?? bindings.findLast((b) => isStream(b.flow.transport) && samePhone(b.uri, target))
  return binding?.flow
}

/** RFC 3261 §13.2.2.4: an ACK of a 2xx is a request of its own, with its INVITE's number. */
export function acknowledge(
  core: Core,
  at: Instant,
  session: Session,
  ack: { readonly dialog: Dialog; readonly number: number; readonly sdp?: string },
): Outgoing<Purpose> {
  const { dialog, number, sdp } = ack
  if (dialog === session.dialog) session.acknowledged = { number, at, ...(sdp !== undefined && { described: true }) }
  return request(core, at, session, dialog, { purpose: { kind: 'forget' }, method: 'ACK', number, ...sdpBody(sdp) })
}

export function respond(core: Core, at: Instant, transaction: Serving, response: Response): void {
  const { to, cseq } = transaction.request
  const { status } = response
  const entry = status >= 200 && to.params.has('tag') ? core.sessions.find(dialogIdOf(transaction.request)) : undefined
  if (entry !== undefined) entry.dialog.served = { number: cseq.number, status }
  core.requester.transactions.respond(at, transaction, response)
}

/** The ACK that carries our answer to the offer in their 2xx (delayed offer). */
export function answerLate(core: Core, at: Instant, session: Session, sdp: string | undefined): void {
  const { acknowledging, dialog } = session
  if (acknowledging === undefined || dialog === undefined) return
  delete session.acknowledging
  if (sdp !== undefined) session.localSdp = sdp
  const ack = acknowledge(core, at, session, { dialog, number: acknowledging.number, ...(sdp !== undefined && { sdp }) })
  acknowledging.fork?.acknowledged.set(acknowledging.tag, ack)
}

/** A final refusal of something within the dialog, or of the whole session before it was answered. */
export function refuse(
  core: Core,
  at: Instant,
  refused: { readonly request: Request; readonly transaction: Serving },
  status: number,
  parts: { readonly headers?: readonly Header[]; readonly toTag?: string; readonly reason?: string } = {},
): void {
  const response = respondTo(refused.request, status, { ...parts, headers: [serverHeader(core), ...(parts.headers ?? [])] })
  respond(core, at, refused.transaction, response)
}

export const serverHeader = (core: Core): Header => ({ name: 'Server', value: core.settings.product })

/** Headers of everything that makes or refreshes a dialog: who we are on this flow and what we can do. */
export function dialogHeaders(core: Core, flow: Flow, contactUser: string): readonly Header[] {
  const contact = contactOf(sentBy(core.settings.listen, flow), flow.transport, contactUser)
  return [{ name: 'Contact', value: contact }, allowHeader, supportedHeader, serverHeader(core)]
}

/** RFC 3261 §14.2, §12.2.2: too early for this one; try again in 0 to 10 s. */
export const retryAfter = (core: Core): Header => ({ name: 'Retry-After', value: String(core.random.integer(11)) })

export function sendBye(core: Core, at: Instant, session: Session, cause: HangUpCause = {}, dialog = session.dialog): void {
  if (dialog === undefined) return
  session.farewells.set(dialog, cause)
  request(core, at, session, dialog, { purpose: { kind: 'bye', session, dialog }, method: 'BYE', headers: reasonHeaders(cause) })
}

/** RFC 3326. */
export function reasonHeaders(cause: HangUpCause): readonly Header[] {
  const text = cause.text === undefined ? '' : `;text=${quote(cause.text, withoutControls)}`
  const values: Header[] = []
  if (cause.status !== undefined) values.push({ name: 'Reason', value: `SIP;cause=${cause.status}${text}` })
  if (cause.q850 !== undefined) values.push({ name: 'Reason', value: `Q.850;cause=${cause.q850}${text}` })
  return values
}

/** The ISDN cause in a Reason header, if any. */
export function q850Of(message: Request | Response): { q850?: number } {
  const found = /(?:^|,)\s*Q\.850\s*;[^,]*?cause\s*=\s*(\d{1,3})/i.exec(reasonText(message))
  return found?.[1] === undefined ? {} : { q850: Number(found[1]) }
}

const reasonText = (message: Request | Response): string =>
  message.headers
    .filter((h) => h.name === 'Reason')
    .map((h) => h.value)
    .join(',')
    .slice(0, 1000)

export interface Ending extends Partial<Failure> {
  readonly by: 'remote' | 'local' | 'timeout' | 'fault'
}

/**
 * The one way out: forgets alarms and pending work and tells those above. The dialog stays bound while a BYE is on its way, so that the
 * far end's own BYE, crossing ours, is understood; `release` unbinds it.
 */
export function end(core: Core, at: Instant, session: Session, ending: Ending): void {
  if (session.state === 'ended') return
  const told = session.state === 'ending'
  move(session, 'ended')
  for (const alarm of [...session.alarms.keys()]) clearAlarm(core, session, alarm)
  delete session.unacknowledged
  delete session.waitingOffer
  dropPending(core, at, session)
  if (!told) tellEnded(core, session, ending)
}

/** What is open within the session is closed now, since nobody will decide it any more. */
export function dropPending(core: Core, at: Instant, session: Session): void {
  if (session.exchange.kind === 'theirs') refuse(core, at, session.exchange, 487)
  if (session.exchange.kind === 'ours') core.requester.cancel(at, session.exchange.outgoing, [])
  session.exchange = { kind: 'idle' }
  for (const transfer of session.transfers.splice(0)) if (transfer.asked !== undefined) refuse(core, at, transfer.asked, 487)
}

export function tellEnded(core: Core, session: Session, { by, status, reason, q850 }: Ending): void {
  core.sessions.remove(session)
  core.outbox.event({
    kind: 'ended',
    session: session.id,
    by,
    ...(status !== undefined && { status }),
    ...(reason !== undefined && { reason }),
    ...(q850 !== undefined && { q850 }),
  })
}

export function release(core: Core, session: Session): void {
  core.sessions.unbind(session.dialog)
  for (const fork of session.forks) for (const { dialog } of fork.early.values()) core.sessions.unbind(dialog)
}

/** Ends a session whose far end is gone or cannot be talked to any longer; the BYE is for the case that it is still there. */
export function endWithBye(core: Core, at: Instant, session: Session, ending: Ending, cause: HangUpCause = {}): void {
  end(core, at, session, ending)
  if (session.dialog === undefined) release(core, session)
  else sendBye(core, at, session, cause)
}

/** RFC 3261 §12.2.1.2: 481 and 408 to a request within a dialog end it. `true`: they did. */
export function endIfGone(core: Core, at: Instant, session: Session, status: number, reason?: string): boolean {
  if (status !== 481 && status !== 408) return false
  const why = reason === undefined ? {} : { reason }
  if (status === 408) endWithBye(core, at, session, { by: 'timeout', status, ...why })
  else {
    end(core, at, session, { by: 'remote', status, ...why })
    release(core, session)
  }
  return true
}

/** The user of our Contact: an incoming request that names it has not been addressed to anybody else. */
export const ownUser = 'sotto'

export const sessionsFull = (core: Core): boolean => core.sessions.size >= limits.sipSessions

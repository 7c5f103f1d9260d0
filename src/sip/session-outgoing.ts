/** Sessions that we begin: one INVITE to every contact, the first 2xx wins (RFC 3261 §13.2). */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import type { Draft } from './compose.ts'
import { sdpOf, tagOf } from './compose.ts'
import type { Dialog } from './dialog.ts'
import { dialogOfResponse, refreshTarget } from './dialog.ts'
import type { Flow, HangUpCause, Invitation, Source } from './door.ts'
import { parseRSeq } from './headers.ts'
import type { NameAddr, Response, SipUri } from './message.ts'
import { header } from './message.ts'
import { formatNameAddr } from './name-addr.ts'
import { listed } from './options.ts'
import type { Credentials, Result } from './outgoing.ts'
import type { Core, EarlyDialog, Failure, Fork, Purpose, Session } from './session.ts'
import { move } from './session.ts'
import {
  acknowledge,
  answerLate,
  clearAlarm,
  end,
  endWithBye,
  ownUser,
  q850Of,
  reasonHeaders,
  release,
  request,
  sdpBody,
  sendBye,
  setAlarm,
} from './session-basics.ts'
import { newSession } from './session-new.ts'
import { offerNext } from './session-offer.ts'
import { adoptFrom, minSeOf, wantedInterval } from './session-timer.ts'

/** One place to ring, with the identities to ring it by. */
export interface Destination {
  readonly uri: SipUri
  readonly route: { readonly flow?: Flow; readonly uri: SipUri }
  readonly routeSet: readonly NameAddr[]
}

export interface Dialling {
  readonly peer: Source
  readonly destinations: readonly Destination[]
  readonly credentials?: Credentials
  /** From, and all else that says who calls. */
  readonly identity: Pick<Draft, 'from' | 'headers'>
}

const elsewhere: HangUpCause = { status: 200, text: 'Call completed elsewhere' }

export function invite(core: Core, at: Instant, invitation: Invitation, dialling: Dialling): void {
  const session = newSession(invitation.session, 'outgoing', dialling)
  core.sessions.add(session)
  if (invitation.sdp !== undefined) session.localSdp = invitation.sdp
  setAlarm(core, session, 'ring', addMs(at, Math.min(invitation.ringTimeoutMs ?? limits.partyRingMs, limits.ringTimeoutMaxMs)))
  for (const destination of dialling.destinations) session.forks.push(fork(core, session, { destination, dialling, sdp: invitation.sdp }))
  for (const one of session.forks) begin(core, at, one)
}

interface Ringing {
  readonly destination: Destination
  readonly dialling: Dialling
  readonly sdp: string | undefined
}

/** Each fork is a call of its own, so that a phone reached twice does not see a merged request. */
function fork(core: Core, session: Session, { destination, dialling, sdp }: Ringing): Fork {
  const { identity } = dialling
  const draft: Draft = {
    method: 'INVITE',
    uri: destination.uri,
    from: { ...identity.from, params: new Map([['tag', core.random.hex(8)]]) },
    to: { uri: { ...destination.uri, params: new Map(), headers: new Map() }, params: new Map() },
    callId: core.random.hex(16),
    headers: [
      ...destination.routeSet.map((route) => ({ name: 'Route', value: formatNameAddr(route) })),
      ...identity.headers,
      ...wantedInterval(),
    ],
    ...sdpBody(sdp),
    contactUser: ownUser,
  }
  return { session, sequence: { last: 0 }, draft, route: destination.route, early: new Map(), acknowledged: new Map() }
}

function begin(core: Core, at: Instant, one: Fork): void {
  const { session, draft, sequence, route } = one
  const { credentials } = session
  const purpose: Purpose = { kind: 'invite', fork: one }
  one.outgoing = core.requester.begin(at, { purpose, draft, sequence, route, ...(credentials !== undefined && { credentials }) })
}

export function inviteResult(core: Core, at: Instant, one: Fork, result: Result<Purpose>): void {
  if (result.kind === 'failed') return failed(core, at, one, { status: result.status, local: true })
  const { response } = result
  if (response.status === 100) return tried(core, one.session)
  if (response.status < 200) return provisional(core, at, one, result)
  if (response.status < 300) return accepted(core, at, one, result)
  if (response.status === 422 && lengthened(core, at, one, response)) return
  const { status, reason } = response
  failed(core, at, one, { status, reason, ...q850Of(response) })
}

function tried(core: Core, session: Session): void {
  if (session.state !== 'calling' || session.tried) return
  session.tried = true
  core.outbox.event({ kind: 'trying', session: session.id })
}

function provisional(core: Core, at: Instant, one: Fork, { response, flow }: Answered): void {
  const { session } = one
  tried(core, session)
  const early = session.state === 'calling' ? earlyDialog(core, one, { response, flow }) : undefined
  if (early === undefined || !acceptReliable(core, at, one, { early, response })) return
  const sdp = sdpOf(response)
  if (sdp !== undefined) early.sdp = sdp
  const { status } = response
  if (status !== 180 && status !== 181 && status !== 182 && status !== 183) return
  core.outbox.event({ kind: 'ringing', session: session.id, status, ...(sdp !== undefined && { sdp }) })
}

type Answered = Pick<Extract<Result<Purpose>, { kind: 'response' }>, 'response' | 'flow'>

/** RFC 3261 §12.1.2: every tag is a dialog of its own. Without a tag there is none, but it still rings. */
function earlyDialog(core: Core, one: Fork, { response, flow }: Answered): EarlyDialog | undefined {
  const tag = tagOf(response.to) ?? ''
  const known = one.early.get(tag)
  if (known !== undefined) {
    refreshTarget(known.dialog, response)
    return known
  }
  if (one.early.size >= limits.sipEarlyDialogsPerFork) return undefined
  const early: EarlyDialog = { dialog: dialogFrom(one, response, flow) }
  one.early.set(tag, early)
  core.sessions.bind(one.session, early.dialog)
  return early
}

/** Phones are talked to along the flow that reached them; a trunk's dialog goes where its Contact and Record-Route say. */
function dialogFrom(one: Fork, response: Response, flow: Flow): Dialog {
  const pinned = one.session.peer.kind === 'extension' ? { flow } : {}
  return dialogOfResponse(response, { sequence: one.sequence, contactUser: ownUser, target: one.draft.uri, ...pinned })
}

/** RFC 3262 §4: reliable provisionals are acknowledged in order; `false`: a repetition, or one that came too early. */
function acceptReliable(core: Core, at: Instant, one: Fork, { early, response }: { early: EarlyDialog; response: Response }): boolean {
  if (!listed(response, 'Require').has('100rel')) return true
  const parsed = parseRSeq(header(response, 'RSeq') ?? '')
  if (!parsed.ok || (early.rseq !== undefined && parsed.value !== early.rseq + 1)) return false
  early.rseq = parsed.value
  const value = `${parsed.value} ${response.cseq.number} INVITE`
  request(core, at, one.session, early.dialog, { purpose: { kind: 'forget' }, method: 'PRACK', headers: [{ name: 'RAck', value }] })
  return true
}

function accepted(core: Core, at: Instant, one: Fork, answered: Answered): void {
  const tag = tagOf(answered.response.to) ?? ''
  if (one.acknowledged.has(tag)) return repeatAck(core, one, tag)
  tried(core, one.session)
  if (one.session.state === 'calling') win(core, at, one, answered)
  else lose(core, at, one, answered)
}

/** A repeated 2xx means that our ACK was lost (RFC 3261 §13.2.2.4). */
function repeatAck(core: Core, one: Fork, tag: string): void {
  const ack = one.acknowledged.get(tag)
  if (ack !== undefined) core.requester.repeat(ack)
}

/** A 2xx for a session that is answered elsewhere or hung up: there is no way to refuse it but ACK and BYE (RFC 3261 §13.2.2.4, §15). */
function lose(core: Core, at: Instant, one: Fork, { response, flow }: Answered): void {
  const tag = tagOf(response.to) ?? ''
  const dialog = one.early.get(tag)?.dialog ?? dialogFrom(one, response, flow)
  refreshTarget(dialog, response)
  one.acknowledged.set(tag, acknowledge(core, at, one.session, { dialog, number: response.cseq.number }))
  sendBye(core, at, one.session, one.session.state === 'ended' ? {} : elsewhere, dialog)
  core.sessions.unbind(dialog)
}

function win(core: Core, at: Instant, one: Fork, { response, flow }: Answered): void {
  const { session } = one
  const tag = tagOf(response.to) ?? ''
  const early = one.early.get(tag)
  const dialog = dialogAnswered(early, dialogFrom(one, response, flow))
  const offered = one.draft.body !== undefined
  move(session, 'established')
  clearAlarm(core, session, 'ring')
  session.dialog = dialog
  forgetForks(core, at, session, { but: one, reason: elsewhere })
  core.sessions.bind(session, dialog)
  adoptFrom(core, at, session, response)
  const sdp = sdpOf(response) ?? (offered ? early?.sdp : undefined)
  if (offered) one.acknowledged.set(tag, acknowledge(core, at, session, { dialog, number: response.cseq.number }))
  else {
    one.acknowledged.set(tag, undefined)
    session.acknowledging = { number: response.cseq.number, fork: one, tag }
  }
  const sdpIs = offered ? 'answer' : 'offer'
  core.outbox.event({ kind: 'answered', session: session.id, sdpIs, ...(sdp !== undefined && { sdp }) })
  if (sdp === undefined && !offered) abandonUnoffered(core, at, session)
  else offerNext(core, at, session)
}

/** RFC 3261 §13.2.2.4: the route set is taken anew from the 2xx; what was heard in the early dialog stays. */
function dialogAnswered(early: EarlyDialog | undefined, fresh: Dialog): Dialog {
  return early === undefined ? fresh : { ...fresh, remoteSequence: early.dialog.remoteSequence }
}

/** We offered nothing and neither did they: there is nothing to talk by. */
function abandonUnoffered(core: Core, at: Instant, session: Session): void {
  answerLate(core, at, session, undefined)
  endWithBye(core, at, session, { by: 'fault', status: 488, reason: 'No offer' }, { status: 488 })
}

function failed(core: Core, at: Instant, one: Fork, failure: Failure): void {
  one.failure = failure
  for (const { dialog } of one.early.values()) if (one.session.dialog !== dialog) core.sessions.unbind(dialog)
  const { session } = one
  if (session.state !== 'calling') return
  if (failure.status >= 600) forgetForks(core, at, session, { but: one, reason: {} })
  else if (session.forks.some((other) => other.failure === undefined)) return
  const best = session.forks.map((other) => other.failure).reduce(better) ?? failure
  end(core, at, session, { by: best.local ? (best.status === 408 ? 'timeout' : 'fault') : 'remote', ...best })
  release(core, session)
}

/** RFC 3261 §16.7, as a forking proxy would choose: 6xx, else the lowest class, and a person's decision before a machine's silence. */
function better(one: Failure | undefined, other: Failure | undefined): Failure | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return rank(one) <= rank(other) ? one : other
}

function rank({ status, local }: Failure): number {
  if (local) return 9
  if (status >= 600) return 0
  if (status === 486) return 1
  if (status === 480) return 2
  return status === 408 || status === 503 ? 8 : Math.floor(status / 100)
}

export function forgetForks(core: Core, at: Instant, session: Session, { but, reason }: { but?: Fork; reason: HangUpCause }): void {
  for (const other of session.forks) {
    for (const { dialog } of other.early.values()) core.sessions.unbind(dialog)
    if (other !== but && other.failure === undefined && other.outgoing !== undefined)
      core.requester.cancel(at, other.outgoing, reasonHeaders(reason))
  }
}

export function ringTimedOut(core: Core, at: Instant, session: Session): void {
  forgetForks(core, at, session, { reason: { status: 408 } })
  end(core, at, session, { by: 'timeout', status: 408 })
}

/** RFC 4028 §7.4: a proxy or the far end wants longer intervals. Once: what is refused again is refused. */
function lengthened(core: Core, at: Instant, one: Fork, response: Response): boolean {
  const minimum = minSeOf(response)
  const { outgoing, session } = one
  if (minimum === undefined || outgoing === undefined || session.state !== 'calling') return false
  if (outgoing.draft.headers.some((h) => h.name === 'Min-SE' && Number(h.value) >= minimum)) return false
  const seconds = Math.max(minimum, limits.sipSessionExpiresS)
  core.requester.again(at, outgoing, [
    { name: 'Session-Expires', value: String(seconds) },
    { name: 'Min-SE', value: String(minimum) },
  ])
  return true
}

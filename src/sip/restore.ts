/** Sessions of an earlier process: those that were up go on, those that were being set up are called off. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs, instant } from '../kernel/time.ts'
import type { Draft } from './compose.ts'
import { bodyBytes } from './compose.ts'
import type { Dialog } from './dialog.ts'
import type { Identities } from './identities.ts'
import { extensionKey } from './identities.ts'
import type { OurInvite, SessionMemory, TheirInvite, TimerMemory } from './memory.ts'
import { memoryVersion } from './memory.ts'
import type { Request, SipUri } from './message.ts'
import { headers } from './message.ts'
import { parseNameAddrs } from './name-addr.ts'
import type { Plan } from './outgoing.ts'
import { cancelOf } from './outgoing.ts'
import { recalledDialog, recalledFlow, recalledRequest, recalledResponse } from './recall.ts'
import type { Core, Fork, Purpose, Serving, Session } from './session.ts'
import { end, ownUser, refuse, retryAfter, sendBye, setAlarm, tellEnded } from './session-basics.ts'
import { acknowledgeAgain } from './session-dialog.ts'
import { refuseSession } from './session-incoming.ts'
import { newSession } from './session-new.ts'
import { awaitAck } from './session-offer.ts'
import { owe } from './session-return.ts'
import type { Flow } from './terms.ts'
import { T1 } from './transaction.ts'
import { isLost, rebound } from './transport.ts'

export function restoreSession(core: Core, at: Instant, memory: SessionMemory, identities: Identities): void {
  const { id, direction, peer } = memory
  const credentials = peer.kind === 'trunk' ? identities.trunk(peer.account, peer.trunk)?.credentials : undefined
  const fresh = newSession(id, direction, { peer, ...(credentials !== undefined && { credentials }) })
  const session: Session = { ...fresh, state: memory.state, isRestored: true }
  core.sessions.touch(session)
  if (memory.version === memoryVersion) recall(core, at, session, memory)
  else giveUp(core, session)
}

/** It cannot be understood. Whoever waits for it hears of its end. */
function giveUp(core: Core, session: Session): void {
  const wasTold = session.state === 'ended' || session.state === 'ending'
  session.state = 'ended'
  if (!wasTold) tellEnded(core, session, { by: 'fault' })
}

function recall(core: Core, at: Instant, session: Session, memory: SessionMemory): void {
  for (const ours of memory.ours ?? []) callOff(core, at, session, ours)
  for (const { dialog, cause } of memory.farewells ?? []) sayGoodbye(core, at, session, { dialog, cause })
  switch (memory.state) {
    case 'calling':
      core.sessions.add(session)
      return end(core, at, session, { by: 'fault', status: 503 })
    case 'offered':
    case 'ended':
      return settleTheirs(core, at, session, memory)
    case 'answered':
    case 'established':
    case 'ending':
      return goOn(core, at, session, memory)
  }
}

/** The dialog stays bound meanwhile, so that the far end's own BYE is understood. */
function sayGoodbye(core: Core, at: Instant, session: Session, { dialog, cause }: NonNullable<SessionMemory['farewells']>[number]): void {
  const recalled = recalledDialog(dialog)
  if (recalled === undefined) return
  reach(core, recalled)
  session.dialog ??= recalled
  core.sessions.bind(session, recalled)
  sendBye(core, at, session, cause, recalled)
}

function goOn(core: Core, at: Instant, session: Session, memory: SessionMemory): void {
  const dialog = memory.dialog === undefined ? undefined : recalledDialog(memory.dialog)
  if (dialog === undefined) return giveUp(core, session)
  reach(core, dialog)
  session.dialog = dialog
  core.sessions.bind(session, dialog)
  if (session.direction === 'incoming') core.sessions.inherit(dialog)
  if (memory.state !== 'ending') core.sessions.add(session)
  remember(session, memory)
  if (memory.timer !== undefined) wind(core, at, session, memory.timer)
  settleTheirs(core, at, session, memory)
  if (session.state === 'answered' && session.unacknowledged === undefined) session.state = 'established'
  acknowledgeLast(core, at, session, dialog)
}

/** Our last ACK may be lost, and the 2xx that would ask for it again with its connection. One ACK too many is no harm. */
function acknowledgeLast(core: Core, at: Instant, session: Session, dialog: Dialog): void {
  const { acknowledged: last } = session
  if (last !== undefined && at - last.at < 64 * T1) acknowledgeAgain(core, at, session, { dialog, number: last.number })
}

/** Its listener may be bound otherwise by now. */
function reach(core: Core, dialog: { flow?: Flow }): void {
  if (dialog.flow !== undefined) dialog.flow = rebound(core.settings.listen, dialog.flow)
}

function remember(session: Session, { description, acknowledged, lateCause, referrals, transfers }: SessionMemory): void {
  if (description !== undefined) session.localSdp = description
  if (acknowledged !== undefined) session.acknowledged = acknowledged
  if (lateCause !== undefined) session.lateCause = lateCause
  session.referrals = referrals ?? 0
  for (const transfer of transfers ?? []) session.transfers.push(transfer)
}

/** What fell due meanwhile is done soon; the far end is given the time to hear of it. */
function wind(core: Core, at: Instant, session: Session, { seconds, weRefresh, refreshAt, expireAt }: TimerMemory): void {
  session.timer = { seconds, weRefresh }
  const soon = addMs(at, core.random.integer(5_000))
  if (refreshAt !== undefined) setAlarm(core, session, 'refresh', later(refreshAt, soon))
  setAlarm(core, session, 'expire', later(expireAt, addMs(at, limits.sipReturnMs + 5_000)))
}

const later = (a: Instant, b: Instant): Instant => instant(Math.max(a, b))

/** Their INVITE: refused if nobody had decided yet, and answered again if the answer may not have arrived. */
function settleTheirs(core: Core, at: Instant, session: Session, { theirs, state }: SessionMemory): void {
  const request = theirs === undefined ? undefined : recalledRequest(theirs.request)
  if (theirs !== undefined && request !== undefined) {
    const transaction = adoptTheirs(core, at, request, theirs)
    session.inviting = transaction
    core.sessions.addOffer(session, transaction)
    if (isLost(transaction.flow)) owe(core, session)
    if (state === 'offered') return refuseOffered(core, at, session, { request, transaction })
    if (theirs.response === undefined) refuse(core, at, { request, transaction }, 500, { headers: [retryAfter(core)] })
    else if (transaction.state === 'accepted') awaitAck(core, at, session, { request, transaction, delayed: theirs.delayed === true })
  }
  if (state === 'offered') giveUp(core, session)
}

function adoptTheirs(core: Core, at: Instant, request: Request, { flow: at_, response }: TheirInvite): Serving {
  const flow = rebound(core.settings.listen, recalledFlow(at_))
  const status = response === undefined ? undefined : recalledResponse(response)?.status
  const final = response === undefined || status === undefined ? {} : { final: { bytes: bodyBytes({ text: response }), status } }
  return core.requester.transactions.adoptServer(at, request, { flow, ...final })
}

/** Retry-After: this server is back by now, and the next call goes through. */
function refuseOffered(
  core: Core,
  at: Instant,
  session: Session,
  { request, transaction }: { request: Request; transaction: Serving },
): void {
  const tag = core.random.hex(8)
  session.offered = { request, transaction, tag, reliably: false, rseq: 0, described: false }
  core.sessions.add(session)
  refuseSession(core, at, session, { status: 503, by: 'fault', headers: [retryAfter(core)] })
}

/**
 * An INVITE of ours that nobody waits for any more. Whether its provisional response had come is not known: if it had not, the INVITE itself
 * may not have arrived, and will not be repeated; so CANCEL goes out at once. A 2xx that crosses it gets its ACK and BYE.
 */
function callOff(core: Core, at: Instant, session: Session, ours: OurInvite): void {
  const request = recalledRequest(ours.request)
  const [via] = request?.via ?? []
  if (request === undefined || via === undefined) return
  const flow = rebound(core.settings.listen, recalledFlow(ours.flow))
  const next = nextHop(request)
  if (next === undefined) return
  const cancel = cancelOf(request, [])
  const draft: Draft = { ...draftOf(request), method: 'CANCEL', headers: cancel.headers }
  const { peer } = session
  const fork: Fork = {
    ...{ session, draft: { ...draftOf(request), contactUser: ownUser }, sequence: { last: request.cseq.number } },
    ...{ route: { uri: next, flow }, early: new Map(), acknowledged: new Map() },
  }
  const plan: Plan<Purpose> = { purpose: { kind: 'invite', fork }, draft: fork.draft, sequence: fork.sequence, route: fork.route }
  fork.outgoing = core.requester.adoptCancelled(at, plan, { request, flow })
  session.forks.push(fork)
  core.requester.begin(at, {
    ...{ purpose: { kind: 'forget' }, draft, sequence: fork.sequence, number: request.cseq.number, route: fork.route, via },
    ...(peer.kind === 'extension' && isLost(flow) && { awaits: extensionKey(peer) }),
  })
}

const draftOf = ({ method, uri, from, to, callId }: Request): Draft => ({ method, uri, from, to, callId, headers: [] })

/** Where the INVITE went: to its first Route, else to its Request-URI. */
function nextHop(request: Request): SipUri | undefined {
  const route = headers(request, 'Route')[0]
  const parsed = route === undefined ? undefined : parseNameAddrs(route)
  const uri = (parsed?.ok ? parsed.value[0]?.uri : undefined) ?? request.uri
  return uri.scheme === 'sip' || uri.scheme === 'sips' ? uri : undefined
}

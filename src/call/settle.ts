import { assert } from '../kernel/assert.ts'
import { legId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { connectedCore, handlingParty, isEnded, liveCore, partyOf, partyOfLeg, type Transfer } from './call.ts'
import { type Draft, facts } from './draft.ts'
import { presentation } from './effect.ts'
import { isConnected, isCore, isLive, isPending, type Party } from './party.ts'
import type { EndReason } from './reason.ts'
import { isOpen, type Supervision } from './supervision.ts'

type Rule = (draft: Draft) => boolean

/** Joint rules that follow from the state alone. Each does at most one thing and says whether it did. */
const rules: readonly Rule[] = [
  offerIsWon,
  callerIsAnswered,
  callIsAnswered,
  nextIsCalled,
  transferProceeds,
  queueSeeksAgain,
  supervisionEndsWithItsParty,
  callEndsWhenAlone,
  supervisionFollows,
  supervisionIsAllowed,
]

/** Runs the rules to a fixed point. */
export function settle(draft: Draft): void {
  const bound = 8 * limits.partiesPerCall
  for (let round = 0; !isEnded(draft.call) && rules.some((rule) => rule(draft)); round++) {
    assert(round < bound, 'settle reaches a fixed point')
  }
}

/** Of several that ring for the same place, the first to answer takes it. */
function offerIsWon(draft: Draft): boolean {
  const winner = draft.call.parties.find((p) => p.offer > 0 && isConnected(p))
  const loser = draft.call.parties.find((p) => p.offer > 0 && p.offer === winner?.offer && isPending(p))
  if (winner === undefined) return false
  if (loser !== undefined) {
    draft.endParty(loser.id, { reason: 'answered-elsewhere', hangUp: true })
    return true
  }
  if (draft.call.queue === undefined || winner.role !== 'agent') return false
  draft.patch({ queue: undefined })
  return true
}

/** Whoever called us is answered when somebody has answered for him. */
function callerIsAnswered(draft: Draft): boolean {
  const caller = draft.call.parties.find((p) => p.state === 'offered')
  if (caller === undefined || !draft.call.parties.some((p) => isCore(p) && isConnected(p))) return false
  draft.moveParty(caller.id, 'answering')
  draft.effect({ kind: 'answer', leg: caller.leg })
  return true
}

function callIsAnswered(draft: Draft): boolean {
  const connected = connectedCore(draft.call)
  const last = connected.at(-1)
  if (draft.call.answeredAt !== undefined || connected.length < 2 || last === undefined) return false
  draft.patch({ answeredAt: draft.at })
  draft.emit({ type: 'call.answered', data: { party: last.id } })
  return true
}

/** An originated call: its first party has answered, so the second is called. */
function nextIsCalled(draft: Draft): boolean {
  const { next } = draft.call
  const first = connectedCore(draft.call)[0]
  if (next === undefined || first === undefined) return false
  draft.patch({ next: undefined })
  const { presented } = draft.call
  const from = { ...presentation(first.endpoint), ...(presented === undefined ? {} : { number: presented }) }
  draft.invite({ as: next, to: next.to, role: next.role, from, ringTimeoutMs: next.ringTimeoutMs })
  return true
}

function transferProceeds(draft: Draft): boolean {
  const { transfer } = draft.call
  if (transfer === undefined) return false
  const from = draft.party(transfer.from)
  const to = draft.party(transfer.to)
  if (!isLive(to)) return transferFails(draft, transfer, { from, to })
  if (transfer.how === 'attended' && isLive(from)) return consultationIsAlone(draft, transfer)
  if (transfer.held.length > 0) return resumeHeld(draft, transfer)
  if (isLive(from)) return mayLeave(transfer, to) ? leave(draft, transfer) : false
  return isConnected(to) ? transferIsDone(draft, transfer) : false
}

/** A blind transfer lets go as soon as the new phone rings; a replacement only when the new leg is answered. */
const mayLeave = (transfer: Transfer, to: Party): boolean => isConnected(to) || (transfer.how === 'blind' && to.state === 'ringing')

function leave(draft: Draft, transfer: Transfer): boolean {
  progress(draft, transfer, 'done')
  draft.endParty(transfer.from, { reason: 'transferred', hangUp: true })
  return true
}

function transferIsDone(draft: Draft, transfer: Transfer): boolean {
  forget(draft)
  for (const party of connectedCore(draft.call)) resume(draft, party.id)
  const how = transfer.how === 'blind' ? 'blind' : 'attended'
  draft.emit({ type: 'call.transferred', data: { from: transfer.from, to: transfer.to, how } })
  return true
}

function transferFails(draft: Draft, transfer: Transfer, who: { readonly from: Party; readonly to: Party }): boolean {
  forget(draft)
  const waiting = isLive(who.from) ? transfer.held : connectedCore(draft.call).map((p) => p.id)
  for (const id of waiting) resume(draft, id)
  progress(draft, transfer, 'failed')
  draft.emit({ type: 'call.transfer-failed', data: { to: transfer.to, reason: who.to.endReason ?? 'hangup' } })
  if (!isLive(who.from)) recall(draft, who.from)
  return true
}

/** The customer is not lost when nobody takes a transfer: the phone that sent him away rings again, once. */
function recall(draft: Draft, from: Party): void {
  const waiting = connectedCore(draft.call)[0]
  if (waiting === undefined || from.endpoint.kind !== 'extension') return
  const as = { party: partyId(`${from.id}r`), leg: legId(`${from.leg}r`) }
  if (partyOf(draft.call, as.party) !== undefined) return
  draft.invite({ as, to: from.endpoint, role: from.role, from: presentation(waiting.endpoint), ringTimeoutMs: limits.supervisorRingMs })
}

/** Everybody but the two who consult has gone: what is left is an ordinary call. */
function consultationIsAlone(draft: Draft, transfer: Transfer): boolean {
  if (liveCore(draft.call).some((p) => p.id !== transfer.from && p.id !== transfer.to)) return false
  forget(draft)
  progress(draft, transfer, 'failed')
  return true
}

function resumeHeld(draft: Draft, transfer: Transfer): boolean {
  for (const id of transfer.held) resume(draft, id)
  draft.patch({ transfer: { ...transfer, held: [] } })
  return true
}

export function resume(draft: Draft, id: Party['id']): void {
  if (draft.party(id).held) draft.setHold(id, { held: false })
}

function forget(draft: Draft): void {
  draft.patch({ transfer: undefined })
}

/** A transfer that cannot go on: who was being called for it is let go. */
export function endPendingTransfer(draft: Draft): void {
  const { transfer } = draft.call
  if (transfer === undefined) return
  forget(draft)
  progress(draft, transfer, 'failed')
  if (!isConnected(draft.party(transfer.to))) draft.endParty(transfer.to, { reason: 'cancelled', hangUp: true })
}

/** Tells the phone that asked, as long as it is there. */
export function progress(draft: Draft, transfer: Transfer, step: 'trying' | 'ringing' | 'done' | 'failed'): void {
  const { requested } = transfer
  const asking = requested === undefined ? undefined : partyOfLeg(draft.call, requested.leg)
  if (requested === undefined || asking === undefined || !isLive(asking)) return
  draft.effect({ kind: 'transfer-progress', ...requested, progress: step })
}

/** Nobody of the last offer took the waiting call: look again. */
function queueSeeksAgain(draft: Draft): boolean {
  const { call } = draft
  const { queue } = call
  if (queue?.offering === undefined || call.parties.some((p) => p.offer === queue.offering && isLive(p))) return false
  draft.patch({ queue: { ...queue, offering: undefined } })
  draft.effect({ kind: 'seek-agent', group: queue.group, at: draft.at })
  return true
}

function supervisionEndsWithItsParty(draft: Draft): boolean {
  const over = draft.call.supervisions.find((s) => isOpen(s) && !isLive(draft.party(s.party)))
  if (over === undefined) return false
  draft.endSupervision(over.id, draft.party(over.party).endReason ?? 'hangup')
  return true
}

/** The target has left: the supervision takes the next one, or ends, as it was told. */
function supervisionFollows(draft: Draft): boolean {
  const lost = draft.call.supervisions.find((s) => isOpen(s) && !isLive(draft.party(s.target)))
  if (lost === undefined) return false
  const heir = lost.follow === 'call' ? heirOf(draft, draft.party(lost.target)) : undefined
  if (heir === undefined) stopSupervising(draft, lost, 'target-left')
  else if (!mayBeTarget(heir)) stopSupervising(draft, lost, 'not-allowed')
  else draft.emit({ type: 'supervision.mode-changed', data: facts(draft.setSupervision(lost.id, { target: heir.id })) })
  return true
}

function heirOf(draft: Draft, left: Party): Party | undefined {
  const live = liveCore(draft.call)
  const sameRole = live.filter((p) => p.role === left.role)
  return sameRole.find(isConnected) ?? sameRole.at(-1) ?? live.find((p) => isConnected(p) && p.endpoint.kind === 'extension')
}

/** A number outside may be a target only as long as whoever handles its call may be one. */
function supervisionIsAllowed(draft: Draft): boolean {
  const handling = handlingParty(draft.call)
  if (handling === undefined || mayBeTarget(handling)) return false
  const forbidden = draft.call.supervisions.find((s) => isOpen(s) && draft.party(s.target).endpoint.kind === 'number')
  if (forbidden === undefined) return false
  stopSupervising(draft, forbidden, 'not-allowed')
  return true
}

/** Numbers outside have no say; an extension may refuse to be supervised. */
export const mayBeTarget = (party: Party): boolean => party.endpoint.kind === 'number' || party.endpoint.mayBeMonitored

export function stopSupervising(draft: Draft, supervision: Supervision, reason: EndReason): void {
  draft.endSupervision(supervision.id, reason)
  draft.endParty(supervision.party, { reason, hangUp: true })
}

/** A conversation needs two; one alone may wait for somebody who is being called. */
function callEndsWhenAlone(draft: Draft): boolean {
  const { call } = draft
  const live = liveCore(call)
  const settled = live.filter((p) => !isPending(p))
  const waits = call.queue !== undefined || call.next !== undefined
  if (settled.length >= 2 || (settled.length === 1 && (waits || live.length > 1)) || (call.next !== undefined && live.length > 0))
    return false
  endCall(draft, callReason(draft))
  return true
}

function callReason(draft: Draft): EndReason {
  const last = draft.events.findLast((e) => e.type === 'party.left' && isCore(draft.party(e.data.party)))
  return last?.type === 'party.left' ? last.data.reason : 'hangup'
}

/** Everybody out, in the order: supervisors, then the conversation. */
export function endCall(draft: Draft, reason: EndReason): void {
  const { transfer } = draft.call
  if (transfer !== undefined) progress(draft, transfer, 'failed')
  for (const supervision of draft.call.supervisions) if (isOpen(supervision)) stopSupervising(draft, supervision, 'call-ended')
  for (const party of draft.call.parties) {
    if (isLive(party)) draft.endParty(party.id, { reason: isConnected(party) ? 'call-ended' : unansweredReason(reason), hangUp: true })
  }
  draft.patch({ endedAt: draft.at, endReason: reason })
  draft.emit({ type: 'call.ended', data: { reason } })
  draft.effect({ kind: 'close' })
}

/** What a caller who was never answered is told, and a phone that still rings. */
const unansweredReason = (reason: EndReason): EndReason => (reason === 'hangup' ? 'cancelled' : reason)

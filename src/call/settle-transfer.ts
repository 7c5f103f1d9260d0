/** How a transfer goes on, from what its two parties do. */
import { connectedCore, liveCore, partyOfLeg, type Transfer } from './call.ts'
import type { Draft } from './draft.ts'
import { isConnected, isLive, type Party } from './party.ts'
import { recall } from './recall.ts'

export function transferProceeds(draft: Draft): boolean {
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

/** A blind transfer lets go as soon as the new phone rings; a replacement and a hand-over only when the new leg is answered. */
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

/** The customer is not lost when nobody takes a transfer: the phone that sent him away rings again, once. */
function transferFails(draft: Draft, transfer: Transfer, who: { readonly from: Party; readonly to: Party }): boolean {
  forget(draft)
  const waiting = isLive(who.from) ? transfer.held : connectedCore(draft.call).map((p) => p.id)
  for (const id of waiting) resume(draft, id)
  progress(draft, transfer, 'failed')
  draft.emit({ type: 'call.transfer-failed', data: { to: transfer.to, reason: who.to.endReason ?? 'hangup' } })
  if (!isLive(who.from)) recall(draft, who.from)
  return true
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

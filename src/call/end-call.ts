import type { Draft } from './draft.ts'
import { isConnected, isCore, isLive } from './party.ts'
import type { EndReason } from './reason.ts'
import { progress } from './settle-transfer.ts'
import { stopSupervising } from './stop-supervising.ts'
import { isOpen } from './supervision.ts'

/** Everybody out, in the order: supervisors, then the conversation. */
export function endCall(draft: Draft, reason: EndReason): void {
  const { transfer, parked } = draft.call
  if (transfer !== undefined) progress(draft, transfer, 'failed')
  for (const supervision of draft.call.supervisions) if (isOpen(supervision)) stopSupervising(draft, supervision, 'call-ended')
  for (const party of draft.call.parties) {
    if (isLive(party)) draft.endParty(party.id, { reason: isConnected(party) ? 'call-ended' : unansweredReason(reason), hangUp: true })
  }
  draft.setRecording('off')
  if (parked !== undefined) draft.emit({ type: 'call.unparked', data: { place: parked.place } })
  draft.patch({ endedAt: draft.at, endReason: reason, parked: undefined })
  draft.emit({ type: 'call.ended', data: { reason } })
  draft.effect({ kind: 'close' })
}

/** What a caller who was never answered is told, and a phone that still rings. */
const unansweredReason = (reason: EndReason): EndReason => (reason === 'hangup' ? 'cancelled' : reason)

/** Of a call that ends because of who has just left it. */
export function callReason(draft: Draft): EndReason {
  const last = draft.events.findLast((e) => e.type === 'party.left' && isCore(draft.party(e.data.party)))
  return last?.type === 'party.left' ? last.data.reason : 'hangup'
}

/** What becomes of a parked call, from what those do who are called to fetch it. */
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { connectedCore } from './call.ts'
import type { Draft } from './draft.ts'
import { callReason, endCall } from './end-call.ts'
import { isConnected, isLive } from './party.ts'
import { recall } from './recall.ts'
import { resume } from './settle-transfer.ts'

/** Somebody has answered: it is a conversation again, and nobody who had been put on hold before is left there. */
export function parkedIsFetched(draft: Draft): boolean {
  const { parked, parties } = draft.call
  const fetcher = parties.find((p) => p.offer > 0 && p.offer === parked?.offering && isConnected(p))
  if (parked === undefined || fetcher === undefined) return false
  draft.patch({ parked: undefined })
  for (const party of connectedCore(draft.call)) resume(draft, party.id)
  draft.emit({ type: 'call.unparked', data: { place: parked.place, party: fetcher.id } })
  return true
}

/** None of those who were called came. Who parked the call was the last hope; anybody else leaves it parked, with some time to try again. */
export function parkedIsLeft(draft: Draft): boolean {
  const { parked, parties } = draft.call
  if (parked?.offering === undefined || parties.some((p) => p.offer === parked.offering && isLive(p))) return false
  if (parked.recall === undefined) {
    const deadline = instant(Math.max(parked.deadline, addMs(draft.at, limits.parkedAgainMs)))
    draft.patch({ parked: { ...parked, offering: undefined, deadline } })
  } else endCall(draft, callReason(draft))
  return true
}

/** Nobody has come in time. */
export function parkedTooLong(draft: Draft): void {
  const { parked } = draft.call
  if (parked === undefined || parked.offering !== undefined || parked.deadline > draft.at) return
  const offering = draft.nextOffer()
  const called = recall(draft, draft.party(parked.by), offering)
  if (called === undefined) endCall(draft, 'no-answer')
  else draft.patch({ parked: { ...parked, offering, recall: called } })
}

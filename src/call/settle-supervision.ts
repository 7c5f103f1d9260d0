/** What a change of the conversation means for who supervises it. */
import { handlingParty, liveCore } from './call.ts'
import { type Draft, facts } from './draft.ts'
import { isConnected, isLive, type Party } from './party.ts'
import { stopSupervising } from './stop-supervising.ts'
import { isOpen } from './supervision.ts'

export function supervisionEndsWithItsParty(draft: Draft): boolean {
  const over = draft.call.supervisions.find((s) => isOpen(s) && !isLive(draft.party(s.party)))
  if (over === undefined) return false
  draft.endSupervision(over.id, draft.party(over.party).endReason ?? 'hangup')
  return true
}

/** The target has left: the supervision takes the next one, or ends, as it was told. */
export function supervisionFollows(draft: Draft): boolean {
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
  return sameRole.find(isConnected) ?? sameRole.at(-1) ?? live.find((p) => isConnected(p) && p.endpoint.kind !== 'number')
}

/** A number outside may be a target only as long as whoever handles its call may be one. */
export function supervisionIsAllowed(draft: Draft): boolean {
  const handling = handlingParty(draft.call)
  if (handling === undefined || mayBeTarget(handling)) return false
  const forbidden = draft.call.supervisions.find((s) => isOpen(s) && draft.party(s.target).endpoint.kind === 'number')
  if (forbidden === undefined) return false
  stopSupervising(draft, forbidden, 'not-allowed')
  return true
}

/** Numbers outside have no say; an extension may refuse to be supervised. */
export const mayBeTarget = (party: Party): boolean => party.endpoint.kind === 'number' || party.endpoint.mayBeMonitored

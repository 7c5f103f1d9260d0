import { type Call, isEnded, partyOfLeg } from '../call/call.ts'
import type { Confirm } from '../call/finish.ts'
import type { EndReason } from '../call/reason.ts'
import { type Refusal, type RefusalCode, refusal } from '../call/refusal.ts'
import type { LegId, RequestId, SupervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'

/** A command that was carried out in the model and waits for its effect in the world. */
export interface Pending {
  readonly request: RequestId
  readonly confirm: Exclude<Confirm, { on: 'now' }>
  readonly until: Instant
  readonly supervision?: SupervisionId
}

export function pending(at: Instant, request: RequestId, confirm: Pending['confirm'], supervision: SupervisionId | undefined): Pending {
  const until = addMs(at, confirm.on === 'accepted' ? limits.engineAcceptMs : limits.wiringConfirmMs)
  return { request, confirm, until, ...(supervision === undefined ? {} : { supervision }) }
}

/** `waiting`, done, or why not, from the call as it is now. */
export function verdictOf(call: Call, { confirm }: Pending): 'waiting' | 'done' | Refusal {
  if (confirm.on === 'wired') return wired(call, confirm.revision)
  const parties = confirm.legs.map((leg) => partyOfLeg(call, leg)).filter((p) => p !== undefined)
  if (parties.some((p) => p.accepted)) return 'done'
  if (!isEnded(call) && parties.some((p) => p.state !== 'ended')) return 'waiting'
  return refusal(codeOf(parties.at(-1)?.endReason ?? 'call-ended'))
}

function wired(call: Call, revision: number): 'waiting' | 'done' | Refusal {
  if (call.wiring.applied >= revision) return 'done'
  return isEnded(call) ? refusal('call-ended') : 'waiting'
}

/** A leg that was never accepted, in the words of the catalogue. */
export function codeOf(reason: EndReason): RefusalCode {
  switch (reason) {
    case 'busy':
      return 'endpoint-busy'
    case 'unavailable':
    case 'no-answer':
    case 'declined':
      return 'endpoint-unavailable'
    case 'unknown-number':
      return 'number-invalid'
    case 'failed':
    case 'media-lost':
      return 'engine-failed'
    case 'shutdown':
      return 'capacity-exceeded'
    default:
      return 'call-ended'
  }
}

/** The legs to take back when the time is over. */
export const legsToWithdraw = ({ confirm }: Pending): readonly LegId[] => (confirm.on === 'accepted' ? confirm.legs : [])

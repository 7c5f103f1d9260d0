import { limits } from '../kernel/limits.ts'
import type { Call } from './call.ts'
import { type Endpoint, sameEndpoint } from './endpoint.ts'
import { isLive } from './party.ts'
import { type Refused, refuse } from './verdict.ts'

/** Why a phone cannot be called into this call, if it cannot: it is here already, or nobody else fits in. */
export function cannotComeIn(call: Call, endpoint: Endpoint): Refused | undefined {
  if (call.parties.some((p) => isLive(p) && sameEndpoint(p.endpoint, endpoint))) {
    return refuse('wrong-state', 'The destination takes part in this call already.')
  }
  return isFull(call)
}

export function isFull(call: Call): Refused | undefined {
  const full = call.parties.filter(isLive).length >= limits.partiesPerCall
  return full ? refuse('capacity-exceeded', 'The call has its maximum of parties.') : undefined
}

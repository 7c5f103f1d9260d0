import { legId, type PartyId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { connectedCore } from './call.ts'
import type { Draft } from './draft.ts'
import { presentation } from './effect.ts'
import type { NewParty } from './input.ts'
import type { Party } from './party.ts'

/** Who sent a customer away is called back, when nobody else has taken him. Nobody is called where nobody waits, or where that was no phone of the account. */
export function recall(draft: Draft, from: Party, offer?: number): PartyId | undefined {
  const waiting = connectedCore(draft.call)[0]
  if (waiting === undefined || from.endpoint.kind !== 'extension') return undefined
  const as = recalled(draft, from)
  draft.invite({
    ...{ as, to: from.endpoint, role: from.role, from: presentation(waiting.endpoint), ringTimeoutMs: limits.supervisorRingMs },
    ...(offer === undefined ? {} : { offer }),
  })
  return as.party
}

/** Made from his old ids, since nothing pure makes random; the count of phones never gives a number twice. */
function recalled(draft: Draft, { id, leg }: Party): NewParty {
  const nth = `r${draft.call.phones + 1}`
  return { party: partyId(stem(id) + nth), leg: legId(stem(leg) + nth) }
}

const stem = (id: string): string => id.replace(/r\d+$/, '')

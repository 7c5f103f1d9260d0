import type { LegId } from '../kernel/ids.ts'
import type { Source } from './door.ts'
import type { Credentials } from './outgoing.ts'
import type { Session } from './session.ts'

export function newSession(id: LegId, direction: Session['direction'], who: { peer: Source; credentials?: Credentials }): Session {
  const { peer, credentials } = who
  return {
    id,
    direction,
    peer,
    ...(credentials !== undefined && { credentials }),
    alarms: new Map(),
    forks: [],
    transfers: [],
    farewells: new Map(),
    state: direction === 'outgoing' ? 'calling' : 'offered',
    tried: false,
    exchange: { kind: 'idle' },
    offerRetries: 0,
    referrals: 0,
  }
}

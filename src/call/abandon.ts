import type { Instant } from '../kernel/time.ts'
import type { Call } from './call.ts'
import type { Step } from './finish.ts'
import { isLive } from './party.ts'
import { step } from './step.ts'

/** Ends a call whose invariants broke: the ordinary way if it still goes, else the shortest there is. */
export function abandon(call: Call, at: Instant): Step {
  try {
    const ended = step(call, at, { kind: 'end', reason: 'failed' })
    if (ended.ok) return ended.value
  } catch {
    // Whatever broke the call breaks its orderly end, too.
  }
  return cutOff(call, at)
}

function cutOff(call: Call, at: Instant): Step {
  const parties = call.parties.map((p) => ({ ...p, state: 'ended' as const }))
  const hangUps = call.parties.filter(isLive).map(({ leg }) => ({ kind: 'hang-up', leg, reason: 'failed' }) as const)
  return {
    call: { ...call, parties, endedAt: at, endReason: 'failed', revision: call.revision + 1 },
    effects: [{ kind: 'rewire', revision: call.wiring.revision + 1, rows: [] }, ...hangUps, { kind: 'close' }],
    events: [],
    confirm: { on: 'now' },
  }
}

import type { Instant } from '../kernel/time.ts'
import type { Call } from './call.ts'
import type { CallEventBody } from './event.ts'
import type { Step } from './finish.ts'
import { isLive } from './party.ts'
import { step } from './step.ts'
import { isOpen } from './supervision.ts'

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

/** Nothing is derived here, since the state cannot be trusted: every party and supervision is over, and whoever follows the call is told. */
function cutOff(call: Call, at: Instant): Step {
  const over = { state: 'ended', endedAt: at, endReason: 'failed' } as const
  const hangUps = call.parties.filter(isLive).map(({ leg }) => ({ kind: 'hang-up', leg, reason: 'failed' }) as const)
  const { recording, parked } = call
  const bodies: readonly CallEventBody[] = [
    ...(recording.state === 'off' ? [] : [{ type: 'recording.stopped', data: {} } as const]),
    ...(parked === undefined ? [] : [{ type: 'call.unparked', data: { place: parked.place } } as const]),
    { type: 'call.ended', data: { reason: 'failed' } },
  ]
  const seq = call.seq + bodies.length
  return {
    call: {
      ...{ ...call, endedAt: at, endReason: 'failed', revision: call.revision + 1, seq },
      ...{ parked: undefined, recording: { ...recording, state: 'off' } },
      parties: call.parties.map((p) => (isLive(p) ? { ...p, ...over } : p)),
      supervisions: call.supervisions.map((s) => (isOpen(s) ? { ...s, ...over, revision: s.revision + 1 } : s)),
    },
    effects: [{ kind: 'rewire', revision: call.wiring.revision + 1, rows: [] }, ...hangUps, { kind: 'close' }],
    events: bodies.map((body, i) => ({ ...body, call: call.id, seq: call.seq + 1 + i, at })),
    confirm: { on: 'now' },
  }
}

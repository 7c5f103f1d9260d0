import type { LegId, SupervisionId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { type Call, isEnded } from './call.ts'
import type { Draft } from './draft.ts'
import type { Effect } from './effect.ts'
import type { CallEvent } from './event.ts'
import { hearing, legRows, sameRows } from './hearing.ts'
import { isLive } from './party.ts'
import { orderRecording } from './record.ts'
import { settle } from './settle.ts'
import { isOpen } from './supervision.ts'

/** When the answer to a command may be sent (W18): at once, when one of these legs was accepted, or when the mixer works by this revision. */
export type Confirm =
  | { readonly on: 'now' }
  | { readonly on: 'accepted'; readonly legs: readonly LegId[] }
  | { readonly on: 'wired'; readonly revision: number }

/** What comes out of an input: the next call, orders to the world in order, events, and for a command when it counts as done. */
export interface Step {
  readonly call: Call
  readonly effects: readonly Effect[]
  readonly events: readonly CallEvent[]
  readonly confirm: Confirm
  /** The supervision that the command made or changed. */
  readonly supervision?: SupervisionId
}

/** More rewires than this are never in flight: the mixer answers in milliseconds, and only the newest matter. */
const rewiresInFlight = 32

/** Joint rules to a fixed point, then the matrix, then the answer's condition. */
export function finish(draft: Draft, confirm: Confirm | 'wired', supervision?: SupervisionId): Step {
  settle(draft)
  rewire(draft)
  const recording = isEnded(draft.before) ? 'same' : orderRecording(draft)
  forgetWhoLeft(draft)
  if (draft.events.some(isChange) || draft.call.parties.length > draft.before.parties.length)
    draft.patch({ revision: draft.call.revision + 1 })
  const step = {
    call: draft.call,
    effects: inOrder(draft.effects, recording === 'narrower' ? 'record-first' : 'matrix-first'),
    events: draft.events,
    confirm: confirm === 'wired' ? whenWired(draft.call) : confirm,
  }
  return supervision === undefined ? step : { ...step, supervision }
}

/** Whether somebody who looks at the call sees something new; a party who is being called is no event yet. What the mixer confirmed has a revision of its own. */
const isChange = (event: CallEvent): boolean => event.type !== 'hearing.applied' && event.type !== 'party.dtmf'

/** A call that goes on for a day, with supervisors coming and going, does not grow with it. */
function forgetWhoLeft(draft: Draft): void {
  const { parties, supervisions, transfer, parked } = draft.call
  if (parties.length <= limits.partiesKeptPerCall) return
  const needed = new Set([transfer?.from, transfer?.to, parked?.by, ...supervisions.filter(isOpen).flatMap((s) => [s.party, s.target])])
  const gone = parties.find((p) => !isLive(p) && !needed.has(p.id))
  if (gone === undefined) return
  draft.patch({ parties: parties.filter((p) => p !== gone), supervisions: supervisions.filter((s) => s.party !== gone.id) })
}

/** The last matrix of a call, which is empty, went out with its end. */
function rewire(draft: Draft): void {
  if (isEnded(draft.before)) return
  const { wiring } = draft.call
  const rows = hearing(draft.call)
  if (sameRows(rows, wiring.sent.at(-1)?.rows ?? wiring.confirmed)) return
  const revision = wiring.revision + 1
  draft.patch({ wiring: { ...wiring, revision, sent: [...wiring.sent, { revision, rows }].slice(-rewiresInFlight) } })
  draft.effect({ kind: 'rewire', revision, rows: legRows(draft.call, rows) })
}

function whenWired(call: Call): Confirm {
  const { revision, applied } = call.wiring
  return call.endedAt !== undefined || applied >= revision ? { on: 'now' } : { on: 'wired', revision }
}

/**
 * Silence comes before goodbye: the matrix changes first, legs end after, the bridge goes last. What is recorded no longer stops before
 * the matrix changes, what is recorded newly begins after it: a whisper is in no frame of the conversation.
 */
function inOrder(effects: readonly Effect[], first: 'record-first' | 'matrix-first'): readonly Effect[] {
  return effects.toSorted((a, b) => rank(a, first) - rank(b, first))
}

function rank({ kind }: Effect, first: 'record-first' | 'matrix-first'): number {
  if (kind === 'record') return first === 'record-first' ? 1 : 3
  return kind === 'set-voice' ? 0 : kind === 'rewire' ? 2 : kind === 'close' ? 5 : 4
}

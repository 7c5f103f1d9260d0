import { assert } from '../kernel/assert.ts'
import { limits } from '../kernel/limits.ts'
import { addMs } from '../kernel/time.ts'
import { type Call, connectedCore, isEnded, liveCore } from './call.ts'
import type { Draft } from './draft.ts'
import { presentation } from './effect.ts'
import { callReason, endCall } from './end-call.ts'
import type { Endpoint, Presented } from './endpoint.ts'
import { isConnected, isCore, isLive, isPending } from './party.ts'
import { startsByItself } from './recording.ts'
import { parkedIsFetched, parkedIsLeft } from './settle-parking.ts'
import { supervisionEndsWithItsParty, supervisionFollows, supervisionIsAllowed } from './settle-supervision.ts'
import { transferProceeds } from './settle-transfer.ts'

type Rule = (draft: Draft) => boolean

/** Joint rules that follow from the state alone. Each does at most one thing and says whether it did. */
const rules: readonly Rule[] = [
  offerIsWon,
  queueIsLeft,
  parkedIsFetched,
  callerIsAnswered,
  callIsAnswered,
  nextIsCalled,
  transferProceeds,
  queueSeeksAgain,
  parkedIsLeft,
  supervisionEndsWithItsParty,
  callEndsWhenAlone,
  supervisionFollows,
  supervisionIsAllowed,
]

/** Runs the rules to a fixed point. */
export function settle(draft: Draft): void {
  const bound = 8 * limits.partiesPerCall
  for (let round = 0; !isEnded(draft.call) && rules.some((rule) => rule(draft)); round++) {
    assert(round < bound, 'settle reaches a fixed point')
  }
}

/** Of several that ring for the same place, the first to answer takes it. */
function offerIsWon(draft: Draft): boolean {
  const won = new Set(draft.call.parties.filter((p) => p.offer > 0 && isConnected(p)).map((p) => p.offer))
  const loser = draft.call.parties.find((p) => isPending(p) && won.has(p.offer))
  if (loser === undefined) return false
  draft.endParty(loser.id, { reason: 'answered-elsewhere', hangUp: true })
  return true
}

/** An agent has answered: the wait is over. */
function queueIsLeft(draft: Draft): boolean {
  const { queue, parties } = draft.call
  if (queue?.offering === undefined || !parties.some((p) => p.offer === queue.offering && isConnected(p))) return false
  draft.patch({ queue: undefined })
  return true
}

/** Whoever called us is answered when somebody has answered for him. */
function callerIsAnswered(draft: Draft): boolean {
  const caller = draft.call.parties.find((p) => p.state === 'offered')
  if (caller === undefined || !draft.call.parties.some((p) => isCore(p) && isConnected(p))) return false
  draft.moveParty(caller.id, 'answering')
  draft.effect({ kind: 'answer', leg: caller.leg })
  return true
}

function callIsAnswered(draft: Draft): boolean {
  const { answeredAt, maxDurationMs, recording } = draft.call
  const connected = connectedCore(draft.call)
  const last = connected.at(-1)
  if (answeredAt !== undefined || connected.length < 2 || last === undefined) return false
  draft.patch({ answeredAt: draft.at, ...(maxDurationMs === undefined ? {} : { endBy: addMs(draft.at, maxDurationMs) }) })
  draft.emit({ type: 'call.answered', data: { party: last.id } })
  if (startsByItself(recording)) draft.setRecording('on')
  return true
}

/** An originated call: its first party has answered, so the second is called. */
function nextIsCalled(draft: Draft): boolean {
  const { next } = draft.call
  const first = connectedCore(draft.call)[0]
  if (next === undefined || first === undefined) return false
  draft.patch({ next: undefined })
  const from = presented(draft.call, first.endpoint)
  draft.invite({ as: next, to: next.to, role: next.role, from, ringTimeoutMs: next.ringTimeoutMs })
  return true
}

/** What whoever ordered the call wants to be shown, and the first party's own number and name where nothing was said. */
function presented({ presented: number, presentedName: name }: Call, endpoint: Endpoint): Presented {
  return { ...presentation(endpoint), ...(number === undefined ? {} : { number }), ...(name === undefined ? {} : { name }) }
}

/** Nobody of the last offer took the waiting call: look again. */
function queueSeeksAgain(draft: Draft): boolean {
  const { call } = draft
  const { queue } = call
  if (queue?.offering === undefined || call.parties.some((p) => p.offer === queue.offering && isLive(p))) return false
  draft.patch({ queue: { ...queue, offering: undefined } })
  draft.effect({ kind: 'seek-agent', group: queue.group, at: draft.at })
  return true
}

/** A conversation needs two; one alone may wait for somebody who is being called or is to come, and in a conference for anybody. */
function callEndsWhenAlone(draft: Draft): boolean {
  const { call } = draft
  const live = liveCore(call)
  const settled = live.filter((p) => !isPending(p))
  const waits = call.queue !== undefined || call.next !== undefined || call.parked !== undefined
  if (settled.length >= 2 || (settled.length === 1 && (waits || live.length > 1))) return false
  if ((call.next !== undefined || call.room !== undefined) && live.length > 0) return false
  endCall(draft, callReason(draft))
  return true
}

import { unreachable } from '../kernel/assert.ts'
import type { Instant } from '../kernel/time.ts'
import { earliest } from '../kernel/time.ts'
import { type Call, isEnded, partyOfLeg, supervisionOfParty } from './call.ts'
import { type Draft, facts } from './draft.ts'
import { endCall } from './end-call.ts'
import type { HearingPair } from './event.ts'
import type { LegInput } from './input.ts'
import type { HearingRow } from './matrix.ts'
import { isCore, isPending, type Party } from './party.ts'
import { parkedTooLong } from './settle-parking.ts'
import { progress } from './settle-transfer.ts'

/** What happened to a leg, or in the mixer. An event of a leg that is not in the call, or has ended, changes nothing. */
export function stepLeg(draft: Draft, input: LegInput): void {
  if (input.kind === 'wired') return wired(draft, input)
  if (input.kind === 'wiring-failed') return endCall(draft, 'failed')
  const party = partyOfLeg(draft.call, input.leg)
  if (party === undefined || party.state === 'ended') return
  switch (input.kind) {
    case 'leg-accepted':
      if (!party.accepted) draft.setParty(party.id, { accepted: true })
      return
    case 'leg-ringing':
      return ringing(draft, party)
    case 'leg-answered':
      return answered(draft, party)
    case 'leg-ended':
      return draft.endParty(party.id, { reason: input.reason, hangUp: false })
    case 'leg-held':
      return draft.setHold(party.id, { phoneHeld: true })
    case 'leg-resumed':
      return draft.setHold(party.id, { phoneHeld: false })
    case 'leg-dtmf':
      return draft.emit({ type: 'party.dtmf', data: { party: party.id, digit: input.digit } })
    default:
      return unreachable(input)
  }
}

function ringing(draft: Draft, party: Party): void {
  if (party.state !== 'inviting') return
  draft.moveParty(party.id, 'ringing')
  draft.setParty(party.id, { accepted: true })
  if (!isCore(party)) return
  draft.emit({ type: 'call.ringing', data: { party: party.id } })
  const { transfer } = draft.call
  if (transfer?.to === party.id) progress(draft, transfer, 'ringing')
  for (const caller of draft.call.parties) if (caller.state === 'offered') draft.effect({ kind: 'ring', leg: caller.leg })
}

function answered(draft: Draft, party: Party): void {
  if (!isPending(party) && party.state !== 'answering') return
  draft.moveParty(party.id, 'connected')
  draft.setParty(party.id, { accepted: true, answeredAt: draft.at })
  draft.emit({ type: 'party.joined', data: { party: party.id, role: party.role, endpoint: party.endpoint } })
  if (party.phoneHeld && isCore(party)) draft.emit({ type: 'call.held', data: { party: party.id } })
  const supervision = supervisionOfParty(draft.call, party.id)
  if (supervision === undefined) return
  draft.emit({ type: 'supervision.active', data: facts(draft.setSupervision(supervision.id, { state: 'active', activeAt: draft.at })) })
}

function wired(draft: Draft, input: { readonly revision: number; readonly at: Instant }): void {
  const { wiring } = draft.call
  const confirmed = wiring.sent.find((w) => w.revision === input.revision)
  if (confirmed === undefined || input.revision <= wiring.applied) return
  const sent = wiring.sent.filter((w) => w.revision > input.revision)
  draft.patch({ wiring: { ...wiring, applied: input.revision, appliedAt: input.at, confirmed: confirmed.rows, sent } })
  draft.emit({ type: 'hearing.applied', data: { revision: input.revision, pairs: pairsOf(confirmed.rows) } })
}

export function pairsOf(rows: readonly HearingRow[]): readonly HearingPair[] {
  return rows.flatMap((row) => row.talkers.map((talker) => ({ listener: row.listener, talker })))
}

/** Time has passed: phones that rang long enough are given up, and so is waiting in a queue; who parked a call is called back. */
export function stepWake(draft: Draft): void {
  for (const party of draft.call.parties) {
    if (isPending(party) && party.ringDeadline !== undefined && party.ringDeadline <= draft.at) {
      draft.endParty(party.id, { reason: 'no-answer', hangUp: true })
    }
  }
  const { queue, endBy } = draft.call
  if (endBy !== undefined && endBy <= draft.at) return endCall(draft, 'ended-by-request')
  if (queue !== undefined && queue.deadline <= draft.at) return endCall(draft, 'queue-timeout')
  parkedTooLong(draft)
}

/** When `wake` is due. */
export function deadline(call: Call): Instant | undefined {
  if (isEnded(call)) return undefined
  const ringing = call.parties.filter(isPending).map((p) => p.ringDeadline)
  const parked = call.parked?.offering === undefined ? call.parked?.deadline : undefined
  return earliest(call.queue?.deadline, call.endBy, parked, ...ringing)
}

/** Who could hear whom, folded from what happened in one call. */
import { type Call, partyOf } from '../call/call.ts'
import type { AskedBy, CallEvent, HearingPair, SupervisionFacts } from '../call/event.ts'
import { isLive, isOnHold } from '../call/party.ts'
import type { EndReason } from '../call/reason.ts'
import type { PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AuditFact, HearingFact, IntervalEnd, Person, Stance } from './fact.ts'

/** As far as the last event. Plain JSON values, so that it can be written down and taken up again. */
export interface Watch {
  readonly supervisors: readonly Watched[]
  readonly open: readonly OpenInterval[]
}

interface Watched extends Stance {
  readonly supervision: SupervisionId
  readonly supervisor: Person
  readonly by?: AskedBy
  /** It is over for the call; the mixer still works as before until it confirms this revision. */
  readonly over?: { readonly reason: EndReason; readonly revision: number }
}

export type OpenInterval = Omit<HearingFact, 'to' | 'endRevision' | 'reason'>

/** An event, and the call as it was after the input that brought it forth. */
export interface Happened {
  readonly event: CallEvent
  readonly call: Call
}

export interface Seen {
  readonly watch: Watch
  readonly facts: readonly AuditFact[]
}

export const unwatched: Watch = { supervisors: [], open: [] }

/** Takes the events of one call in order of `seq`. Most calls are never supervised, and cost nothing here. */
export function look(watch: Watch, happened: Happened): Seen {
  const { event, call } = happened
  switch (event.type) {
    case 'supervision.requested':
      return requested(watch, call, event)
    case 'supervision.active':
      return told(watch, call, event)
    case 'supervision.mode-changed':
      return changed(watch, call, event)
    case 'supervision.refused':
    case 'supervision.ended':
      return ended(watch, call, event)
    case 'hearing.applied':
      return applied(watch, happened, event.data)
    default:
      return { watch, facts: [] }
  }
}

/** The mixer will not say anything any more: its calls ended with it, or it is gone. Nobody heard anybody after the end of the call. */
export function giveUp(watch: Watch, call: Call): Seen {
  const at = call.endedAt ?? call.startedAt
  return { watch: unwatched, facts: watch.open.map((open) => closed(watch, open, { call, at })) }
}

type OfSupervision<T extends CallEvent['type']> = Extract<CallEvent, { readonly type: T }>

function requested(watch: Watch, call: Call, { type, data }: OfSupervision<'supervision.requested'>): Seen {
  const { supervision, follow, by } = data
  const asked = by === undefined ? {} : { by }
  const supervisor = personOf(call, data.party)
  const watched: Watched = { supervision, supervisor, ...stanceOf(data), ...asked }
  const fact: AuditFact = { kind: type, call: call.id, ...watched, follow }
  return { watch: { ...watch, supervisors: [...watch.supervisors, watched] }, facts: [fact] }
}

function told(watch: Watch, call: Call, { type, data }: OfSupervision<'supervision.active'>): Seen {
  return { watch, facts: [{ kind: type, ...about(call, data) }] }
}

function changed(watch: Watch, call: Call, { type, data }: OfSupervision<'supervision.mode-changed'>): Seen {
  const supervisors = watch.supervisors.map((s) => (s.supervision === data.supervision ? { ...s, ...stanceOf(data) } : s))
  const asked = data.by === undefined ? {} : { by: data.by }
  return { watch: { ...watch, supervisors }, facts: [{ kind: type, ...about(call, data), ...asked }] }
}

function ended(watch: Watch, call: Call, { type, data, at }: OfSupervision<'supervision.refused' | 'supervision.ended'>): Seen {
  const { revision, applied: confirmed } = call.wiring
  const { supervision, reason } = data
  const asked = data.by === undefined ? {} : { by: data.by }
  const fact: AuditFact = { kind: type, ...about(call, data), reason, ...asked }
  const supervisors = watch.supervisors.map((s) => (s.supervision === supervision ? { ...s, over: { reason, revision } } : s))
  const left = { ...watch, supervisors }
  if (confirmed < revision) return { watch: left, facts: [fact] }
  // Nothing is on its way to the mixer: where he still hears somebody, it is as a party of the conversation from now on.
  const seen = moved(left, { call, at, revision }, (s) => (s.supervision === supervision ? [] : openOf(left, s)))
  return { watch: seen.watch, facts: [fact, ...seen.facts] }
}

function applied(watch: Watch, { event, call }: Happened, { revision, pairs }: OfSupervision<'hearing.applied'>['data']): Seen {
  if (watch.supervisors.length === 0) return { watch, facts: [] }
  const matrix = { call, at: call.wiring.appliedAt ?? event.at, revision }
  return moved(watch, matrix, (s) => (isOver(s, revision) ? [] : earsAndVoice(s, pairs)))
}

interface Matrix {
  readonly call: Call
  readonly at: Instant
  readonly revision: number
}

/** One half of an interval: with whom, and which way. */
interface Side {
  readonly could: OpenInterval['could']
  readonly other: { readonly party: PartyId }
}

/** From the matrix before to this one: what it has no more ends, what it has newly begins, the rest goes on. */
function moved(watch: Watch, matrix: Matrix, sidesOf: (s: Watched) => readonly Side[]): Seen {
  const facts: AuditFact[] = []
  const open: OpenInterval[] = []
  for (const watched of watch.supervisors) {
    const [before, now] = [openOf(watch, watched), sidesOf(watched)]
    for (const interval of before) {
      if (now.some((side) => isSame(side, interval))) open.push(interval)
      else facts.push({ ...closed(watch, interval, matrix), endRevision: matrix.revision })
    }
    for (const side of now) if (!before.some((interval) => isSame(side, interval))) open.push(opened(watched, side, matrix))
  }
  const supervisors = watch.supervisors.filter((s) => !isOver(s, matrix.revision))
  return { watch: { supervisors, open }, facts }
}

const isOver = ({ over }: Watched, revision: number): boolean => over !== undefined && over.revision <= revision

const openOf = ({ open }: Watch, { supervision }: Watched): readonly OpenInterval[] => open.filter((o) => o.supervision === supervision)

const isSame = (a: Side, b: Side): boolean => a.could === b.could && a.other.party === b.other.party

function earsAndVoice({ supervisor: { party } }: Watched, pairs: readonly HearingPair[]): readonly Side[] {
  return pairs.flatMap(({ listener, talker }): readonly Side[] => {
    if (listener === party) return [{ could: 'hear', other: { party: talker } }]
    return talker === party ? [{ could: 'be-heard', other: { party: listener } }] : []
  })
}

function opened({ over: _, ...watched }: Watched, { could, other }: Side, { call, at, revision }: Matrix): OpenInterval {
  return { kind: 'hearing', call: call.id, ...watched, could, other: personOf(call, other.party), from: at, revision }
}

function closed(watch: Watch, interval: OpenInterval, { call, at }: Pick<Matrix, 'call' | 'at'>): HearingFact {
  return { ...interval, to: at, reason: reasonOf(watch, interval, call) }
}

/** The plainest reason that the call gives for a pair that is no more. */
function reasonOf(watch: Watch, interval: OpenInterval, call: Call): IntervalEnd {
  const watched = watch.supervisors.find((s) => s.supervision === interval.supervision)
  if (watched?.over !== undefined) return watched.over.reason
  const parties = [interval.supervisor, interval.other].map(({ party }) => partyOf(call, party))
  const gone = parties.find((p) => p !== undefined && !isLive(p))
  if (gone !== undefined) return gone.endReason ?? 'changed'
  if (call.parked !== undefined) return 'parked'
  if (parties.some((p) => p !== undefined && isOnHold(p))) return 'on-hold'
  const talker = interval.could === 'hear' ? parties[1] : parties[0]
  if (talker?.muted === true) return 'muted'
  return watched !== undefined && !sameStance(watched, interval) ? 'mode-changed' : 'changed'
}

const sameStance = (a: Stance, b: Stance): boolean => a.mode === b.mode && a.target === b.target && a.private === b.private

const stanceOf = ({ mode, target, private: isPrivate }: SupervisionFacts): Stance => ({ mode, target, private: isPrivate })

const about = (call: Call, data: SupervisionFacts) => ({
  ...{ call: call.id, supervision: data.supervision, supervisor: personOf(call, data.party) },
  ...stanceOf(data),
})

function personOf(call: Call, id: PartyId): Person {
  const party = partyOf(call, id)
  if (party === undefined) return { party: id }
  const { endpoint, role } = party
  const name = endpoint.name === undefined ? {} : { name: endpoint.name }
  if (endpoint.kind === 'number') return { party: id, role, number: endpoint.number, ...name }
  const agent = endpoint.agent === undefined ? {} : { agent: endpoint.agent }
  if (endpoint.kind === 'extension') return { party: id, role, extension: endpoint.extension, ...agent, ...name }
  const extension = endpoint.extension === undefined ? {} : { extension: endpoint.extension }
  const user = endpoint.user === undefined ? {} : { user: endpoint.user }
  return { party: id, role, line: endpoint.line, ...user, ...extension, ...agent, ...name }
}

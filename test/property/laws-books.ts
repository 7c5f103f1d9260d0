/** Laws of the books: numbers, revisions, and the call detail record against what somebody saw who looked at the call all the while. */
import { isEnded } from '../../src/call/call.ts'
import type { Cdr } from '../../src/call/cdr.ts'
import type { CallWorld } from '../../testkit/world-call.ts'
import type { Law } from './law.ts'

export const bookLaws = {
  'events count without gaps': ({ events, call }) => {
    const wrong = events.findIndex((event, i) => event.seq !== i + 1)
    if (wrong >= 0) return `event ${wrong + 1} has number ${events[wrong]?.seq}`
    return call.seq === events.length ? undefined : `the call counts ${call.seq} of ${events.length}`
  },
  'revisions only grow, and do with every change that can be seen': ({ before, call }) => {
    if (call.revision < before.revision) return `${call.revision} after ${before.revision}`
    for (const { id, revision } of before.supervisions) {
      const now = call.supervisions.find((s) => s.id === id)
      if (now === undefined || now.revision < revision) return `supervision ${id}: ${now?.revision} after ${revision}`
    }
    return seen(before) !== seen(call) && call.revision === before.revision && before.seq > 0 ? 'a change without a revision' : undefined
  },
  "the record's times add up": ({ cdr }) => {
    const sum = cdr.waitingMs + cdr.talkMs + cdr.holdMs
    if (sum !== cdr.totalMs) return `${sum} of ${cdr.totalMs}`
    const { startedAt, endedAt = cdr.countedTo } = cdr
    return startedAt === undefined || endedAt === undefined || endedAt - startedAt === cdr.totalMs
      ? undefined
      : 'the total is not the length of the call'
  },
  "the record's times are those that were seen": ({ cdr, spentThen, call }) => {
    if (isEnded(call) && spentThen.ended > 0) return undefined
    if (cdr.talkMs !== spentThen.active) return `${cdr.talkMs} ms of talk, seen ${spentThen.active}`
    const other = spentThen.queued + spentThen.ringing + spentThen.held
    return cdr.waitingMs + cdr.holdMs === other ? undefined : `${cdr.waitingMs} + ${cdr.holdMs} ms beside talk, seen ${other}`
  },
  'waiting ends with the answer': ({ cdr, call }) => {
    const { startedAt, answeredAt } = call
    if (answeredAt === undefined) return cdr.talkMs + cdr.holdMs === 0 ? undefined : 'talk before the answer'
    return cdr.waitingMs === answeredAt - startedAt ? undefined : `waited ${cdr.waitingMs}, answered after ${answeredAt - startedAt}`
  },
  'the record knows who took part': ({ cdr, call }) => {
    const inCall = call.parties.filter((p) => p.answeredAt !== undefined).map((p) => [p.id, p.role, p.answeredAt, p.endedAt, p.endReason])
    const inRecord = cdr.parties.map((p) => [p.id, p.role, p.joinedAt, p.leftAt, p.reason])
    return sorted(inCall) === sorted(inRecord) ? undefined : `${sorted(inCall)} in the call, ${sorted(inRecord)} in the record`
  },
  'the record knows who supervised, and how': ({ cdr, call }) => {
    const inCall = call.supervisions.map((s) => [s.id, s.startedAt, s.activeAt, s.endedAt, s.endReason])
    const inRecord = cdr.supervisions.map((s) => [s.id, s.requestedAt, s.activeAt, s.endedAt, s.reason])
    if (sorted(inCall) !== sorted(inRecord)) return `${sorted(inCall)} in the call, ${sorted(inRecord)} in the record`
    return cdr.supervisions.map((s) => intervalFault(s, call)).find((fault) => fault !== undefined)
  },
  'the record knows where it was parked, when it was recorded, and what came of it': ({ cdr, call, events }) => {
    const parked = cdr.parks.filter((p) => p.to === undefined).map((p) => [p.place, p.by, p.from])
    const isParked = call.parked === undefined ? [] : [[call.parked.place, call.parked.by, call.parked.since]]
    if (sorted(parked) !== sorted(isParked)) return `${sorted(isParked)} in the call, ${sorted(parked)} in the record`
    if (cdr.parks.length !== events.filter((e) => e.type === 'call.parked').length) return `${cdr.parks.length} times in a place`
    const recorded = cdr.recordings.filter((r) => r.to === undefined).map((r) => r.from)
    const isRecorded = call.recording.state === 'on' ? [call.recording.since] : []
    if (sorted(recorded) !== sorted(isRecorded)) return `recorded since ${isRecorded[0]}, in the record since ${recorded}`
    return JSON.stringify(cdr.disposition) === JSON.stringify(call.disposition) ? undefined : 'another disposition'
  },
} satisfies Record<string, Law>

/** From pick-up to the end without gaps; the last interval is how the supervision stands, or stood. */
function intervalFault(record: Cdr['supervisions'][number], call: CallWorld['call']): string | undefined {
  const { intervals, activeAt, endedAt } = record
  const first = intervals[0]
  const last = intervals.at(-1)
  if (activeAt === undefined) return first === undefined ? undefined : `${record.id} has intervals and never was active`
  const broken = intervals.some((interval, i) => interval.to !== (intervals[i + 1]?.from ?? endedAt))
  const supervision = call.supervisions.find((s) => s.id === record.id)
  if (broken || first?.from !== activeAt) return `${record.id} has a gap: ${JSON.stringify(intervals)}`
  const same = last?.mode === supervision?.mode && last?.target === supervision?.target && last?.private === supervision?.private
  return same ? undefined : `${record.id} is not as recorded`
}

/** What an API would show of a call. */
const seen = (call: CallWorld['call']): string =>
  JSON.stringify([
    call.parties.map((p) => [
      p.id,
      p.role,
      p.state === 'ended',
      p.state === 'connected',
      p.muted,
      p.role !== 'supervisor' && p.state === 'connected' && (p.held || p.phoneHeld),
    ]),
    call.supervisions.map((s) => [s.id, s.mode, s.target, s.private, s.state]),
    call.endReason,
    [call.parked?.place, call.recording.state, call.disposition?.name, call.queue?.group],
  ])

const sorted = (rows: readonly unknown[]): string => JSON.stringify(rows.map((row) => JSON.stringify(row)).toSorted())

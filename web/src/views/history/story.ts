/** A call record as a list of what happened, in order. */
import { phoneNumber } from '../../state/format.ts'
import { type HistoryKey, h } from '../../strings/history.ts'
import { endWords } from '../../strings/index.ts'
import { nameOf } from './people.ts'
import type { CallRecord } from './types.ts'

export interface Happening {
  readonly at: string
  readonly text: string
  readonly kind: 'call' | 'person' | 'supervision' | 'recording'
}

export function storyOf(call: CallRecord): readonly Happening[] {
  const all = [...ofCall(call), ...ofPeople(call), ...ofSupervisions(call), ...ofRecordings(call)]
  return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

const say = (at: string | undefined, kind: Happening['kind'], text: string): readonly Happening[] =>
  at === undefined ? [] : [{ at, kind, text }]

const names = (call: CallRecord) => {
  const byId = new Map(call.parties.map((party) => [party.id, nameOf(party, party.id)]))
  return (id: string): string => byId.get(id) ?? phoneNumber(id)
}

function ofCall(call: CallRecord): readonly Happening[] {
  const { startedAt, answeredAt, endedAt, endReason, parks, transfers } = call
  const name = names(call)
  return [
    ...say(startedAt, 'call', h('story.started')),
    ...say(answeredAt, 'call', h('story.answered')),
    ...transfers.flatMap(({ at, to, how, failed }) =>
      say(
        at,
        'call',
        failed === undefined
          ? h('story.transferred', { to: name(to), how: h(`how.${how ?? 'blind'}`) })
          : h('story.transferFailed', { to: name(to), why: endWords(failed) }),
      ),
    ),
    ...parks.flatMap(({ from, to, place }) => [
      ...say(from, 'call', h('story.parked', { place })),
      ...say(to, 'call', h('story.fetched', { place })),
    ]),
    ...say(endedAt, 'call', endReason === undefined ? h('story.endedPlain') : h('story.ended', { why: endWords(endReason) })),
  ]
}

/** Whoever left because the call ended is not told of once more. */
const before = (at: string | undefined, end: string | undefined): string | undefined =>
  at !== undefined && end !== undefined && Date.parse(end) - Date.parse(at) < 50 ? undefined : at

function ofPeople({ parties, endedAt }: CallRecord): readonly Happening[] {
  return parties.flatMap((party) => {
    const who = nameOf(party, party.id)
    const why = party.endReason === undefined ? undefined : endWords(party.endReason)
    const left = why === undefined ? h('story.leftPlain', { who }) : h('story.left', { who, why })
    return [...say(party.joinedAt, 'person', h('story.joined', { who })), ...say(before(party.leftAt, endedAt), 'person', left)]
  })
}

function ofSupervisions(call: CallRecord): readonly Happening[] {
  const name = names(call)
  return call.supervisions.flatMap(({ partyId, intervals, endedAt }) => [
    ...intervals.flatMap(({ from, mode, target }) => {
      const key: HistoryKey = `mode.${mode}`
      return say(from, 'supervision', h('story.supervised', { who: name(partyId), mode: h(key, { target: name(target) }) }))
    }),
    ...say(
      intervals.length === 0 ? undefined : before(endedAt, call.endedAt),
      'supervision',
      h('story.supervisedEnd', { who: name(partyId) }),
    ),
  ])
}

function ofRecordings({ recordings, endedAt }: CallRecord): readonly Happening[] {
  return recordings.flatMap(({ from, to }) => [
    ...say(from, 'recording', h('story.recordingOn')),
    ...say(before(to, endedAt), 'recording', h('story.recordingOff')),
  ])
}

/** Which calls are listed, and in which order. */
import type { Agent, Call, Group } from '../api/types.ts'
import { agentParty, farParty, nameOf, watchers } from './people.ts'

export type CallFilter = 'all' | 'waiting' | 'active' | 'held' | 'supervised' | 'hands'
export type CallOrder = 'longest' | 'newest' | 'customer' | 'agent' | 'group' | 'state'

export interface CallQuery {
  readonly filter: CallFilter
  readonly group: string | undefined
  readonly text: string
  readonly order: CallOrder
}

export interface Names {
  readonly groups: ReadonlyMap<string, Group>
  readonly agents: ReadonlyMap<string, Agent>
}

export const callFilters: readonly CallFilter[] = ['all', 'waiting', 'active', 'held', 'supervised', 'hands']

export function listed(calls: Iterable<Call>, query: CallQuery, names: Names): readonly Call[] {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean)
  const wanted = [...calls].filter(
    (call) => fits(call, query.filter, names) && (query.group === undefined || call.group === query.group) && says(call, words, names),
  )
  return sorted(wanted, query.order, names)
}

export function fits(call: Call, filter: CallFilter, { agents }: Names): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'waiting':
      return call.state === 'queued' || call.state === 'ringing'
    case 'active':
    case 'held':
      return call.state === filter
    case 'supervised':
      return watchers(call).length > 0
    case 'hands':
      return call.parties.some((party) => party.agent !== undefined && agents.get(party.agent)?.hand !== undefined)
  }
}

/** Every word must be found somewhere; digits are found in numbers however these are written. */
function says(call: Call, words: readonly string[], names: Names): boolean {
  if (words.length === 0) return true
  const text = textOf(call, names)
  return words.every((word) => text.includes(word) || (/^[\d+]+$/.test(word) && text.includes(word.replace(/^(\+|00|0)/, ''))))
}

const textOf = (call: Call, { groups }: Names): string =>
  [
    ...call.parties.flatMap(({ name, number, extension }) => [name, number, extension]),
    ...[call.ani, call.dnis, call.reference, call.disposition, call.id, call.group && groups.get(call.group)?.name],
  ]
    .filter((text) => text !== undefined)
    .join('\n')
    .toLowerCase()

type Key = (call: Call) => string | number

const stateOrder = { queued: 0, ringing: 1, held: 2, active: 3, ended: 4 } as const

function sorted(calls: Call[], order: CallOrder, names: Names): readonly Call[] {
  const key = keys(names)[order]
  const keyed = calls.map((call) => ({ call, key: key(call) }))
  return keyed
    .sort((a, b) => compare(a.key, b.key) || compare(a.call.startedAt, b.call.startedAt) || compare(a.call.id, b.call.id))
    .map(({ call }) => call)
}

const keys = ({ groups }: Names): Readonly<Record<CallOrder, Key>> => ({
  longest: (call) => call.startedAt,
  newest: (call) => -Date.parse(call.startedAt),
  customer: (call) => wordOf(farParty(call)),
  agent: (call) => wordOf(agentParty(call)),
  group: (call) => (call.group === undefined ? last : (groups.get(call.group)?.name ?? call.group).toLowerCase()),
  state: (call) => stateOrder[call.state],
})

const last = '\uffff'
const wordOf = (party: Parameters<typeof nameOf>[0] | undefined): string => (party === undefined ? last : nameOf(party).toLowerCase())
const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

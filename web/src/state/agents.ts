/** The agents as a board: who first, and how many are how. */
import type { Agent, AgentState } from '../api/types.ts'

export const agentStates: readonly AgentState[] = ['on-call', 'ringing', 'available', 'wrap-up', 'pending-disposition', 'away', 'offline']

export type AgentOrder = 'name' | 'state' | 'longest'

/** Raised hands come first whatever the order, the longest raised at the top; who is offline comes last. */
export function boardOf(agents: Iterable<Agent>, order: AgentOrder, group: string | undefined): readonly Agent[] {
  const shown = [...agents].filter((agent) => group === undefined || agent.groups.includes(group))
  return shown.sort((a, b) => byHand(a, b) || byPresence(a, b) || orders[order](a, b) || compare(a.name, b.name) || compare(a.id, b.id))
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)
const byHand = (a: Agent, b: Agent): number => compare(a.hand?.since ?? '\uffff', b.hand?.since ?? '\uffff')
const byPresence = (a: Agent, b: Agent): number => Number(a.state === 'offline') - Number(b.state === 'offline')

const orders: Readonly<Record<AgentOrder, (a: Agent, b: Agent) => number>> = {
  name: () => 0,
  state: (a, b) => agentStates.indexOf(a.state) - agentStates.indexOf(b.state) || compare(a.since, b.since),
  longest: (a, b) => compare(a.since, b.since),
}

export function countByState(agents: Iterable<Agent>): Readonly<Record<AgentState, number>> {
  const counts = Object.fromEntries(agentStates.map((state) => [state, 0])) as Record<AgentState, number>
  for (const { state } of agents) counts[state] += 1
  return counts
}

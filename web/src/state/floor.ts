/** What the page knows of the floor: a snapshot of the lists, and every event since. */
import type { Agent, Call, Group, ServerEvent, Snapshot, Supervision } from '../api/types.ts'

export interface Floor {
  readonly calls: ReadonlyMap<string, Call>
  /** Calls that ended lately, so that a panel can say so. */
  readonly ended: ReadonlyMap<string, Call>
  readonly agents: ReadonlyMap<string, Agent>
  readonly groups: ReadonlyMap<string, Group>
}

export const emptyFloor: Floor = { calls: new Map(), ended: new Map(), agents: new Map(), groups: new Map() }

const endedKept = 100

/** The lists are the truth. Who is in none of them is gone; a call that the lists have in an older revision than we do is not put back. */
export function afterSnapshot(floor: Floor, { calls, agents, groups }: Snapshot): Floor {
  return {
    calls: new Map(calls.map((call) => [call.id, newer(floor.calls.get(call.id), call)])),
    ended: floor.ended,
    agents: byId(agents),
    groups: byId(groups),
  }
}

const byId = <T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [item.id, item]))

const newer = (known: Call | undefined, told: Call): Call => (known !== undefined && known.revision > told.revision ? known : told)

export function afterEvents(floor: Floor, events: readonly ServerEvent[]): Floor {
  const calls = new Map(floor.calls)
  const ended = new Map(floor.ended)
  let agents = floor.agents
  for (const event of events) {
    if (event.call !== undefined) settle(calls, ended, event.call)
    if (event.type.startsWith('agent.')) agents = afterAgentEvent(agents, event.data)
  }
  return { ...floor, calls, ended, agents }
}

/** An answer to a request brings the call as well, sometimes before its event. */
export function afterCall(floor: Floor, call: Call): Floor {
  const calls = new Map(floor.calls)
  const ended = new Map(floor.ended)
  settle(calls, ended, call)
  return { ...floor, calls, ended }
}

/** Likewise an answer that brings a supervision. */
export function afterSupervision(floor: Floor, told: Supervision): Floor {
  const call = floor.calls.get(told.callId)
  const known = call?.supervisions.find(({ id }) => id === told.id)
  if (call === undefined || known === undefined || known.revision >= told.revision) return floor
  const supervisions = call.supervisions.map((supervision) => (supervision.id === told.id ? told : supervision))
  return { ...floor, calls: new Map(floor.calls).set(call.id, { ...call, supervisions }) }
}

export const afterGroups = (floor: Floor, groups: readonly Group[]): Floor => ({ ...floor, groups: byId(groups) })

function settle(calls: Map<string, Call>, ended: Map<string, Call>, call: Call): void {
  const known = ended.get(call.id) ?? calls.get(call.id)
  if (known !== undefined && known.revision > call.revision) return
  if (call.state !== 'ended') {
    calls.set(call.id, call)
    return
  }
  calls.delete(call.id)
  ended.set(call.id, call)
  const [oldest] = ended.keys()
  if (ended.size > endedKept && oldest !== undefined) ended.delete(oldest)
}

/** `agent.state` and `agent.hand` bring the whole agent. */
function afterAgentEvent(agents: ReadonlyMap<string, Agent>, data: unknown): ReadonlyMap<string, Agent> {
  const agent = data as Partial<Agent>
  if (agent.id === undefined) return agents
  const known = agents.get(agent.id)
  const isWhole = agent.state !== undefined && agent.tally !== undefined
  if (!isWhole && known === undefined) return agents
  return new Map(agents).set(agent.id, (isWhole ? agent : { ...known, ...agent }) as Agent)
}

/** Whether waiting callers or tallies of groups may have changed; these come in no event. */
export const touchesGroups = (events: readonly ServerEvent[]): boolean =>
  events.some(
    ({ type, call }) =>
      call?.group !== undefined && /^call\.(created|queued|ringing|answered|transferred|ended)$|^party\.(joined|left)$/.test(type),
  )

export const callOf = (floor: Floor, id: string): Call | undefined => floor.calls.get(id) ?? floor.ended.get(id)

import type { Call } from '../call/call.ts'
import { isEnded } from '../call/call.ts'
import { isConnected, type Party } from '../call/party.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent, Group } from '../directory/people.ts'
import { type AccountId, type PartyId, partyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { AgentTally, GroupTally } from './command.ts'
import type { TallyRecord } from './journal.ts'

type Counting<T> = { -readonly [Key in keyof T]: T[Key] }

const dayMs = 86_400_000

/** What agents and groups have done since midnight UTC: counted as calls change, never worked out from history. */
export class Tally {
  readonly #directory: Directory
  readonly #agents = new Map<string, Counting<AgentTally>>()
  readonly #groups = new Map<string, Counting<GroupTally>>()
  /** Agents who talk, by their party, and since when. */
  readonly #talking = new Map<PartyId, { readonly agent: Agent; readonly since: Instant }>()
  #day: number

  constructor(directory: Directory, at: Instant) {
    this.#directory = directory
    this.#day = dayOf(at)
  }

  ofAgent(at: Instant, { account, id }: Agent): AgentTally {
    this.#turnDay(at)
    return { ...(this.#agents.get(key(account, id)) ?? noCalls) }
  }

  ofGroup(at: Instant, { account, id }: Group): GroupTally {
    this.#turnDay(at)
    return { ...(this.#groups.get(key(account, id)) ?? noCallers) }
  }

  changed(at: Instant, before: Call | undefined, call: Call): void {
    this.#turnDay(at)
    this.#countQueue(at, before, call)
    for (const party of call.parties) {
      const was = before?.parties.find((p) => p.id === party.id)
      if (was === party) continue
      if (talks(party) && !this.#talking.has(party.id)) this.#begins(at, call, party)
      else if (!talks(party)) this.#ends(at, party)
      if (party.endReason === 'no-answer' && was?.state !== 'ended') this.#missed(party)
    }
  }

  state(): TallyRecord {
    const talking = [...this.#talking].map(([party, { agent, since }]) => [party, agent.account, agent.id, since] as const)
    return structuredClone({ day: this.#day, agents: [...this.#agents], groups: [...this.#groups], talking })
  }

  restore({ day, agents, groups, talking }: TallyRecord): void {
    this.#day = day
    for (const [id, tally] of agents) this.#agents.set(id, { ...tally })
    for (const [id, tally] of groups) this.#groups.set(id, { ...tally })
    for (const [party, account, id, since] of talking) {
      const agent = this.#directory.agent(account, id)
      if (agent !== undefined) this.#talking.set(partyId(party), { agent, since })
    }
  }

  #begins(at: Instant, call: Call, party: Party): void {
    const agent = this.#agentOf(party)
    if (agent === undefined) return
    this.#talking.set(party.id, { agent, since: at })
    if (!call.parties.some((p) => p.id !== party.id && p.answeredAt !== undefined && this.#agentOf(p) === agent))
      this.#of(agent).handled += 1
  }

  #ends(at: Instant, party: Party): void {
    const talk = this.#talking.get(party.id)
    if (talk === undefined) return
    this.#talking.delete(party.id)
    this.#of(talk.agent).talkMs += Math.max(0, Math.round(at - Math.max(talk.since, this.#day * dayMs)))
  }

  #missed(party: Party): void {
    const agent = this.#agentOf(party)
    if (agent !== undefined) this.#of(agent).missed += 1
  }

  #agentOf({ role, endpoint }: Party): Agent | undefined {
    if (role !== 'agent' || endpoint.kind !== 'extension') return undefined
    return this.#directory.agentOfExtension(endpoint.account, endpoint.extension)
  }

  /** A call that is sent from one queue into another has been lost by neither; the second receives it. */
  #countQueue(at: Instant, before: Call | undefined, call: Call): void {
    const was = before?.queue
    const { queue } = call
    if (queue !== undefined && (was === undefined || was.group !== queue.group)) this.#group(call.account, queue.group).received += 1
    if (was === undefined || (queue !== undefined && !isEnded(call))) return
    if (before !== undefined && isEnded(before)) return
    const tally = this.#group(call.account, was.group)
    if (isEnded(call)) tally.abandoned += 1
    else {
      tally.answered += 1
      if (at <= addMs(was.since, limits.serviceLevelMs)) tally.inTime += 1
      else tally.late += 1
    }
  }

  #of({ account, id }: Agent): Counting<AgentTally> {
    const known = this.#agents.get(key(account, id)) ?? { ...noCalls }
    this.#agents.set(key(account, id), known)
    return known
  }

  #group(account: AccountId, id: string): Counting<GroupTally> {
    const known = this.#groups.get(key(account, id)) ?? { ...noCallers }
    this.#groups.set(key(account, id), known)
    return known
  }

  #turnDay(at: Instant): void {
    if (dayOf(at) === this.#day) return
    this.#day = dayOf(at)
    this.#agents.clear()
    this.#groups.clear()
  }
}

const noCalls: AgentTally = { handled: 0, missed: 0, talkMs: 0 }
const noCallers: GroupTally = { received: 0, answered: 0, abandoned: 0, inTime: 0, late: 0 }

const dayOf = (at: Instant): number => Math.floor(at / dayMs)
const talks = (party: Party): boolean => isConnected(party) && party.role === 'agent'
const key = (account: AccountId, id: string): string => `${account}/${id}`

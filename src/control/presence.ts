import { type Call, isEnded } from '../call/call.ts'
import { isConnected } from '../call/party.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent, Extension, Group } from '../directory/people.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, earliest, type Instant } from '../kernel/time.ts'
import type { CallTable } from './call-table.ts'
import type { AgentSetting, AgentState, AgentView, ExtensionView, GroupView } from './command.ts'

interface Standing {
  readonly agent: Agent
  /** Said by himself or through an API, and then it holds; without it the registration decides. */
  setting?: AgentSetting
  state: AgentState
  since: Instant
  call: CallId | undefined
  /** End of the last call: who is idle longest is called first. */
  idleSince: Instant
  /** After a call of a group with wrap-up time. */
  wrapUpUntil?: Instant | undefined
  /** Did not take an offered call: others come first for a while. */
  restUntil?: Instant | undefined
}

/** An agent who let a call ring is left alone for this long, so that a phone on an empty desk does not hold up the queue. */
const restMs = 10_000

/** Who can be reached, and what agents are doing. States follow from registrations, settings and calls. */
export class Presence {
  readonly #directory: Directory
  readonly #table: CallTable
  readonly #contacts = new Map<string, number>()
  readonly #standings = new Map<string, Standing>()
  /** Those who rest or wrap up. */
  readonly #timed = new Set<Standing>()
  readonly #start: Instant

  constructor(directory: Directory, table: CallTable, start: Instant) {
    this.#directory = directory
    this.#table = table
    this.#start = start
  }

  registration(at: Instant, where: { readonly account: AccountId; readonly extension: string }, contacts: number): void {
    const before = this.#contacts.get(key(where.account, where.extension)) ?? 0
    if (contacts === 0) this.#contacts.delete(key(where.account, where.extension))
    else this.#contacts.set(key(where.account, where.extension), contacts)
    const agent = this.#directory.agentOfExtension(where.account, where.extension)
    if (agent !== undefined && before === 0 && contacts > 0) this.#standing(agent).idleSince = at
  }

  contacts(extension: Extension): number {
    return this.#contacts.get(key(extension.account, extension.number)) ?? (extension.contact === undefined ? 0 : 1)
  }

  isReachable(extension: Extension): boolean {
    return this.contacts(extension) > 0
  }

  set(at: Instant, agent: Agent, setting: AgentSetting): void {
    const standing = this.#standing(agent)
    standing.setting = setting
    if (setting !== 'available') return
    standing.idleSince = at
    standing.wrapUpUntil = undefined
    standing.restUntil = undefined
    this.#timed.delete(standing)
  }

  rest(at: Instant, agent: Agent): void {
    const standing = this.#standing(agent)
    standing.restUntil = addMs(at, restMs)
    this.#timed.add(standing)
  }

  /** A call of his has ended: idle from now, or after the group's wrap-up. */
  finished(at: Instant, agent: Agent, wrapUpMs: number): void {
    const standing = this.#standing(agent)
    standing.idleSince = at
    if (wrapUpMs === 0) return
    standing.wrapUpUntil = addMs(at, wrapUpMs)
    this.#timed.add(standing)
  }

  /** Works the agent's state out anew; the view if it changed. */
  refresh(at: Instant, agent: Agent): AgentView | undefined {
    const standing = this.#standing(agent)
    const { state, call } = this.#derive(at, agent, standing)
    if (state === standing.state && call === standing.call) return undefined
    if (state !== standing.state) standing.since = at
    standing.state = state
    standing.call = call
    return this.view(agent)
  }

  #derive(at: Instant, agent: Agent, standing: Standing): { readonly state: AgentState; readonly call: CallId | undefined } {
    const extension = this.#directory.extension(agent.account, agent.extension)
    const calls = this.#table.ofExtension(agent.account, agent.extension)
    const call = calls[0] === undefined ? undefined : this.#table.get(calls[0])
    if (call !== undefined && !isEnded(call)) return { state: isTalking(call, agent.extension) ? 'on-call' : 'ringing', call: call.id }
    const isRegistered = extension !== undefined && this.isReachable(extension)
    const said = standing.setting ?? (isRegistered ? 'available' : 'offline')
    const wrapsUp = standing.wrapUpUntil !== undefined && standing.wrapUpUntil > at
    return { state: said === 'available' && wrapsUp ? 'wrap-up' : said, call: undefined }
  }

  /** Members of the group who can take a call now, longest idle first: as many as may ring at once, or the first one. */
  candidates(at: Instant, group: Group): readonly Agent[] {
    const free = this.#directory.agentsOfGroup(group).filter((agent) => this.#isFree(at, agent))
    const byIdleness = free.toSorted((a, b) => this.#standing(a).idleSince - this.#standing(b).idleSince)
    return byIdleness.slice(0, group.strategy === 'ring-all' ? limits.agentsRungAtOnce : 1)
  }

  #isFree(at: Instant, agent: Agent): boolean {
    const standing = this.#standing(agent)
    const extension = this.#directory.extension(agent.account, agent.extension)
    if (extension === undefined || !this.isReachable(extension)) return false
    return this.#derive(at, agent, standing).state === 'available' && !(standing.restUntil !== undefined && standing.restUntil > at)
  }

  /** Whose rest or wrap-up is over since the last time. */
  due(at: Instant): readonly Agent[] {
    const back: Agent[] = []
    for (const standing of this.#timed) {
      const wrapUpUntil = future(at, standing.wrapUpUntil)
      const restUntil = future(at, standing.restUntil)
      if (wrapUpUntil === standing.wrapUpUntil && restUntil === standing.restUntil) continue
      Object.assign(standing, { wrapUpUntil, restUntil })
      if (wrapUpUntil === undefined && restUntil === undefined) this.#timed.delete(standing)
      back.push(standing.agent)
    }
    return back
  }

  deadline(): Instant | undefined {
    let first: Instant | undefined
    for (const { wrapUpUntil, restUntil } of this.#timed) first = earliest(first, wrapUpUntil, restUntil)
    return first
  }

  view(agent: Agent): AgentView {
    const { state, since, call } = this.#standing(agent)
    return {
      ...{
        id: agent.id,
        username: agent.username,
        name: `${agent.firstName} ${agent.lastName}`,
        extension: agent.extension,
        role: agent.role,
      },
      ...{ groups: this.#directory.groupsOfAgent(agent.account, agent.id).map((g) => g.id), state, since },
      ...(call === undefined ? {} : { call }),
    }
  }

  extensionView(extension: Extension): ExtensionView {
    const contacts = this.contacts(extension)
    const agent = this.#directory.agentOfExtension(extension.account, extension.number)
    return {
      ...{ number: extension.number, name: extension.name, registered: contacts > 0, contacts },
      ...(agent === undefined ? {} : { agent: agent.id }),
      calls: this.#table.ofExtension(extension.account, extension.number),
    }
  }

  groupView(group: Group): GroupView {
    const waiting = this.#table.live(group.account).filter((c) => c.queue?.group === group.id).length
    const { id, name, extension, strategy, agents } = group
    return { id, name, extension, strategy, agents, waiting }
  }

  #standing(agent: Agent): Standing {
    const id = key(agent.account, agent.id)
    const known = this.#standings.get(id)
    if (known !== undefined) return known
    const fresh: Standing = { agent, state: 'offline', since: this.#start, call: undefined, idleSince: this.#start }
    this.#standings.set(id, fresh)
    return fresh
  }
}

const future = (now: Instant, at: Instant | undefined): Instant | undefined => (at !== undefined && at > now ? at : undefined)

function isTalking(call: Call, extension: string): boolean {
  return call.parties.some((p) => isConnected(p) && p.endpoint.kind === 'extension' && p.endpoint.extension === extension)
}

const key = (account: AccountId, id: string): string => `${account}/${id}`

import { type Call, isEnded } from '../call/call.ts'
import { isConnected } from '../call/party.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent, Extension, Group } from '../directory/people.ts'
import { type AccountId, accountId, type CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, earliest, type Instant } from '../kernel/time.ts'
import type { CallTable } from './call-table.ts'
import type { AgentSetting, AgentState, AgentView, ExtensionView, GroupView } from './command.ts'
import type { DeskState } from './journal.ts'
import { phoneOf } from './phone-of.ts'
import { type Standing, type StandingRecord, standingOf, standingRecord } from './standing.ts'
import type { Tally } from './tally.ts'

/** An agent who let a call ring is left alone for this long, so that a phone on an empty desk does not hold up the queue. */
const restMs = 10_000

/** Of a view without a call that is owed and without a reason. */
const nothingSaid = ' '

/** Who can be reached, and what agents are doing. States follow from registrations, settings and calls. */
export class Presence {
  readonly #directory: Directory
  readonly #table: CallTable
  readonly #contacts = new Map<string, number>()
  readonly #standings = new Map<string, Standing>()
  /** Those who rest or wrap up. */
  readonly #timed = new Set<Standing>()
  /** Whose standing has changed since it was last written down. */
  readonly #unwritten = new Set<Standing>()
  readonly #tally: Tally
  readonly #start: Instant

  constructor(parts: { readonly directory: Directory; readonly table: CallTable; readonly tally: Tally; readonly at: Instant }) {
    this.#directory = parts.directory
    this.#table = parts.table
    this.#tally = parts.tally
    this.#start = parts.at
  }

  registration(at: Instant, where: { readonly account: AccountId; readonly extension: string }, contacts: number): void {
    const before = this.#contacts.get(key(where.account, where.extension)) ?? 0
    this.#setContacts(key(where.account, where.extension), contacts)
    const agent = this.#directory.agentOfExtension(where.account, where.extension)
    if (agent !== undefined && before === 0 && contacts > 0) this.#change(agent, { idleSince: at })
  }

  #setContacts(name: string, contacts: number): void {
    if (contacts === 0) this.#contacts.delete(name)
    else this.#contacts.set(name, contacts)
  }

  contacts(extension: Extension): number {
    return this.#contacts.get(key(extension.account, extension.number)) ?? (extension.contact === undefined ? 0 : 1)
  }

  isReachable(extension: Extension): boolean {
    return this.contacts(extension) > 0
  }

  /** Whatever is said about him, he owes nothing any more; available, he takes calls at once. */
  set(at: Instant, agent: Agent, said: { readonly state: AgentSetting; readonly reason?: string | undefined }): void {
    const standing = this.#change(agent, { setting: said.state, reason: said.reason, owes: undefined })
    if (said.state !== 'available') return
    Object.assign(standing, { idleSince: at, wrapUpUntil: undefined, wrapUpOf: undefined, restUntil: undefined })
    this.#timed.delete(standing)
  }

  /** Whether anything changed. A hand that is up stays up since when it was raised, whatever is noted. */
  raiseHand(at: Instant, agent: Agent, { raised, note }: { readonly raised: boolean; readonly note?: string | undefined }): boolean {
    const { hand } = this.#standing(agent)
    if (raised ? hand !== undefined && hand.note === note : hand === undefined) return false
    this.#change(agent, { hand: raised ? { since: hand?.since ?? at, ...(note === undefined ? {} : { note }) } : undefined })
    return true
  }

  rest(at: Instant, agent: Agent): void {
    this.#timed.add(this.#change(agent, { restUntil: addMs(at, restMs) }))
  }

  /** A call of his has ended: idle from now, or after the group's wrap-up, or when he has said what came of it. */
  finished(at: Instant, agent: Agent, of: { readonly call: CallId; readonly wrapUpMs: number; readonly demands: boolean }): void {
    const standing = this.#change(agent, { idleSince: at })
    if (of.demands) standing.owes = of.call
    if (of.wrapUpMs === 0) return
    Object.assign(standing, { wrapUpUntil: addMs(at, of.wrapUpMs), wrapUpOf: of.call })
    this.#timed.add(standing)
  }

  disposed(agent: Agent, call: CallId): void {
    if (this.#standing(agent).owes === call) this.#change(agent, { owes: undefined })
  }

  /** Whether he has hung up and is not done with the call. */
  worksOn(at: Instant, agent: Agent, call: CallId): boolean {
    const standing = this.#standing(agent)
    const { state } = this.#derive(at, agent, standing)
    return (state === 'pending-disposition' && standing.owes === call) || (state === 'wrap-up' && standing.wrapUpOf === call)
  }

  /** Works the agent's state out anew; the view if it changed. */
  refresh(at: Instant, agent: Agent): AgentView | undefined {
    const standing = this.#standing(agent)
    const { state, call } = this.#derive(at, agent, standing)
    const told = `${standing.owes ?? ''} ${standing.reason ?? ''}`
    if (state === standing.state && call === standing.call && told === (standing.told ?? nothingSaid)) return undefined
    if (state !== standing.state) standing.since = at
    if (standing.state === 'offline' && state !== 'offline') standing.loggedInAt = at
    // Whoever has gone needs no help any more.
    this.#change(agent, { state, call, told, ...(state === 'offline' ? { hand: undefined } : {}) })
    return this.view(at, agent)
  }

  #derive(at: Instant, agent: Agent, standing: Standing): { readonly state: AgentState; readonly call: CallId | undefined } {
    const extension = this.#directory.extension(agent.account, agent.extension)
    const calls = this.#table.ofExtension(agent.account, agent.extension)
    const call = calls[0] === undefined ? undefined : this.#table.get(calls[0])
    if (call !== undefined && !isEnded(call)) return { state: isTalking(call, agent.extension) ? 'on-call' : 'ringing', call: call.id }
    const isRegistered = extension !== undefined && this.isReachable(extension)
    const said = standing.setting ?? (isRegistered ? 'available' : 'offline')
    return { state: said === 'available' ? afterCall(at, standing) : said, call: undefined }
  }

  /** Members of the group who can take a call now, longest idle first: as many as may ring at once, or the first one. `except`: whom it is meant for. */
  candidates(at: Instant, group: Group, except?: Extension): readonly Agent[] {
    const free = this.#directory.agentsOfGroup(group).filter((agent) => agent.extension !== except?.number && this.#isFree(at, agent))
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
      this.#change(standing.agent, { wrapUpUntil, restUntil })
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

  view(at: Instant, agent: Agent): AgentView {
    const { state, since, call, setting, reason, loggedInAt, owes, wrapUpUntil, hand } = this.#standing(agent)
    const { id, username, firstName, lastName, extension, role } = agent
    return {
      ...{ id, username, name: `${firstName} ${lastName}`, extension, role },
      ...{ groups: this.#directory.groupsOfAgent(agent.account, agent.id).map((g) => g.id), state, since },
      ...(call === undefined ? {} : { call }),
      ...(reason === undefined || state !== setting ? {} : { reason }),
      ...(loggedInAt === undefined ? {} : { loggedInAt }),
      ...(owes === undefined || state !== 'pending-disposition' ? {} : { awaits: owes }),
      ...(wrapUpUntil === undefined || state !== 'wrap-up' ? {} : { wrapUpUntil }),
      ...(hand === undefined ? {} : { hand }),
      tally: this.#tally.ofAgent(at, agent),
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

  groupView(at: Instant, group: Group): GroupView {
    const waiting = this.#table.live(group.account).flatMap(({ queue }) => (queue?.group === group.id ? [queue.since] : []))
    const waitingSince = earliest(...waiting)
    const { id, name, extension, strategy, agents } = group
    return {
      ...{ id, name, extension, strategy, agents, waiting: waiting.length },
      ...(waitingSince === undefined ? {} : { waitingSince }),
      tally: this.#tally.ofGroup(at, group),
    }
  }

  /** What is to be written down since the last time. */
  changes(): readonly StandingRecord[] {
    const changed = [...this.#unwritten].map(standingRecord)
    this.#unwritten.clear()
    return changed
  }

  state(): readonly DeskState[] {
    const contacts = [...this.#contacts].map(([name, count]) => ({ kind: 'registration', ...parted(name), contacts: count }) as const)
    return [...contacts, ...[...this.#standings.values()].map((standing) => ({ kind: 'agent', ...standingRecord(standing) }) as const)]
  }

  /** As it was written down; what the configuration does not know any more is forgotten. */
  restore(record: Extract<DeskState, { kind: 'registration' | 'agent' }>): void {
    if (record.kind === 'registration') return this.#setContacts(key(record.account, record.extension), record.contacts)
    const { kind, ...written } = record
    const standing = standingOf(this.#directory, written)
    if (standing === undefined) return
    const id = key(standing.agent.account, standing.agent.id)
    const before = this.#standings.get(id)
    if (before !== undefined) this.#timed.delete(before)
    this.#standings.set(id, standing)
    if (standing.wrapUpUntil !== undefined || standing.restUntil !== undefined) this.#timed.add(standing)
  }

  #change(agent: Agent, fields: Partial<Standing>): Standing {
    const standing = Object.assign(this.#standing(agent), fields)
    this.#unwritten.add(standing)
    return standing
  }

  #standing(agent: Agent): Standing {
    const id = key(agent.account, agent.id)
    const known = this.#standings.get(id)
    if (known !== undefined) return known
    const fresh: Standing = { agent, state: 'offline', since: this.#start, call: undefined, idleSince: this.#start }
    this.#standings.set(id, fresh)
    this.#unwritten.add(fresh)
    return fresh
  }
}

/** What he still has to do before the next call. */
function afterCall(at: Instant, { owes, wrapUpUntil }: Standing): AgentState {
  if (owes !== undefined) return 'pending-disposition'
  return wrapUpUntil !== undefined && wrapUpUntil > at ? 'wrap-up' : 'available'
}

const future = (now: Instant, at: Instant | undefined): Instant | undefined => (at !== undefined && at > now ? at : undefined)

function isTalking(call: Call, extension: string): boolean {
  return call.parties.some((p) => isConnected(p) && phoneOf(p) === extension)
}

const key = (account: AccountId, id: string): string => `${account}/${id}`

function parted(name: string): { readonly account: AccountId; readonly extension: string } {
  const slash = name.indexOf('/')
  return { account: accountId(name.slice(0, slash)), extension: name.slice(slash + 1) }
}

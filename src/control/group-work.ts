import { type Call, isEnded } from '../call/call.ts'
import type { Input } from '../call/input.ts'
import type { Party } from '../call/party.ts'
import type { EndReason } from '../call/reason.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent, Group } from '../directory/people.ts'
import { assert } from '../kernel/assert.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { Admission } from './admission.ts'
import type { CallTable } from './call-table.ts'
import type { AgentView } from './command.ts'
import { phoneOf } from './phone-of.ts'
import type { Presence } from './presence.ts'
import type { Resolver } from './resolve.ts'

interface Parts {
  readonly directory: Directory
  readonly table: CallTable
  readonly presence: Presence
  readonly resolver: Resolver
  readonly admission: Admission
  readonly apply: (call: Call, input: Input) => unknown
  readonly tell: (account: AccountId, agent: AgentView, about?: 'hand') => void
}

/** Ends of an offered leg that say something about the phone or its user, and not about the call. */
const didNotTake: ReadonlySet<EndReason> = new Set(['no-answer', 'busy', 'declined', 'unavailable', 'failed'])

/** Brings callers who wait and agents who are free together, and tells when an agent's state changes. Works after each input, never within one. */
export class GroupWork {
  readonly #parts: Parts
  /** Calls in a queue for which nobody rings, oldest first. */
  readonly #waiting = new Set<CallId>()
  readonly #touched = new Set<Agent>()
  #somethingNew = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The call looks for an agent. */
  seek(id: CallId): void {
    this.#waiting.add(id)
    this.#somethingNew = true
  }

  touch(agent: Agent): void {
    this.#touched.add(agent)
  }

  touchExtension(account: AccountId, extension: string): void {
    const agent = this.#parts.directory.agentOfExtension(account, extension)
    if (agent !== undefined) this.#touched.add(agent)
  }

  /** What a change of a call means for the agents in it. */
  changed(at: Instant, before: Call | undefined, call: Call): void {
    if (call.disposition !== before?.disposition) this.#disposed(call)
    for (const party of call.parties) {
      const was = before?.parties.find((p) => p.id === party.id)
      const phone = phoneOf(party)
      // Whoever takes a call over by a line changes his role only.
      if (phone === undefined || (was?.state === party.state && was.role === party.role)) continue
      this.touchExtension(party.endpoint.account, phone)
      if (party.state === 'ended') this.#left(at, { before, call }, { party, was })
    }
  }

  #disposed(call: Call): void {
    for (const agent of this.#agentsOf(call)) {
      this.#parts.presence.disposed(agent, call.id)
      this.#touched.add(agent)
    }
  }

  #agentsOf(call: Call): readonly Agent[] {
    return call.parties.map((party) => this.#agentAt(party)).filter((agent) => agent !== undefined)
  }

  #agentAt(party: Party): Agent | undefined {
    const phone = phoneOf(party)
    return phone === undefined ? undefined : this.#parts.directory.agentOfExtension(party.endpoint.account, phone)
  }

  /** Whether an agent of the call still has to do with it, although he has hung up. */
  isWrappedUp(at: Instant, call: Call): boolean {
    return !this.#agentsOf(call).some((agent) => this.#parts.presence.worksOn(at, agent, call.id))
  }

  #left(
    at: Instant,
    { before, call }: { readonly before: Call | undefined; readonly call: Call },
    { party, was }: { readonly party: Party; readonly was: Party | undefined },
  ): void {
    const agent = this.#agentAt(party)
    if (agent === undefined) return
    if (was?.state === 'connected') {
      // A call that is sent to another group, or parked, is none of his any more, or will come back to him.
      const id = party.role === 'agent' && party.endReason !== 'parked' ? (before ?? call).group : undefined
      const group = id === undefined ? undefined : this.#parts.directory.group(call.account, id)
      const demands = group?.requireDisposition === true && call.disposition === undefined
      this.#parts.presence.finished(at, agent, { call: call.id, wrapUpMs: group?.wrapUpMs ?? 0, demands })
    } else if (party.offer > 0 && party.endReason !== undefined && didNotTake.has(party.endReason)) {
      this.#parts.presence.rest(at, agent)
    }
  }

  afterInput(at: Instant): void {
    for (const agent of this.#parts.presence.due(at)) this.#touched.add(agent)
    for (let round = 0; this.#touched.size > 0 || this.#somethingNew; round++) {
      assert(round < limits.partiesPerCall, 'group work comes to rest')
      this.#refreshAgents(at)
      this.#somethingNew = false
      for (const id of [...this.#waiting]) this.#findAgent(at, id)
    }
  }

  #refreshAgents(at: Instant): void {
    for (const agent of [...this.#touched]) {
      this.#touched.delete(agent)
      const { hand } = this.#parts.presence.view(at, agent)
      const view = this.#parts.presence.refresh(at, agent)
      if (view === undefined) continue
      this.#parts.tell(agent.account, view)
      if (view.hand !== hand) this.#parts.tell(agent.account, view, 'hand')
    }
  }

  #findAgent(at: Instant, id: CallId): void {
    const call = this.#parts.table.get(id)
    const group = call?.queue === undefined ? undefined : this.#parts.directory.group(call.account, call.queue.group)
    if (call === undefined || isEnded(call) || group === undefined || call.queue?.offering !== undefined) {
      this.#waiting.delete(id)
      return
    }
    this.#ringMembers(at, call, group)
  }

  #ringMembers(at: Instant, call: Call, group: Group): void {
    const agents = this.#parts.presence.candidates(at, group)
    if (agents.length === 0) {
      this.#parts.apply(call, { kind: 'wait' })
      return
    }
    this.#waiting.delete(call.id)
    const to = this.#parts.resolver.agents(agents).map((endpoint) => ({ as: this.#parts.admission.newParty(), endpoint }))
    this.#parts.apply(call, { kind: 'offer', to, ringTimeoutMs: limits.agentRingMs })
  }

  /** When somebody who rested or wrapped up may be free again. */
  deadline(): Instant | undefined {
    return this.#parts.presence.deadline()
  }
}

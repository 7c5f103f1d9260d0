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
import type { Presence } from './presence.ts'
import type { Resolver } from './resolve.ts'

interface Parts {
  readonly directory: Directory
  readonly table: CallTable
  readonly presence: Presence
  readonly resolver: Resolver
  readonly admission: Admission
  readonly apply: (call: Call, input: Input) => unknown
  readonly report: (event: { readonly account: AccountId; readonly agent: AgentView; readonly at: Instant }) => void
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
    for (const party of call.parties) {
      const was = before?.parties.find((p) => p.id === party.id)
      if (was?.state === party.state || party.endpoint.kind !== 'extension') continue
      this.touchExtension(party.endpoint.account, party.endpoint.extension)
      if (party.state === 'ended') this.#left(at, call, { party, was })
    }
  }

  #left(at: Instant, call: Call, { party, was }: { readonly party: Party; readonly was: Party | undefined }): void {
    if (party.endpoint.kind !== 'extension') return
    const agent = this.#parts.directory.agentOfExtension(party.endpoint.account, party.endpoint.extension)
    if (agent === undefined) return
    if (was?.state === 'connected') {
      const group = call.group === undefined ? undefined : this.#parts.directory.group(call.account, call.group)
      this.#parts.presence.finished(at, agent, party.role === 'agent' ? (group?.wrapUpMs ?? 0) : 0)
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
      const view = this.#parts.presence.refresh(at, agent)
      if (view !== undefined) this.#parts.report({ account: agent.account, agent: view, at })
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

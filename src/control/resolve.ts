import type { Endpoint, ExtensionEndpoint } from '../call/endpoint.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent, Destination, Extension, Group } from '../directory/people.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { DestinationSelector, OriginSelector, Selector } from './command.ts'
import type { Presence } from './presence.ts'

/** Whom to ring: one endpoint, or several members of a group at once. */
export interface Resolved {
  readonly endpoints: readonly Endpoint[]
  readonly group?: string
}

/** From the directory's words to endpoints that can be called now. */
export class Resolver {
  readonly #directory: Directory
  readonly #presence: Presence

  constructor(directory: Directory, presence: Presence) {
    this.#directory = directory
    this.#presence = presence
  }

  endpointOf(extension: Extension): ExtensionEndpoint {
    const { account, number, name, mayBeMonitored } = extension
    const agent = this.#directory.agentOfExtension(account, number)
    return { kind: 'extension', account, extension: number, name, mayBeMonitored, ...(agent === undefined ? {} : { agent: agent.id }) }
  }

  /** One phone that can be called. */
  one(at: Instant, account: AccountId, selector: Selector): Outcome<Endpoint, Refusal> {
    const found = this.#find(account, selector)
    if (!found.ok) return found
    const reached = this.#reach(at, found.value)
    if (!reached.ok) return reached
    const [endpoint] = reached.value.endpoints
    return endpoint === undefined ? fail(refusal('no-agent-available')) : ok(endpoint)
  }

  destination(at: Instant, account: AccountId, selector: DestinationSelector): Outcome<Resolved, Refusal> {
    if ('group' in selector) return this.#groups(at, account, [selector.group])
    const found = this.#find(account, selector)
    return found.ok ? this.#reach(at, found.value) : found
  }

  /** Who is rung first for a call to `to`; nobody of a group is found to call himself. */
  origin(at: Instant, account: AccountId, selector: OriginSelector, to: Selector): Outcome<Resolved, Refusal> {
    if (!('groups' in selector)) return this.destination(at, account, selector)
    return this.#groups(at, account, selector.groups, this.extension(account, to))
  }

  dialled(account: AccountId, text: string): Outcome<Destination, Refusal> {
    return this.#directory.dial(account, text)
  }

  /** The extension that is named, whether it can be called or not. */
  extension(account: AccountId, selector: Selector): Extension | undefined {
    const found = this.#find(account, selector)
    return found.ok && found.value.kind === 'extension' ? found.value.extension : undefined
  }

  #find(account: AccountId, selector: Selector): Outcome<Destination, Refusal> {
    if ('number' in selector) return this.#directory.dial(account, selector.number)
    const number = 'agent' in selector ? this.#directory.agent(account, selector.agent)?.extension : selector.extension
    const extension = number === undefined ? undefined : this.#directory.extension(account, number)
    return extension === undefined ? fail(refusal('endpoint-unknown')) : ok({ kind: 'extension', extension })
  }

  #reach(at: Instant, found: Destination): Outcome<Resolved, Refusal> {
    switch (found.kind) {
      case 'extension':
        return this.#presence.isReachable(found.extension)
          ? ok({ endpoints: [this.endpointOf(found.extension)] })
          : fail(refusal('endpoint-unavailable', { why: `Extension ${found.extension.number} is not registered.` }))
      case 'group':
        return this.#members(at, [found.group])
      case 'number':
        return ok({ endpoints: [numberEndpoint(found)] })
    }
  }

  #groups(at: Instant, account: AccountId, ids: readonly string[], except?: Extension): Outcome<Resolved, Refusal> {
    const groups: Group[] = []
    for (const id of ids) {
      const group = this.#directory.group(account, id)
      if (group === undefined) return fail(refusal('resource-unknown', { name: 'group', why: `There is no group ${id}.` }))
      groups.push(group)
    }
    return this.#members(at, groups, except)
  }

  #members(at: Instant, groups: readonly Group[], except?: Extension): Outcome<Resolved, Refusal> {
    for (const group of groups) {
      const endpoints = this.agents(this.#presence.candidates(at, group, except))
      if (endpoints.length > 0) return ok({ endpoints, group: group.id })
    }
    return fail(refusal('no-agent-available'))
  }

  agents(agents: readonly Agent[]): readonly ExtensionEndpoint[] {
    return agents
      .map((a) => this.#directory.extension(a.account, a.extension))
      .filter((e) => e !== undefined)
      .map((e) => this.endpointOf(e))
  }
}

export function numberEndpoint(found: Extract<Destination, { kind: 'number' }>): Endpoint {
  return { kind: 'number', account: found.trunk.account, trunk: found.trunk.id, number: found.number }
}

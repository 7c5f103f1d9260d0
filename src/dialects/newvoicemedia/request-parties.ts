/** Who is meant by an order for a call, and whether it can be placed now (contract newvoicemedia, section 4, rows 17 to 25). */

import type { AgentView, DeskCommand } from '../../control/command.ts'
import { withoutSeparators } from '../../directory/number-plan.ts'
import type { Agent, Destination } from '../../directory/people.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { House } from '../dialect.ts'
import { complain } from './refusals.ts'
import { type CallOrder, submitted } from './request-call.ts'

type Originate = Extract<DeskCommand, { kind: 'originate' }>

/** The account, and how its agents and phones are at this moment. */
class Floor {
  readonly directory: House['directory']
  readonly account: AccountId
  readonly #agents: readonly AgentView[]
  readonly #registered: ReadonlySet<string>

  constructor({ directory, desk }: House, account: AccountId) {
    this.directory = directory
    this.account = account
    this.#agents = desk.agents(account)
    this.#registered = new Set(
      desk
        .extensions(account)
        .filter((extension) => extension.registered)
        .map(({ number }) => number),
    )
  }

  /** The directory has ids without leading zeros, too. */
  agent(id: string): Agent | undefined {
    return this.directory.agent(this.account, id)
  }

  state(agent: Agent): AgentView | undefined {
    return this.#agents.find(({ id }) => id === agent.id)
  }

  hasPhone(extension: string): boolean {
    return this.#registered.has(extension)
  }

  isReady(agent: AgentView): boolean {
    return agent.state === 'available' && this.hasPhone(agent.extension)
  }

  ready(): readonly AgentView[] {
    return this.#agents.filter((agent) => this.isReady(agent))
  }
}

/** Agents who would take a call now; those of any of the groups, where some are named. */
export function readyAgents(house: House, account: AccountId, groups: readonly string[] | undefined): readonly AgentView[] {
  const floor = new Floor(house, account)
  demandGroups(floor, groups ?? [])
  return floor.ready().filter((agent) => groups === undefined || agent.groups.some((group) => groups.includes(group)))
}

/** To be given to the desk in the same turn: what was found here cannot have changed then. */
export function originateCommand(house: House, account: AccountId, order: CallOrder): Originate {
  const floor = new Floor(house, account)
  const { caller, called } = whoIsWho(floor, order)
  const from = 'groups' in order.caller ? { groups: nearest(floor, order.caller.groups, called) } : order.caller
  const { consent, reference, application } = order
  const presentedNumber = order.presented?.replace(/[\s().-]/g, '')
  if (caller !== undefined) demandCaller(floor, caller)
  if ('groups' in from && from.groups.length === 0) throw complain('nobodyAvailable')
  demandCalled(floor, called)
  return {
    ...{ kind: 'originate', from, to: order.called },
    labels: { [submitted.from]: order.echo.from, [submitted.to]: order.echo.to },
    ...(presentedNumber === undefined ? {} : { presentedNumber }),
    ...(consent === undefined ? {} : { consent }),
    ...(reference === undefined ? {} : { reference }),
    ...(application === undefined ? {} : { application }),
  }
}

interface Parties {
  readonly caller: Agent | undefined
  readonly called: Agent | Destination
}

/** Rows 17 to 21: everybody and everything that is named exists. */
function whoIsWho(floor: Floor, { caller: from, called: to, presented }: CallOrder): Parties {
  const caller = 'agent' in from ? floor.agent(from.agent) : undefined
  if ('agent' in from && caller === undefined) throw complain('callerUnknown')
  const agent = 'agent' in to ? floor.agent(to.agent) : undefined
  if ('agent' in to && (agent === undefined || agent.id === caller?.id)) throw complain('calledUnknown')
  if ('groups' in from) demandGroups(floor, from.groups)
  const called = agent ?? destination(floor, 'number' in to ? to.number : '', caller)
  if (presented !== undefined && !floor.directory.mayPresent(floor.account, presented)) throw complain('presentedInvalid')
  return { caller, called }
}

function demandGroups({ directory, account }: Floor, groups: readonly string[]): void {
  if (groups.some((group) => directory.group(account, group) === undefined)) throw complain('groupUnknown')
}

/** Row 20. A number may lead to somebody inside, but not back to the caller. */
function destination({ directory, account }: Floor, number: string, caller: Agent | undefined): Destination {
  const isNumber = /^\+?\d{3,15}$/.test(withoutSeparators(number))
  const found = isNumber ? directory.dial(account, number) : undefined
  if (found === undefined || !found.ok) throw complain('numberInvalid')
  if (found.value.kind === 'extension' && found.value.extension.number === caller?.extension) throw complain('numberInvalid')
  return found.value
}

/** Rows 22 and 23. */
function demandCaller(floor: Floor, agent: Agent): void {
  const view = floor.state(agent)
  if (view?.call !== undefined) throw complain('callerBusy')
  if (view === undefined || view.state === 'offline' || !floor.hasPhone(agent.extension)) throw complain('callerUnavailable')
}

/**
 * Row 24: the groups in which somebody is ready, whoever waits longest first. The desk looks through groups in the order in which they are named,
 * but an available agent of any of them is wanted, the longest idle before all others.
 */
function nearest(floor: Floor, groups: readonly string[], called: Parties['called']): readonly string[] {
  const others = floor.ready().filter((agent) => !('kind' in called ? isAt(called, agent.extension) : agent.id === called.id))
  const idleSince = new Map<string, number>()
  for (const { groups: own, since } of others)
    for (const group of own) idleSince.set(group, Math.min(since, idleSince.get(group) ?? Number.POSITIVE_INFINITY))
  const named = [...new Set(groups)].filter((group) => idleSince.has(group))
  return named.toSorted((a, b) => (idleSince.get(a) ?? 0) - (idleSince.get(b) ?? 0))
}

const isAt = (called: Destination, extension: string): boolean => called.kind === 'extension' && called.extension.number === extension

/** Row 25. */
function demandCalled(floor: Floor, called: Parties['called']): void {
  if (!('kind' in called)) {
    const view = floor.state(called)
    if (view === undefined || !floor.isReady(view)) throw complain('calledUnavailable')
  } else if (called.kind === 'extension' && !floor.hasPhone(called.extension.number)) throw complain('calledUnavailable')
}

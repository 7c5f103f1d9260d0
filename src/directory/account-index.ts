import { assert } from '../kernel/assert.ts'
import { digitsOf, type NumberPlan } from './number-plan.ts'
import type { Account, Agent, Extension, Group, InternalDestination, Trunk, User } from './people.ts'
import type { ConferenceSettings } from './settings.ts'

/** Everything of one account, found by map: the call path never scans. */
export interface AccountIndex {
  readonly account: Account
  readonly extensions: Map<string, Extension>
  readonly users: ReadonlyMap<string, User>
  /** In lower case, as e-mails are. */
  readonly usersByName: ReadonlyMap<string, User>
  readonly usersByEmail: ReadonlyMap<string, User>
  readonly usersByExtension: ReadonlyMap<string, User>
  readonly agents: ReadonlyMap<string, Agent>
  readonly agentsByUsername: ReadonlyMap<string, Agent>
  readonly agentsByExtension: ReadonlyMap<string, Agent>
  readonly groups: ReadonlyMap<string, Group>
  readonly groupsByExtension: ReadonlyMap<string, Group>
  readonly groupsByAgent: ReadonlyMap<string, readonly Group[]>
  /** Public and direct numbers, by E.164 digits. */
  readonly publicNumbers: Map<string, InternalDestination>
  readonly conferences: ReadonlyMap<string, ConferenceSettings>
  readonly presentedNumbers: ReadonlySet<string>
  readonly trunks: ReadonlyMap<string, Trunk>
  readonly trunksByPrefix: ReadonlyMap<string, Trunk>
}

/** Agent ids compare without leading zeros: clients that read them as numbers lose those. */
export const agentKey = (id: string): string => id.replace(/^0+(?=.)/, '')

/** A public number as the account's country reads it, by its digits. */
export const publicKey = (number: string, country: string, plan: NumberPlan): string => digitsOf(plan.possible(number, country) ?? number)

export function indexAccount(account: Account, plan: NumberPlan): AccountIndex {
  const own = <T extends object>(settings: T): T & { readonly account: Account['id'] } => ({ ...settings, account: account.id })
  const extensions = mapBy(account.extensions.map(own), (e) => e.number)
  const users = account.users.map(own)
  const agents = account.agents.map(own)
  const groups = account.groups.map(own)
  const trunks = account.trunks.map(own)
  const groupsById = mapBy(groups, (g) => g.id)
  return {
    account,
    extensions,
    users: mapBy(users, (u) => u.id),
    usersByName: new Map(users.flatMap((u) => (u.username === undefined ? [] : [[u.username.toLowerCase(), u]]))),
    usersByEmail: new Map(users.flatMap((u) => (u.email === undefined ? [] : [[u.email.toLowerCase(), u]]))),
    usersByExtension: new Map(users.toReversed().flatMap((u) => u.extensions.map((number) => [number, u]))),
    agents: mapBy(agents, (a) => agentKey(a.id)),
    agentsByUsername: mapBy(agents, (a) => a.username.toLowerCase()),
    agentsByExtension: mapBy(agents, (a) => a.extension),
    groups: groupsById,
    groupsByExtension: mapBy(groups, (g) => g.extension),
    groupsByAgent: groupsOfAgents(groups),
    publicNumbers: publicNumbersOf(account, { extensions, groups: groupsById, plan }),
    conferences: mapBy(account.conferences, (c) => c.number),
    presentedNumbers: new Set(account.presentedNumbers.map((n) => publicKey(n, account.country, plan))),
    trunks: mapBy(trunks, (t) => t.id),
    trunksByPrefix: new Map(trunks.toReversed().flatMap((t) => t.destinations.map((prefix) => [prefix, t]))),
  }
}

/** Puts a changed extension in the place of the one that has its number, wherever that is found. */
export function replaceExtension(index: AccountIndex, extension: Extension): void {
  index.extensions.set(extension.number, extension)
  for (const [key, to] of index.publicNumbers) {
    if (to.kind === 'extension' && to.extension.number === extension.number) index.publicNumbers.set(key, { kind: 'extension', extension })
  }
}

function mapBy<T>(things: readonly T[], key: (thing: T) => string): Map<string, T> {
  return new Map(things.map((thing) => [key(thing), thing]))
}

function groupsOfAgents(groups: readonly Group[]): ReadonlyMap<string, readonly Group[]> {
  const found = new Map<string, Group[]>()
  for (const group of groups) {
    for (const agent of group.agents) found.set(agentKey(agent), [...(found.get(agentKey(agent)) ?? []), group])
  }
  return found
}

interface Places {
  readonly extensions: ReadonlyMap<string, Extension>
  readonly groups: ReadonlyMap<string, Group>
  readonly plan: NumberPlan
}

function publicNumbersOf(account: Account, { extensions, groups, plan }: Places): Map<string, InternalDestination> {
  const found = new Map<string, InternalDestination>()
  for (const extension of extensions.values()) {
    if (extension.directNumber !== undefined)
      found.set(publicKey(extension.directNumber, account.country, plan), { kind: 'extension', extension })
  }
  for (const { number, routeTo } of account.numbers)
    found.set(publicKey(number, account.country, plan), destinationOf(routeTo, { extensions, groups }))
  return found
}

function destinationOf(routeTo: Account['numbers'][number]['routeTo'], { extensions, groups }: Omit<Places, 'plan'>): InternalDestination {
  if ('group' in routeTo) {
    const group = groups.get(routeTo.group)
    assert(group !== undefined, 'the configuration names only groups that exist')
    return { kind: 'group', group }
  }
  const extension = extensions.get(routeTo.extension)
  assert(extension !== undefined, 'the configuration names only extensions that exist')
  return { kind: 'extension', extension }
}

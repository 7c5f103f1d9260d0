/** Users, departments and numbers (contract smartflo, sections 3 and 5). */
import type { AgentState, AgentView } from '../../control/command.ts'
import type { Account, Agent, Extension, Group } from '../../directory/people.ts'
import { limits } from '../../kernel/limits.ts'
import type { House } from '../dialect.ts'
import { digits } from '../phone-number.ts'
import { asNumber } from './answer.ts'
import { nameOfAgent } from './answer-facts.ts'

/** Enabled, busy, disabled, not reachable. Nobody is blocked (1) here. */
const statuses: Readonly<Record<AgentState, number>> = {
  available: 0,
  ringing: 3,
  'on-call': 3,
  'pending-disposition': 3,
  'wrap-up': 3,
  away: 2,
  offline: 4,
}

const roles = { supervisor: { id: 1, name: 'Supervisor' }, agent: { id: 2, name: 'Agent' } } as const

export const bareId = (id: string): string => id.replace(/^0+(?=.)/, '')

/** Agents in the order of their ids, which is that of pages: numbers of any length. */
export const byId = (a: AgentView, b: AgentView): number => compareIds(a.id, b.id)

export function compareIds(a: string, b: string): number {
  const [first, second] = [bareId(a), bareId(b)]
  if (first.length !== second.length) return first.length - second.length
  return first < second ? -1 : first > second ? 1 : 0
}

export function userView(house: House, account: Account, view: AgentView): object {
  const extension = house.directory.extension(account.id, view.extension)
  return {
    id: asNumber(bareId(view.id)),
    name: view.name.trim(),
    agent: { id: view.id, name: view.name.trim(), status: statuses[view.state], follow_me_number: extension?.directNumber ?? null },
    login_id: view.username,
    is_login_based_calling_enabled: false,
    is_international_outbound_enabled: dialsAbroad(account),
    user_role: roles[view.role],
    extension: view.extension,
    user_status: 1,
  }
}

export const dialsAbroad = ({ trunks }: Account): boolean =>
  trunks.some(({ destinations }) => destinations.some((prefix) => prefix.startsWith('+') || prefix.startsWith('00')))

export function oneUserView(account: Account, { agent, extension, state }: UserFacts): object {
  const number = extension.directNumber ?? null
  const username = `${account.code}*${extension.number}`
  return {
    data: {
      id: asNumber(bareId(agent.id)),
      name: nameOfAgent(agent),
      number,
      agent: {
        id: agent.id,
        intercom: extension.number.startsWith('0') ? extension.number : asNumber(extension.number),
        number,
        agent_status: statuses[state],
        extension: { username, outbound_block: false },
      },
    },
  }
}

export interface UserFacts {
  readonly agent: Agent
  readonly extension: Extension
  readonly state: AgentState
}

/** The vendor's numbers of departments are texts. */
export function departmentView(house: House, group: Group): object {
  const agents = house.directory.agentsOfGroup(group)
  return {
    id: group.id,
    name: group.name,
    ring_strategy: group.strategy === 'ring-all' ? 'simultaneously' : 'longest_idle',
    agent_count: String(agents.length),
    use_as_queue: true,
    queue_timeout: seconds(group.queueTimeoutMs ?? limits.queueMs),
    timeout_dest_type: 'hangup',
    timeout_destination: '1',
    agents: agents.map((agent) => ({
      id: bareId(agent.id),
      name: nameOfAgent(agent),
      eid: agent.id,
      timeout: seconds(limits.agentRingMs),
    })),
    intercom: group.extension,
  }
}

const seconds = (ms: number): string => String(Math.round(ms / 1000))

/** Inbound numbers; where they lead is written as the vendor writes it: `department||030`. */
export function numberViews({ directory }: House, account: Account): readonly object[] {
  return account.numbers.map(({ number, routeTo }) => {
    const did = digits(number)
    if ('group' in routeTo) {
      const name = directory.group(account.id, routeTo.group)?.name ?? null
      return { id: asNumber(did), did, name, destination: `department||${routeTo.group}` }
    }
    const name = directory.extension(account.id, routeTo.extension)?.name ?? null
    return { id: asNumber(did), did, name, destination: `extension||${routeTo.extension}` }
  })
}

/** Agents in the words of RingCX (contract ringcx, sections 2 and 7). */
import type { AgentState, AgentView } from '../../control/command.ts'
import type { Agent } from '../../directory/people.ts'
import { unreachable } from '../../kernel/assert.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { House } from '../dialect.ts'
import { dateOf, idOf, nationalDigits } from './answer.ts'
import { uiiOf } from './answer-calls.ts'
import { type Pair, userNameOf } from './login.ts'

/** The answer to every login. Clients take the account from the first agent, so there always is one. */
export function loginView(house: House, { holder, token, refresh }: Pair): object {
  const { account } = holder
  const supervisors = house.directory.agents(account).filter(({ role }) => role === 'supervisor')
  return {
    refreshToken: refresh,
    accessToken: token,
    tokenType: 'Bearer',
    mainAccountId: account,
    agentDetails: (supervisors.length > 0 ? supervisors : [nobody(userNameOf(holder))]).map(({ id, firstName, lastName, username }) => ({
      agentId: idOf(id),
      firstName,
      lastName,
      email: username,
      username,
      agentType: 'SUPERVISOR',
      accountId: account,
      accountName: house.directory.account(account)?.name ?? '',
    })),
    adminUrl: '/voice/admin/',
    agentUrl: '/voice/agent/',
    ssoLogin: true,
  }
}

const nobody = (username: string) => ({ id: '0', firstName: '', lastName: '', username })

export const groupId = 1

export const agentGroupView = (name: string): object => ({ agentGroupId: groupId, groupName: name, isDefault: true, permissions: [] })

export function agentView({ directory }: House, agent: Agent): object {
  const { account, id, username, firstName, lastName, extension: number } = agent
  const extension = directory.extension(account, number)
  const callerId = extension?.directNumber ?? directory.account(account)?.presentedNumbers[0]
  return {
    agentId: idOf(id),
    username,
    email: username,
    firstName,
    lastName,
    agentType: typeOf(agent),
    isActive: true,
    defaultLoginDest: phoneOf(directory, agent),
    manualOutboundDefaultCallerId: callerId === undefined ? null : nationalDigits(callerId),
    allowManualCalls: true,
    allowHangup: true,
    disableSupervisorMonitoring: extension?.mayBeMonitored !== true,
    gateAssignments: directory.groupsOfAgent(account, id).map((group) => ({ gateId: idOf(group.id), gateName: group.name })),
  }
}

const typeOf = ({ role }: Pick<Agent, 'role'>): string => role.toUpperCase()

/** The number that reaches his phone, or the extension where it has none. */
export function phoneOf(
  directory: House['directory'],
  { account, extension }: { readonly account: AccountId; readonly extension: string },
): string {
  const direct = directory.extension(account, extension)?.directNumber
  return direct === undefined ? extension : nationalDigits(direct)
}

/** The states that an account has without having made any: number, name, and what agents read. */
export const states = ['AVAILABLE', 'LUNCH', 'ON BREAK', 'TRAINING', 'AWAY', 'TRANSITION', 'ENGAGED', 'WORKING'] as const
export type State = (typeof states)[number] | 'LOGOUT'

/** Those that an agent may choose; the reason for which he is away may be one of them. */
const chosen: readonly State[] = ['LUNCH', 'ON BREAK', 'TRAINING', 'WORKING']

export function stateOf({ state, reason }: Pick<AgentView, 'state' | 'reason'>): State {
  switch (state) {
    case 'available':
      return 'AVAILABLE'
    case 'ringing':
      return 'TRANSITION'
    case 'on-call':
      return 'ENGAGED'
    case 'pending-disposition':
    case 'wrap-up':
      return 'WORKING'
    case 'away':
      return chosen.find((name) => name === reason?.trim().replaceAll(/[-_]/g, ' ').toUpperCase()) ?? 'AWAY'
    case 'offline':
      return 'LOGOUT'
    default:
      return unreachable(state)
  }
}

/** What the agent reads: his own words where he is away, and the name of the state where he waits for calls. */
export const auxStateOf = ({ state, reason }: Pick<AgentView, 'state' | 'reason'>): string =>
  state === 'away' ? (reason ?? '') : state === 'available' ? 'Available' : ''

export const auxStatesView = (): object =>
  states.map((name, i) => ({
    stateId: i + 1,
    agentAuxState: name,
    baseAgentState: { colKey: name, colLabel: name },
    isActive: true,
  }))

export const awaitsDisposition = (state: AgentState): boolean => state === 'pending-disposition'

/** Whether he is logged in, since when and as what; nothing where he is not. */
export function agentLoginView({ directory }: House, account: AccountId, view: AgentView): object | null {
  if (view.state === 'offline') return null
  return {
    agentLoginId: idOf(view.id),
    agentState: stateOf(view),
    agentAuxState: auxStateOf(view),
    agentPhone: phoneOf(directory, { account, extension: view.extension }),
    loginDts: dateOf(view.loggedInAt ?? view.since),
    stateDts: dateOf(view.since),
    pendingDisposition: awaitsDisposition(view.state),
    agentLoginType: 'BLENDED',
  }
}

/** An agent at this moment. Times are whole seconds. */
export function agentNow(house: House, where: { readonly account: AccountId; readonly at: Instant }, view: AgentView): object {
  const { account, at } = where
  const call = view.call === undefined ? undefined : house.desk.call(account, view.call)
  const agent = house.directory.agent(account, view.id)
  const secondsSince = (then: Instant) => Math.max(0, Math.floor((at - then) / 1000))
  return {
    agentId: idOf(view.id),
    username: view.username,
    firstName: agent?.firstName ?? '',
    lastName: agent?.lastName ?? '',
    agentType: typeOf(view),
    agentState: stateOf(view),
    stateTime: secondsSince(view.since),
    loginTime: secondsSince(view.loggedInAt ?? view.since),
    agentPhone: phoneOf(house.directory, { account, extension: view.extension }),
    pendingDisposition: awaitsDisposition(view.state) ? 1 : 0,
    isOffhook: view.state === 'on-call' ? 1 : 0,
    callUii: call === undefined ? null : uiiOf(house, call),
    callAni: call === undefined ? null : nationalDigits(call.ani),
    callDnis: call === undefined ? null : nationalDigits(call.dnis),
    gateId: call?.group === undefined ? null : idOf(call.group),
    campaignId: null,
    callsHandled: view.tally.handled,
    rna: view.tally.missed,
    totalTalkTime: Math.floor(view.tally.talkMs / 1000),
    lastUpdate: dateOf(at),
  }
}

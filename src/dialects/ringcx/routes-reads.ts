/** What clients read to know whom and what they can act on (contract ringcx, section 7). */
import Type from 'typebox'
import { isEnded } from '../../call/call.ts'
import type { Agent } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { json, withoutZeros } from './answer.ts'
import { historyView } from './answer-calls.ts'
import { dispositionView, gateGroupView, gateNow, gateView } from './answer-gates.ts'
import { agentGroupView, agentLoginView, agentNow, agentView, auxStatesView, groupId } from './answer-people.ts'
import { accountOf, fieldsOf, pageOf } from './request.ts'
import { demandGate, demandKnown } from './request-calls.ts'

const admin = '/voice/api/v1/admin/accounts'
const root = `${admin}/:account`
const paging = Type.Object({ page: Type.Optional(Type.Integer()), maxRows: Type.Optional(Type.Integer()) })
const refusals = ['unauthenticated', 'token-expired', 'forbidden', 'resource-unknown'] as const

interface Read {
  readonly id: string
  readonly summary: string
  readonly tier: 'must' | 'should'
  readonly path: string
  readonly paged?: true
  readonly view: (ask: Ask, account: AccountId) => unknown
}

export function readRoutes(house: House): readonly DialectRoute[] {
  const { directory } = house
  const nameOf = (account: AccountId): string => directory.account(account)?.name ?? ''
  const reads: readonly Read[] = [
    ...agentReads(house),
    ...gateReads(house),
    ...readsOfNow(house),
    {
      id: 'listAgentGroups',
      summary: 'Agent groups of the account: there is one',
      tier: 'must',
      path: `${root}/agentGroups`,
      paged: true,
      view: (_ask, account) => [agentGroupView(nameOf(account))],
    },
    {
      id: 'listAuxStates',
      summary: 'The states in which an agent can be',
      tier: 'should',
      path: `${root}/auxStates`,
      view: auxStatesView,
    },
    {
      id: 'readCallHistory',
      summary: 'What was said of a call that is over; kept for 24 hours',
      tier: 'should',
      path: `${root}/callHistory/:uii`,
      view: ({ params }, account) => {
        const call = demandKnown(house, account, params.uii ?? '')
        if (!isEnded(call)) throw refuse('call-unknown')
        return historyView(house, call)
      },
    },
  ]
  return [accountsRoute(nameOf), ...reads.map((read) => readRoute(house, read))]
}

function readRoute(house: House, { id, summary, tier, path, paged, view }: Read): DialectRoute {
  return {
    ...{ id, summary, tier, method: 'GET', path, refusals },
    ...(paged && { query: paging }),
    answers: { status: 200, description: summary },
    handle: (ask): Answer => {
      const found = view(ask, accountOf(ask))
      return json(paged && Array.isArray(found) ? pageOf(found, fieldsOf(ask), house.settings.ringcx.pageBase) : found)
    },
  }
}

const accountsRoute = (nameOf: (account: AccountId) => string): DialectRoute => ({
  id: 'listAccounts',
  summary: 'The account that the credential belongs to',
  tier: 'must',
  method: 'GET',
  path: admin,
  answers: { status: 200, description: 'One row' },
  refusals: ['unauthenticated', 'token-expired'],
  handle: ({ holder: { account } }) => json([{ accountId: account, accountName: nameOf(account), mainAccountId: account }]),
})

const agents = `${root}/agentGroups/:group/agents`

const agentReads = (house: House): readonly Read[] => [
  {
    id: 'listAgents',
    summary: 'Agents of the account',
    tier: 'must',
    path: agents,
    paged: true,
    view: ({ params }, account) => {
      demandGroup(params.group, 'agent.group')
      return house.directory.agents(account).map((agent) => agentView(house, agent))
    },
  },
  {
    id: 'readAgent',
    summary: 'One agent',
    tier: 'must',
    path: `${agents}/:agent`,
    view: (ask, account) => agentView(house, demandAgent(house, ask, account)),
  },
  {
    id: 'readAgentLogin',
    summary: 'Whether an agent is logged in, and what he is doing',
    tier: 'should',
    path: `${agents}/:agent/login`,
    view: (ask, account) => {
      const { id } = demandAgent(house, ask, account)
      const view = house.desk.agents(account).find((one) => one.id === id)
      return view === undefined ? null : agentLoginView(house, account, view)
    },
  },
]

const gates = `${root}/gateGroups/:group/gates`

const gateReads = (house: House): readonly Read[] => [
  {
    id: 'listGateGroups',
    summary: 'Groups of queues, with their queues: there is one',
    tier: 'must',
    path: `${root}/gateGroups/withChildren`,
    view: (_ask, account) => [house.directory.account(account)].flatMap((one) => (one === undefined ? [] : gateGroupView(one))),
  },
  {
    id: 'listGates',
    summary: 'Queues of the account',
    tier: 'must',
    path: gates,
    paged: true,
    view: ({ params }, account) => {
      demandGroup(params.group, 'gate.group')
      return house.directory.groups(account).map(gateView)
    },
  },
  {
    id: 'listDispositions',
    summary: 'What can be said of a call of this queue',
    tier: 'must',
    path: `${gates}/:gate/dispositions`,
    view: ({ params }, account) => {
      demandGroup(params.group, 'gate.group')
      demandGate(house, account, params.gate ?? '')
      return house.directory.account(account)?.dispositions.map(dispositionView) ?? []
    },
  },
]

const readsOfNow = (house: House): readonly Read[] => [
  {
    id: 'readAgentsNow',
    summary: 'What the agents who are logged in are doing',
    tier: 'should',
    path: `${root}/realTimeData/agent`,
    view: ({ at }, account) => {
      const here = house.desk.agents(account).filter(({ state }) => state !== 'offline')
      return here.map((view) => agentNow(house, { account, at }, view))
    },
  },
  {
    id: 'readGatesNow',
    summary: 'What is going on in the queues',
    tier: 'should',
    path: `${root}/realTimeData/inbound`,
    view: ({ at }, account) => {
      const now = { at, calls: house.desk.calls(account), agents: house.desk.agents(account) }
      return house.desk.groups(account).map((group) => gateNow(group, now))
    },
  },
]

/** An account has one group of each kind. */
function demandGroup(id: string | undefined, name: string): void {
  if (withoutZeros(id ?? '') !== String(groupId)) throw refuse('resource-unknown', { name })
}

function demandAgent({ directory }: House, { params }: Ask, account: AccountId): Agent {
  demandGroup(params.group, 'agent.group')
  const agent = directory.agent(account, params.agent ?? '')
  if (agent === undefined) throw refuse('endpoint-unknown')
  return agent
}

import Type from 'typebox'
import type { AgentView, Caller } from '../control/command.ts'
import { agentKey } from '../directory/account-index.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { assert } from '../kernel/assert.ts'
import { base, order } from './answers.ts'
import { listQuery } from './calls.ts'
import type { Office } from './office.ts'
import { type PageRequest, pageOf } from './paging.ts'
import { pathOf, type Route, route } from './route.ts'
import { choice, optional, text } from './schemas.ts'
import { agentView, extensionView, groupView } from './views.ts'

export const directoryRoutes = (office: Office): readonly Route[] => [
  listRoute({
    id: 'listAgents',
    summary: 'Agents and their states',
    name: 'agents',
    schema: 'Agent',
    page: (caller, request) => listAnswer(office.desk.agents(caller.account), request, { idOf: (agent) => agent.id, view: agentView }),
  }),
  setAgentState(office),
  listRoute({
    id: 'listExtensions',
    summary: 'Extensions and whether they are registered',
    name: 'extensions',
    schema: 'Extension',
    page: (caller, request) => listAnswer(office.desk.extensions(caller.account), request, { idOf: (e) => e.number, view: extensionView }),
  }),
  listRoute({
    id: 'listGroups',
    summary: 'Groups and how many calls wait in them',
    name: 'groups',
    schema: 'Group',
    page: (caller, request) => listAnswer(office.desk.groups(caller.account), request, { idOf: (group) => group.id, view: groupView }),
  }),
]

interface DirectoryList {
  readonly id: string
  readonly summary: string
  readonly name: 'agents' | 'extensions' | 'groups'
  readonly schema: string
  readonly page: (caller: Caller, request: PageRequest) => Answer
}

function listRoute({ id, summary, name, schema, page }: DirectoryList): Route {
  return route({
    id,
    tag: 'Directory',
    summary,
    method: 'GET',
    url: `${base}/${name}`,
    need: 'read',
    query: Type.Object(listQuery),
    success: { status: 200, schema, list: true },
    refusals: [],
    handle: ({ caller, query }) => page(caller, query),
  })
}

function listAnswer<T>(
  list: readonly T[],
  request: PageRequest,
  { idOf, view }: { idOf: (item: T) => string; view: (item: T) => object },
): Answer {
  const { items, next } = pageOf(list, request, (item, index) => ({ id: idOf(item), order: index }))
  return jsonAnswer(200, JSON.stringify({ items: items.map(view), next }))
}

function setAgentState(office: Office): Route {
  const { desk, extensionsOf } = office
  const find = (ask: Parameters<NonNullable<Route['owns']>>[0]): AgentView | undefined =>
    desk.agents(ask.caller.account).find((agent) => agentKey(agent.id) === agentKey(pathOf(ask, 'agent')))
  return route({
    id: 'setAgentState',
    tag: 'Directory',
    summary: 'Say whether an agent takes calls',
    method: 'PUT',
    url: `${base}/agents/:agent/state`,
    need: 'agent-state',
    body: Type.Object({
      state: choice(['available', 'away', 'offline']),
      reason: optional(text(256, { description: 'Why, for people.' })),
    }),
    example: { state: 'away', reason: 'Lunch' },
    success: { status: 200, schema: 'Agent' },
    refusals: ['endpoint-unknown', 'wrong-state'],
    owns(ask) {
      const agent = find(ask)
      return agent === undefined || extensionsOf(ask.caller).includes(agent.extension)
    },
    handle(ask) {
      const agent = find(ask)
      if (agent === undefined) throw refuse('endpoint-unknown', { why: 'No such agent.' })
      return order(desk, ask, { kind: 'set-agent-state', agent: agent.id, ...ask.body }, () => {
        const changed = find(ask)
        assert(changed, 'an agent whose state was set is in the directory')
        return jsonAnswer(200, JSON.stringify(agentView(changed)))
      })
    },
  })
}

import Type from 'typebox'
import type { AgentView } from '../control/command.ts'
import { agentKey } from '../directory/account-index.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { base, order } from './answers.ts'
import { listQuery } from './calls.ts'
import type { Office } from './office.ts'
import { type PageRequest, pageOf } from './paging.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import { choice, optional, text } from './schemas.ts'
import { agentView, extensionView, groupView } from './views.ts'

export const directoryRoutes = (office: Office): readonly Route[] => [
  listRoute({
    id: 'listAgents',
    summary: 'Agents and their states',
    name: 'agents',
    schema: 'Agent',
    page: ({ caller, sight }, request) =>
      listAnswer(
        office.desk.agents(caller.account).filter(({ id }) => sight.agent(id)),
        request,
        { idOf: ({ id }) => id, view: agentView },
      ),
  }),
  setAgentState(office),
  raiseHand(office),
  listRoute({
    id: 'listExtensions',
    summary: 'Extensions and whether they are registered',
    name: 'extensions',
    schema: 'Extension',
    page: ({ caller, sight }, request) =>
      listAnswer(
        office.desk.extensions(caller.account).filter(({ number }) => sight.extension(number)),
        request,
        { idOf: ({ number }) => number, view: extensionView },
      ),
  }),
  listRoute({
    id: 'listGroups',
    summary: 'Groups and how many calls wait in them',
    name: 'groups',
    schema: 'Group',
    page: ({ caller, sight }, request) =>
      listAnswer(
        office.desk.groups(caller.account).filter(({ id }) => sight.group(id)),
        request,
        { idOf: ({ id }) => id, view: groupView },
      ),
  }),
  listRoute({
    id: 'listDispositions',
    summary: 'What may come of a call: the words of `PUT /calls/{call}/disposition`',
    name: 'dispositions',
    schema: 'Disposition',
    page: ({ caller }, request) =>
      listAnswer(office.dispositionsOf?.(caller.account) ?? [], request, { idOf: (name) => name, view: (name) => ({ name }) }),
  }),
]

interface DirectoryList {
  readonly id: string
  readonly summary: string
  readonly name: 'agents' | 'extensions' | 'groups' | 'dispositions'
  readonly schema: string
  readonly page: (asking: Pick<Ask, 'caller' | 'sight'>, request: PageRequest) => Answer
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
    handle: (ask) => page(ask, ask.query),
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

type AskedOf = Parameters<NonNullable<Route['owns']>>[0]

const findAgent = ({ desk }: Office, ask: AskedOf): AgentView | undefined =>
  desk.agents(ask.caller.account).find(({ id }) => agentKey(id) === agentKey(pathOf(ask, 'agent')) && ask.sight.agent(id))

function agentOf(office: Office, ask: AskedOf): AgentView {
  const agent = findAgent(office, ask)
  if (agent === undefined) throw refuse('endpoint-unknown', { why: 'No such agent.' })
  return agent
}

/** As he is now. */
const agentAnswer = (office: Office, ask: AskedOf) => (): Answer => jsonAnswer(200, JSON.stringify(agentView(agentOf(office, ask))))

const isOwnAgent =
  (office: Office): NonNullable<Route['owns']> =>
  (ask) => {
    const agent = findAgent(office, ask)
    return agent === undefined || office.extensionsOf(ask.caller).includes(agent.extension)
  }

function setAgentState(office: Office): Route {
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
    owns: isOwnAgent(office),
    handle: (ask) =>
      order(office.desk, ask, { kind: 'set-agent-state', agent: agentOf(office, ask).id, ...ask.body }, agentAnswer(office, ask)),
  })
}

function raiseHand(office: Office): Route {
  const isOwn = isOwnAgent(office)
  return route({
    id: 'raiseHand',
    tag: 'Directory',
    summary: 'An agent asks for help, or no longer; supervisors may lower his hand',
    method: 'PUT',
    url: `${base}/agents/:agent/hand`,
    need: 'agent-state',
    body: Type.Object({ raised: Type.Boolean(), note: optional(text(256, { description: 'With what, for people.' })) }),
    example: { raised: true, note: 'Wants a refund' },
    success: { status: 200, schema: 'Agent' },
    refusals: ['endpoint-unknown', 'wrong-state'],
    owns: isOwn,
    handle(ask) {
      const agent = agentOf(office, ask)
      if (ask.body.raised && !isOwn(ask)) throw refuse('forbidden', { why: 'Only the agent raises his hand.' })
      return order(office.desk, ask, { kind: 'raise-hand', agent: agent.id, ...ask.body }, agentAnswer(office, ask))
    },
  })
}

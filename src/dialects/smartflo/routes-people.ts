/** Users, departments and numbers (contract smartflo, sections 3 and 5). */
import Type from 'typebox'
import type { AgentView } from '../../control/command.ts'
import type { Account } from '../../directory/people.ts'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { assert } from '../../kernel/assert.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { asNumber, json } from './answer.ts'
import { bareId, byId, compareIds, departmentView, dialsAbroad, numberViews, oneUserView, userView } from './answer-people.ts'
import { digitsOf, flagOf, numberOf } from './request.ts'

const page = { usual: 100, most: 500 } as const
const flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const anyObject = Type.Object({}, { additionalProperties: true })

export const peopleRoutes = (house: House): readonly DialectRoute[] => [
  {
    id: 'users',
    summary: 'Agents, in the order of their ids',
    tier: 'must',
    method: 'GET',
    path: '/v1/users',
    query: Type.Object({
      last_seen_id: Type.Optional(Type.Integer({ description: 'Of the page before.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: page.most, default: page.usual })),
      is_extension_created: flag('Everybody has one.'),
      is_login_based_calling: flag('Nobody has it.'),
      is_international_calling: flag('Whether a trunk dials numbers that begin with + or 00.'),
      is_web_login: flag('Everybody has it.'),
      user_status: flag('Everybody is enabled.'),
    }),
    answers: { status: 200, description: 'A page.', schema: anyObject },
    refusals: ['parameter-invalid'],
    handle: (ask) => users(house, ask),
  },
  {
    id: 'user',
    summary: 'One agent',
    tier: 'must',
    method: 'GET',
    path: '/v1/user/:id',
    answers: { status: 200, description: 'The agent.', schema: anyObject },
    refusals: ['endpoint-unknown'],
    handle: (ask) => user(house, ask),
  },
  {
    id: 'departments',
    summary: 'Departments and their agents',
    tier: 'must',
    method: 'GET',
    path: '/v1/departments',
    answers: { status: 200, description: 'All of them.', schema: Type.Array(anyObject) },
    refusals: ['unauthenticated', 'token-expired'],
    handle: ({ holder: { account } }) => json(house.directory.groups(account).map((group) => departmentView(house, group))),
  },
  {
    id: 'myNumbers',
    summary: 'Inbound numbers and where they lead',
    tier: 'should',
    method: 'GET',
    path: '/v1/my_number',
    answers: { status: 200, description: 'All of them.', schema: Type.Array(anyObject) },
    refusals: ['unauthenticated', 'token-expired'],
    handle: (ask) => json(numberViews(house, accountOf(house, ask))),
  },
]

function accountOf({ directory }: House, { holder }: Ask): Account {
  const account = directory.account(holder.account)
  assert(account !== undefined, 'a credential belongs to an account')
  return account
}

function users(house: House, ask: Ask): Answer {
  const { query } = ask
  const account = accountOf(house, ask)
  const limit = numberOf(query, 'limit', { min: 1, max: page.most }) ?? page.usual
  const lastSeen = digitsOf(query, 'last_seen_id')
  const everybody = hasWanted(account, query) ? house.desk.agents(account.id) : []
  const rest = everybody.filter(({ id }) => lastSeen === undefined || compareIds(id, lastSeen) > 0).toSorted(byId)
  const shown = rest.slice(0, limit)
  const data = shown.map((agent) => userView(house, account, agent))
  return json({ has_more: rest.length > shown.length, count: shown.length, last_seen_id: lastId(shown), data })
}

const lastId = (shown: readonly AgentView[]): number | string | null => {
  const last = shown.at(-1)
  return last === undefined ? null : asNumber(bareId(last.id))
}

/** All agents of an account are alike in what these ask for. */
function hasWanted(account: Account, query: Ask['query']): boolean {
  const everybody = {
    ...{ is_extension_created: true, is_login_based_calling: false, is_web_login: true, user_status: true },
    is_international_calling: dialsAbroad(account),
  }
  return Object.entries(everybody)
    .map(([name, value]) => (flagOf(query, name) ?? value) === value)
    .every((fits) => fits)
}

function user(house: House, ask: Ask): Answer {
  const { directory, desk } = house
  const account = accountOf(house, ask)
  const agent = directory.agent(account.id, ask.params.id ?? '')
  const extension = agent && directory.extension(account.id, agent.extension)
  const view = agent && desk.agents(account.id).find(({ id }) => id === agent.id)
  if (agent === undefined || extension === undefined || view === undefined) throw refuse('endpoint-unknown', { name: 'user' })
  return json(oneUserView(account, { agent, extension, state: view.state }))
}

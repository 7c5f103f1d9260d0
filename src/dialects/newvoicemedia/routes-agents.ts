import Type from 'typebox'
import { type Answer, jsonAnswer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { partyOfExtension } from '../call-words.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { agentText, countText, readyText } from './answer.ts'
import { placeOf, versionOf } from './request.ts'
import { readyAgents } from './request-parties.ts'

export const agentRoutes = (house: House): readonly DialectRoute[] => [
  {
    ...{ id: 'listReadyAgents', tier: 'must', method: 'GET', path: '/:version/:key/agents' },
    summary: 'Agents who would take a call now',
    query: ReadyQuery,
    answers: { status: 200, description: 'How many, and who', schema: ReadyAgents },
    refusals: ['unauthenticated', 'token-expired', 'parameter-missing', 'parameter-invalid', 'resource-unknown'],
    handle: (ask) => list(house, ask),
  },
  {
    ...{ id: 'getAgent', tier: 'must', method: 'GET', path: '/:version/:key/agents/:agent' },
    summary: 'The current call of an agent',
    answers: { status: 200, description: 'The agent', schema: AgentDetail },
    refusals: ['unauthenticated', 'token-expired', 'endpoint-unknown'],
    handle: (ask) => read(house, ask),
  },
]

function list(house: House, ask: Ask): Answer {
  versionOf(house, ask)
  const { availability = '', groups = '', fields } = ask.query
  if (availability === '') throw refuse('parameter-missing', { name: 'availability' })
  if (availability !== 'readyForPhoneCall') throw refuse('parameter-invalid', { name: 'availability' })
  const agents = readyAgents(house, ask.holder.account, groups === '' ? undefined : groups.split(',').map((group) => group.trim()))
  return jsonAnswer(200, fields === 'count' ? countText(agents) : readyText(agents))
}

/** A call in which he is a supervisor is none of his own. */
function read(house: House, ask: Ask): Answer {
  versionOf(house, ask)
  const { account } = ask.holder
  const agent = house.directory.agent(account, ask.params.agent ?? '')
  if (agent === undefined) throw refuse('endpoint-unknown')
  const current = house.desk.calls(account).find((call) => partyOfExtension(call, agent.extension) !== undefined)
  return jsonAnswer(200, agentText(placeOf(ask), agent.id, current))
}

const ReadyQuery = Type.Object({
  availability: Type.Literal('readyForPhoneCall'),
  groups: Type.Optional(Type.String({ description: 'Group ids, separated by commas.' })),
  fields: Type.Optional(Type.Literal('count', { description: 'Only how many.' })),
})
const Link = Type.Object({ href: Type.String({ format: 'uri' }), rel: Type.String() })
const ReadyAgents = Type.Object({
  count: Type.Integer(),
  agents: Type.Optional(Type.Array(Type.Object({ id: Type.String(), links: Type.Array(Link) }))),
})
const AgentDetail = Type.Object({
  id: Type.String(),
  links: Type.Array(Link),
  currentCallGuid: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
})

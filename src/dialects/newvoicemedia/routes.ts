/** Everything that can be asked (contract newvoicemedia, section 3). */
import { refuse } from '../../http/refused.ts'
import type { DialectRoute, House, Method } from '../dialect.ts'
import type { Logins } from './login.ts'
import { agentRoutes } from './routes-agents.ts'
import { callRoutes } from './routes-calls.ts'

export const routes = (house: House, logins: Logins): readonly DialectRoute[] => [
  ...logins.routes,
  ...callRoutes(house),
  ...agentRoutes(house),
  ...later.map(unbuilt),
]

interface Later {
  readonly id: string
  readonly method: Method
  readonly path: string
  readonly what: string
}

/** The vendor's other APIs live under hosts of their own, so that these paths are found where a host or a prefix has chosen the dialect. */
const later: readonly Later[] = [
  { id: 'getPresence', method: 'GET', path: '/agents/:user/presence', what: 'Agent presence' },
  { id: 'setPresence', method: 'PATCH', path: '/agents/:user/presence', what: 'Agent presence' },
  { id: 'listInteractions', method: 'GET', path: '/stats/interactions', what: 'Statistics' },
  { id: 'getInteraction', method: 'GET', path: '/stats/interactions/:guid', what: 'Statistics' },
  { id: 'listAgentActivities', method: 'GET', path: '/stats/agent-activities', what: 'Statistics' },
  { id: 'listAgentInteractions', method: 'GET', path: '/stats/agent-activities/interactions', what: 'Statistics' },
  { id: 'listAgentPresences', method: 'GET', path: '/stats/agent-activities/presence', what: 'Statistics' },
  { id: 'listUsers', method: 'GET', path: '/useradmin/users', what: 'User administration' },
  { id: 'getUser', method: 'GET', path: '/useradmin/users/:user', what: 'User administration' },
]

const unbuilt = ({ id, method, path, what }: Later): DialectRoute => ({
  ...{ id, method, path, tier: 'later', summary: `${what}: not built`, refusals: ['unauthenticated', 'token-expired', 'unsupported'] },
  handle() {
    throw refuse('unsupported')
  },
})

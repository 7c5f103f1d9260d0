/** Known operations that are not built: said to be so, after the credential (contract ringcx, section 3, LATER). */
import { refuse } from '../../http/refused.ts'
import type { DialectRoute, Method } from '../dialect.ts'

const api = '/voice/api/v1'
const root = `${api}/admin/accounts/:account`

const later: readonly (readonly [id: string, method: Method, path: string])[] = [
  ['checkQueueStatus', 'GET', `${root}/activeCalls/prerouteChecks/checkQueueStatus`],
  ['checkQueueThreshold', 'GET', `${root}/activeCalls/prerouteChecks/checkQueueThreshold`],
  ['listDialGroups', 'GET', `${root}/dialGroups`],
  ['listDialGroupsWithChildren', 'GET', `${root}/dialGroups/withChildren`],
  ['readDialGroup', 'GET', `${root}/dialGroups/:group`],
  ['listCampaigns', 'GET', `${root}/dialGroups/:group/campaigns`],
  ['readCampaign', 'GET', `${root}/dialGroups/:group/campaigns/:campaign`],
  ['readQueueAvailability', 'GET', `${root}/gateGroups/:group/gates/:gate/availability`],
  ['listUsers', 'GET', `${api}/admin/users`],
  ['createUser', 'POST', `${api}/admin/users`],
  ['readUser', 'GET', `${api}/admin/users/:user`],
  ['isTokenValid', 'GET', `${api}/admin/isTokenValid`],
  ['postIsTokenValid', 'POST', `${api}/admin/isTokenValid`],
  ['readAdmin', 'GET', `${api}/admin/auth`],
]

export const laterRoutes = (): readonly DialectRoute[] => [
  ...later.map(([id, method, path]) => unbuilt({ id, method, path })),
  unbuilt({ id: 'oldLogin', method: 'POST', path: `${api}/auth/login`, open: true }),
]

const unbuilt = (spec: Pick<DialectRoute, 'id' | 'method' | 'path' | 'open'>): DialectRoute => ({
  ...spec,
  summary: 'Not built',
  tier: 'later',
  refusals: spec.open === true ? ['unsupported'] : ['unauthenticated', 'token-expired', 'unsupported'],
  handle: () => {
    throw refuse('unsupported')
  },
})

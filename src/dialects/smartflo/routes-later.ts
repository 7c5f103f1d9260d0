/** Known operations that are not built: they say so, after the credential (contract smartflo, section 3). */
import { refuse } from '../../http/refused.ts'
import type { DialectRoute, Method } from '../dialect.ts'

const later: readonly (readonly [Method, path: string, id: string])[] = [
  ['POST', '/v1/agent/:eid/block', 'blockAgent'],
  ['POST', '/v1/agent/:eid/unblock', 'unblockAgent'],
  ['GET', '/v1/broadcasts', 'broadcasts'],
  ['POST', '/v1/broadcast', 'createBroadcast'],
  ['GET', '/v1/broadcast/:id', 'broadcast'],
  ['PUT', '/v1/broadcast/:id', 'updateBroadcast'],
  ['DELETE', '/v1/broadcast/:id', 'deleteBroadcast'],
  ['GET', '/v1/broadcast/lists', 'leadLists'],
  ['POST', '/v1/broadcast/lead/:list', 'addLead'],
  ['GET', '/v1/broadcast/leads/:list', 'leads'],
  ['GET', '/v1/ivrs', 'ivrs'],
  ['POST', '/v1/ivr', 'createIvr'],
  ['GET', '/v1/ivr/:id', 'ivr'],
  ['PUT', '/v1/ivr/:id', 'updateIvr'],
  ['DELETE', '/v1/ivr/:id', 'deleteIvr'],
  ['POST', '/v1/user', 'createUser'],
  ['PUT', '/v1/user/:id', 'updateUser'],
  ['DELETE', '/v1/user/:id', 'deleteUser'],
  ['POST', '/v1/department', 'createDepartment'],
  ['GET', '/v1/department/:id', 'department'],
  ['PUT', '/v1/department/:id', 'updateDepartment'],
  ['DELETE', '/v1/department/:id', 'deleteDepartment'],
  ['PUT', '/v1/my_number/:id', 'updateMyNumber'],
]

export const laterRoutes = (): readonly DialectRoute[] =>
  later.map(([method, path, id]) => ({
    ...{ id, summary: 'Not built', tier: 'later', method, path, refusals: ['unsupported'] },
    handle: () => {
      throw refuse('unsupported')
    },
  }))

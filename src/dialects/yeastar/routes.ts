/** All endpoints (contract openvox-yeastar, sections 3 and 6). */
import type { DialectRoute, House } from '../dialect.ts'
import type { Logins } from './login.ts'
import { callVerbs } from './routes-call.ts'
import { dialVerbs } from './routes-dial.ts'
import { extensionVerbs } from './routes-extension.ts'
import { loginVerbs } from './routes-login.ts'
import { supervisionVerbs } from './routes-supervise.ts'
import { systemVerbs } from './routes-system.ts'
import { transferVerbs } from './routes-transfer.ts'
import { updateVerbs } from './routes-update.ts'
import { v2Verbs } from './routes-v2.ts'
import { routeOf } from './routes-verb.ts'

export function routesOf(house: House, logins: Logins): readonly DialectRoute[] {
  const verbs = [
    ...[...loginVerbs(logins), ...supervisionVerbs(house), ...extensionVerbs(house), ...updateVerbs(house), ...callVerbs(house)],
    ...[...dialVerbs(house), ...transferVerbs(house), ...v2Verbs(house), ...systemVerbs(house)],
  ]
  return verbs.map((verb) => routeOf(house, verb))
}

/** RingCentral Engage Voice / RingCX (contract ringcx). */
import type { Dialect, House } from '../dialect.ts'
import { sendAgentStates } from './events.ts'
import { Login } from './login.ts'
import { refuseAsRingcx } from './refusals.ts'
import { ringcxRoutes } from './routes.ts'

export function ringcx(house: House): Dialect {
  const login = new Login(house)
  return {
    name: 'ringcx',
    title: 'RingCentral RingCX Voice',
    place,
    routes: ringcxRoutes(house, login),
    identify: (sent) => login.identify(sent),
    isOpen,
    refuse: refuseAsRingcx,
    start: () => sendAgentStates(house),
  }
}

/** Section 1: the older API has no `/voice`, and some clients leave out `v1/admin`. */
function place(segments: readonly string[]): readonly string[] | undefined {
  const [first, second, third, ...rest] = segments
  if (first === 'voice' && second === 'api' && third === 'accounts') return ['voice', 'api', 'v1', 'admin', third, ...rest]
  if (first === 'voice' || first === 'restapi') return segments
  if (first !== 'api' || second === undefined) return undefined
  if (second === 'auth') return segments
  return /^v\d+$/.test(second) ? ['voice', ...segments] : undefined
}

/** Logins need no credential, and neither does it to learn that there is no such login. */
function isOpen(segments: readonly string[]): boolean {
  const path = segments[0] === 'voice' ? segments.slice(1) : segments
  return path[0] === 'restapi' || (path[0] === 'api' && (path[1] === 'auth' || path[2] === 'auth'))
}

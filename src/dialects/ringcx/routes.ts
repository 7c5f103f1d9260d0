/** Every route of RingCX, by subject. */
import type { DialectRoute, House } from '../dialect.ts'
import type { Login } from './login.ts'
import { callRoutes } from './routes-calls.ts'
import { laterRoutes } from './routes-later.ts'
import { loginRoutes } from './routes-login.ts'
import { readRoutes } from './routes-reads.ts'
import { subscriptionRoutes } from './routes-subscriptions.ts'

export const ringcxRoutes = (house: House, login: Login): readonly DialectRoute[] => [
  ...loginRoutes(house, login),
  ...callRoutes(house),
  ...readRoutes(house),
  ...subscriptionRoutes(house),
  ...laterRoutes(),
]

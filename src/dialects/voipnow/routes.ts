/** All that the UnifiedAPI offers here (contract voipnow, section 4). */
import type { DialectRoute, House } from '../dialect.ts'
import { type Apps, loginRoutes } from './login.ts'
import { pageRoutesOf } from './login-page.ts'
import { actionRoutes } from './routes-actions.ts'
import { callRoutes } from './routes-calls.ts'
import { createRoutes } from './routes-create.ts'
import { eventRoutes } from './routes-events.ts'
import { extensionRoutes } from './routes-extensions.ts'
import { historyRoutes } from './routes-history.ts'

export function routesOf(house: House, apps: Apps): readonly DialectRoute[] {
  return [
    ...loginRoutes(house, apps),
    ...pageRoutesOf(house, apps),
    ...actionRoutes(house),
    ...callRoutes(house),
    ...createRoutes(house),
    ...extensionRoutes(house),
    ...eventRoutes(house),
    ...historyRoutes(house),
  ]
}

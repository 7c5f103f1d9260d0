/** Tata Smartflo, also sold as Acefone and Servetel (contract smartflo). */
import type { Dialect, House } from '../dialect.ts'
import { startWebhooks } from './events.ts'
import { Logins } from './login.ts'
import { refuse } from './refusals.ts'
import { routesOf } from './routes.ts'

export function smartflo(house: House): Dialect {
  const logins = new Logins(house)
  return {
    name: 'smartflo',
    title: 'Tata Smartflo',
    // W2: whatever no other dialect takes of /v1/.
    place: (segments) => (segments[0] === 'v1' ? segments : undefined),
    routes: routesOf(house, logins),
    identify: (sent) => logins.identify(sent),
    isOpen: ([version, first]) => version === 'v1' && (first === 'auth' || first === 'click_to_call_support'),
    refuse,
    start: () => startWebhooks(house),
  }
}

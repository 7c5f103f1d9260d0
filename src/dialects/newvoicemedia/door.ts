/** NewVoiceMedia, today Vonage Contact Center: calls, agents who are ready for one, and call webhooks (contract newvoicemedia). */
import type { Dialect, House } from '../dialect.ts'
import { callWebhooks } from './events.ts'
import { Logins } from './login.ts'
import { refusalAnswer } from './refusals.ts'
import { isTokenPath, place } from './request.ts'
import { routes } from './routes.ts'

export function newvoicemedia(house: House): Dialect {
  const logins = new Logins(house)
  return {
    name: 'newvoicemedia',
    title: 'NewVoiceMedia / Vonage Contact Center Calls API',
    place,
    routes: routes(house, logins),
    identify: (sent) => logins.identify(sent),
    isOpen: isTokenPath,
    refuse: refusalAnswer,
    start: () => callWebhooks(house),
  }
}

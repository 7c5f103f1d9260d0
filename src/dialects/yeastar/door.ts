/** OpenVox UC, Yeastar S-Series v1 and v2 (contract openvox-yeastar): one API in three flavours. */
import { answer } from '../../http/answer.ts'
import type { Dialect, House } from '../dialect.ts'
import { startReports } from './events.ts'
import { Logins } from './login.ts'
import { refusalAnswer } from './refusals.ts'
import { documented, place } from './request-flavour.ts'
import { routesOf } from './routes.ts'

export function yeastar(house: House): Dialect {
  const logins = new Logins(house)
  const { flavour } = house.settings.yeastar
  return {
    name: 'yeastar',
    title: 'OpenVox UC and Yeastar S-Series',
    place,
    documented,
    routes: routesOf(house, logins),
    identify: (sent) => logins.identify(sent),
    isOpen: (segments) => place(segments, false)?.slice(1).join('/') === 'login',
    refuse: (refused, sent) => refusalAnswer(refused, sent, flavour),
    headers: { 'Access-control-allow-origin': '*', 'Access-control-allow-methods': 'GET, POST, OPTIONS, PUT, DELETE' },
    options: () => answer(200, '', { 'Access-control-allow-headers': 'content-type' }),
    start: () => startReports(house),
  }
}

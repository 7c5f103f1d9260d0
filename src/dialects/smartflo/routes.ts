/** All routes of the dialect (contract smartflo, section 3). */
import Type from 'typebox'
import type { DialectRoute, House } from '../dialect.ts'
import type { Logins } from './login.ts'
import { bodyTypes } from './request.ts'
import { callRoutes } from './routes-calls.ts'
import { dialRoutes } from './routes-dial.ts'
import { laterRoutes } from './routes-later.ts'
import { optionsRoutes } from './routes-options.ts'
import { peopleRoutes } from './routes-people.ts'
import { recordRoutes } from './routes-records.ts'

export const routesOf = (house: House, logins: Logins): readonly DialectRoute[] => [
  ...loginRoutes(logins),
  ...optionsRoutes(house),
  ...callRoutes(house),
  ...peopleRoutes(house),
  ...dialRoutes(house, logins),
  ...recordRoutes(house),
  ...laterRoutes(),
]

const tokenSchema = Type.Object({
  success: Type.Literal(true),
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  number_of_days_left: Type.Integer({ description: 'Until the password has to be changed; it does not age here.' }),
})

const loginRoutes = (logins: Logins): readonly DialectRoute[] => [
  {
    id: 'login',
    summary: 'Exchange e-mail and password for an access token',
    tier: 'must',
    method: 'POST',
    path: '/v1/auth/login',
    open: true,
    body: Type.Object({ email: Type.String(), password: Type.String() }),
    bodyTypes,
    answers: { status: 200, description: 'A token.', schema: tokenSchema },
    refusals: ['credentials-invalid', 'login-locked', 'parameter-missing', 'parameter-invalid', 'body-malformed'],
    handle: (ask) => logins.login(ask),
  },
  {
    id: 'refresh',
    summary: 'Exchange an access token, valid or lapsed for less than a day, for a new one',
    tier: 'should',
    method: 'POST',
    path: '/v1/auth/refresh',
    open: true,
    answers: { status: 200, description: 'A token; the old one is no longer valid.', schema: tokenSchema },
    refusals: ['unauthenticated'],
    handle: (ask) => logins.refresh(ask),
  },
]

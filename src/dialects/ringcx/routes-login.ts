/** Logging in (contract ringcx, section 2). What is sent as Authorization to `/api/auth/*` is not looked at: clients send anything there. */
import Type from 'typebox'
import type { Answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import { json, plainText, truth } from './answer.ts'
import { loginView } from './answer-people.ts'
import { type Client, type Login, type Pair, refreshMs } from './login.ts'
import { type Fields, neededText, strictFieldsOf, textOf, truthOf, wrong } from './request.ts'

const noStore = { 'Cache-Control': 'no-store' }
const { Optional } = Type
const loginBody = (properties: Parameters<typeof Type.Object>[0]) => ({
  body: Type.Object(properties),
  bodyTypes: ['application/x-www-form-urlencoded'],
})
const loginRefusals = ['credentials-invalid', 'login-locked', 'parameter-missing', 'body-malformed'] as const

export const loginRoutes = (house: House, login: Login): readonly DialectRoute[] => [
  ...oauthRoutes(house, login),
  ...accessRoutes(house, login),
  ...apiTokenRoutes(login),
]

const viewOf = (house: House, pair: Pair): Answer => json(loginView(house, pair), noStore)

const oauthRoutes = (house: House, login: Login): readonly DialectRoute[] => [
  {
    id: 'oauthToken',
    summary: 'The OAuth step: a token that is exchanged for an access token',
    tier: 'must',
    method: 'POST',
    path: '/restapi/oauth/token',
    open: true,
    ...loginBody({ grant_type: Type.String(), assertion: Optional(Type.String()), refresh_token: Optional(Type.String()) }),
    answers: { status: 200, description: 'A token and a refresh token' },
    refusals: [...loginRefusals, 'parameter-invalid'],
    handle: (ask) => json(oauthView(grant(login, ask)), noStore),
  },
  {
    id: 'exchangeToken',
    summary: 'Exchange the token of the OAuth step for an access token',
    tier: 'must',
    method: 'POST',
    path: '/api/auth/login/rc/accesstoken',
    open: true,
    query: Type.Object({ includeRefresh: Optional(Type.Boolean()) }),
    ...loginBody({ rcAccessToken: Type.String(), rcTokenType: Optional(Type.String()) }),
    answers: { status: 200, description: 'An access token, and whom it belongs to' },
    refusals: loginRefusals,
    handle: (ask) => {
      const fields = strictFieldsOf(ask)
      const withRefresh = truthOf(fields, 'includeRefresh') ?? false
      const holder = login.exchanged(ask, neededText(fields, 'rcAccessToken'))
      return viewOf(house, login.issue(ask, holder, { stage: 'access', withRefresh }))
    },
  },
]

const accessRoutes = (house: House, login: Login): readonly DialectRoute[] => [
  {
    id: 'refreshToken',
    summary: 'Exchange a refresh token for a new access token and a new refresh token',
    tier: 'must',
    method: 'POST',
    path: '/api/auth/token/refresh',
    open: true,
    ...loginBody({ refresh_token: Type.String(), rcTokenType: Optional(Type.String()) }),
    answers: { status: 200, description: 'An access token, and whom it belongs to' },
    refusals: loginRefusals,
    handle: (ask) => viewOf(house, login.refresh(ask, neededText(strictFieldsOf(ask), 'refresh_token'), 'access')),
  },
  {
    id: 'loginAdmin',
    summary: 'Log in by user name and password',
    tier: 'must',
    method: 'POST',
    path: '/api/auth/login/admin',
    open: true,
    query: Type.Object({ includeRefresh: Optional(Type.Boolean()) }),
    ...loginBody({ username: Type.String(), password: Type.String(), platformId: Optional(Type.String()) }),
    answers: { status: 200, description: 'An access token, and whom it belongs to' },
    refusals: loginRefusals,
    handle: (ask) => viewOf(house, direct(login, ask)),
  },
]

function direct(login: Login, ask: Ask): Pair {
  login.demandUnlocked(ask)
  const fields = strictFieldsOf(ask)
  const withRefresh = truthOf(fields, 'includeRefresh') ?? false
  const username = neededText(fields, 'username')
  return login.issue(ask, login.direct(ask, username, neededText(fields, 'password')), { stage: 'access', withRefresh })
}

const grants = ['urn:ietf:params:oauth:grant-type:jwt-bearer', 'password', 'refresh_token', 'authorization_code'] as const

function grant(login: Login, ask: Ask): Pair {
  login.demandUnlocked(ask)
  const fields = strictFieldsOf(ask)
  const client = clientOf(ask, fields)
  login.demandClient(ask, client)
  const type = neededText(fields, 'grant_type')
  const known = grants.find((name) => name === type)
  if (known === undefined) throw wrong('grant_type', `must be one of ${grants.join(', ')}`, type)
  if (known === 'refresh_token') return login.refresh(ask, neededText(fields, 'refresh_token'), 'oauth')
  return login.issue(ask, granted(login, ask, { known, fields, client }), { stage: 'oauth', withRefresh: true })
}

interface Granting {
  readonly known: Exclude<(typeof grants)[number], 'refresh_token'>
  readonly fields: Fields
  readonly client: Client
}

function granted(login: Login, ask: Ask, { known, fields, client }: Granting): Holder {
  if (known === 'authorization_code') {
    // Nobody is ever sent here with a code: there is no page that gives one.
    neededText(fields, 'code')
    return login.guarded(ask, undefined)
  }
  if (known !== 'password') return login.byAssertion(ask, client, neededText(fields, 'assertion'))
  const username = neededText(fields, 'username')
  return login.byPassword(ask, client, { username, password: neededText(fields, 'password') })
}

/** RFC 6749 §2.3.1: Basic authentication, whose two halves are form-encoded, or the body. */
function clientOf({ headers }: Ask, fields: Fields): Client {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return [textOf(fields, 'client_id') ?? '', textOf(fields, 'client_secret') ?? '']
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return [formDecoded(text.slice(0, Math.max(0, colon))), formDecoded(text.slice(colon + 1))]
}

const formDecoded = (text: string): string => new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? ''

const oauthView = ({ token, refresh }: Pair): object => ({
  access_token: token,
  token_type: 'bearer',
  expires_in: 3600,
  refresh_token: refresh,
  refresh_token_expires_in: refreshMs / 1000,
})

const path = '/voice/api/v1/admin/token'
const writers = ['admin', 'supervisor', 'agent'] as const

function apiTokenRoutes(login: Login): readonly DialectRoute[] {
  return [
    {
      id: 'createApiToken',
      summary: 'A permanent token for the header X-Auth-Token',
      tier: 'should',
      method: 'POST',
      path,
      roles: writers,
      answers: { status: 200, description: 'The token', type: 'text/plain' },
      refusals: ['unauthenticated', 'token-expired', 'forbidden'],
      handle: (ask) => plainText(200, login.issueApiToken(ask), noStore),
    },
    {
      id: 'listApiTokens',
      summary: 'The API tokens of this login, by a hint: the tokens themselves are not kept',
      tier: 'should',
      method: 'GET',
      path,
      answers: { status: 200, description: 'One text for each', schema: Type.Array(Type.String()) },
      refusals: ['unauthenticated', 'token-expired'],
      handle: (ask) => json(login.apiTokens(ask), noStore),
    },
    {
      id: 'deleteApiToken',
      summary: 'End an API token',
      tier: 'should',
      method: 'DELETE',
      path: `${path}/:token`,
      roles: writers,
      answers: { status: 200, description: 'Whether there was such a token', type: 'text/plain' },
      refusals: ['unauthenticated', 'token-expired', 'forbidden'],
      handle: (ask) => {
        const { token } = ask.params
        if (token === undefined) throw refuse('parameter-missing', { name: 'token' })
        return truth(login.revokeApiToken(ask, token), ask.headers.accept)
      },
    },
  ]
}

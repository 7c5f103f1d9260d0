/** Who asks: access tokens, and the endpoint that issues them (contract voipnow, section 2). */
import { type Refusal, refusal } from '../../call/refusal.ts'
import type { Directory } from '../../directory/directory.ts'
import type { Answer } from '../../http/answer.ts'
import { Refused, refuse } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import { limits } from '../../kernel/limits.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Ask, DialectRoute, House, Sent } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import type { Token, TokenUse } from '../tokens.ts'
import { jsonOf } from './answer.ts'
import { tokenRoute } from './refusals.ts'
import { type Form, formOf } from './request-form.ts'
import { tokenBody } from './request-shapes.ts'

export interface App {
  readonly clientId: string
  readonly holder: Holder
}

/** The apps of the configuration, by id and by id and secret. */
export class Apps {
  readonly #byId = new Map<string, App>()
  readonly #bySecret = new SecretIndex<App>()

  constructor(directory: Directory) {
    for (const { account, clientId, clientSecret, user: id } of directory.voipnowApps) {
      const user = directory.user(account, id)
      if (user === undefined) continue
      const app = { clientId, holder: { account, role: user.role, user: id, credential: `voipnow/${clientId}` } }
      this.#byId.set(clientId, app)
      this.#bySecret.add(digest(both(clientId, clientSecret)), app)
    }
  }

  named(clientId: string): App | undefined {
    return this.#byId.get(clientId)
  }

  proven(clientId: string, secret: string): App | undefined {
    return this.#bySecret.find(both(clientId, secret))
  }
}

const both = (clientId: string, secret: string): string => JSON.stringify([clientId, secret])

/** The header wins over the query; in either the word Bearer may stand in front, and in the query a space without it. */
export function identify({ tokens }: Pick<House, 'tokens'>, { at, headers, query }: Sent): Outcome<Holder, Refusal> {
  const [, ofHeader] = /^bearer[ \t]+(\S+)[ \t]*$/i.exec(headers.authorization ?? '') ?? []
  const text = ofHeader ?? query.accessRequestToken?.trim().replace(/^bearer\s+/i, '')
  if (text === undefined || text === '') return fail(refusal('unauthenticated'))
  const token = tokens.check(at, { dialect: 'voipnow', use: 'access' }, text)
  return token.ok ? ok(token.value.holder) : fail(refusal(token.error))
}

export function loginRoutes(house: House, apps: Apps): readonly DialectRoute[] {
  return [
    {
      ...{ id: tokenRoute, tier: 'must', method: 'POST', path: '/oauth/token.php', open: true, body: tokenBody },
      summary: 'Issues an access token',
      bodyTypes: ['application/x-www-form-urlencoded', 'multipart/form-data', 'application/json'],
      answers: { status: 200, description: 'The token' },
      refusals: ['credentials-invalid', 'login-locked', 'parameter-missing', 'parameter-invalid', 'body-malformed', 'body-too-large'],
      handle: (ask) => grant(house, apps, ask),
    },
  ]
}

function grant(house: House, apps: Apps, ask: Ask): Answer {
  demandUnlocked(house, ask.at, [sourceLock(ask)])
  const form = formOf(ask)
  const type = required(form, 'grant_type')
  if (!['client_credentials', 'authorization_code', 'refresh_token'].includes(type))
    throw refuse('parameter-invalid', { name: 'grant_type' })
  const app = provenApp(house, apps, { ask, form })
  if (type === 'client_credentials') return issued(house, ask.at, app.holder)
  const spent = type === 'authorization_code' ? redeemed(house, app, { ask, form }) : renewed(house, app, { ask, form })
  house.tokens.revoke(spent)
  return issued(house, ask.at, spent.holder, app)
}

function required(form: Form, name: string): string {
  const text = form(name) ?? ''
  if (text === '') throw refuse('parameter-missing', { name })
  return text
}

interface Requested {
  readonly ask: Ask
  readonly form: Form
}

function provenApp(house: House, apps: Apps, { ask, form }: Requested): App {
  const { id, secret } = basicOf(ask.headers.authorization) ?? {
    id: required(form, 'client_id'),
    secret: required(form, 'client_secret'),
  }
  const app = apps.proven(id, secret)
  if (app === undefined) throw failed(house, ask)
  house.loginLock.succeeded(sourceLock(ask))
  return app
}

/** RFC 6749 §2.3.1: both halves are form-encoded. */
function basicOf(authorization: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  return { id: formDecoded(id), secret: formDecoded(rest.join(':')) }
}

const formDecoded = (text: string): string => new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? ''

/** RFC 6749 §4.1.3: the code is bound to the app and to where it was sent. */
function redeemed(house: House, app: App, { ask, form }: Requested): Token {
  const token = found(house, 'code', { ask, text: required(form, 'code') })
  if (token.notes.client !== app.clientId || token.notes.redirectUri !== required(form, 'redirect_uri')) throw failed(house, ask, 'code')
  return token
}

function renewed(house: House, app: App, { ask, form }: Requested): Token {
  const token = found(house, 'refresh', { ask, text: required(form, 'refresh_token') })
  if (token.notes.client !== app.clientId) throw failed(house, ask, 'refresh token')
  return token
}

function found(house: House, use: TokenUse, { ask, text }: { readonly ask: Ask; readonly text: string }): Token {
  const token = house.tokens.check(ask.at, { dialect: 'voipnow', use }, text)
  if (!token.ok) throw failed(house, ask, use === 'code' ? 'code' : 'refresh token')
  return token.value
}

function failed(house: House, ask: Ask, name?: string): Refused {
  house.loginLock.failed(ask.at, sourceLock(ask))
  return refuse('credentials-invalid', name === undefined ? {} : { name })
}

export const sourceLock = ({ source }: Pick<Sent, 'source'>): string => `voipnow/source/${source}`

export function demandUnlocked({ loginLock }: House, at: Instant, locks: readonly string[]): void {
  const waitMs = Math.max(...locks.map((lock) => loginLock.waitMs(at, lock)))
  if (waitMs === 0) return
  throw new Refused(refusal('login-locked'), { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } })
}

/** Clients renew 300 s before the end, so a shorter life would have them log in without end. */
const shortestLifeS = 600
const refreshMs = 30 * 24 * 3_600_000

/** A refresh token belongs to the code grant only: an app that has its own secret needs none. */
function issued({ tokens, settings }: House, at: Instant, holder: Holder, app?: App): Answer {
  const seconds = Math.max(shortestLifeS, settings.voipnow.tokenSeconds ?? limits.tokenMs / 1000)
  const access = tokens.issue(at, { dialect: 'voipnow', use: 'access', holder, lifeMs: seconds * 1000 })
  const answer = { access_token: access, expires_in: seconds, token_type: 'Bearer', refresh_token: refreshing() }
  return jsonOf(200, answer, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })

  function refreshing(): string | undefined {
    if (app === undefined) return undefined
    return tokens.issue(at, { dialect: 'voipnow', use: 'refresh', holder, lifeMs: refreshMs, notes: { client: app.clientId } })
  }
}

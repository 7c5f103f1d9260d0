/** Two token endpoints, and the tokens that they issue (contract newvoicemedia, section 2; RFC 6749 §4.4). */
import Type from 'typebox'
import { type Refusal, refusal } from '../../call/refusal.ts'
import { type Answer, jsonAnswer } from '../../http/answer.ts'
import { type JsonObject, readFormOrJson } from '../../http/body.ts'
import { Refused, refuse } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import type { Ask, DialectRoute, House, Sent } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import { accountKey, textOf } from './request.ts'

interface Terms {
  readonly seconds: number
  readonly needsScope: boolean
}

/** No scope names calls, so none is asked for there; but who asks for one that does not exist is told so. */
const scopes: readonly string[] = [
  'agents-availability:read',
  'users:read',
  'users:write',
  'interactions:write',
  'interaction-content:read',
  'interaction-content:delete',
  'stats',
  'globalpci',
  'admin:read',
  'admin:write',
]

export class Logins {
  readonly #house: House
  readonly #holders = new SecretIndex<Holder>()

  constructor(house: House) {
    this.#house = house
    for (const { account, role, clientId, clientSecret } of house.directory.newvoicemediaKeys)
      this.#holders.add(digest(pair(clientId, clientSecret)), { account, role, credential: `newvoicemedia/${clientId}` })
  }

  /** Missing, unknown, lapsed and foreign tokens are answered alike but for one header. */
  identify({ at, headers, segments }: Sent): Outcome<Holder, Refusal> {
    const text = /^bearer +([!-~]+) *$/i.exec(headers.authorization ?? '')?.[1]
    if (text === undefined) return fail(refusal('unauthenticated'))
    const token = this.#house.tokens.check(at, { dialect: 'newvoicemedia', use: 'access' }, text)
    if (!token.ok) return fail(refusal(token.error))
    const { holder } = token.value
    const key = accountKey(segments)
    return key === undefined || key === this.#house.directory.account(holder.account)?.key ? ok(holder) : fail(refusal('other-tenant'))
  }

  get routes(): readonly DialectRoute[] {
    const seconds = this.#house.settings.newvoicemedia.tokenSeconds
    const shared = { tier: 'must', method: 'POST', open: true, bodyTypes, answers, refusals } as const
    return [
      {
        ...{ ...shared, id: 'createToken', path: '/:version/oauth2/token', body: Type.Object(fields) },
        summary: 'Buy an access token with the account key and its secret, which may come as HTTP Basic authentication instead',
        handle: (ask) => this.#grant(ask, { seconds: seconds ?? 3600, needsScope: false }),
      },
      {
        ...{ ...shared, id: 'createScopedToken', path: '/auth/connect/token', body: Type.Object({ ...fields, scope }) },
        summary: 'Buy an access token for named scopes',
        handle: (ask) => this.#grant(ask, { seconds: seconds ?? 7200, needsScope: true }),
      },
    ]
  }

  #grant(ask: Ask, { seconds, needsScope }: Terms): Answer {
    const { at, source } = ask
    const { loginLock, tokens } = this.#house
    const form = readForm(ask)
    demandGrantType(form)
    if (needsScope) demandScope(textOf(form.scope))
    const visitor = `newvoicemedia ${source}`
    demandUnlocked(loginLock.waitMs(at, visitor))
    const holder = this.#holderOf(ask, form)
    if (holder === undefined) {
      loginLock.failed(at, visitor)
      throw refuse('credentials-invalid')
    }
    loginLock.succeeded(visitor)
    const token = tokens.issue(at, { dialect: 'newvoicemedia', use: 'access', holder, lifeMs: seconds * 1000 })
    const body = JSON.stringify({ access_token: token, expires_in: seconds, token_type: 'Bearer' })
    return jsonAnswer(200, body, { 'Cache-Control': 'no-store' })
  }

  #holderOf({ headers }: Ask, form: JsonObject): Holder | undefined {
    const pairs = basicPairs(headers.authorization) ?? [pair(textOf(form.client_id) ?? '', textOf(form.client_secret) ?? '')]
    return pairs.map((known) => this.#holders.find(known)).find((holder) => holder !== undefined)
  }
}

const pair = (id: string, secret: string): string => JSON.stringify([id, secret])

/** A body without a type is the form that RFC 6749 §4.4.2 asks for. */
const readForm = ({ body, headers }: Ask): JsonObject =>
  readFormOrJson({
    bytes: body,
    contentType: headers['content-type'] ?? 'application/x-www-form-urlencoded',
    contentEncoding: undefined,
  })

const oauthRefusal = (name: string, error: string, description: string): Refused =>
  new Refused(refusal('parameter-invalid', { name }), { members: { error, error_description: description } })

function demandGrantType(form: JsonObject): void {
  if (textOf(form.grant_type) !== 'client_credentials') throw oauthRefusal('grant_type', 'unsupported_grant_type', 'Invalid grant_type')
}

function demandScope(scope: string | undefined): void {
  const asked = (scope ?? '').split(' ').filter((one) => one !== '')
  if (asked.length === 0) throw oauthRefusal('scope', 'invalid_scope', 'You must specify a scope')
  const unknown = asked.find((one) => !scopes.includes(one))
  if (unknown !== undefined) throw oauthRefusal('scope', 'invalid_scope', `"${unknown}" is an invalid scope`)
}

function demandUnlocked(waitMs: number): void {
  if (waitMs > 0) throw new Refused(refusal('login-locked'), { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } })
}

/** RFC 6749 §2.3.1 has both halves form-encoded, which many clients leave out. */
function basicPairs(authorization: string | undefined): readonly string[] | undefined {
  const [, encoded] = /^basic +([\w+/=-]*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = Math.max(0, text.indexOf(':'))
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)]
  return [pair(id, secret), pair(formDecoded(id), formDecoded(secret))]
}

const formDecoded = (text: string): string => new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? ''

const fields = {
  grant_type: Type.Literal('client_credentials'),
  client_id: Type.Optional(Type.String({ description: 'The account key.' })),
  client_secret: Type.Optional(Type.String()),
}
const scope = Type.String({ description: `Separated by spaces: ${scopes.join(', ')}.` })
const bodyTypes = ['application/x-www-form-urlencoded', 'application/json']
const answers = {
  status: 200,
  description: 'A token',
  schema: Type.Object({ access_token: Type.String(), expires_in: Type.Integer(), token_type: Type.Literal('Bearer') }),
}
const refusals = ['parameter-invalid', 'credentials-invalid', 'login-locked', 'body-malformed', 'media-type-unsupported'] as const

/**
 * OAuth 2.0 client credentials (RFC 6749 §4.4): the client id is the account, the client secret one of its API keys. The token has the key's role.
 * Failures are problems like everywhere else, with the members of RFC 6749 §5.2 added, so that a stock OAuth client understands them.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { type Refusal, refusal } from '../call/refusal.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { type JsonObject, readFormOrJson } from '../http/body.ts'
import { LoginLock } from '../http/login-lock.ts'
import { Refused } from '../http/refused.ts'
import { limits } from '../kernel/limits.ts'
import type { Access } from './access.ts'
import { base } from './answers.ts'
import type { Identity } from './identity.ts'
import { rawBody, send } from './mount.ts'
import type { Office } from './office.ts'
import { plain, problemsOf } from './operation.ts'
import { ref } from './schemas.ts'
import type { TokenStore } from './tokens.ts'

interface Login {
  readonly access: Access
  readonly tokens: TokenStore
}

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
  /** How they came decides how a refusal asks for better ones. */
  readonly scheme: 'basic' | 'body'
}

export function mountOAuth(app: FastifyInstance, office: Office, login: Login): void {
  const lock = new LoginLock({ failures: limits.loginFailures, windowMs: limits.loginWindowMs, sources: limits.loginSources })
  app.route({
    method: 'POST',
    url: `${base}/oauth/token`,
    schema: operation,
    handler: (request, reply) => send(reply, grant(request, office, { ...login, lock })),
  })
}

function grant(request: FastifyRequest, { clock }: Office, { lock, ...login }: Login & { lock: LoginLock }): Answer {
  const at = clock()
  demandUnlocked(lock.waitMs(at, request.ip))
  const form = readFormOrJson(rawBody(request))
  demandGrantType(form)
  const credentials = credentialsOf(request.headers.authorization, form)
  const identity = identityBehind(login.access, credentials)
  if (identity === undefined) {
    lock.failed(at, request.ip)
    throw oauthRefusal(refusal('credentials-invalid'), 'invalid_client', challenge(credentials))
  }
  lock.succeeded(request.ip)
  const { token, expiresInSeconds } = login.tokens.issue(at, identity)
  const body = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds })
  return jsonAnswer(200, body, { 'Cache-Control': 'no-store', Pragma: 'no-cache' })
}

function demandUnlocked(waitMs: number): void {
  if (waitMs === 0) return
  throw oauthRefusal(refusal('login-locked'), 'invalid_client', { 'Retry-After': String(Math.ceil(waitMs / 1000)) })
}

function demandGrantType(form: JsonObject): void {
  const grantType = textOf(form, 'grant_type')
  if (grantType === 'client_credentials') return
  const why = 'Parameter "grant_type" must be client_credentials.'
  throw oauthRefusal(refusal('parameter-invalid', { name: 'grant_type', why }), 'unsupported_grant_type')
}

/** RFC 6749 §2.3.1: Basic authentication, whose two halves are form-encoded, or the body. */
function credentialsOf(authorization: string | undefined, form: JsonObject): Credentials {
  const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return { clientId: textOf(form, 'client_id'), clientSecret: textOf(form, 'client_secret'), scheme: 'body' }
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return { clientId: formDecode(text.slice(0, Math.max(0, colon))), clientSecret: formDecode(text.slice(colon + 1)), scheme: 'basic' }
}

function formDecode(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? ''
}

function textOf(form: JsonObject, name: string): string {
  const value = form[name]
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number') return String(value)
  throw oauthRefusal(refusal('parameter-missing', { name, why: `Parameter "${name}" is required.` }), 'invalid_request')
}

function identityBehind(access: Access, { clientId, clientSecret }: Credentials): Identity | undefined {
  const identity = access.keyHolder(clientSecret)
  return identity?.caller.account === clientId ? identity : undefined
}

const challenge = ({ scheme }: Credentials): Record<string, string> =>
  scheme === 'basic' ? { 'WWW-Authenticate': 'Basic realm="sotto"' } : {}

type OAuthError = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type'

function oauthRefusal(reason: Refusal, error: OAuthError, headers: Record<string, string> = {}): Refused {
  return new Refused(reason, { headers, members: { error, ...(reason.why && { error_description: reason.why }) } })
}

const TokenRequest = Type.Object({
  grant_type: Type.Literal('client_credentials'),
  client_id: Type.String({ description: 'The account.' }),
  client_secret: Type.String({ description: 'An API key of the account.' }),
})
const body = { schema: plain(TokenRequest) }

const operation = {
  operationId: 'issueToken',
  tags: ['Access'],
  summary: 'Exchange an API key for a token that is valid for an hour (OAuth 2.0 client credentials)',
  description:
    'The client id and secret may come by HTTP Basic authentication instead. Refusals carry `error` of RFC 6749 beside the problem.',
  security: [],
  body: { content: { 'application/x-www-form-urlencoded': body, 'application/json': body } },
  response: {
    200: { description: 'A token', content: { 'application/json': { schema: plain(ref('Token')) } } },
    ...problemsOf([
      'credentials-invalid',
      'login-locked',
      'parameter-missing',
      'parameter-invalid',
      'body-malformed',
      'body-too-large',
      'media-type-unsupported',
      'internal-error',
    ]),
  },
}

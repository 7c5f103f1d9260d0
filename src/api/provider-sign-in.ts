/** Sign-in by an identity provider (OpenID Connect, authorization code with PKCE): the browser goes there and comes back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { User } from '../directory/people.ts'
import { jsonAnswer } from '../http/answer.ts'
import { cookieOf, cookieText } from '../http/cookie.ts'
import { digest } from '../http/secrets.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { base } from './answers.ts'
import { send } from './mount.ts'
import { plain, problemsOf } from './operation.ts'
import { optional, ref, text } from './schemas.ts'
import { signInOf } from './session-views.ts'
import { sessionUrl } from './sessions.ts'
import { type Doors, opened } from './sign-in.ts'
import type { Claims, IdentityProvider, ProviderChecks } from './sign-in-words.ts'

const startUrl = `${sessionUrl}/oidc/start`
const callbackUrl = `${sessionUrl}/oidc/callback`
const cookieName = 'sotto_sign_in'

/** A browser that has gone to a provider. */
interface Journey {
  readonly provider: IdentityProvider
  readonly checks: ProviderChecks
  readonly until: Instant
}

/** Why somebody is back and not signed in, for the page that he comes back to. */
type Mishap = 'unavailable' | 'unknown-user' | 'refused'

export function mountProviderSignIn(app: FastifyInstance, doors: Doors): void {
  const journeys = new Map<string, Journey>()
  app.get(`${sessionUrl}/options`, { schema: optionsOperation }, (request, reply) => send(reply, options(doors, accountOf(request))))
  app.get(startUrl, { schema: startOperation }, async (request, reply) => await start(request, reply, { doors, journeys }))
  app.get(callbackUrl, { schema: callbackOperation }, async (request, reply) => await finish(request, reply, { doors, journeys }))
}

const accountOf = (request: FastifyRequest): string | undefined => (request.query as { readonly account?: string }).account

/** An account's own provider is offered to those who name the account. */
function options({ office }: Doors, account: string | undefined) {
  const providers = signInOf(office).providers.flatMap((provider, index) => {
    if (provider.account !== undefined && provider.account !== account) return []
    const named = provider.account === undefined ? '' : `account=${encodeURIComponent(provider.account)}&`
    return [{ label: provider.label, url: `${startUrl}?${named}provider=${index}` }]
  })
  return jsonAnswer(200, JSON.stringify({ providers }), { 'Cache-Control': 'no-store' })
}

interface Way {
  readonly doors: Doors
  readonly journeys: Map<string, Journey>
}

async function start(request: FastifyRequest, reply: FastifyReply, { doors, journeys }: Way): Promise<FastifyReply> {
  const { office, browsers } = doors
  const provider = chosen(doors, request)
  const begun = await provider?.begin(callbackOf(doors))
  if (provider === undefined || begun?.ok !== true)
    return back(reply, doors, 'unavailable', begun?.ok === false ? begun.error : 'no such provider')
  const at = office.clock()
  const secret = office.random.hex(32)
  makeRoom(at, journeys)
  journeys.set(keyOf(secret), { provider, checks: begun.value.checks, until: addMs(at, limits.providerSignInMs) })
  reply.header('Set-Cookie', journeyCookie(secret, browsers.isSecure(request)))
  return leadTo(reply, begun.value.url)
}

/** By its place among the providers; without one, the account's own, or the first that is for all. */
function chosen({ office }: Doors, request: FastifyRequest): IdentityProvider | undefined {
  const { account, provider } = request.query as { readonly account?: string; readonly provider?: string }
  const offered = signInOf(office).providers.filter((one) => one.account === undefined || one.account === account)
  if (provider !== undefined) return offered.find((one) => signInOf(office).providers.indexOf(one) === Number(provider))
  return offered.find((one) => one.account !== undefined) ?? offered[0]
}

async function finish(request: FastifyRequest, reply: FastifyReply, { doors, journeys }: Way): Promise<FastifyReply> {
  const { office, browsers } = doors
  const secret = cookieOf(request.headers.cookie, cookieName)
  const journey = secret === undefined ? undefined : journeys.get(keyOf(secret))
  // Once: what came back with an answer cannot come back with another one.
  if (secret !== undefined) journeys.delete(keyOf(secret))
  reply.header('Set-Cookie', journeyCookie('', browsers.isSecure(request)))
  if (journey === undefined || journey.until <= office.clock())
    return back(reply, doors, 'refused', 'this browser did not begin it, or too long ago')
  const answered = new URL(`${callbackOf(doors)}${queryOf(request.originalUrl)}`)
  const claims = await journey.provider.finish(answered, journey.checks)
  if (!claims.ok) return back(reply, doors, 'refused', claims.error)
  const user = userOf(doors, journey.provider, claims.value)
  if (user === undefined) return back(reply, doors, 'unknown-user', 'nobody in the configuration is meant by these claims')
  const answer = opened(request, doors, { subject: { kind: 'user', account: user.account, user: user.id }, by: 'provider' })
  reply.header('Set-Cookie', [journeyCookie('', browsers.isSecure(request)), answer.headers['Set-Cookie'] ?? ''])
  return leadTo(reply, `${signInOf(office).publicUrl}/`)
}

/** One person exactly, in the accounts that the provider vouches for. An e-mail that the provider itself has not verified is nobody's. */
function userOf({ office }: Doors, provider: IdentityProvider, claims: Claims): User | undefined {
  const { directory } = signInOf(office)
  const claimed = provider.accountClaim === undefined ? undefined : claims[provider.accountClaim]
  if (provider.accountClaim !== undefined && typeof claimed !== 'string') return undefined
  const accounts: readonly AccountId[] = directory.accounts.map(({ id }) => id)
  const allowed = accounts.filter((id) => (provider.account ?? id) === id && (claimed ?? id) === id)
  const name = claims[provider.usernameClaim ?? provider.emailClaim]
  if (typeof name !== 'string' || name === '') return undefined
  if (isEmail(provider) && isUnverified(claims)) return undefined
  const found = allowed.flatMap(
    (id) => (provider.usernameClaim === undefined ? directory.userByEmail(id, name) : directory.userByUsername(id, name)) ?? [],
  )
  return found.length === 1 ? found[0] : undefined
}

/** Also where people's user names are their e-mails. */
const isEmail = ({ usernameClaim, emailClaim }: IdentityProvider): boolean =>
  usernameClaim === undefined || usernameClaim === emailClaim || usernameClaim === 'email'

/** Some providers say it in words. One that says nothing has none that are not verified. */
const isUnverified = ({ email_verified: said }: Claims): boolean => said !== undefined && said !== true && said !== 'true'

function makeRoom(at: Instant, journeys: Map<string, Journey>): void {
  for (const [key, { until }] of journeys) if (until <= at) journeys.delete(key)
  const [oldest] = journeys.keys()
  if (journeys.size >= limits.providerSignIns && oldest !== undefined) journeys.delete(oldest)
}

const callbackOf = ({ office }: Doors): string => `${signInOf(office).publicUrl}${callbackUrl}`

const queryOf = (target: string): string => (target.includes('?') ? target.slice(target.indexOf('?')) : '')

const keyOf = (secret: string): string => digest(secret).toString('hex')

/** Lax: the browser comes back from another site. */
const journeyCookie = (value: string, isSecure: boolean): string =>
  cookieText({
    ...{ name: cookieName, value, path: `${base}/session/oidc`, sameSite: 'Lax', isSecure },
    maxAgeSeconds: value === '' ? 0 : limits.providerSignInMs / 1000,
  })

function back(reply: FastifyReply, { office }: Doors, mishap: Mishap, why: string): FastifyReply {
  office.log.warn({ mishap, why }, 'a sign-in by an identity provider came to nothing')
  return leadTo(reply, `${signInOf(office).publicUrl}/?signIn=${mishap}`)
}

const leadTo = (reply: FastifyReply, url: string): FastifyReply =>
  reply.code(302).headers({ Location: url, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' }).send('')

const redirect = (description: string) => ({ 302: { description }, ...problemsOf(['internal-error']) })
const open = { tags: ['Access'], security: [] }
const account = optional(text(64, { description: 'Whose own provider is meant, too.' }))

const optionsOperation = {
  ...open,
  operationId: 'getSignInOptions',
  summary: 'Identity providers by which one may sign in',
  querystring: plain(Type.Object({ account })),
  response: {
    200: {
      description: 'Those that are for all, and the account’s own',
      content: { 'application/json': { schema: plain(ref('SignInOptions')) } },
    },
    ...problemsOf(['internal-error']),
  },
}

const startOperation = {
  ...open,
  operationId: 'startProviderSignIn',
  summary: 'Leads the browser to an identity provider',
  querystring: plain(Type.Object({ account, provider: optional(text(8, { description: 'As the options have it.' })) })),
  response: redirect('To the provider; back to the page with `?signIn=unavailable` where it cannot be reached'),
}

const callbackOperation = {
  ...open,
  operationId: 'finishProviderSignIn',
  summary: 'Where the identity provider leads the browser back to',
  response: redirect('To the page: signed in, or with `?signIn=unknown-user` or `?signIn=refused`'),
}

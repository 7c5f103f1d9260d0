/** `POST /sotto/v1/session`: a person signs in, by user name and password or by an API key, and the browser gets a cookie. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { refusal } from '../call/refusal.ts'
import type { User } from '../directory/people.ts'
import { type Answer, jsonAnswer } from '../http/answer.ts'
import { readJson } from '../http/body.ts'
import { LoginLock } from '../http/login-lock.ts'
import { Refused, refuse } from '../http/refused.ts'
import { originOf } from '../http/same-origin.ts'
import { accountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Access } from './access.ts'
import type { Browsers } from './browsers.ts'
import { reader } from './fields.ts'
import { rawBody, send } from './mount.ts'
import type { Office } from './office.ts'
import { plain, problemsOf } from './operation.ts'
import { optional, ref, text } from './schemas.ts'
import type { SignIn } from './session-store.ts'
import { sessionView, signInOf } from './session-views.ts'
import { sessionUrl } from './sessions.ts'

export interface Doors {
  readonly office: Office
  readonly access: Access
  readonly browsers: Browsers
}

type Who = Pick<SignIn, 'subject' | 'by'>

const SignInBody = Type.Object({
  apiKey: optional(text(256, { description: 'Or the three below.' })),
  account: optional(text(64, { description: 'May be absent where only one account has such a user.' })),
  username: optional(text(128)),
  password: optional(text(limits.passwordCharacters)),
})

const readBody = reader(SignInBody)

export function mountSignIn(app: FastifyInstance, doors: Doors): void {
  const locks = {
    address: new LoginLock({ failures: limits.loginFailures, windowMs: limits.loginWindowMs, sources: limits.loginSources }),
    user: new LoginLock({ failures: limits.loginFailuresPerUser, windowMs: limits.loginWindowMs, sources: limits.loginSources }),
  }
  app.route({
    method: 'POST',
    url: sessionUrl,
    schema: operation,
    handler: async (request, reply) => send(reply, await signIn(request, doors, locks)),
  })
}

interface Locks {
  readonly address: LoginLock
  readonly user: LoginLock
}

async function signIn(request: FastifyRequest, doors: Doors, locks: Locks): Promise<Answer> {
  if (originOf(request.headers, signInOf(doors.office).publicUrl) === 'foreign')
    throw refuse('forbidden', { why: 'People sign in on a page of this server only.' })
  demandUnlocked(locks.address.waitMs(doors.office.clock(), request.ip))
  const body = readBody(readJson(rawBody(request)))
  // Counted before it is known, so that a hundred at once are not a hundred guesses.
  locks.address.failed(doors.office.clock(), request.ip)
  const who = body.apiKey === undefined ? await byPassword(doors, locks.user, body) : byKey(doors, body.apiKey)
  locks.address.forgive(request.ip)
  return opened(request, doors, who)
}

export function opened(request: FastifyRequest, { office, browsers }: Doors, who: Who): Answer {
  const { identity, cookie } = browsers.open(office.clock(), request, who)
  const { account, user } = identity.caller
  office.log.info({ session: identity.browser?.session.id, account, user, by: who.by, source: request.ip }, 'signed in')
  return jsonAnswer(201, JSON.stringify(sessionView(office, identity)), { 'Cache-Control': 'no-store', 'Set-Cookie': cookie })
}

function byKey({ access }: Doors, key: string): Who {
  const identity = access.keyHolder(key)
  if (identity === undefined) throw refuse('credentials-invalid', { why: 'This API key is not known.' })
  return { subject: { kind: 'key', account: identity.caller.account, credential: identity.credential }, by: 'key' }
}

type Said = Type.Static<typeof SignInBody>

async function byPassword({ office }: Doors, lock: LoginLock, { account, username, password }: Said): Promise<Who> {
  if (username === undefined || username === '') throw missing('username')
  if (password === undefined || password === '') throw missing('password')
  const name = `${account ?? ''}/${username.toLowerCase()}`
  demandUnlocked(lock.waitMs(office.clock(), name))
  lock.failed(office.clock(), name)
  const user = userNamed(office, account, username)
  const matches = await signInOf(office).passwords.matches(user?.password, password)
  if (matches === 'busy') throw refuse('rate-limited', { why: 'Too many people are signing in at this moment.' })
  // What was wrong is told to nobody, nor whether there is such a user.
  if (user === undefined || !matches) throw refuse('credentials-invalid', { why: 'The user name or the password is wrong.' })
  lock.succeeded(name)
  return { subject: { kind: 'user', account: user.account, user: user.id }, by: 'password' }
}

const missing = (name: string) => refuse('parameter-missing', { name, why: `Parameter "${name}" is required, or "apiKey".` })

function userNamed(office: Office, account: string | undefined, username: string): User | undefined {
  const { directory } = signInOf(office)
  const accounts = account === undefined ? directory.accounts.map(({ id }) => id) : [accountId(account)]
  const found = accounts.flatMap((id) => directory.userByUsername(id, username) ?? [])
  return found.length === 1 ? found[0] : undefined
}

function demandUnlocked(waitMs: number): void {
  if (waitMs > 0) throw new Refused(refusal('login-locked'), { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } })
}

const operation = {
  operationId: 'signIn',
  tags: ['Access'],
  summary: 'Sign a browser in: it gets a cookie, and the token that changes need beside it',
  description: 'Browsers are taken at their word only from pages of this server (Origin, Sec-Fetch-Site).',
  security: [],
  body: { content: { 'application/json': { schema: plain(SignInBody) } } },
  response: {
    201: {
      description: 'Signed in',
      headers: { 'Set-Cookie': { type: 'string', description: 'The session; HttpOnly, SameSite=Strict.' } },
      content: { 'application/json': { schema: plain(ref('Session')) } },
    },
    ...problemsOf([
      'credentials-invalid',
      'login-locked',
      'rate-limited',
      'forbidden',
      'parameter-missing',
      'parameter-invalid',
      'body-malformed',
      'body-too-large',
      'media-type-unsupported',
      'internal-error',
    ]),
  },
}

/** The authorization endpoint of the code grant (RFC 6749 §4.1): a user signs in with the number and password of one of his extensions. */
import type { Directory } from '../../directory/directory.ts'
import type { User } from '../../directory/people.ts'
import { type Answer, answer } from '../../http/answer.ts'
import { refuse } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import { loginPage, pageAnswer } from './answer-page.ts'
import { type App, type Apps, demandUnlocked, sourceLock } from './login.ts'
import { pageRoutes } from './refusals.ts'
import { ownNumber } from './request-fields.ts'
import { type Form, formOf } from './request-form.ts'

const path = '/oauth/authorize.php'

export function pageRoutesOf(house: House, apps: Apps): readonly DialectRoute[] {
  const phones = new Phones(house.directory)
  const [show = '', signIn = ''] = pageRoutes
  const refusals = ['parameter-missing', 'parameter-invalid', 'login-locked'] as const
  return [
    {
      ...{ id: show, tier: 'should', method: 'GET', path, open: true, refusals, summary: 'Login page of the code grant' },
      answers: { status: 200, description: 'A form', type: 'text/html' },
      handle: (ask) =>
        form(
          authorization(apps, (name) => ask.query[name]),
          200,
        ),
    },
    {
      ...{ id: signIn, tier: 'should', method: 'POST', path, open: true, refusals, summary: 'Signs a user in' },
      answers: { status: 302, description: 'Back to the app, with a code', type: 'text/html' },
      handle: (ask) => enter(house, ask, { apps, phones }),
    },
  ]
}

/** Who is behind a phone's password. */
class Phones {
  readonly #users = new SecretIndex<User>()

  constructor(directory: Directory) {
    for (const { id, extensions } of directory.accounts) {
      for (const { number, password } of extensions) {
        const user = directory.userOfExtension(id, number)
        if (user !== undefined) this.#users.add(digest(key(id, number, password)), user)
      }
    }
  }

  user(account: AccountId, number: string, password: string): User | undefined {
    return this.#users.find(key(account, number, password))
  }
}

const key = (account: AccountId, number: string, password: string): string => JSON.stringify([account, number, password])

interface Authorization {
  readonly app: App
  readonly redirectUri: URL
  /** As it was sent: the token request must name it with the same letters. */
  readonly redirectText: string
  readonly state: string | undefined
}

const longest = 2_000

/** Before the app and where it wants its user are known to be good there is no redirect: the fault is told on a page (RFC 6749 §4.1.2.1). */
function authorization(apps: Apps, field: Form): Authorization {
  if (required(field, 'response_type') !== 'code') throw refuse('parameter-invalid', { name: 'response_type' })
  const app = apps.named(required(field, 'client_id'))
  if (app === undefined) throw refuse('parameter-invalid', { name: 'client_id' })
  const redirectText = required(field, 'redirect_uri')
  const redirectUri = safeTarget(redirectText)
  if (redirectUri === undefined) throw refuse('parameter-invalid', { name: 'redirect_uri' })
  const state = field('state')
  if (state !== undefined && state.length > longest) throw refuse('parameter-invalid', { name: 'state' })
  return { app, redirectUri, redirectText, state }
}

function required(field: Form, name: string): string {
  const text = field(name) ?? ''
  if (text === '') throw refuse('parameter-missing', { name })
  return text
}

/** https, or http to the user's own machine, where a native app waits (RFC 8252 §7.3). */
function safeTarget(text: string): URL | undefined {
  if (text.length > longest || /[\p{Cc}\s]/u.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)
  return isSafe && url.username === '' && url.password === '' && !text.includes('#') ? url : undefined
}

function form({ app, redirectUri, redirectText, state }: Authorization, status: number, fault?: string): Answer {
  const hidden = { response_type: 'code', client_id: app.clientId, redirect_uri: redirectText, ...(state === undefined ? {} : { state }) }
  const page = loginPage({ app: app.clientId, host: redirectUri.host, hidden, ...(fault === undefined ? {} : { fault }) })
  return pageAnswer(status, page, {}, [redirectUri.origin])
}

function enter(house: House, ask: Ask, { apps, phones }: { readonly apps: Apps; readonly phones: Phones }): Answer {
  const field = formOf(ask)
  const wanted = authorization(apps, field)
  const { account } = wanted.app.holder
  const settings = house.directory.account(account)
  const number = settings && ownNumber(settings, field('number') ?? '')
  const locks = [sourceLock(ask), `voipnow/phone/${account}/${number}`]
  demandUnlocked(house, ask.at, locks)
  const user = number === undefined ? undefined : phones.user(account, number, field('password') ?? '')
  if (user === undefined) {
    for (const lock of locks) house.loginLock.failed(ask.at, lock)
    return form(wanted, 401, 'The extension or the password is wrong.')
  }
  for (const lock of locks) house.loginLock.succeeded(lock)
  return sentBack(house, ask, { ...wanted, user })
}

/** "code lives 10 minutes" (contract voipnow, section 2). */
const codeMs = 600_000

/** The one redirect of this dialect: a browser follows it, no program does. */
function sentBack(
  house: House,
  ask: Ask,
  { app, redirectUri, redirectText, state, user }: Authorization & { readonly user: User },
): Answer {
  const holder = { ...app.holder, role: user.role, user: user.id }
  const notes = { client: app.clientId, redirectUri: redirectText }
  const code = house.tokens.issue(ask.at, { dialect: 'voipnow', use: 'code', holder, lifeMs: codeMs, notes })
  const target = new URL(redirectUri)
  target.searchParams.append('code', code)
  if (state !== undefined) target.searchParams.append('state', state)
  return answer(302, '', { Location: target.href, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
}

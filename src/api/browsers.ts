/** Browsers that are signed in: their cookies, and who is behind them. */
import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { User } from '../directory/people.ts'
import { cookieOf, cookieText } from '../http/cookie.ts'
import { refuse } from '../http/refused.ts'
import { originOf } from '../http/same-origin.ts'
import { digest } from '../http/secrets.ts'
import type { Instant } from '../kernel/time.ts'
import type { Access } from './access.ts'
import type { BrowserSession, Identity } from './identity.ts'
import type { Session, SessionStore, SignIn, Subject } from './session-store.ts'
import type { SignInSettings } from './sign-in-words.ts'

const cookieName = 'sotto_session'

interface Parts {
  readonly store: SessionStore
  readonly access: Access
  readonly settings: Pick<SignInSettings, 'directory' | 'publicUrl'>
}

export class Browsers {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get sessions(): SessionStore {
    return this.#parts.store
  }

  /** By its cookie; undefined without a good one. What changes anything must come from a page of ours, and know the session's token. */
  identify(at: Instant, request: FastifyRequest): Identity | undefined {
    const cookie = this.#cookieOf(request)
    const session = cookie && this.#parts.store.use(at, cookie.value)
    const identity = session && this.#identityOf(session)
    if (identity === undefined || cookie === undefined || session === undefined) return undefined
    const csrf = csrfOf(cookie.value)
    this.#demandOwnPage(request, csrf)
    return { ...identity, browser: { session, csrf, cookie: cookie.name, isOver: (now) => this.#isOver(now, session.id) } }
  }

  /** As a stream that is open does it. */
  stays(at: Instant, { session }: BrowserSession): void {
    this.#parts.store.touch(at, session.id)
  }

  /** A new secret with every sign-in: whatever the browser had before opens nothing any more. */
  open(
    at: Instant,
    request: FastifyRequest,
    who: Pick<SignIn, 'subject' | 'by'>,
  ): { readonly identity: Identity; readonly cookie: string } {
    const before = this.#cookieOf(request)
    const old = before && this.#parts.store.use(at, before.value)
    if (old !== undefined) this.#parts.store.end(old.id)
    const userAgent = request.headers['user-agent']?.slice(0, 256)
    const stamp = this.#stampOf(who.subject) ?? ''
    const { secret, session } = this.#parts.store.open(at, { ...who, stamp, address: request.ip, ...(userAgent && { userAgent }) })
    const identity = this.#identityOf(session)
    if (identity === undefined) throw refuse('credentials-invalid')
    const isSecure = this.isSecure(request)
    const name = nameFor(isSecure)
    const maxAgeSeconds = Math.ceil((session.endsAt - at) / 1000)
    const browser = { session, csrf: csrfOf(secret), cookie: name, isOver: (now: Instant) => this.#isOver(now, session.id) }
    return { identity: { ...identity, browser }, cookie: cookieText({ ...usual, name, value: secret, isSecure, maxAgeSeconds }) }
  }

  /** Ends it, and says so to the browser. */
  close({ session, cookie: name }: BrowserSession): string {
    this.#parts.store.end(session.id)
    return cookieText({ ...usual, name, value: '', isSecure: name !== cookieName, maxAgeSeconds: 0 })
  }

  /** Where others reach us by https, cookies are for https only. Whoever came to the machine itself without it must be able to keep them. */
  isSecure(request: FastifyRequest): boolean {
    return request.headers.origin?.startsWith('https:') === true || this.#isBehindHttps(request)
  }

  #isBehindHttps({ headers }: FastifyRequest): boolean {
    return this.#parts.settings.publicUrl.startsWith('https:') && !isLoopback(headers.host)
  }

  #cookieOf(request: FastifyRequest): { readonly name: string; readonly value: string } | undefined {
    const { cookie } = request.headers
    for (const name of [nameFor(true), ...(this.#isBehindHttps(request) ? [] : [cookieName])]) {
      const value = cookieOf(cookie, name)
      if (value !== undefined && value !== '') return { name, value }
    }
    return undefined
  }

  #demandOwnPage(request: FastifyRequest, csrf: string): void {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const isUpgrade = isRead && request.headers.upgrade !== undefined
    if (isRead && !isUpgrade) return
    if (originOf(request.headers, this.#parts.settings.publicUrl) !== 'own')
      throw refuse('forbidden', { why: 'With a cookie, this is taken from a page of this server only.' })
    if (isUpgrade || isSameText(String(request.headers['x-csrf-token'] ?? ''), csrf)) return
    throw refuse('forbidden', { why: 'With a cookie, changes need the header X-CSRF-Token with the "csrf" of the session.' })
  }

  #identityOf({ subject, stamp }: Session): Identity | undefined {
    if (this.#stampOf(subject) !== stamp) return undefined
    if (subject.kind === 'key') return this.#parts.access.keyOf(subject.credential)
    const { account, user: id } = subject
    const user = this.#parts.settings.directory.user(account, id)
    if (user === undefined) return undefined
    const credential = digest(`user ${account} ${id}`).toString('hex')
    return { caller: { account, role: user.role, user: id, credential: credential.slice(0, 16), via: 'native' }, credential }
  }

  /** Undefined where the configuration has him no more. */
  #stampOf(subject: Subject): string | undefined {
    if (subject.kind === 'key') return this.#parts.access.keyOf(subject.credential) === undefined ? undefined : ''
    const user = this.#parts.settings.directory.user(subject.account, subject.user)
    return user && userStamp(user)
  }

  #isOver(at: Instant, id: string): boolean {
    const session = this.#parts.store.get(at, id)
    return session === undefined || this.#stampOf(session.subject) !== session.stamp
  }
}

/** RFC 6265bis §4.1.3.2: with this prefix no neighbour's host can put a cookie into the place of ours. */
const nameFor = (isSecure: boolean): string => (isSecure ? `__Host-${cookieName}` : cookieName)

const usual = { path: '/', sameSite: 'Strict' } as const

/** Made of the cookie's secret, so that it is kept nowhere, and of nothing that a page of somebody else's could know. */
const csrfOf = (secret: string): string => digest(`csrf ${secret}`).toString('base64url')

const isSameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** Another password, and whoever signed in with the old one has to do so again. */
const userStamp = ({ username, password, email }: User): string =>
  digest(JSON.stringify([username, password, email]))
    .toString('hex')
    .slice(0, 16)

const isLoopback = (host: string | undefined): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host ?? '')

/** Whose sessions somebody may see and end: his own. */
export const subjectOf = ({ caller: { account }, credential, browser }: Identity): Subject =>
  browser?.session.subject ?? { kind: 'key', account, credential }

/** Logins, access tokens and API tokens (contract smartflo, section 2). */
import { type Refusal, refusal } from '../../call/refusal.ts'
import type { SmartfloLogin } from '../../directory/people.ts'
import { type Answer, answer } from '../../http/answer.ts'
import { Refused, refuse } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import { limits } from '../../kernel/limits.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { Ask, House, Sent } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import type { Token } from '../tokens.ts'
import { indianTime } from './refusals.ts'
import { readBody, required, tokenOf } from './request.ts'

const access = { dialect: 'smartflo', use: 'access' } as const

/** Passwords do not age here; a year is what a client can take without warning anybody. */
const daysLeft = 365

export class Logins {
  readonly #house: House
  readonly #byPassword = new SecretIndex<Holder>()
  readonly #byApiToken = new SecretIndex<Holder>()

  constructor(house: House) {
    this.#house = house
    for (const login of house.directory.smartfloLogins) {
      this.#byPassword.add(digest(secretOf(login.email, login.password)), holderOf(login))
      this.#byApiToken.add(digest(login.apiToken), holderOf(login))
    }
  }

  identify(sent: Sent): Outcome<Holder, Refusal> {
    const text = tokenOf(sent)
    if (text === undefined) return fail(refusal('unauthenticated'))
    const known = this.byApiToken(text)
    if (known !== undefined) return ok(known)
    const token = this.#house.tokens.check(sent.at, access, text)
    return token.ok ? ok(token.value.holder) : fail(refusal(token.error))
  }

  byApiToken(text: string): Holder | undefined {
    return this.#byApiToken.find(text)
  }

  async login(ask: Ask): Promise<Answer> {
    const fields = await readBody(ask)
    const email = required(fields, 'email')
    const password = required(fields, 'password')
    const doors = doorsOf(ask, email)
    this.#demandUnlocked(ask.at, doors)
    const holder = this.#byPassword.find(secretOf(email, password))
    if (holder === undefined) throw this.#refused(ask.at, doors)
    this.#house.loginLock.succeeded(doors.email)
    return this.#granted(ask.at, holder)
  }

  #demandUnlocked(at: Instant, { email, source }: Doors): void {
    const { loginLock } = this.#house
    const waitMs = Math.max(loginLock.waitMs(at, email), loginLock.waitMs(at, source))
    if (waitMs === 0) return
    throw new Refused(refusal('login-locked'), {
      headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
      members: { retry_after: indianTime(addMs(at, waitMs)) },
    })
  }

  #refused(at: Instant, { email, source }: Doors): Refused {
    const { loginLock } = this.#house
    const count = loginLock.failed(at, email)
    loginLock.failed(at, source)
    return new Refused(refusal('credentials-invalid'), { members: { login_failed_count: count } })
  }

  /** The old token ends with it. */
  refresh(ask: Ask): Answer {
    const text = tokenOf(ask)
    if (text === undefined) throw refuse('unauthenticated')
    const token = this.#house.tokens.remembered(ask.at, access, text)
    const holder = token?.holder ?? this.byApiToken(text)
    if (holder === undefined) throw refuse('unauthenticated')
    this.#revoke(token)
    return this.#granted(ask.at, holder)
  }

  #revoke(token: Token | undefined): void {
    if (token !== undefined) this.#house.tokens.revoke(token)
  }

  #granted(at: Instant, holder: Holder): Answer {
    const lifeMs = (this.#house.settings.smartflo.tokenSeconds ?? limits.tokenMs / 1000) * 1000
    const token = this.#house.tokens.issue(at, { ...access, holder, lifeMs })
    const body = {
      success: true,
      access_token: token,
      token_type: 'bearer',
      expires_in: lifeMs / 1000,
      number_of_days_left: daysLeft,
    }
    return answer(200, JSON.stringify(body), { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  }
}

/** What failed logins are counted by. */
interface Doors {
  readonly email: string
  readonly source: string
}

/** As a digest, so that a long e-mail address takes no more room than a short one. */
const doorsOf = ({ source }: Sent, email: string): Doors => ({
  email: `smartflo e-mail ${digest(email.toLowerCase()).toString('base64url')}`,
  source: `smartflo source ${source}`,
})

/** E-mail and password are looked up together: a name that does not exist takes as long as a wrong password. */
const secretOf = (email: string, password: string): string => JSON.stringify([email.toLowerCase(), password])

const holderOf = ({ account, role, agent, email }: SmartfloLogin): Holder => ({
  ...{ account, role, credential: `smartflo/${account}/${email}` },
  ...(agent === undefined ? {} : { agent }),
})

/** Tokens: 32 hex digits in the URL, good for half an hour after their last use (contract openvox-yeastar, section 2). */
import { hash } from 'node:crypto'
import { type Refusal, refusal } from '../../call/refusal.ts'
import type { YeastarUser } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import type { House, Sent } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import { demand } from '../ordering.ts'
import type { Token } from '../tokens.ts'
import type { Content } from './answer.ts'
import { noReceiver, receiverNoted, receiverOf } from './login-report.ts'
import type { Request } from './request.ts'

const access = { dialect: 'yeastar', use: 'access' } as const
const usualLifeS = 1_800
/** v2 reports to this port where the program names none. */
const usualPort = '8260'

type User = Pick<YeastarUser, 'account' | 'username' | 'role'>

export const lifeMsOf = (house: House): number => (house.settings.yeastar.tokenSeconds ?? usualLifeS) * 1_000

export class Logins {
  readonly #house: House
  /** By name and MD5 of the password, which is all that a client ever sends of it. */
  readonly #users = new SecretIndex<User>()

  constructor(house: House) {
    this.#house = house
    for (const { account, username, password, role } of house.directory.yeastarUsers)
      this.#users.add(digest(secretOf(username, hash('md5', password))), { account, username, role })
  }

  /** Every request lets the token live on. */
  identify(sent: Sent): Outcome<Holder, Refusal> {
    const token = this.#check(sent)
    if (!token.ok) return token
    this.#house.tokens.renew(sent.at, token.value, lifeMsOf(this.#house))
    return ok(token.value.holder)
  }

  #check({ at, query }: Sent): Outcome<Token, Refusal> {
    const text = query.token?.trim() ?? ''
    if (text === '') return fail(refusal('unauthenticated'))
    const token = this.#house.tokens.check(at, access, text)
    return token.ok ? token : fail(refusal(token.error))
  }

  login(request: Request, version: 'v1' | 'v2'): Content {
    const { ask, fields } = request
    const [username, password] = [fields.required('username'), fields.required('password')]
    const { account, role } = this.#userOf(ask, { username, password })
    const notes = receiverOf(request, version === 'v2' ? { ...noReceiver, port: usualPort } : noReceiver, this.#house.courier)
    const holder = { account, role, credential: `yeastar/${account}/${username}` }
    return { token: this.#house.tokens.issue(ask.at, { ...access, holder, lifeMs: lifeMsOf(this.#house), shape: 'hex32', notes }) }
  }

  /** Five wrong ones in a row close the door to the address, for the right password too. */
  demandUnlocked({ at, source }: Sent): void {
    if (this.#house.loginLock.waitMs(at, lockOf(source)) > 0) throw refuse('login-locked')
  }

  #userOf({ at, source }: Sent, { username, password }: { readonly username: string; readonly password: string }): User {
    const user = this.#users.find(secretOf(username, password.toLowerCase()))
    if (user === undefined) {
      this.#house.loginLock.failed(at, lockOf(source))
      throw refuse('credentials-invalid')
    }
    this.#house.loginLock.succeeded(lockOf(source))
    return user
  }

  /** The program is still there; it may say that reports shall go elsewhere. */
  heartbeat(request: Request): Content {
    const token = demand(this.#check(request.ask))
    const notes = receiverOf(request, receiverNoted(token.notes), this.#house.courier)
    this.#house.tokens.renew(request.ask.at, token, lifeMsOf(this.#house), notes)
    return {}
  }

  logout({ ask }: Request): Content {
    this.#house.tokens.revoke(demand(this.#check(ask)))
    return {}
  }
}

const secretOf = (username: string, md5: string): string => `${md5}\n${username}`

const lockOf = (source: string): string => `yeastar ${source}`

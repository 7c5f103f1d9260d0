/** Who asks: credentials, and the tokens that they are exchanged for (contract ringcx, section 2). */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Refusal, refusal } from '../../call/refusal.ts'
import type { RingcxKey } from '../../directory/people.ts'
import { Refused } from '../../http/refused.ts'
import { digest, SecretIndex } from '../../http/secrets.ts'
import { fail, type Outcome, ok } from '../../kernel/outcome.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Ask, House, Sent } from '../dialect.ts'
import type { Holder } from '../holder.ts'
import type { Token } from '../tokens.ts'
import { unknownToken } from './refusals.ts'

/** Which login a refresh token belongs to: the OAuth step, or the exchange and the direct login. */
type Stage = 'oauth' | 'access'

export interface Pair {
  readonly holder: Holder
  readonly token: string
  readonly refresh: string | undefined
}

/** An authenticated OAuth client: what it says next is looked up together with this. */
export type Client = readonly [id: string, secret: string]

const dialect = 'ringcx'
const oauthMs = 3_600_000
const accessMs = 300_000
export const refreshMs = 7 * 86_400_000
/** The answer to a refresh may have been lost: for so long it is given again. */
const repeatMs = 10_000
/** Permanent, as documented; it ends with the server all the same. */
const apiTokenMs = 100 * 365 * 86_400_000

export class Login {
  readonly #house: House
  readonly #holders = new SecretIndex<Holder>()

  constructor(house: House) {
    this.#house = house
    for (const key of house.directory.ringcxKeys) this.#know(key)
  }

  #know(key: RingcxKey): void {
    const { account, role, username, password, apiToken, clientId, clientSecret, assertion } = key
    const holder: Holder = { account, role, credential: `${account}/${username}` }
    const add = (...words: readonly string[]) => this.#holders.add(digest(spelt(words)), holder)
    add('api', apiToken)
    add('direct', username, password)
    if (clientId === undefined || clientSecret === undefined) return
    add('client', clientId, clientSecret)
    add('password', clientId, clientSecret, username, password)
    if (assertion !== undefined) add('assertion', clientId, clientSecret, assertion)
  }

  #find(...words: readonly string[]): Holder | undefined {
    return this.#holders.find(spelt(words))
  }

  identify({ at, headers }: Sent): Outcome<Holder, Refusal> {
    const [, bearer] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
    if (bearer !== undefined) return this.#byToken(at, bearer)
    const key = headers['x-auth-token']?.trim() ?? ''
    return key === '' ? fail(refusal('unauthenticated')) : this.#byApiToken(at, key)
  }

  #byToken(at: Instant, text: string): Outcome<Holder, Refusal> {
    const token = this.#house.tokens.check(at, { dialect, use: 'access' }, text)
    if (token.ok) return ok(token.value.holder)
    return fail(token.error === 'token-expired' ? refusal('token-expired') : refusal('unauthenticated', { why: unknownToken }))
  }

  /** Renewed with each use, so that it is the last to go when the book of tokens is full. */
  #byApiToken(at: Instant, text: string): Outcome<Holder, Refusal> {
    const configured = this.#find('api', text)
    if (configured !== undefined) return ok(configured)
    const token = this.#apiToken(at, text)
    if (token === undefined) return fail(refusal('unauthenticated', { why: unknownToken }))
    this.#house.tokens.renew(at, token, apiTokenMs)
    return ok(token.holder)
  }

  /** What a login by somebody's secret comes to. Random tokens are not counted: nobody guesses those. */
  guarded({ at, source }: Ask, found: Holder | undefined, error: 'invalid_client' | 'invalid_grant' = 'invalid_grant'): Holder {
    if (found === undefined) {
      this.#house.loginLock.failed(at, lockOf(source))
      throw badLogin(error)
    }
    this.#house.loginLock.succeeded(lockOf(source))
    return found
  }

  demandUnlocked({ at, source }: Ask): void {
    const waitMs = this.#house.loginLock.waitMs(at, lockOf(source))
    if (waitMs > 0) throw new Refused(refusal('login-locked'), { headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } })
  }

  direct(ask: Ask, username: string, password: string): Holder {
    return this.guarded(ask, this.#find('direct', username, password))
  }

  demandClient(ask: Ask, client: Client): void {
    if (this.#find('client', ...client) === undefined) this.guarded(ask, undefined, 'invalid_client')
  }

  byAssertion(ask: Ask, client: Client, assertion: string): Holder {
    return this.guarded(ask, this.#find('assertion', ...client, assertion))
  }

  byPassword(ask: Ask, client: Client, { username, password }: { readonly username: string; readonly password: string }): Holder {
    return this.guarded(ask, this.#find('password', ...client, username, password))
  }

  /** Whose token of the OAuth step it is. */
  exchanged({ at }: Ask, oauth: string): Holder {
    const token = this.#house.tokens.check(at, { dialect, use: 'oauth' }, oauth)
    if (!token.ok) throw badLogin('invalid_grant')
    return token.value.holder
  }

  issue({ at }: Ask, holder: Holder, how: { readonly stage: Stage; readonly withRefresh: boolean }): Pair {
    const { tokens, settings } = this.#house
    const { tokenSeconds } = settings.ringcx
    const accessLifeMs = tokenSeconds === undefined ? accessMs : tokenSeconds * 1000
    const lifeMs = how.stage === 'oauth' ? oauthMs : accessLifeMs
    const token = tokens.issue(at, { dialect, use: how.stage, holder, lifeMs })
    const notes = { stage: how.stage }
    const refresh = how.withRefresh ? tokens.issue(at, { dialect, use: 'refresh', holder, lifeMs: refreshMs, notes }) : undefined
    return { holder, token, refresh }
  }

  /** A refresh token is spent by its use; who sends it again at once is given the same pair again. */
  refresh(ask: Ask, text: string, stage: Stage): Pair {
    const { tokens } = this.#house
    const found = tokens.check(ask.at, { dialect, use: 'refresh' }, text)
    if (!found.ok || found.value.notes.stage !== stage) throw badLogin('invalid_grant')
    const { holder, notes } = found.value
    if (notes.sealed !== undefined) return { holder, ...opened(text, notes.sealed) }
    const pair = this.issue(ask, holder, { stage, withRefresh: true })
    tokens.renew(ask.at, found.value, repeatMs, { stage, sealed: sealed(text, pair) })
    return pair
  }

  issueApiToken({ at, holder }: Ask): string {
    const { tokens } = this.#house
    const text = tokens.issue(at, { dialect, use: 'api', holder, lifeMs: apiTokenMs, shape: 'uuid' })
    const token = tokens.check(at, { dialect, use: 'api' }, text)
    if (token.ok) tokens.renew(at, token.value, apiTokenMs, { hint: text.slice(0, 8) })
    return `${apiTokenPrefix}${text}`
  }

  /** Of one login. The tokens themselves are not kept (W13): each is known by how it begins. */
  apiTokens({ at, holder }: Ask): readonly string[] {
    const own = this.#house.tokens.live(at, { dialect, use: 'api' }).filter((token) => isOf(token, holder))
    return own.map(({ notes }) => `${apiTokenPrefix}${notes.hint ?? ''}-****-****-****-************`)
  }

  revokeApiToken({ at, holder }: Ask, text: string): boolean {
    const token = this.#apiToken(at, text)
    if (token === undefined || !isOf(token, holder)) return false
    this.#house.tokens.revoke(token)
    return true
  }

  #apiToken(at: Instant, text: string): Token | undefined {
    if (!text.startsWith(apiTokenPrefix)) return undefined
    const token = this.#house.tokens.check(at, { dialect, use: 'api' }, text.slice(apiTokenPrefix.length))
    return token.ok ? token.value : undefined
  }
}

const apiTokenPrefix = 'aws80:'

const isOf = (token: Token, { account, credential }: Holder): boolean =>
  token.holder.account === account && token.holder.credential === credential

/** The user name of a login, as its tokens remember it. */
export const userNameOf = ({ credential }: Holder): string => credential.slice(credential.indexOf('/') + 1)

/** Several secrets as one text that no other ones make. */
const spelt = (words: readonly string[]): string => JSON.stringify(words)

const lockOf = (source: string): string => `${dialect} ${source}`

const badLogin = (error: 'invalid_client' | 'invalid_grant'): Refused => new Refused(refusal('credentials-invalid'), { members: { error } })

/**
 * The answer to a refresh, legible only with the refresh token itself, since tokens are not kept in plain (W13). The key is used once, so that
 * the nonce may be constant.
 */
function sealed(refreshToken: string, { token, refresh }: Pair): string {
  const cipher = createCipheriv('aes-256-gcm', sealKey(refreshToken), nonce)
  const text = Buffer.concat([cipher.update(JSON.stringify({ token, refresh })), cipher.final()])
  return Buffer.concat([cipher.getAuthTag(), text]).toString('base64')
}

function opened(refreshToken: string, seal: string): Pick<Pair, 'token' | 'refresh'> {
  const bytes = Buffer.from(seal, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', sealKey(refreshToken), nonce)
  decipher.setAuthTag(bytes.subarray(0, 16))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString())
}

const nonce = Buffer.alloc(12)
const sealKey = (refreshToken: string): Buffer => digest(`seal ${refreshToken}`)

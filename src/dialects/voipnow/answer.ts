/** What all answers have in common: JSON, links, extended numbers, dates. */
import { addressOf, type Endpoint, extensionOf } from '../../call/endpoint.ts'
import type { Account } from '../../directory/people.ts'
import { type Answer, answer } from '../../http/answer.ts'
import type { Instant } from '../../kernel/time.ts'
import type { House, Sent } from '../dialect.ts'
import { offsetDateTime, offsetMinutes } from '../wall-time.ts'

/** Clients compare the type as a whole, so it goes out without a charset. */
const json = { 'Content-Type': 'application/json' } as const

export const jsonText = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(status, body, { ...json, ...headers })

/** Members that are `undefined` are left out, as the vendor leaves out null fields. */
export const jsonOf = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer =>
  jsonText(status, JSON.stringify(body), headers)

/** What an answer's words depend on besides its subject. */
export interface Voice {
  readonly account: Account
  /** Where links begin. */
  readonly base: string
  /** Minutes east of Greenwich, the same for all dates of an answer. */
  readonly offset: number
  readonly numberStyle: 'string' | 'number'
}

export const voiceOf = ({ settings }: Pick<House, 'settings'>, sent: Pick<Sent, 'at' | 'base'>, account: Account): Voice => ({
  ...{ account, base: sent.base },
  offset: offsetMinutes(sent.at, account.timezone),
  numberStyle: settings.voipnow.numberStyle,
})

export const dateIn = ({ account, offset }: Voice, at: Instant): string => offsetDateTime(at, account.timezone, offset)

/** Of a number that the vendor documents as one and sends as a string. */
export const numeral = ({ numberStyle }: Voice, value: number): string | number => (numberStyle === 'string' ? String(value) : value)

/** `0003*210`. */
export const extended = ({ code }: Pick<Account, 'code'>, number: string): string => `${code}*${number}`

export function addressIn(account: Pick<Account, 'code'>, endpoint: Endpoint): string {
  const extension = extensionOf(endpoint)
  return extension === undefined ? addressOf(endpoint) : extended(account, extension)
}

/** `@` and `*` stand as they are, as clients write them. */
export const pathOf = (segments: readonly string[]): string =>
  `/${segments.map((segment) => encodeURIComponent(segment).replaceAll('%40', '@')).join('/')}`

/** Both spellings: `link` is the seed's, `links` is everybody else's. */
export const linked = (self: string): { readonly link: { readonly self: string }; readonly links: { readonly self: string } } => ({
  link: { self },
  links: { self },
})

/** `Name <number>`; without a name the number stands for it. Angle brackets in a name would end it for whoever reads it. */
export const callerIdText = (number: string, name: string | undefined): string =>
  `${name?.replaceAll(/[<>]/g, '').trim() || number} <${number}>`

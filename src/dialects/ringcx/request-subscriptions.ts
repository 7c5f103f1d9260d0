/** What a program says of where it wants agent states (contract ringcx, section 8). */
import type { JsonObject } from '../../http/body.ts'
import type { Instant } from '../../kernel/time.ts'
import type { House } from '../dialect.ts'
import { type Fields, integerOf, neededText, textOf, truthOf, wrong } from './request.ts'

export interface Wanted {
  readonly subscriptionName: string
  readonly notificationUrl: string
  readonly description: string
  readonly retryCount: number
  readonly active: boolean
  readonly customHeaders: Readonly<Record<string, string>>
  /** Epoch seconds as they were sent, or milliseconds; 0 for ever. */
  readonly expiresAt: number
}

const longestName = 128
const longestText = 1024
const longestUrl = 2048
const mostHeaders = 20
const usualRetries = 3
const mostRetries = 10
/** Whatever is larger can only be milliseconds: in seconds it would be the year 5138. */
const firstMilliseconds = 100_000_000_000

/** `before`: the headers of the subscription that is changed, of which a masked value stands for the one that is kept. */
export function readWanted(house: House, at: Instant, fields: Fields, before: Readonly<Record<string, string>> = {}): Wanted {
  for (const name of ['subscriptionName', 'notificationUrl']) neededText(fields, name)
  const description = textOf(fields, 'description') ?? ''
  const wanted: Wanted = {
    subscriptionName: neededText(fields, 'subscriptionName'),
    notificationUrl: readUrl(house, neededText(fields, 'notificationUrl')),
    description,
    retryCount: integerOf(fields, 'retryCount', { from: 0, to: mostRetries }) ?? usualRetries,
    active: truthOf(fields, 'active') ?? true,
    customHeaders: readHeaders(fields.customHeaders, before),
    expiresAt: readEnd(fields, at),
  }
  demandShort('subscriptionName', wanted.subscriptionName, longestName)
  demandShort('description', description, longestText)
  return wanted
}

function demandShort(name: string, text: string, longest: number): void {
  if (text.length > longest) throw wrong(name, `must be at most ${longest} characters`, text)
}

function readUrl({ courier }: House, url: string): string {
  demandShort('notificationUrl', url, longestUrl)
  const permitted = courier.permits(url)
  if (permitted.ok) return url
  throw wrong('notificationUrl', permitted.error, url)
}

function readEnd(fields: Fields, at: Instant): number {
  const end = integerOf(fields, 'expiresAt', { from: 0, to: Number.MAX_SAFE_INTEGER }) ?? 0
  if (end === 0 || endOf(end) > at) return end
  throw wrong('expiresAt', 'must be in the future', String(end))
}

/** In milliseconds. */
export const endOf = (expiresAt: number): number => (expiresAt >= firstMilliseconds ? expiresAt : expiresAt * 1000)

/** Those that make the message itself, or belong to the connection, are not the client's to set. */
const reserved = /^(?:host|content-.*|connection|keep-alive|transfer-encoding|upgrade|te|trailer|expect|proxy-.*|validation-token)$/i

function readHeaders(value: unknown, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  if (!isObject(value)) throw wrong('customHeaders', 'must be an object', undefined)
  const headers = Object.entries(value).map(([name, text]): readonly [string, string] => [name, readHeader(name, text, before)])
  if (headers.length > mostHeaders) throw wrong('customHeaders', `must be at most ${mostHeaders}`, undefined)
  return Object.fromEntries(headers)
}

function readHeader(name: string, value: unknown, before: Readonly<Record<string, string>>): string {
  if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name) || reserved.test(name))
    throw wrong('customHeaders', `${name.slice(0, 64)} may not be set`, undefined)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === mask) return before[name] ?? ''
  if (text.length <= longestText && /^[\t\x20-\x7e]*$/.test(text)) return text
  throw wrong('customHeaders', `${name} must be at most ${longestText} printable characters`, undefined)
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Stands for a secret header (W14); sent back, it changes nothing. */
export const mask = '********'
const secret = /auth|token|secret|password|key|cookie|signature/i

export const withoutSecrets = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, secret.test(name) ? mask : value]))

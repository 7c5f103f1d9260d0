/** Fields of bodies and queries to typed values. Numbers and numeric strings are alike (W10); what is wrong is refused by the field's name. */
import type { Presented } from '../../call/endpoint.ts'
import type { Account, Extension } from '../../directory/people.ts'
import type { JsonObject } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import type { House } from '../dialect.ts'

export const invalid = (name: string) => refuse('parameter-invalid', { name })
export const missing = (name: string) => refuse('parameter-missing', { name })

/** Undefined where absent; what is neither a text nor a number is refused. */
export function textOf(fields: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw invalid(name)
}

export function needed(fields: JsonObject, name: string): string {
  const text = textOf(fields, name)?.trim() ?? ''
  if (text === '') throw missing(name)
  return text
}

const defaultWaitS = 25
const longestWaitS = 3_600

/** Seconds, fractions rounded up, to milliseconds; the desk rings no phone for longer than its own maximum. Both spellings are documented. */
export function waitOf(fields: JsonObject): number {
  const text = textOf(fields, 'waitForPickup') ?? (fields.waitForPickUp === undefined ? undefined : spelledOtherwise(fields))
  if (text === undefined) return defaultWaitS * 1000
  const seconds = /^\s*\d{1,9}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : 0
  if (seconds <= 0 || seconds > longestWaitS) throw invalid('waitForPickup')
  return Math.min(Math.ceil(seconds) * 1000, limits.ringTimeoutMaxMs)
}

const spelledOtherwise = ({ waitForPickUp }: JsonObject): string | undefined => textOf({ waitForPickup: waitForPickUp }, 'waitForPickup')

/** Whole seconds within bounds, to milliseconds. */
export function secondsOf(fields: JsonObject, name: string, { least, most }: { least: number; most: number }): number | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const seconds = /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : -1
  if (seconds < least || seconds > most) throw invalid(name)
  return seconds * 1000
}

const longestCallerId = 128

/** `John Doe <+3334444>`. What a phone shows goes into a SIP header: no control characters. */
export function callerIdOf(fields: JsonObject, name = 'callerId'): Presented | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const [, shown, number] = /^([^<>\p{Cc}]+)<\s*(\+?[\d*]{1,32})\s*>$/u.exec(text.trim()) ?? []
  const trimmed = shown?.trim() ?? ''
  if (number === undefined || trimmed === '' || text.length > longestCallerId) throw invalid(name)
  return { number, name: trimmed }
}

/** 0 or 1; `true` and `false` are refused, as a guess in either direction would open or close somebody's ears. */
export function privateOf(fields: JsonObject): boolean {
  const text = textOf(fields, 'private')
  if (text === undefined) return false
  if (!/^[01]$/.test(text.trim())) throw invalid('private')
  return text.trim() === '1'
}

/** The number inside the account that `0003*210` or `210` names; undefined for numbers of other organizations and for anything else. */
export function ownNumber({ code }: Pick<Account, 'code'>, text: string): string | undefined {
  const [, own, number] = /^(?:(\d{1,16})\*)?(\d{1,16})$/.exec(text.trim()) ?? []
  return own === undefined || own === code ? number : undefined
}

export function ownExtension({ directory }: Pick<House, 'directory'>, account: Account, text: string): Extension | undefined {
  const number = ownNumber(account, text)
  return number === undefined ? undefined : directory.extension(account.id, number)
}

/** A phone terminal of the organization. A queue, another organization's extension and none at all are refused alike (W16). */
export function terminalOf(house: House, account: Account, fields: JsonObject): Extension {
  const extension = ownExtension(house, account, needed(fields, 'sendCallTo'))
  if (extension === undefined) throw refuse('endpoint-unknown', { name: 'sendCallTo' })
  return extension
}

/** `1`, `"1"` and `"01"` are the same view. */
export function viewIdOf(fields: JsonObject): string {
  const text = needed(fields, 'phoneCallViewId')
  if (!/^\d{1,4}$/.test(text)) throw invalid('phoneCallViewId')
  return String(Number(text)).padStart(2, '0')
}

/** The first of a list, or the text itself. */
export function firstOf(fields: JsonObject, name: string): string {
  const value = fields[name]
  return needed({ [name]: Array.isArray(value) ? value[0] : value }, name)
}

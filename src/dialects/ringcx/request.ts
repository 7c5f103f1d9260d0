/** What came in, as typed values (contract ringcx, section 4). A wrong one is refused under its own name, with the value beside it. */
import { refusal } from '../../call/refusal.ts'
import { type JsonObject, parseJson, readFormOrJson } from '../../http/body.ts'
import { Refused, refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Ask, House } from '../dialect.ts'
import { digits, isNumber, plusRestored } from '../phone-number.ts'

export type Fields = JsonObject

/** Query and body as one; the query wins, and a body that does not parse is none. */
export function fieldsOf(ask: Ask): Fields {
  try {
    return strictFieldsOf(ask)
  } catch {
    return ask.query
  }
}

/** The same where a body that does not parse is refused: at logins and subscriptions. */
export const strictFieldsOf = (ask: Ask): Fields => ({ ...bodyOf(ask), ...ask.query })

/** Read by what it looks like: content types of real clients say little. */
export function bodyOf({ body, headers }: Pick<Ask, 'body' | 'headers'>): JsonObject {
  const isJson = /json/i.test(headers['content-type'] ?? '') || /^\s*[{[]/.test(body?.toString('utf8', 0, 64) ?? '')
  const contentType = isJson ? 'application/json' : 'application/x-www-form-urlencoded'
  return body === undefined ? parseJson('') : readFormOrJson({ bytes: body, contentType, contentEncoding: undefined })
}

/** Section 1: the account in the path is the token's own, or `~`. */
export function accountOf({ params, holder }: Ask, ...names: readonly string[]): AccountId {
  const foreign = (names.length === 0 ? ['account'] : names).some((name) => params[name] !== '~' && params[name] !== holder.account)
  if (foreign) throw refuse('other-tenant')
  return holder.account
}

/** Absent and empty are the same. A number or a truth value is as good as its text (W10). */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || (typeof value === 'string' && value.trim() === '')) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw wrong(name, 'must be a single value', undefined)
}

export function neededText(fields: Fields, name: string): string {
  const text = textOf(fields, name)
  if (text === undefined) throw refuse('parameter-missing', { name })
  return text
}

export function truthOf(fields: Fields, name: string): boolean | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const value = text.trim().toLowerCase()
  if (value !== 'true' && value !== 'false') throw wrong(name, 'must be true or false', text)
  return value === 'true'
}

export function neededTruth(fields: Fields, name: string): boolean {
  const value = truthOf(fields, name)
  if (value === undefined) throw refuse('parameter-missing', { name })
  return value
}

export function integerOf(fields: Fields, name: string, range: { readonly from: number; readonly to: number }): number | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const value = /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN
  if (value >= range.from && value <= range.to) return value
  throw wrong(name, `must be a whole number from ${range.from} to ${range.to}`, text)
}

/** Exact, then without regard to case where `folds`. */
export function oneOf<T extends string>(
  fields: Fields,
  name: string,
  { values, folds }: { readonly values: readonly T[]; readonly folds: boolean },
): T | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const found = values.find((value) => value === text) ?? (folds ? values.find((value) => value === text.toUpperCase()) : undefined)
  if (found === undefined) throw wrong(name, `must be one of ${values.join(', ')}`, text)
  return found
}

/** A phone number, or an extension alone or behind its account's code. */
export function phoneOf(fields: Fields, name: string): string | undefined {
  const text = textOf(fields, name)
  if (text === undefined) return undefined
  const phone = plusRestored(text)
  if (isNumber(phone) || /^\d+\*\d+$/.test(phone)) return phone
  throw new Refused(refusal('number-invalid', { name }), { members: { value: shown(text) } })
}

export function neededPhone(fields: Fields, name: string): string {
  const phone = phoneOf(fields, name)
  if (phone === undefined) throw refuse('parameter-missing', { name })
  return phone
}

/** What is to be rung: in the words of the directory, which reads national numbers as its account's country does. */
export function neededDestination(house: House, account: AccountId, fields: Fields): string {
  const phone = ownNumber(house, account, neededPhone(fields, 'destination'))
  const dialled = house.directory.dial(account, phone)
  if (dialled.ok || dialled.error.code !== 'number-invalid') return phone
  throw new Refused(refusal('number-invalid', { name: 'destination' }), { members: { value: shown(phone) } })
}

/** Clients write a number of ours with and without its leading 1, whatever the account's country is. */
function ownNumber({ directory }: House, account: AccountId, phone: string): string {
  const international = `+1${digits(phone)}`
  const isOurs = /^\+1\d{10}$/.test(international) && directory.extensionByDirectNumber(account, international) !== undefined
  return isOurs && directory.extensionByDirectNumber(account, phone) === undefined ? international : phone
}

/** W20, and a leading 1 before ten digits does not count. */
export const samePhone = (house: House, account: AccountId, a: string, b: string): boolean =>
  tenDigits(a) === tenDigits(b) || house.directory.sameNumber(account, a, b)

const tenDigits = (phone: string): string => digits(phone).replace(/^1(?=\d{10}$)/, '')

export const wrong = (name: string, why: string, value: string | undefined): Refused =>
  new Refused(refusal('parameter-invalid', { name, why }), { members: value === undefined ? {} : { value: shown(value) } })

const shown = (value: string): string => value.slice(0, 256)

/** A part of a longer list: `page` counts from `pageBase`. Without both parameters there is no limit. */
export function pageOf<T>(rows: readonly T[], fields: Fields, pageBase: number): readonly T[] {
  const page = integerOf(fields, 'page', { from: 0, to: 1_000_000 })
  const maxRows = integerOf(fields, 'maxRows', { from: 1, to: 1000 })
  if (page === undefined && maxRows === undefined) return rows
  const size = maxRows ?? 100
  const start = Math.max(0, (page ?? pageBase) - pageBase) * size
  return rows.slice(start, start + size)
}

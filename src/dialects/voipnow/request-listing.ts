/** Pages of collections: `count`, `startIndex`, `filterBy`, `fields`, `sortOrder` (contract voipnow, section 6). */
import type { Account } from '../../directory/people.ts'
import type { JsonObject } from '../../http/body.ts'
import type { Instant } from '../../kernel/time.ts'
import { instant } from '../../kernel/time.ts'
import type { Ask } from '../dialect.ts'
import { instantOf } from '../wall-time.ts'
import { invalid, missing } from './request-fields.ts'

const operators = ['contains', 'equals', 'greaterThan', 'inArray', 'lessThan', 'present', 'startsWith'] as const
type Operator = (typeof operators)[number]

/** Of a record: its text, and the time where it is a date. */
export interface Readable {
  readonly text: string
  readonly at?: Instant
}

export interface Filter {
  readonly by: string
  readonly operator: Operator
  readonly value: string
  /** Of a date. */
  readonly at?: Instant
}

export interface Listing {
  readonly count: number
  readonly startIndex: number
  readonly filter: Filter | undefined
  /** Undefined: all. */
  readonly fields: readonly string[] | undefined
  readonly newestFirst: boolean
}

/** What a collection may be asked for. */
export interface Columns {
  readonly fields: readonly string[]
  readonly filters: readonly string[]
  /** Of `filters`, those that are dates. */
  readonly dates?: readonly string[]
  /** In front of the names of refused parameters. */
  readonly family?: string
}

export function listingOf({ query }: Pick<Ask, 'query'>, account: Account, columns: Columns): Listing {
  const fault = (name: string) => invalid(columns.family === undefined ? name : `${columns.family}.${name}`)
  const whole = (name: string, { least, most, usual }: { least: number; most: number; usual: number }): number => {
    const text = query[name]?.trim()
    if (text === undefined) return usual
    if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most) throw fault(name)
    return Number(text)
  }
  return {
    count: whole('count', { least: 1, most: 5_000, usual: 20 }),
    startIndex: whole('startIndex', { least: 0, most: 5_000, usual: 0 }),
    filter: filterOf(query, account, { columns, fault }),
    fields: fieldsOf(query, columns.fields, fault),
    newestFirst: isDescending(query.sortOrder, fault),
  }
}

type Fault = (name: string) => Error

function filterOf(
  query: Readonly<Record<string, string>>,
  account: Account,
  { columns, fault }: { readonly columns: Columns; readonly fault: Fault },
): Filter | undefined {
  if (query.filterBy === undefined) return undefined
  const by = columns.filters.find((name) => name === query.filterBy?.trim())
  if (by === undefined) throw fault('filterBy')
  const wanted = query.filterOp?.trim() ?? 'equals'
  const operator = operators.find((name) => name === wanted) ?? operators.find((name) => name.toLowerCase() === wanted.toLowerCase())
  if (operator === undefined) throw fault('filterOp')
  const value = query.filterValue ?? ''
  if (operator === 'present') return { by, operator, value }
  if (value === '') throw fault('filterValue')
  if (columns.dates?.includes(by) !== true || operator === 'contains' || operator === 'startsWith') return { by, operator, value }
  if (operator === 'inArray') return { by, operator, value }
  const at = dateOf(value, account)
  if (at === undefined) throw fault('filterValue')
  return { by, operator, value, at }
}

/** A name that we do not know is left out (W11); where none is known, or the list is none, it is refused. */
export function fieldsOf(
  query: Readonly<Record<string, string>> | JsonObject,
  known: readonly string[],
  fault: Fault = invalid,
): readonly string[] | undefined {
  const { fields } = query
  if (fields === undefined) return undefined
  const names = String(fields)
    .split(',')
    .map((name) => name.trim())
  const kept = known.filter((name) => names.includes(name))
  if (kept.length === 0 || !names.every((name) => /^\w{1,64}$/.test(name))) throw fault('fields')
  return kept
}

function isDescending(text: string | undefined, fault: Fault): boolean {
  const order = text?.trim().toLowerCase() ?? 'ascending'
  if (!['ascending', 'descending', 'asc', 'desc'].includes(order)) throw fault('sortOrder')
  return order.startsWith('desc')
}

export function matches(filter: Filter | undefined, read: (by: string) => Readable | undefined): boolean {
  if (filter === undefined) return true
  const found = read(filter.by)
  if (found === undefined) return false
  const { operator, value } = filter
  switch (operator) {
    case 'present':
      return true
    case 'contains':
      return found.text.includes(value)
    case 'startsWith':
      return found.text.startsWith(value)
    case 'inArray':
      return value.split(',').some((one) => one.trim() === found.text)
    default:
      return compares(operator, compare(found, filter))
  }
}

function compares(operator: 'equals' | 'greaterThan' | 'lessThan', order: number): boolean {
  if (operator === 'equals') return order === 0
  return operator === 'greaterThan' ? order > 0 : order < 0
}

/** Dates by the second, which is all that they show; everything else as text. */
function compare(found: Readable, filter: Filter): number {
  if (found.at !== undefined && filter.at !== undefined) return Math.floor(found.at / 1000) - Math.floor(filter.at / 1000)
  return found.text === filter.value ? 0 : found.text < filter.value ? -1 : 1
}

/** XML Schema dateTime, or a date alone. Without an offset it is the account's time. A raw `+` of the offset has become a space (W6). */
export function dateOf(text: string, { timezone }: Pick<Account, 'timezone'>): Instant | undefined {
  const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[ +-]\d\d:?\d\d)?)?$/
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = pattern.exec(text.trim()) ?? []
  if (year === undefined || month === undefined || day === undefined) return undefined
  const utc = instantOf({ year, month, day, hour, minute, second }, zone === undefined ? timezone : 'UTC')
  if (utc === undefined || zone === undefined || zone === 'Z') return utc
  const [, sign, hours, minutes] = /^([ +-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  const offset = Number(hours) * 60 + Number(minutes)
  return instant(utc + (sign === '-' ? offset : -offset) * 60_000)
}

/** A parameter that is a date, or nothing. */
export function dateParameter(query: Ask['query'], name: string, account: Account, family: string): Instant | undefined {
  const text = query[name]
  if (text === undefined) return undefined
  if (text.trim() === '') throw missing(`${family}.${name}`)
  const at = dateOf(text, account)
  if (at === undefined) throw invalid(`${family}.${name}`)
  return at
}

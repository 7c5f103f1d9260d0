/** Collections as JSON text. */
import type { Answer } from '../../http/answer.ts'
import type { Ask } from '../dialect.ts'
import { jsonText, pathOf } from './answer.ts'
import type { Listing } from './request-listing.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Of all that match, on whatever page. */
  readonly total: number
}

/** `all` in ascending order. */
export function pageOf<T>(all: readonly T[], { count, startIndex, newestFirst }: Listing): Page<T> {
  const ordered = newestFirst ? all.toReversed() : all
  return { items: ordered.slice(startIndex, startIndex + count), total: all.length }
}

/** `entry` is JSON text: a list, or the object that the call history is. */
export function collection(ask: Ask, { entry, total }: { readonly entry: string; readonly total: number }, listing: Listing): Answer {
  return jsonText(200, `{"entry":${entry},${paging(ask, total, listing)}}`)
}

export const listText = (texts: readonly string[]): string => `[${texts.join(',')}]`

/** One thing, at the top and as the only entry: clients look for it in either place. `text` is the JSON of an object with members. */
export function alone(text: string, { count }: Pick<Listing, 'count'>): Answer {
  return jsonText(200, `${text.slice(0, -1)},"entry":[${text}],"startIndex":0,"itemsPerPage":${count},"totalResults":1}`)
}

/** The members that were asked for, in the order in which they always come. */
export function selected(record: object, fields: readonly string[] | undefined): string {
  if (fields === undefined) return JSON.stringify(record)
  return JSON.stringify(Object.fromEntries(Object.entries(record).filter(([name]) => fields.includes(name))))
}

function paging(ask: Ask, total: number, { count, startIndex }: Listing): string {
  const next = startIndex + count
  const members = [`"startIndex":${startIndex}`, `"itemsPerPage":${count}`, `"totalResults":${total}`]
  if (next < total && next <= lastIndex) members.push(`"next":${JSON.stringify(pageLink(ask, next, count))}`)
  if (startIndex > 0) members.push(`"prev":${JSON.stringify(pageLink(ask, Math.max(0, startIndex - count), count))}`)
  return members.join(',')
}

const lastIndex = 5_000

/** The same question about another page, without the token (W14). */
function pageLink(ask: Ask, startIndex: number, count: number): string {
  const { accessRequestToken: _token, ...kept } = ask.query
  const query = new URLSearchParams({ ...kept, startIndex: String(startIndex), count: String(count) })
  return `${ask.base}${pathOf(['uapi', ...ask.segments.slice(1)])}?${query}`
}

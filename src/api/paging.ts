import { refuse } from '../http/refused.ts'

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

export interface PageRequest {
  readonly limit?: number
  readonly cursor?: string
}

/** Where an item stands in its list. */
export interface Place {
  readonly id: string
  /** Never falls along the list: a time, or the index. */
  readonly order: number
}

const usualLimit = 50

export function pageOf<T>(list: readonly T[], request: PageRequest, placeOf: (item: T, index: number) => Place): Page<T> {
  const limit = request.limit ?? usualLimit
  const start = request.cursor === undefined ? 0 : startAfter(list, readCursor(request.cursor), placeOf)
  const items = list.slice(start, start + limit)
  const last = items.at(-1)
  const more = start + items.length < list.length && last !== undefined
  return { items, next: more ? writeCursor(placeOf(last, start + items.length - 1)) : null }
}

/** Where the item of the cursor has gone, its neighbours of the same order may be given twice, but none is left out. */
function startAfter<T>(list: readonly T[], cursor: Place, placeOf: (item: T, index: number) => Place): number {
  const same = list.findIndex((item, index) => placeOf(item, index).id === cursor.id)
  if (same !== -1) return same + 1
  const next = list.findIndex((item, index) => placeOf(item, index).order >= cursor.order)
  return next === -1 ? list.length : next
}

const writeCursor = ({ id, order }: Place): string => Buffer.from(`${order}:${id}`).toString('base64url')

function readCursor(text: string): Place {
  const [, order, id] = /^([\d.]+):(.+)$/s.exec(Buffer.from(text, 'base64url').toString()) ?? []
  if (order === undefined || id === undefined || !Number.isFinite(Number(order))) {
    throw refuse('parameter-invalid', { name: 'cursor', why: 'Parameter "cursor" must come from the "next" of an earlier answer.' })
  }
  return { id, order: Number(order) }
}

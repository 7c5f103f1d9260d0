/** History as somebody sees it whom groups limit: what is not his is passed over, page by page. */
import type { Page, Soon } from '../audit/ports.ts'
import { callId } from '../kernel/ids.ts'
import type { Office } from './office.ts'
import type { Ask } from './route.ts'

/** Pages that are looked through for one answer; an answer may hold less than was asked for, and its `next` leads on. */
const mostPages = 20

/** A page of any list that is kept. */
interface Found<T> {
  readonly items: readonly T[]
  readonly next?: string | undefined
}

interface Reading<T, Refused> {
  readonly limit: number
  readonly cursor: string | undefined
  readonly page: (limit: number, cursor: string | undefined) => Soon<Found<T> | Refused>
  readonly sees: (item: T) => Soon<boolean>
}

export async function seenPage<T, Refused extends string>({ limit, page, sees, ...from }: Reading<T, Refused>): Promise<Page<T> | Refused> {
  const items: T[] = []
  let { cursor } = from
  for (let pages = 0; ; pages += 1) {
    const read = await page(limit - items.length, cursor)
    if (typeof read === 'string') return read
    for (const item of read.items) if (await sees(item)) items.push(item)
    cursor = read.next
    if (cursor === undefined) return { items }
    if (items.length >= limit || pages >= mostPages) return { items, next: cursor }
  }
}

type Reader = Pick<Ask, 'caller' | 'sight'>

/** Whether the caller sees a call of which only the id is known: on the desk, or among the records of those that are over. Asked once for each. */
export function callsSeenBy({ desk, history: { archive } }: Pick<Office, 'desk' | 'history'>, { caller: { account }, sight }: Reader) {
  const known = new Map<string, Promise<boolean>>()
  const look = async (id: string): Promise<boolean> => {
    const call = desk.call(account, callId(id))
    if (call !== undefined) return sight.call(call)
    const cdr = await archive.cdr(account, callId(id))
    return cdr !== undefined && sight.record(cdr)
  }
  return async (id: string | undefined): Promise<boolean> => {
    if (sight.isWhole || id === undefined) return sight.isWhole
    const seen = known.get(id) ?? look(id)
    known.set(id, seen)
    return await seen
  }
}

/** The list of calls as text: the answer that wallboards and polling clients ask for most. */
import type { Call } from '../call/call.ts'
import { type PageRequest, pageOf } from './paging.ts'
import type { QueuePlaces } from './queue.ts'
import { callText } from './views.ts'

interface Printed {
  readonly items: readonly Call[]
  readonly next: string | null
  readonly bytes: Buffer
}

/** By the first call of the page, so that a page goes when its calls go. */
const printed = new WeakMap<Call, Printed>()

const placeOf = (call: Call) => ({ id: call.id, order: call.startedAt })

/**
 * Spliced from texts that are made once per revision of a call; a page in which no call has changed is not even spliced again. Who waits moves up
 * without any change of his own call: with him the page is made anew.
 */
export function callPage(calls: readonly Call[], request: PageRequest, places: QueuePlaces): Buffer {
  const { items, next } = pageOf(calls, request, placeOf)
  const [first] = items
  if (first === undefined || items.some(({ id }) => places.has(id))) return print(items, next, places)
  const known = printed.get(first)
  if (known !== undefined && known.next === next && sameCalls(known.items, items)) return known.bytes
  const bytes = print(items, next)
  printed.set(first, { items, next, bytes })
  return bytes
}

/** Calls are immutable: the same object is the same text. */
const sameCalls = (a: readonly Call[], b: readonly Call[]): boolean => a.length === b.length && a.every((call, i) => call === b[i])

const print = (items: readonly Call[], next: string | null, places?: QueuePlaces): Buffer =>
  Buffer.from(`{"items":[${items.map((call) => callText(call, places)).join(',')}],"next":${JSON.stringify(next)}}`)

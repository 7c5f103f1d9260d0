/** The list of calls as text: the answer that wallboards and polling clients ask for most. */
import type { Call } from '../call/call.ts'
import { type PageRequest, pageOf } from './paging.ts'
import { callText } from './views.ts'

const placeOf = (call: Call) => ({ id: call.id, order: call.startedAt })

/** Spliced from texts that are made once per revision of a call. */
export function callPage(calls: readonly Call[], request: PageRequest): string {
  const { items, next } = pageOf(calls, request, placeOf)
  return `{"items":[${items.map(callText).join(',')}],"next":${JSON.stringify(next)}}`
}

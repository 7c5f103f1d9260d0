/** How many callers are before one who waits. */
import type { Call } from '../call/call.ts'
import type { CallId } from '../kernel/ids.ts'

export type QueuePlaces = ReadonlyMap<CallId, number>

/** Of those who wait in a queue, of all live calls of the account; 1 is next. Who has waited longest is first. */
export function queuePlaces(calls: readonly Call[]): QueuePlaces {
  const waiting = calls.flatMap(({ id, queue }) => (queue === undefined ? [] : [{ id, ...queue }]))
  const places = new Map<CallId, number>()
  for (const queue of Map.groupBy(waiting, ({ group }) => group).values())
    for (const [i, { id }] of queue.toSorted((a, b) => a.since - b.since).entries()) places.set(id, i + 1)
  return places
}

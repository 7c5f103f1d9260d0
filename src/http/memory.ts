/** What must be there again after a restart: plain JSON values by key, until they lapse. */
import type { Instant } from '../kernel/time.ts'

export interface Memory<Value> {
  /** What was put before the restart and has not lapsed, the least recently put first. */
  load(): Iterable<readonly [key: string, value: Value]>
  /** New, or in place of the old one. */
  put(key: string, value: Value, until: Instant): void
  remove(key: string): void
}

/** A memory for each kind of thing, by its name. */
export type Memories = <Value>(shelf: string) => Memory<Value>

/** Forgets with the process, for tests and for servers without a log. */
export const forgetful: Memories = () => ({ load: () => [], put: () => undefined, remove: () => undefined })

/** Never lapses by itself. */
export const forEver = Number.MAX_SAFE_INTEGER as Instant

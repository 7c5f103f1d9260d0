/**
 * The server's clock as the page knows it. An event says when it happened and comes a little later, so the server is never behind the
 * latest that was heard of it: the largest difference is the nearest.
 */
export interface ServerClock {
  /** To be added to the page's clock. */
  readonly offsetMs: number
  readonly isMeasured: boolean
}

export const unknownClock: ServerClock = { offsetMs: 0, isMeasured: false }

/** `Date` headers have whole seconds; a clock that was measured is only believed to be wrong beyond that. */
const headerCoarsenessMs = 1_500

export function afterHeader(clock: ServerClock, { serverMs, localMs }: Reading): ServerClock {
  const offsetMs = serverMs - localMs
  if (clock.isMeasured && Math.abs(offsetMs - clock.offsetMs) < headerCoarsenessMs) return clock
  return { offsetMs, isMeasured: true }
}

/** Only for what happens now: a replayed event is old and would say nothing, and it says nothing. */
export function afterEvent(clock: ServerClock, { serverMs, localMs }: Reading): ServerClock {
  const offsetMs = serverMs - localMs
  return clock.isMeasured && offsetMs > clock.offsetMs ? { offsetMs, isMeasured: true } : clock
}

export interface Reading {
  readonly serverMs: number
  readonly localMs: number
}

import type { Clock } from '../control/front-desk.ts'
import type { Instant } from '../kernel/time.ts'
import { now } from './clock.ts'

/** Timers count in 31 bits of milliseconds; one that rings early is set again. */
const longestMs = 2 ** 31 - 1

/** The system's clock and one timer, as the desk wants them. */
export function deskClock(): Clock {
  let timer: NodeJS.Timeout | undefined
  let due: Instant | undefined
  return {
    now,
    alarm(at, ring) {
      if (at === due) return
      clearTimeout(timer)
      due = at
      if (at === undefined) return
      timer = setTimeout(
        () => {
          due = undefined
          ring()
        },
        Math.min(Math.max(0, at - now()), longestMs),
      )
    },
  }
}

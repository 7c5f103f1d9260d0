import type { Clock } from '../control/front-desk.ts'
import type { Instant } from '../kernel/time.ts'
import { now, timerMs } from './clock.ts'

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
      timer = setTimeout(() => {
        due = undefined
        ring()
      }, timerMs(at))
    },
  }
}

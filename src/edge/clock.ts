import { type Instant, instant } from '../kernel/time.ts'

/**
 * The system's clock: the wall's time at start, carried on by the monotonic clock. Setting the wall clock cannot make it jump, and so
 * cannot fire or starve a timer; it follows the wall again after a restart.
 */
export const now = (): Instant => instant(performance.timeOrigin + performance.now())

/** Timers count in 31 bits of milliseconds. */
const longestTimerMs = 2 ** 31 - 1

/** How long a timer has to wait for `at`; one that rings early, because `at` is weeks away, is set again. */
export const timerMs = (at: Instant): number => Math.min(Math.max(0, at - now()), longestTimerMs)

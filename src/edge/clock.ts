import { type Instant, instant } from '../kernel/time.ts'

/**
 * The system's clock: the wall's time at start, carried on by the monotonic clock. Setting the wall clock cannot make it jump, and so
 * cannot fire or starve a timer; it follows the wall again after a restart.
 */
export const now = (): Instant => instant(performance.timeOrigin + performance.now())

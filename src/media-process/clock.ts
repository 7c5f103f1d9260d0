import { type Instant, instant } from '../kernel/time.ts'

let beginning = performance.timeOrigin

/** Wall time that never jumps: RTP timing must not notice when the system's clock is set. */
export const now = (): Instant => instant(beginning + performance.now())

/** What `now` is ahead of the machine's monotonic clock, which all its processes share. */
export const clockOrigin = (): number => now() - monotonicMs()

/** A standby lives by its predecessor's clock, so that what it takes over means the same. */
export function alignClock(origin: number): void {
  beginning = origin + monotonicMs() - performance.now()
}

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

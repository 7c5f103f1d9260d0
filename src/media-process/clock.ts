import { type Instant, instant } from '../kernel/time.ts'

/** Wall time that never jumps: RTP timing must not notice when the system's clock is set. */
export const now = (): Instant => instant(performance.timeOrigin + performance.now())

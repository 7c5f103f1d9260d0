import type { Instant } from '../kernel/time.ts'

export interface LoginLockSettings {
  /** This many failures, the first and the last of them no further apart than `windowMs`, close the door for as long. */
  readonly failures: number
  readonly windowMs: number
  readonly sources: number
}

/** Slows down guessing: failed logins by source address. */
export class LoginLock {
  readonly #settings: LoginLockSettings
  readonly #failures = new Map<string, { since: Instant; count: number }>()

  constructor(settings: LoginLockSettings) {
    this.#settings = settings
  }

  /** How long the source has to wait; 0 when it may try. */
  waitMs(at: Instant, source: string): number {
    const entry = this.#failures.get(source)
    if (entry === undefined || entry.count < this.#settings.failures) return 0
    return Math.max(0, entry.since + this.#settings.windowMs - at)
  }

  /** How many failures that makes in the window. */
  failed(at: Instant, source: string): number {
    const entry = this.#failures.get(source)
    if (entry === undefined || at - entry.since >= this.#settings.windowMs) return this.#start(at, source)
    entry.count += 1
    if (entry.count === this.#settings.failures) return this.#start(at, source, entry.count)
    return entry.count
  }

  succeeded(source: string): void {
    this.#failures.delete(source)
  }

  /** One that was counted in advance was none. */
  forgive(source: string): void {
    const entry = this.#failures.get(source)
    if (entry !== undefined && entry.count > 1) entry.count -= 1
    else this.#failures.delete(source)
  }

  /** Taken out and put in again, so that the map stays in the order of age. */
  #start(at: Instant, source: string, count = 1): number {
    this.#failures.delete(source)
    this.#failures.set(source, { since: at, count })
    const oldest = this.#failures.keys().next()
    if (this.#failures.size > this.#settings.sources && !oldest.done) this.#failures.delete(oldest.value)
    return count
  }
}

const shortestMs = 100
const longestMs = 5_000
/** Who lived this long has recovered, if he never says that he is ready. */
const recoveredMs = 10_000

export interface Life {
  readonly livedMs: number
  readonly wasReady: boolean
}

/**
 * How long to wait before a process that died is started again. Who had become ready before could do so again, and is not waited for: a
 * process that is killed often must be back as soon as one that is killed once. Who keeps dying before that is waited for ever longer.
 */
export class Backoff {
  readonly #readyMs: number
  #delayMs = shortestMs

  /** `readyMs`: the wait after the death of one that had been ready. */
  constructor(readyMs: number) {
    this.#readyMs = readyMs
  }

  after({ livedMs, wasReady }: Life): number {
    if (wasReady || livedMs >= recoveredMs) this.#delayMs = shortestMs
    if (wasReady) return this.#readyMs
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(delayMs * 2, longestMs)
    return delayMs
  }
}

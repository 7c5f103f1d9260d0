const shortestMs = 100
const longestMs = 5_000
/** Who lived this long has recovered. */
const recoveredMs = 10_000

/** How long to wait before a process that died is started again: hardly at all the first time, ever longer while it keeps dying young. */
export class Backoff {
  #delayMs = shortestMs

  afterLifeOf(livedMs: number): number {
    if (livedMs >= recoveredMs) this.#delayMs = shortestMs
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(delayMs * 2, longestMs)
    return delayMs
  }
}

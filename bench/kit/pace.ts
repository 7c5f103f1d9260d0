/** Work at an even rate, and how late each piece of it began: the load's own lag. */
import { Samples } from './samples.ts'

export class Pace {
  readonly lag = new Samples()
  readonly #everyMs: number

  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond
  }

  /** Pieces that have become due while the process was busy are done late, none is left out. */
  run(ms: number, work: () => void): Promise<void> {
    const startedAt = performance.now()
    let done = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    const tick = () => {
      for (;;) {
        const due = startedAt + done * this.#everyMs
        if (due - startedAt >= ms) return resolve()
        const late = performance.now() - due
        if (late < 0) break
        this.lag.add(late)
        done += 1
        work()
      }
      setTimeout(tick, 1)
    }
    tick()
    return promise
  }
}

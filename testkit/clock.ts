import { Deadlines } from '../src/kernel/deadlines.ts'
import type { Instant } from '../src/kernel/time.ts'
import { addMs, instant } from '../src/kernel/time.ts'

/** Virtual time: stands still until it is told to run, and then jumps from one thing to do to the next. */
export class Clock {
  readonly #tasks = new Deadlines<() => void>()
  #now: Instant

  constructor(startMs = 1_800_000_000_000) {
    this.#now = instant(startMs)
  }

  get now(): Instant {
    return this.#now
  }

  /** Returns how to call it off. */
  after(ms: number, task: () => void): () => void {
    const alarm = this.#tasks.set(addMs(this.#now, Math.max(0, ms)), task)
    return () => this.#tasks.clear(alarm)
  }

  /** Does everything that is due within the next `ms`, in order of time. */
  run(ms: number): void {
    const end = addMs(this.#now, ms)
    for (let task = this.#tasks.take(end); task !== undefined; task = this.#tasks.take(end)) {
      if (task.at > this.#now) this.#now = task.at
      task.reason()
    }
    this.#now = end
  }
}

/** Even ports of a range, each with the odd one above it. A freed pair rests before it is handed out again. */
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'

export interface PortRange {
  readonly from: number
  readonly to: number
}

export class PortPool {
  readonly #free: number[] = []
  /** In order of time. */
  readonly #resting: { readonly port: number; readonly until: Instant }[] = []

  constructor(range: PortRange) {
    for (let port = range.to - 1; port >= range.from; port--) if (port % 2 === 0) this.#free.push(port)
  }

  get available(): number {
    return this.#free.length
  }

  /** A predecessor has handed this one out. */
  claim(port: number): void {
    const index = this.#free.indexOf(port)
    if (index >= 0) this.#free.splice(index, 1)
  }

  take(at: Instant): number | undefined {
    let first = this.#resting[0]
    while (first !== undefined && first.until <= at) {
      this.#resting.shift()
      this.#free.unshift(first.port)
      first = this.#resting[0]
    }
    return this.#free.pop()
  }

  free(at: Instant, port: number): void {
    this.#resting.push({ port, until: addMs(at, limits.mediaPortQuarantineMs) })
  }
}

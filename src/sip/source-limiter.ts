import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'

interface Window {
  startedAt: Instant
  count: number
}

/** Counts requests of every address that proved nothing, second by second. */
export class SourceLimiter {
  /** In the order of their windows' beginning, so that the first is the oldest. */
  readonly #windows = new Map<string, Window>()

  isOver(at: Instant, address: string): boolean {
    const window = this.#windows.get(address)
    return window !== undefined && at < window.startedAt + 1000 && window.count >= limits.sipRequestsPerSourcePerSecond
  }

  charge(at: Instant, address: string): void {
    const window = this.#windows.get(address)
    if (window !== undefined && at < window.startedAt + 1000) {
      window.count += 1
      return
    }
    this.#windows.delete(address)
    if (this.#windows.size >= limits.sipSources) this.#forgetOldest()
    this.#windows.set(address, { startedAt: at, count: 1 })
  }

  #forgetOldest(): void {
    for (const oldest of this.#windows.keys()) {
      this.#windows.delete(oldest)
      return
    }
  }
}

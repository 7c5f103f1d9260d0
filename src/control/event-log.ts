import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { OutEvent } from './command.ts'

type Unnumbered<E> = E extends OutEvent ? Omit<E, 'id'> : never

/** The node's events, newest last, as many as are kept. Ids grow over restarts too: they begin at the start's time. */
export class EventLog {
  readonly #events: OutEvent[] = []
  #next: number
  #first: number

  constructor(at: Instant) {
    this.#next = Math.floor(at) * 1000
    this.#first = this.#next
  }

  append(event: Unnumbered<OutEvent>): OutEvent {
    const numbered = { ...event, id: String(this.#next) } as OutEvent
    this.#next += 1
    this.#events.push(numbered)
    if (this.#events.length > limits.eventsKept * 1.1) {
      this.#events.splice(0, this.#events.length - limits.eventsKept)
      this.#first = this.#next - this.#events.length
    }
    return numbered
  }

  /** Undefined when something after the cursor is no longer kept, or the cursor was never ours. */
  after(account: AccountId, cursor: string): readonly OutEvent[] | undefined {
    const last = /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN
    if (Number.isNaN(last) || last + 1 < this.#first || last >= this.#next) return undefined
    return this.#events.slice(last + 1 - this.#first).filter((e) => e.account === account)
  }
}

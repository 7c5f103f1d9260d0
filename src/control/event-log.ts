import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { OutEvent } from './command.ts'

type LineEvent = Extract<OutEvent, { readonly line: unknown }>
type AgentEvent = Extract<OutEvent, { readonly agent: unknown }>
type Unnumbered<E> = E extends OutEvent ? Omit<E, 'id'> : never

/** The node's events, newest last, as many as are kept. Ids grow over restarts too: they go on from the journal, or begin at the start's time. */
export class EventLog {
  readonly #events: OutEvent[] = []
  #next: number
  #first: number

  constructor(at: Instant) {
    this.#next = Math.floor(at) * 1000
    this.#first = this.#next
  }

  /** Id of the next event. */
  get next(): number {
    return this.#next
  }

  /** Id of the oldest event that is kept. */
  get first(): number {
    return this.#first
  }

  /** The next event has this id. Where that leaves a gap, something is missing, and nothing before it can be read any more. */
  continueAt(id: number): void {
    if (id === this.#next) return
    this.#events.length = 0
    this.#next = id
    this.#first = id
  }

  append(event: Unnumbered<OutEvent>): OutEvent {
    return this.#keep({ ...event, id: String(this.#next) } as OutEvent)
  }

  appendAgent({ account, agent, at, about }: Unnumbered<AgentEvent>): AgentEvent {
    return this.#keep({ id: String(this.#next), account, agent, at, ...(about === undefined ? {} : { about }) })
  }

  appendLine({ account, line, at }: Unnumbered<LineEvent>): LineEvent {
    return this.#keep({ id: String(this.#next), account, line, at })
  }

  #keep<E extends OutEvent>(numbered: E): E {
    this.#next += 1
    this.#events.push(numbered)
    if (this.#events.length > limits.eventsKept * 1.1) {
      this.#events.splice(0, this.#events.length - limits.eventsKept)
      this.#first = this.#next - this.#events.length
    }
    return numbered
  }

  /** Others in place of some of the account's. */
  amend(account: AccountId, change: (event: OutEvent) => OutEvent): void {
    for (const [i, event] of this.#events.entries()) if (event.account === account) this.#events[i] = change(event)
  }

  /** Those before `end`. Undefined when something after the cursor is no longer kept, or the cursor was never ours. */
  after(account: AccountId, cursor: string, end = this.#next): readonly OutEvent[] | undefined {
    const last = /^\d{1,16}$/.test(cursor) ? Number(cursor) : Number.NaN
    if (Number.isNaN(last) || last + 1 < this.#first || last >= this.#next) return undefined
    return this.#events.slice(last + 1 - this.#first, end - this.#first).filter((e) => e.account === account)
  }
}

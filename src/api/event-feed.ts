import type { FrontDesk, OutEvent } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'

export interface FeedSettings {
  readonly account: AccountId
  readonly wants: (event: OutEvent) => boolean
  /** Live events that wait for a slow reader; with one more he is cut off. */
  readonly backlog: number
}

/** Who is told that there is something to read, or that the reader was too slow. */
export interface FeedReader {
  ready(): void
  tooSlow(): void
}

/** The events of one subscriber, to be pulled: first those that a cursor asks for, then the live ones. */
export class EventFeed {
  readonly #settings: FeedSettings
  readonly #reader: FeedReader
  readonly #unsubscribe: () => void
  #past: readonly OutEvent[]
  #read = 0
  #live: OutEvent[] = []

  /** Reading the past and subscribing happen in one turn, so nothing is lost or doubled between them. */
  constructor(desk: FrontDesk, past: readonly OutEvent[], settings: FeedSettings, reader: FeedReader) {
    this.#settings = settings
    this.#reader = reader
    this.#past = past
    this.#unsubscribe = desk.subscribe(settings.account, (event) => this.#offer(event))
  }

  next(): OutEvent | undefined {
    for (;;) {
      const event = this.#past[this.#read]
      if (event === undefined && !this.#turnPage()) return undefined
      if (event === undefined) continue
      this.#read += 1
      if (this.#settings.wants(event)) return event
    }
  }

  close(): void {
    this.#unsubscribe()
    this.#past = []
    this.#live = []
  }

  #turnPage(): boolean {
    this.#past = this.#live
    this.#read = 0
    this.#live = []
    return this.#past.length > 0
  }

  #offer(event: OutEvent): void {
    if (!this.#settings.wants(event)) return
    this.#live.push(event)
    if (this.#live.length <= this.#settings.backlog) return this.#reader.ready()
    this.close()
    this.#reader.tooSlow()
  }
}

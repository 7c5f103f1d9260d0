import type { FrontDesk, OutEvent, PastEvent } from '../control/command.ts'
import type { PastEvents, PastPage } from '../control/past-events.ts'
import type { AccountId } from '../kernel/ids.ts'

export interface FeedSettings {
  readonly account: AccountId
  readonly wants: (event: OutEvent | PastEvent) => boolean
  /** Live events that wait for a slow reader; with one more he is cut off. */
  readonly backlog: number
}

/** Who is told that there is something to read, or that the reader was too slow. */
export interface FeedReader {
  ready(): void
  tooSlow(): void
}

/** Where a reader goes on: with these events, or with what the history has after this one until the desk has the rest. */
export type FeedStart = readonly OutEvent[] | { readonly past: PastEvents; readonly after: number }

type Desk = Pick<FrontDesk, 'eventsAfter' | 'subscribe'>

/** The events of one subscriber, to be pulled: first those that a cursor asks for, then the live ones. */
export class EventFeed {
  readonly #desk: Desk
  readonly #settings: FeedSettings
  readonly #reader: FeedReader
  #unsubscribe: (() => void) | undefined
  /** What the history has, read as far as `upTo`. */
  #replay: { readonly past: PastEvents; readonly upTo: number } | undefined
  #isReading = false
  #isClosed = false
  #page: readonly (OutEvent | PastEvent)[] = []
  #read = 0
  #live: OutEvent[] = []

  constructor(desk: Desk, start: FeedStart, settings: FeedSettings, reader: FeedReader) {
    this.#desk = desk
    this.#settings = settings
    this.#reader = reader
    if ('past' in start) this.#replay = { past: start.past, upTo: start.after }
    else this.#join(start)
  }

  /** Reading the past and subscribing happen in one turn, so nothing is lost or doubled between them. */
  #join(rest: readonly OutEvent[]): void {
    this.#replay = undefined
    this.#page = rest
    this.#read = 0
    this.#unsubscribe = this.#desk.subscribe(this.#settings.account, (event) => this.#offer(event))
  }

  next(): OutEvent | PastEvent | undefined {
    for (;;) {
      const event = this.#page[this.#read]
      if (event === undefined && !this.#turnPage()) return undefined
      if (event === undefined) continue
      this.#read += 1
      if (this.#settings.wants(event)) return event
    }
  }

  close(): void {
    this.#isClosed = true
    this.#unsubscribe?.()
    this.#page = []
    this.#live = []
  }

  #turnPage(): boolean {
    if (this.#isClosed) return false
    if (this.#replay !== undefined) return this.#turnReplayed(this.#replay)
    this.#page = this.#live
    this.#read = 0
    this.#live = []
    return this.#page.length > 0
  }

  /** From the history to the memory, where the memory has what follows. */
  #turnReplayed({ past, upTo }: { readonly past: PastEvents; readonly upTo: number }): boolean {
    const { account } = this.#settings
    const rest = this.#isReading ? undefined : this.#desk.eventsAfter(account, String(upTo))
    if (rest !== undefined) {
      this.#join(rest)
      return rest.length > 0
    }
    if (this.#isReading) return false
    this.#isReading = true
    past.after(account, upTo).then(
      (page) => this.#turnTo(past, page),
      () => this.#reader.tooSlow(),
    )
    return false
  }

  /** Who cannot go on comes again, and is told why. */
  #turnTo(past: PastEvents, page: PastPage | 'gone'): void {
    this.#isReading = false
    if (this.#isClosed) return
    if (page === 'gone') return this.#reader.tooSlow()
    this.#replay = { past, upTo: page.upTo }
    this.#page = page.events
    this.#read = 0
    this.#reader.ready()
  }

  #offer(event: OutEvent): void {
    if (!this.#settings.wants(event)) return
    this.#live.push(event)
    if (this.#live.length <= this.#settings.backlog) return this.#reader.ready()
    this.close()
    this.#reader.tooSlow()
  }
}

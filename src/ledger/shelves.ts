import type { Memories, Memory } from '../http/memory.ts'
import type { Instant } from '../kernel/time.ts'
import type { Ledger, Source } from './ledger.ts'

type ShelfRecord =
  | { readonly kind: 'put'; readonly shelf: string; readonly key: string; readonly value: unknown; readonly until: Instant }
  | { readonly kind: 'remove'; readonly shelf: string; readonly key: string }

interface Kept {
  readonly value: unknown
  readonly until: Instant
}

/** Tokens, answers and subscriptions, kept through the log. */
export class Shelves {
  readonly #shelves = new Map<string, Map<string, Kept>>()
  readonly #clock: () => Instant
  #ledger: Ledger | undefined
  #lastPlace = 0

  constructor(remembered: Iterable<unknown>, clock: () => Instant) {
    this.#clock = clock
    for (const record of remembered) this.#apply(record as ShelfRecord)
  }

  get source(): Source {
    return { of: 'shelf', isWhole: false, state: () => this.#state() }
  }

  writeTo(ledger: Ledger): void {
    this.#ledger = ledger
  }

  readonly memories: Memories = <Value>(name: string): Memory<Value> => ({
    load: () => this.#load(name) as Iterable<readonly [string, Value]>,
    put: (key, value, until) => this.#write({ kind: 'put', shelf: name, key, value, until }),
    remove: (key) => {
      if (this.#shelves.get(name)?.has(key) === true) this.#write({ kind: 'remove', shelf: name, key })
    },
  })

  /** When everything that was put is safe. */
  async kept(): Promise<void> {
    const ledger = this.#ledger
    const place = this.#lastPlace
    if (ledger === undefined || ledger.isSafe(place)) return
    await new Promise<void>((resolve) => ledger.whenSafe(place, resolve))
  }

  #write(record: ShelfRecord): void {
    this.#apply(record)
    if (this.#ledger !== undefined) this.#lastPlace = this.#ledger.append('shelf', [record])
  }

  /** A value that is put again is the newest. */
  #apply(record: ShelfRecord): void {
    const shelf = this.#shelves.get(record.shelf) ?? new Map<string, Kept>()
    this.#shelves.set(record.shelf, shelf)
    shelf.delete(record.key)
    if (record.kind === 'put') shelf.set(record.key, { value: record.value, until: record.until })
  }

  *#load(name: string): Iterable<readonly [string, unknown]> {
    const now = this.#clock()
    for (const [key, { value, until }] of this.#shelves.get(name) ?? []) if (until > now) yield [key, value]
  }

  /** What has lapsed is left behind with the old file. */
  *#state(): Iterable<ShelfRecord> {
    for (const [shelf, kept] of this.#shelves) {
      for (const [key, { value, until }] of kept) {
        if (until > this.#clock()) yield { kind: 'put', shelf, key, value, until }
        else kept.delete(key)
      }
    }
  }
}

/** Events that are no longer in memory, from the history. */
import { ArchiveUnavailable } from '../audit/ports.ts'
import type { PastEvents, PastPage } from '../control/past-events.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Store } from '../store/store.ts'
import { pastEventOf } from './store-events.ts'
import type { StoreWriter } from './store-writer.ts'

interface Parts {
  readonly store: Store
  readonly writer: StoreWriter
  /** Whether the history has all that the log had. */
  readonly isWhole: () => boolean
  /** Id of the oldest event that is in memory. */
  readonly firstEvent: () => number
}

export class StoredEvents implements PastEvents {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get firstEvent(): number {
    return this.#parts.firstEvent()
  }

  async after(account: AccountId, cursor: number): Promise<PastPage | 'gone'> {
    const { store, writer, isWhole, firstEvent } = this.#parts
    // What leaves the memory while we read was in it when everything before had been written.
    const inMemoryFrom = firstEvent()
    const isSettled = await writer.settled()
    if (!isSettled || !isWhole() || store.health().spilledBytes > 0) throw new ArchiveUnavailable('away')
    const from = await store.ask('eventsFrom', {})
    if (from.ok && (from.value === undefined || cursor < from.value)) return 'gone'
    const found = await store.ask('eventsAfter', { account, cursor, limit: limits.storePageRows })
    if (!found.ok && found.error === 'gone') return 'gone'
    if (!found.ok) throw new ArchiveUnavailable(found.error === 'damaged' ? 'damaged' : 'away')
    const events = found.value.flatMap((row) => pastEventOf(row) ?? [])
    const last = found.value.at(-1)?.cursor ?? cursor
    const isEnd = found.value.length < limits.storePageRows
    return { events, upTo: isEnd ? Math.max(last, inMemoryFrom - 1) : last }
  }
}

/** The store as the server uses it: an archive, the events, and how it is. */
import type { Log } from '../kernel/log.ts'
import type { StorePlace } from '../store/messages.ts'
import { openStore } from '../store/store.ts'
import { now } from './clock.ts'
import { StoreArchive } from './store-archive.ts'
import { keepEvents } from './store-events.ts'
import { StoreWriter } from './store-writer.ts'

type Followed = Pick<Parameters<typeof keepEvents>[0], 'desk' | 'events' | 'accounts'>

export interface HistoryStore {
  readonly archive: StoreArchive
  /** From now on the events of these accounts are kept. */
  follow(followed: Followed): void
  close(): Promise<void>
}

/** Comes back at once; whether there is a database shows later. */
export function openHistoryStore(place: StorePlace, log: Log): HistoryStore {
  const store = openStore({ ...place, log, clock: now })
  const writer = new StoreWriter(store, log)
  let stop = (): void => {}
  return {
    archive: new StoreArchive({ store, writer, log }),
    follow: (followed) => {
      stop = keepEvents({ store, writer, ...followed })
    },
    close: async () => {
      stop()
      await store.close()
    },
  }
}

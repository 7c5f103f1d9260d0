/** The store as the server uses it: an archive, the events, how it is, and how long what is in it is kept. */
import { ArchiveUnavailable } from '../audit/ports.ts'
import type { FrontDesk } from '../control/command.ts'
import type { DeskPast } from '../control/desk-past.ts'
import type { PastEvents } from '../control/past-events.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { HeldFiles } from '../ledger/node-log.ts'
import type { StorePlace } from '../store/messages.ts'
import { openStore } from '../store/store.ts'
import { now } from './clock.ts'
import { HistoryFill } from './history-fill.ts'
import { HistoryPruning } from './history-prune.ts'
import { StoredEvents } from './past-events.ts'
import type { HistoryDays } from './settings.ts'
import { StoreArchive } from './store-archive.ts'
import type { AskStore } from './store-erasing.ts'
import { keepEvents } from './store-events.ts'
import { StoreWriter } from './store-writer.ts'

interface Options extends StorePlace {
  readonly log: Log
  /** Files of the log, which wait until what stands in them is in the store. */
  readonly held: HeldFiles
}

interface Followed {
  readonly desk: Pick<FrontDesk, 'subscribe'> & { readonly past: DeskPast; readonly liveCalls: number }
  readonly accounts: readonly AccountId[]
  readonly days: HistoryDays
}

export interface HistoryStore {
  readonly archive: StoreArchive
  /** Ends in `ArchiveUnavailable` where the store does not answer. */
  readonly ask: AskStore
  /** From now on the events of these accounts are kept, and what is too old is deleted. What was kept, to be read. */
  follow(followed: Followed): PastEvents
  close(): Promise<void>
}

/** Comes back at once; whether there is a database shows later. */
export function openHistoryStore({ log, held, ...place }: Options): HistoryStore {
  const store = openStore({ ...place, log, clock: now })
  const writer = new StoreWriter(store, log)
  const fill = new HistoryFill({ store, writer, held, clock: now, log })
  const endings: (() => void)[] = []
  return {
    archive: new StoreArchive({ store, writer, log, hasLost: () => fill.hasLost }),
    ask: async (name, ask) => {
      const answer = await store.ask(name, ask)
      if (answer.ok) return answer.value
      throw new ArchiveUnavailable(answer.error === 'damaged' ? 'damaged' : 'away')
    },
    follow: ({ desk, accounts, days }) => {
      endings.push(keepEvents({ writer, desk, accounts }))
      const { past } = desk
      const pruning = new HistoryPruning({ store, days, accounts, past, liveCalls: () => desk.liveCalls, clock: now, log })
      endings.push(() => pruning.close())
      return new StoredEvents({ store, writer, isWhole: () => fill.isWhole, firstEvent: () => past.firstEvent })
    },
    close: async () => {
      for (const end of endings) end()
      await fill.close()
      await store.close()
    },
  }
}

/** What is told again to whoever was away for longer than the desk remembers. */
import type { AccountId } from '../kernel/ids.ts'
import type { PastEvent } from './command.ts'

export interface PastPage {
  /** Oldest first. */
  readonly events: readonly PastEvent[]
  /** Nothing between the cursor and this id is missing; where the desk has what follows, it goes on there. */
  readonly upTo: number
}

export interface PastEvents {
  /** Id of the oldest event that the desk has: only what comes before is looked for here. */
  readonly firstEvent: number
  /** Events of the account after this id; `gone`: something that followed is kept no longer. May end in `ArchiveUnavailable`. */
  after(account: AccountId, cursor: number): Promise<PastPage | 'gone'>
}

import type { Caller, FrontDesk } from '../control/command.ts'
import type { RecordingShelf } from '../control/recordings.ts'
import type { Memories } from '../http/memory.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { NativeKey } from './access.ts'
import type { History } from './history-source.ts'
import type { Metrics } from './metrics.ts'
import type { Outlet } from './outlet.ts'

/** Everything that the API needs from the rest of the server. */
export interface Office {
  readonly desk: FrontDesk
  readonly clock: () => Instant
  readonly random: Random
  readonly log: Log
  readonly keys: readonly NativeKey[]
  /** The phones of the user behind a credential; none without a user. */
  readonly extensionsOf: (caller: Caller) => readonly string[]
  readonly version: string
  readonly metrics: Metrics
  readonly history: History
  readonly outlet: Outlet
  readonly shelf: RecordingShelf
  /** What is kept over a restart; nothing where absent. */
  readonly memory?: Memories
  /** False until everything listens. */
  readonly ready?: () => boolean
  /** Silence on an event stream; 15 s where absent. */
  readonly heartbeatMs?: number
}

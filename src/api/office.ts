import type { Caller, FrontDesk } from '../control/command.ts'
import type { BegunOrder } from '../control/order-name.ts'
import type { PastEvents } from '../control/past-events.ts'
import type { PersonErasing } from '../control/person-erasing.ts'
import type { RecordingShelf } from '../control/recordings.ts'
import type { Rights } from '../control/rights.ts'
import type { Memories } from '../http/memory.ts'
import type { IceServer } from '../kernel/ice-server.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { NativeKey } from './access.ts'
import type { History } from './history-source.ts'
import type { Metrics } from './metrics.ts'
import type { Outlet } from './outlet.ts'
import type { SignInSettings } from './sign-in-words.ts'
import type { Wallboard } from './wallboard-words.ts'

export interface SoftphonePass {
  readonly uri: string
  readonly username: string
  readonly password: string
  readonly expiresAt: Instant
}

/** Everything that the API needs from the rest of the server. */
export interface Office {
  readonly desk: FrontDesk
  readonly clock: () => Instant
  readonly random: Random
  readonly log: Log
  readonly keys: readonly NativeKey[]
  readonly rights: Rights
  /** The phones of the user behind a credential; none without a user. */
  readonly extensionsOf: (caller: Caller) => readonly string[]
  /** The outcomes that calls of the account may have; none where absent. */
  readonly dispositionsOf?: (account: AccountId) => readonly string[]
  /** Whether agents of the account may know who supervises them; none of them where absent. */
  readonly tellsAgents?: (account: AccountId) => boolean
  /** What a softphone in a browser registers with. */
  readonly passFor: (at: Instant, account: AccountId, extension: string) => SoftphonePass
  /** STUN and TURN servers for a browser of the caller's; none where absent. */
  readonly iceServers?: (caller: Caller) => readonly IceServer[]
  /** Without it there are no sessions, and keys and tokens are all. */
  readonly signIn?: SignInSettings
  readonly version: string
  readonly metrics: Metrics
  readonly history: History
  readonly outlet: Outlet
  /** Events that the desk has forgotten; none where absent. */
  readonly past?: PastEvents
  /** Orders that the process before us began. */
  readonly earlierOrder?: (name: string) => BegunOrder | undefined
  /** Nobody is taken out of what is kept where absent. */
  readonly eraser?: PersonErasing
  readonly shelf: RecordingShelf
  /** The page at `/`. */
  readonly wallboard?: Wallboard
  /** What is kept over a restart; nothing where absent. */
  readonly memory?: Memories
  /** False until everything listens. */
  readonly ready?: () => boolean
  /** Silence on an event stream; 15 s where absent. */
  readonly heartbeatMs?: number
}

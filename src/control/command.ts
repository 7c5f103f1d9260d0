/** What a program may ask of the desk, in the directory's words: selectors, not endpoints. Dialects and api translate into this and nothing else. */
import type { Call } from '../call/call.ts'
import type { CallEvent } from '../call/event.ts'
import type { Refusal } from '../call/refusal.ts'
import type { Follow, Mode } from '../call/supervision.ts'
import type { AccountId, CallId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'

export type CallerRole = 'admin' | 'supervisor' | 'agent' | 'observer'

/** On whose behalf a command comes: the credential's account and role, and the user behind it if any. */
export interface Caller {
  readonly account: AccountId
  readonly role: CallerRole
  readonly user?: string
}

/** How a program names somebody. Exactly one of them. */
export type Selector = { readonly extension: string } | { readonly number: string } | { readonly agent: string }

/** Whom to ring for `from`: one phone, or the members of groups. */
export type OriginSelector = Selector | { readonly groups: readonly string[] }

export type DestinationSelector = Selector | { readonly group: string }

export type DeskCommand =
  | {
      readonly kind: 'originate'
      readonly from: OriginSelector
      readonly to: Selector
      readonly presentedNumber?: string
      readonly ringTimeoutMs?: number
      readonly reference?: string
      readonly application?: string
    }
  | {
      readonly kind: 'supervise'
      readonly call: CallId
      readonly supervisor: Selector
      readonly mode: Mode
      /** A party id, or a role. Default `agent`. */
      readonly target?: PartyId | 'agent' | 'customer'
      readonly private?: boolean
      readonly follow?: Follow
      readonly hearPeers?: boolean
      readonly autoAnswer?: boolean
      readonly ringTimeoutMs?: number
    }
  | {
      readonly kind: 'change-supervision'
      readonly supervision: SupervisionId
      readonly mode?: Mode
      readonly target?: PartyId | 'agent' | 'customer'
      readonly private?: boolean
    }
  | { readonly kind: 'end-supervision'; readonly supervision: SupervisionId }
  | { readonly kind: 'take-over'; readonly supervision: SupervisionId }
  | { readonly kind: 'hold' | 'unhold' | 'mute' | 'unmute' | 'remove-party'; readonly call: CallId; readonly party: PartyId }
  | {
      readonly kind: 'transfer'
      readonly call: CallId
      readonly party?: PartyId
      readonly to: DestinationSelector
      readonly how: 'blind' | 'attended'
      readonly ringTimeoutMs?: number
    }
  | { readonly kind: 'end-call'; readonly call: CallId }
  | { readonly kind: 'set-agent-state'; readonly agent: string; readonly state: AgentSetting }

export type AgentSetting = 'available' | 'away' | 'offline'

/** The call as it is when the command's effect has been confirmed, and what the command made or changed in it. */
export interface Done {
  readonly call?: Call
  readonly supervision?: SupervisionId
}

/** `on-call` and `wrap-up` follow from calls; `offline` is an agent who said so, or who said nothing and whose extension is not registered. */
export type AgentState = 'available' | 'ringing' | 'on-call' | 'wrap-up' | 'away' | 'offline'

export interface AgentView {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly extension: string
  readonly role: 'agent' | 'supervisor'
  readonly groups: readonly string[]
  readonly state: AgentState
  readonly since: Instant
  readonly call?: CallId
}

export interface ExtensionView {
  readonly number: string
  readonly name: string
  readonly registered: boolean
  readonly contacts: number
  readonly agent?: string
  readonly calls: readonly CallId[]
}

export interface GroupView {
  readonly id: string
  readonly name: string
  readonly extension: string
  readonly strategy: 'longest-idle' | 'ring-all'
  readonly agents: readonly string[]
  readonly waiting: number
}

/** Levels by party, measured by the mixer now. */
export interface PartyLevel {
  readonly party: PartyId
  readonly levelDbov: number | null
  readonly lastAudioAt: Instant | null
}

/** An event as it leaves the server. `id` is the cursor: it grows over the whole node. */
export type OutEvent =
  | { readonly id: string; readonly account: AccountId; readonly event: CallEvent; readonly call: Call }
  | { readonly id: string; readonly account: AccountId; readonly agent: AgentView; readonly at: Instant }

/** The door of control for dialects and api. Reads are synchronous snapshots: what you read and then ask for in the same turn cannot have moved. */
export interface FrontDesk {
  /** Answers when the effect is confirmed by the engine (W18), or with the refusal. Never rejects. */
  request(caller: Caller, command: DeskCommand): Promise<Outcome<Done, Refusal>>
  /** Live calls of the account, oldest first. */
  calls(account: AccountId): readonly Call[]
  /** A live call or one that ended within 24 h; another account's is undefined. */
  call(account: AccountId, id: CallId): Call | undefined
  /** The call that holds a supervision, live or ended within 24 h. */
  callOfSupervision(account: AccountId, id: SupervisionId): Call | undefined
  levels(account: AccountId, id: CallId): Promise<readonly PartyLevel[]>
  agents(account: AccountId): readonly AgentView[]
  extensions(account: AccountId): readonly ExtensionView[]
  groups(account: AccountId): readonly GroupView[]
  /** Events of the account after `cursor`, oldest first, from what is kept; undefined when the cursor is no longer kept. */
  eventsAfter(account: AccountId, cursor: string): readonly OutEvent[] | undefined
  /** Calls `listener` for every new event of the account until the returned function is called. A listener's exception is caught and logged. */
  subscribe(account: AccountId, listener: (event: OutEvent) => void): () => void
  /** What is wrong with the node now: `media` (no media process), `draining` … Empty when all is well. */
  degraded(): readonly string[]
  readonly draining: boolean
}

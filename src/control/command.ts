/** What a program may ask of the desk, in the directory's words: selectors, not endpoints. Dialects and api translate into this and nothing else. */
import type { OpenInterval } from '../audit/watch.ts'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import type { Presented } from '../call/endpoint.ts'
import type { CallEvent } from '../call/event.ts'
import type { Consent, RecordingState } from '../call/recording.ts'
import type { Refusal, RefusalCode } from '../call/refusal.ts'
import type { Follow, Mode } from '../call/supervision.ts'
import type { MonitorMode } from '../directory/settings.ts'
import type { AccountId, CallId, LineId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { Caller } from './caller.ts'
import type { LineDesk, LineView } from './line-words.ts'

export type { Caller, CallerRole } from './caller.ts'

/** What a caller asked for and was refused for want of permission, before the desk heard of it. */
export interface Attempt {
  /** The word of the command where there is one. */
  readonly act: string
  readonly code: RefusalCode
  readonly call?: CallId
  readonly supervision?: SupervisionId
  readonly mode?: Mode
  /** What else it was about: a recording, an agent. */
  readonly about?: string
}

/** How a program names somebody. Exactly one of them. */
export type Selector = { readonly extension: string } | { readonly number: string } | { readonly agent: string }

/** A phone, or a line of the caller's own, which does not ring. */
export type SupervisorSelector = Selector | { readonly line: LineId }

/** Whom to ring for `from`: one phone, or the members of groups. */
export type OriginSelector = Selector | { readonly groups: readonly string[] }

export type DestinationSelector = Selector | { readonly group: string }

export type DeskCommand =
  | {
      readonly kind: 'originate'
      readonly from: OriginSelector
      readonly to: Selector
      readonly presentedNumber?: string
      /** Shows `presentedNumber` whosever it is; for callers whom the account lets say what they like. */
      readonly presentAsSent?: true
      readonly presentedName?: string
      /** What the phones of `from` show; whom they are to speak to where absent. */
      readonly shown?: Presented
      /** Of `from`, and of `to` unless that has its own. */
      readonly ringTimeoutMs?: number
      readonly toRingTimeoutMs?: number
      /** An answered call ends after this. */
      readonly maxDurationMs?: number
      readonly consent?: { readonly from?: Consent; readonly to?: Consent }
      /** The program's own words, given back as they are; at most `limits.labelsPerCall`. */
      readonly labels?: Readonly<Record<string, string>>
      readonly reference?: string
      readonly application?: string
      /** Asks the phone of `from` to answer by itself. */
      readonly autoAnswer?: boolean
    }
  | {
      readonly kind: 'supervise'
      readonly call: CallId
      readonly supervisor: SupervisorSelector
      readonly mode: Mode
      /** A party id, or a role. Default `agent`. */
      readonly target?: PartyId | 'agent' | 'customer'
      readonly private?: boolean
      readonly follow?: Follow
      readonly hearPeers?: boolean
      readonly autoAnswer?: boolean
      /** What his phone shows. */
      readonly shown?: Presented
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
      /** `hand-over`: the present party stays until the new one has answered. */
      readonly how: 'blind' | 'attended' | 'hand-over'
      readonly ringTimeoutMs?: number
    }
  | { readonly kind: 'record'; readonly call: CallId; readonly state: RecordingState }
  /** Also for a call that has ended, until the agent has left wrap-up. `callbackAt` is kept and told; nobody dials by it. */
  | {
      readonly kind: 'dispose'
      readonly call: CallId
      readonly disposition: string
      readonly notes?: string
      readonly callbackAt?: Instant
    }
  /** `party` is who parks; the handling party where absent. `place`: one is chosen where absent. */
  | { readonly kind: 'park'; readonly call: CallId; readonly party?: PartyId; readonly place?: string; readonly timeoutMs?: number }
  /** Takes a parked call, or one that rings elsewhere, to another phone. */
  | {
      readonly kind: 'unpark' | 'pick-up'
      readonly call: CallId
      readonly to: Selector
      readonly shown?: Presented
      readonly ringTimeoutMs?: number
    }
  | { readonly kind: 'requeue'; readonly call: CallId; readonly group: string }
  /** Calls somebody into a conference, which begins with the first. */
  | {
      readonly kind: 'invite-to-conference'
      readonly room: string
      readonly pin?: string
      readonly to: Selector
      readonly shown?: Presented
      readonly ringTimeoutMs?: number
      readonly labels?: Readonly<Record<string, string>>
    }
  | { readonly kind: 'end-call'; readonly call: CallId }
  | { readonly kind: 'set-agent-state'; readonly agent: string; readonly state: AgentSetting; readonly reason?: string }
  /** An agent asks for help, or no longer. `note`: with what, for people. */
  | { readonly kind: 'raise-hand'; readonly agent: string; readonly raised: boolean; readonly note?: string }
  /** What a program may change in an extension. Lasts until it is changed again. */
  | { readonly kind: 'amend-extension'; readonly extension: string; readonly changes: ExtensionChanges }

export interface ExtensionChanges {
  readonly name?: string
  readonly monitorMode?: MonitorMode
  readonly mayBeMonitored?: boolean
  readonly ringTimeoutMs?: number
}

export type AgentSetting = 'available' | 'away' | 'offline'

/** The call as it is when the command's effect has been confirmed, and what the command made or changed in it. */
export interface Done {
  readonly call?: Call
  readonly supervision?: SupervisionId
}

/** `on-call`, `pending-disposition` (his group demands one) and `wrap-up` follow from calls; `offline` is an agent who said so, or who said nothing and whose extension is not registered. */
export type AgentState = 'available' | 'ringing' | 'on-call' | 'pending-disposition' | 'wrap-up' | 'away' | 'offline'

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
  /** Why he is away, in his or a program's words. */
  readonly reason?: string
  /** When he last became other than `offline`. */
  readonly loggedInAt?: Instant
  /** The ended call whose disposition is awaited. */
  readonly awaits?: CallId
  /** In wrap-up: when he is given calls again. */
  readonly wrapUpUntil?: Instant
  /** He asks for help. */
  readonly hand?: RaisedHand
  readonly tally: AgentTally
}

export interface RaisedHand {
  readonly since: Instant
  readonly note?: string
}

/** Since midnight UTC. */
export interface AgentTally {
  /** Calls that he was connected to. */
  readonly handled: number
  /** Offered calls that he let ring. */
  readonly missed: number
  readonly talkMs: number
}

export interface GroupTally {
  /** Calls that came to the group. */
  readonly received: number
  readonly answered: number
  /** The caller hung up, or waited too long. */
  readonly abandoned: number
  /** Answered within `limits.serviceLevelMs`, and not. */
  readonly inTime: number
  readonly late: number
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
  /** Of the caller who waits longest. */
  readonly waitingSince?: Instant
  readonly tally: GroupTally
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
  /** `about`: what changed; his state where absent. */
  | { readonly id: string; readonly account: AccountId; readonly agent: AgentView; readonly at: Instant; readonly about?: 'hand' }
  /** For its owner only. */
  | { readonly id: string; readonly account: AccountId; readonly line: LineView; readonly at: Instant }

/** An event that the desk has forgotten: how the call stood then is not kept. */
export type PastEvent =
  | { readonly id: string; readonly account: AccountId; readonly event: CallEvent; readonly call?: undefined }
  | Extract<OutEvent, { readonly agent: unknown }>

/** The door of control for dialects and api. Reads are synchronous snapshots: what you read and then ask for in the same turn cannot have moved. */
export interface FrontDesk {
  /** Answers when the effect is confirmed by the engine (W18), or with the refusal. Never rejects. */
  request(caller: Caller, command: DeskCommand): Promise<Outcome<Done, Refusal>>
  /** For the audit. */
  refused(caller: Caller, attempt: Attempt): void
  readonly lines: LineDesk
  /** Live calls of the account, oldest first. */
  calls(account: AccountId): readonly Call[]
  /** A live call or one that ended within 24 h; another account's is undefined. */
  call(account: AccountId, id: CallId): Call | undefined
  /** As `call`, found by its serial. */
  callBySerial(account: AccountId, serial: number): Call | undefined
  /** Calls that ended within 24 h, the oldest end first. */
  endedCalls(account: AccountId): readonly Call[]
  /** The call that holds a supervision, live or ended within 24 h. */
  callOfSupervision(account: AccountId, id: SupervisionId): Call | undefined
  /** Records of calls that ended within 24 h, the oldest end first. */
  cdrs(account: AccountId): readonly Cdr[]
  /** Which supervisor hears or is heard now, as the mixer confirmed it. */
  openIntervals(account: AccountId): readonly OpenInterval[]
  levels(account: AccountId, id: CallId): Promise<readonly PartyLevel[]>
  agents(account: AccountId): readonly AgentView[]
  extensions(account: AccountId): readonly ExtensionView[]
  extension(account: AccountId, number: string): ExtensionView | undefined
  groups(account: AccountId): readonly GroupView[]
  /** Events of the account after `cursor`, oldest first, from what is kept; undefined when the cursor is no longer kept. */
  eventsAfter(account: AccountId, cursor: string): readonly OutEvent[] | undefined
  /** Calls `listener` for every new event of the account until the returned function is called. A listener's exception is caught and logged. */
  subscribe(account: AccountId, listener: (event: OutEvent) => void): () => void
  /** What is wrong with the node now: `media` (no media process), `draining` … Empty when all is well. */
  degraded(): readonly string[]
  readonly draining: boolean
}

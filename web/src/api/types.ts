/** What Sotto's own API says, as far as the page reads it (`/openapi.json` is the whole of it). */

export type CallState = 'queued' | 'ringing' | 'active' | 'held' | 'ended'
export type PartyState = 'ringing' | 'talking' | 'held' | 'ended'
export type PartyRole = 'customer' | 'agent' | 'supervisor' | 'participant'
export type Mode = 'monitor' | 'whisper' | 'barge'
export type RecordingState = 'on' | 'off' | 'paused'
export type AgentState = 'available' | 'ringing' | 'on-call' | 'pending-disposition' | 'wrap-up' | 'away' | 'offline'

export interface Party {
  readonly id: string
  readonly role: PartyRole
  readonly extension?: string
  readonly agent?: string
  readonly number?: string
  readonly name?: string
  readonly state: PartyState
  readonly muted: boolean
  readonly joinedAt: string
}

export interface Supervision {
  readonly id: string
  readonly revision: number
  readonly callId: string
  readonly partyId: string
  readonly mode: Mode
  readonly target: string
  readonly private: boolean
  readonly state: 'ringing' | 'active' | 'ended'
  readonly endReason?: string
  readonly startedAt: string
  readonly activeAt?: string
  readonly endedAt?: string
  /** Who it is, where the server may say so. */
  readonly supervisor?: { readonly name?: string; readonly user?: string; readonly extension?: string; readonly line?: string }
}

export interface Call {
  readonly id: string
  readonly revision: number
  readonly state: CallState
  readonly direction: 'inbound' | 'outbound' | 'internal'
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly startedAt: string
  readonly answeredAt?: string
  readonly endedAt?: string
  readonly endReason?: string
  readonly queuedAt?: string
  readonly queuePosition?: number
  readonly parties: readonly Party[]
  readonly supervisions: readonly Supervision[]
  readonly recording: { readonly state: RecordingState }
  readonly disposition?: string
  readonly parked?: { readonly place: string; readonly partyId: string; readonly since: string }
  readonly reference?: string
  readonly application?: string
}

export interface Agent {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly extension: string
  readonly role: 'agent' | 'supervisor'
  readonly groups: readonly string[]
  readonly state: AgentState
  readonly reason?: string
  readonly since: string
  readonly loggedInAt?: string
  readonly wrapUpUntil?: string
  readonly callId?: string
  readonly awaitsCallId?: string
  readonly hand?: { readonly since: string; readonly note?: string }
  readonly tally: { readonly handled: number; readonly missed: number; readonly talkMs: number }
}

export interface Group {
  readonly id: string
  readonly name: string
  readonly extension: string
  readonly agents: readonly string[]
  readonly waiting: number
  readonly waitingSince?: string
  readonly tally: {
    readonly received: number
    readonly answered: number
    readonly abandoned: number
    readonly inTime: number
    readonly late: number
  }
}

export interface Extension {
  readonly number: string
  readonly name: string
  readonly registered: boolean
  readonly agent?: string
}

export interface HearingPair {
  readonly listener: string
  readonly talker: string
  readonly levelDbov: number | null
  readonly lastAudioAt: string | null
}

export interface Hearing {
  readonly callId: string
  readonly revision: number
  readonly appliedRevision: number
  readonly appliedAt: string | null
  readonly pairs: readonly HearingPair[]
}

/** A browser's audio connection to the server. */
export interface Line {
  readonly id: string
  readonly state: 'connecting' | 'open' | 'lost' | 'closed'
  readonly label?: string
  readonly user?: string
  readonly createdAt: string
  readonly supervision?: string
  readonly callId?: string
}

export interface AnsweredLine extends Line {
  readonly answer: string
}

export interface Session {
  readonly account: { readonly id: string; readonly name: string }
  readonly user?: string
  readonly name: string
  readonly role: 'admin' | 'supervisor' | 'agent' | 'observer'
  readonly csrf: string
  /** Verbs such as `monitor` or `take-over`; every role's own where the server does not say. */
  readonly permissions?: unknown
  readonly extensions: readonly string[]
  readonly expiresAt?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** `data` is read by the type; `call` is the call as it is after the event. */
export interface ServerEvent {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly callId?: string
  readonly call?: Call
  readonly data: unknown
}

/** All that the lists say. */
export interface Snapshot {
  readonly calls: readonly Call[]
  readonly agents: readonly Agent[]
  readonly groups: readonly Group[]
}

/** RFC 9457, and `unreachable` where no answer came. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly parameter?: string
}

export type Answer<T> = { readonly ok: true; readonly value: T; readonly at?: number } | { readonly ok: false; readonly problem: Problem }

/** Everything that can change a call: a command from a program, or what happened to a leg. The same kind of thing to `step`. */
import type { LegId, PartyId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Endpoint, Presented } from './endpoint.ts'
import type { Asked } from './event.ts'
import type { Role } from './party.ts'
import type { EndReason } from './reason.ts'
import type { RecordingPolicy, RecordingState, StoredFiles } from './recording.ts'
import type { Follow, Mode } from './supervision.ts'

/** Ids for a party that a command may create; made by the desk, because nothing pure makes random. */
export interface NewParty {
  readonly party: PartyId
  readonly leg: LegId
}

/** A phone asked to be replaced (REFER); it is told how that goes. */
export interface TransferRequest {
  readonly leg: LegId
  readonly transfer: string
}

export type Command =
  | (Asked & {
      readonly kind: 'supervise'
      readonly id: SupervisionId
      readonly as: NewParty
      readonly supervisor: Endpoint
      readonly mode: Mode
      readonly target: PartyId | 'agent' | 'customer'
      readonly private: boolean
      readonly follow: Follow
      readonly hearPeers: boolean
      readonly autoAnswer: boolean
      /** What his phone shows; the customer where absent. */
      readonly shown?: Presented
      readonly ringTimeoutMs: number
    })
  | (Asked & {
      readonly kind: 'change-supervision'
      readonly supervision: SupervisionId
      readonly mode?: Mode
      readonly target?: PartyId | 'agent' | 'customer'
      readonly private?: boolean
    })
  /** `reason`: `ended-by-request` where absent. */
  | (Asked & { readonly kind: 'end-supervision'; readonly supervision: SupervisionId; readonly reason?: 'moved' | 'not-allowed' })
  | (Asked & { readonly kind: 'take-over'; readonly supervision: SupervisionId })
  | { readonly kind: 'hold'; readonly party: PartyId; readonly on: boolean }
  | { readonly kind: 'mute'; readonly party: PartyId; readonly on: boolean }
  | { readonly kind: 'remove-party'; readonly party: PartyId }
  | {
      readonly kind: 'add-party'
      readonly as: NewParty
      readonly to: Endpoint
      readonly role: Role
      readonly shown?: Presented
      readonly ringTimeoutMs: number
    }
  | {
      readonly kind: 'transfer'
      readonly how: 'blind' | 'attended' | 'hand-over'
      /** Who is replaced; the handling party where absent. */
      readonly party?: PartyId
      readonly as: NewParty
      readonly to: Endpoint
      readonly ringTimeoutMs: number
      readonly requested?: TransferRequest
    }
  /** Rings the members of a group for a queued call; the first to answer takes it. */
  | {
      readonly kind: 'offer'
      readonly to: readonly { readonly as: NewParty; readonly endpoint: Endpoint }[]
      readonly ringTimeoutMs: number
    }
  /** Another leg takes a party's place here: one of another call (attended transfer by phones) or a new one (RFC 3891). */
  | {
      readonly kind: 'adopt'
      readonly as: NewParty
      readonly endpoint: Endpoint
      readonly replaces: PartyId
      /** `offered`: it calls us and is to be answered. */
      readonly state: 'connected' | 'ringing' | 'offered'
      readonly phoneHeld: boolean
      readonly requested?: TransferRequest
    }
  /** Nobody of the group is free: the caller is answered and hears music. */
  | { readonly kind: 'wait' }
  /** The engine did not accept these legs in time (W18): they are taken back. */
  | { readonly kind: 'withdraw'; readonly legs: readonly LegId[] }
  /** The leg was lost before anybody answered, by a restart: the same phone is called again by another one, and rings no longer than it would have. */
  | { readonly kind: 'call-again'; readonly party: PartyId; readonly leg: LegId }
  /** Lets a party's leg go to another call without hanging it up. */
  | { readonly kind: 'release'; readonly party: PartyId }
  | { readonly kind: 'end'; readonly reason: EndReason }
  | { readonly kind: 'record'; readonly state: RecordingState }
  /** The only command that an ended call takes, too. */
  | { readonly kind: 'dispose'; readonly disposition: string; readonly notes?: string; readonly callbackAt?: Instant }
  /** `party` leaves, the others wait for whoever fetches them. */
  | { readonly kind: 'park'; readonly party: PartyId; readonly place: string; readonly timeoutMs: number }
  | { readonly kind: 'unpark'; readonly as: NewParty; readonly to: Endpoint; readonly shown?: Presented; readonly ringTimeoutMs: number }
  /** Another phone rings beside those that ring; the first to answer has the call. */
  | { readonly kind: 'pick-up'; readonly as: NewParty; readonly to: Endpoint; readonly shown?: Presented; readonly ringTimeoutMs: number }
  /** Agent and supervisors leave; the customer waits for a group. */
  | { readonly kind: 'requeue'; readonly group: string; readonly queueMs: number }

export type LegInput =
  | { readonly kind: 'leg-accepted'; readonly leg: LegId }
  | { readonly kind: 'leg-ringing'; readonly leg: LegId }
  | { readonly kind: 'leg-answered'; readonly leg: LegId }
  | { readonly kind: 'leg-ended'; readonly leg: LegId; readonly reason: EndReason }
  | { readonly kind: 'leg-held'; readonly leg: LegId }
  | { readonly kind: 'leg-resumed'; readonly leg: LegId }
  | { readonly kind: 'leg-dtmf'; readonly leg: LegId; readonly digit: string }
  /** The mixer works by this revision now. */
  | { readonly kind: 'wired'; readonly revision: number; readonly at: Instant }
  /** The engine could not carry out a rewire: the call cannot be trusted and ends. */
  | { readonly kind: 'wiring-failed'; readonly revision: number }

/** A recording is over; it may be told twice. */
export type RecordedInput = StoredFiles & { readonly kind: 'recorded'; readonly recording: string }

/** A deadline of the call has passed. */
export type Wake = { readonly kind: 'wake' }

export type Input = Command | LegInput | RecordedInput | Wake

/** The birth of a call. */
export type Birth =
  /** A phone or a trunk called us, for a party or for a group. */
  | {
      readonly kind: 'received'
      readonly caller: NewParty & { readonly endpoint: Endpoint; readonly role: Role }
      readonly ani: string
      readonly dnis: string
      /** How called phones see the caller. */
      readonly shown: Presented
      readonly to:
        | { readonly party: NewParty & { readonly endpoint: Endpoint; readonly role: Role } }
        | { readonly group: string; readonly queueMs: number }
      readonly ringTimeoutMs: number
      readonly recording: RecordingPolicy
    }
  /** A program asks for a call: `from` rings first, then `to`. Without `to` it is a conference, which others join. */
  | {
      readonly kind: 'originated'
      readonly from: readonly (NewParty & { readonly endpoint: Endpoint; readonly role: Role })[]
      readonly to?: NewParty & { readonly endpoint: Endpoint; readonly role: Role }
      readonly room?: string
      readonly recording: RecordingPolicy
      /** What the phones of `from` show; whom they are to speak to where absent. */
      readonly shown?: Presented
      readonly presented?: string
      readonly presentedName?: string
      readonly maxDurationMs?: number
      readonly labels?: Readonly<Record<string, string>>
      readonly group?: string
      readonly ringTimeoutMs: number
      /** Of `to`, where it rings longer or shorter than `from`. */
      readonly toRingTimeoutMs?: number
      readonly reference?: string
      readonly application?: string
      /** Of those who ring first. */
      readonly autoAnswer?: boolean
    }

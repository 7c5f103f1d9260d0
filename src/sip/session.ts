/** A session is one leg's signalling: for an incoming one its dialog, for an outgoing one all the forks of which one becomes it. */
import { assert } from '../kernel/assert.ts'
import type { Alarm, Deadlines } from '../kernel/deadlines.ts'
import type { LegId } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import type { Draft } from './compose.ts'
import type { Dialog } from './dialog.ts'
import type { HangUpCause, Source, UserAgentSettings } from './door.ts'
import type { Groups } from './groups.ts'
import type { Acknowledged } from './memory.ts'
import type { Request } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Credentials, Outgoing, Plan, Sequence } from './outgoing.ts'
import type { Registrar } from './registrar.ts'
import type { Requester } from './requester.ts'
import type { SessionTable } from './session-table.ts'
import type { ServerTransaction } from './transactions.ts'

/**
 * `calling`: our INVITE has no final response. `offered`: theirs has none. `answered`: our 2xx waits for its ACK. `ending`: hung up in that
 * wait, so that the BYE must wait too (RFC 3261 §15). For those above it has ended then, too.
 */
export type SessionState = 'calling' | 'offered' | 'answered' | 'established' | 'ending' | 'ended'

const moves: Readonly<Record<SessionState, readonly SessionState[]>> = {
  calling: ['established', 'ended'],
  offered: ['answered', 'ended'],
  answered: ['established', 'ending', 'ended'],
  established: ['ended'],
  ending: ['ended'],
  ended: [],
}

export function move(session: Session, to: SessionState): void {
  assert(moves[session.state].includes(to), `a session goes from ${session.state} to ${moves[session.state].join(' or ')}, not to ${to}`)
  session.state = to
}

/** Why a session wants to be woken. One alarm of each kind at a time. */
export type SessionAlarm = 'ring' | 'provisional' | 'retransmit' | 'offer' | 'decision' | 'refresh' | 'expire' | 'transfer'

export interface SessionDue {
  readonly session: Session
  readonly alarm: SessionAlarm
}

export interface Session {
  readonly id: LegId
  readonly direction: 'incoming' | 'outgoing'
  readonly peer: Source
  readonly credentials?: Credentials
  readonly alarms: Map<SessionAlarm, Alarm<SessionDue>>
  readonly forks: Fork[]
  readonly transfers: Transfer[]
  /** Dialogs that we said BYE in and that have not answered it. */
  readonly farewells: Map<Dialog, HangUpCause>
  state: SessionState
  dialog?: Dialog
  /** An event told that the far end accepted our INVITE for processing. */
  tried: boolean
  /** The INVITE that made an incoming session, while it has no final response. */
  offered?: Offered
  /** Our 2xx to an INVITE, repeated until its ACK comes. */
  unacknowledged?: Unacknowledged
  /** The far end's 2xx offered, so our ACK waits for the answer. */
  acknowledged?: Acknowledged
  /** The far end's latest INVITE. */
  inviting?: Serving
  /** It comes from an earlier process: what that one did with the far end's 2xx is not known. */
  readonly isRestored?: true
  acknowledging?: { readonly number: number; readonly fork?: Fork; readonly tag: string }
  exchange: Exchange
  /** What we described last; repeated in a refreshing re-INVITE. */
  localSdp?: string
  /** Our next offer, waiting for its turn. */
  waitingOffer?: string
  offerRetries: number
  /** REFERs so far: all but the first are told apart by an id in their NOTIFYs (RFC 3515 §2.4.6). */
  referrals: number
  /** Why it was hung up while our 2xx waited for its ACK. */
  lateCause?: HangUpCause
  timer?: { readonly seconds: number; readonly weRefresh: boolean }
}

/** RFC 3264 §4: one offer at a time, in either direction. */
export type Exchange =
  | { readonly kind: 'idle' }
  | { readonly kind: 'ours'; readonly outgoing: Outgoing<Purpose> }
  | { readonly kind: 'theirs'; readonly request: Request; readonly transaction: Serving; readonly delayed: boolean }

export interface Offered {
  readonly request: Request
  readonly transaction: Serving
  readonly tag: string
  /** The far end insists on reliable provisionals (RFC 3262 §3). */
  readonly reliably: boolean
  /** RSeq of the latest reliable provisional. */
  rseq: number
  pending?: { readonly rseq: number; readonly startedAt: Instant; readonly intervalMs: number; readonly sdp: boolean }
  /** What must wait for the PRACK of `pending`. */
  queued?: { readonly status: 180 | 183; readonly sdp?: string }
  queuedAnswer?: string
  /** The latest provisional's status, repeated every minute (RFC 3261 §13.3.1.1). */
  lastStatus?: 180 | 183
  /** The offer was answered by a reliable provisional; the 2xx must not describe again otherwise. */
  described: boolean
}

export interface Unacknowledged {
  readonly transaction: Serving
  readonly number: number
  readonly startedAt: Instant
  readonly intervalMs: number
  /** Our 2xx offered; the ACK must answer. */
  readonly delayed: boolean
}

/** One INVITE of an outgoing session, to one contact. */
export interface Fork {
  readonly session: Session
  readonly sequence: Sequence
  readonly draft: Draft
  readonly route: Plan<Purpose>['route']
  /** By the far end's tag: a proxy may have forked on. */
  readonly early: Map<string, EarlyDialog>
  /** ACKs of 2xx, by tag, to be repeated. `undefined` while it waits for our answer. */
  readonly acknowledged: Map<string, Outgoing<Purpose> | undefined>
  outgoing?: Outgoing<Purpose>
  failure?: Failure
}

export interface EarlyDialog {
  readonly dialog: Dialog
  rseq?: number
  sdp?: string
}

export interface Failure {
  readonly status: number
  readonly reason?: string
  readonly q850?: number
  /** Nobody said so: our own timer or transport did. */
  readonly local?: boolean
}

/** A REFER and the implicit subscription it makes (RFC 3515). */
export interface Transfer {
  readonly id: string
  readonly notifies: boolean
  readonly eventId?: number
  /** Until it is accepted. */
  asked?: { readonly request: Request; readonly transaction: Serving }
}

/** What a request of ours is for; its result is dispatched by this. */
export type Purpose =
  | { readonly kind: 'invite'; readonly fork: Fork }
  | { readonly kind: 'offer'; readonly session: Session; readonly sdp: string }
  | { readonly kind: 'refresh' | 'probe' | 'info' | 'notify'; readonly session: Session }
  | { readonly kind: 'bye'; readonly session: Session; readonly dialog: Dialog }
  /** ACK, PRACK and a CANCEL after a restart: nothing depends on the result. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'register' | 'keep-alive'; readonly trunk: string }

/** A request of the far end that waits for our response. */
export type Serving = ServerTransaction<Outgoing<Purpose>>

/** What all parts of the session layer work on. */
export interface Core {
  readonly outbox: Outbox
  readonly random: Random
  readonly requester: Requester<Purpose>
  readonly sessions: SessionTable<Session, Serving>
  readonly registrar: Registrar
  readonly deadlines: Deadlines<SessionDue>
  /** Sessions whose response waits for its phone to come back, by the phone. */
  readonly owed: Groups<Session>
  settings: UserAgentSettings
}

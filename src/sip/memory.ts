/**
 * What the SIP layer must find again after its process died, as plain JSON: sessions with their dialogs, requests whose outcome the far end
 * still waits for, and where phones are registered. Addresses, URIs and messages are SIP text, as they go over the wire.
 */
import type { Change } from '../kernel/change.ts'
import type { AccountId, LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { Flow, HangUpCause, Source } from './terms.ts'

/** One of another version is not understood, and its session is as good as forgotten. */
export const memoryVersion = 1

/** The value that stands for a key from now on, or that nothing does. */
export type SipChange = Change<SipMemory>

export type SipMemory = SessionMemory | ContactsMemory

/** Without the id: that of a datagram flow follows from its addresses, and a connection does not outlive its process. */
export type FlowMemory = Omit<Flow, 'id'>

export interface SessionMemory {
  readonly kind: 'sip-session'
  readonly version: number
  readonly id: LegId
  readonly direction: 'incoming' | 'outgoing'
  /** Credentials are those that the settings have for this trunk. */
  readonly peer: Source
  readonly state: 'calling' | 'offered' | 'answered' | 'established' | 'ending' | 'ended'
  readonly dialog?: DialogMemory
  /** Our last description. */
  readonly description?: string
  readonly timer?: TimerMemory
  readonly referrals?: number
  /** Transfers that we accepted and have not told the end of. */
  readonly transfers?: readonly TransferMemory[]
  readonly acknowledged?: Acknowledged
  /** Why it was hung up before its ACK came. */
  readonly lateCause?: HangUpCause
  /** The far end's INVITE that waits for our final response, or our final response that waits for its ACK. */
  readonly theirs?: TheirInvite
  /** Our INVITEs that have no final response. */
  readonly ours?: readonly OurInvite[]
  /** Dialogs whose far end has not confirmed our BYE. */
  readonly farewells?: readonly Farewell[]
}

/** Our last ACK of a 2xx within the session's dialog. */
export interface Acknowledged {
  readonly number: number
  readonly at: Instant
  /** The 2xx offered, so that the ACK bore our description. */
  readonly described?: true
}

export interface DialogMemory {
  readonly callId: string
  readonly local: string
  readonly remote: string
  readonly routeSet: readonly string[]
  /** No CSeq number of ours is above this. */
  readonly localSequence: number
  readonly remoteSequence?: number
  readonly remoteTarget: string
  readonly flow?: FlowMemory
  readonly allows: readonly string[]
  readonly supports: readonly string[]
  readonly contactUser: string
  readonly served?: Served
}

/** The far end's last request within the dialog that has its final response. */
export interface Served {
  readonly number: number
  readonly status: number
}

export interface TimerMemory {
  readonly seconds: number
  readonly weRefresh: boolean
  readonly refreshAt?: Instant
  readonly expireAt: Instant
}

export interface TransferMemory {
  readonly id: string
  readonly notifies: boolean
  readonly eventId?: number
}

export interface TheirInvite {
  /** Its head, as far as a response repeats it. */
  readonly request: string
  readonly flow: FlowMemory
  /** The final response. */
  readonly response?: string
  /** That response offered: the ACK must answer. */
  readonly delayed?: true
}

export interface OurInvite {
  /** Its head, as far as CANCEL and ACK repeat it. */
  readonly request: string
  readonly flow: FlowMemory
}

export interface Farewell {
  readonly dialog: DialogMemory
  readonly cause: HangUpCause
}

/** The contacts of one extension. */
export interface ContactsMemory {
  readonly kind: 'sip-contacts'
  readonly version: number
  readonly account: AccountId
  readonly number: string
  readonly contacts: readonly ContactMemory[]
}

export interface ContactMemory {
  readonly uri: string
  readonly flow: FlowMemory
  /** Whether it is reached by that flow only. */
  readonly byFlow: boolean
  readonly path: readonly string[]
  readonly callId: string
  readonly sequence: number
  readonly expiresAt: Instant
  readonly userAgent?: string
  readonly instance?: string
}

export const sessionKey = (id: LegId): string => `sip-session ${id}`

export const contactsKey = ({ account, number }: { readonly account: AccountId; readonly number: string }): string =>
  `sip-contacts ${account} ${number}`

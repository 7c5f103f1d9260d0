/**
 * The SIP layer's only door, as types. `UserAgent` (user-agent.ts) implements it: every method takes the instant and returns what is to be
 * done; nothing happens by itself. The owner of sockets calls `receive`, `flowOpened`, `flowClosed`, `flowFailed`, `resolved`, calls `wake`
 * no later than `deadline()`, and carries out every output in order.
 */
import type { AccountId, LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { SipChange } from './memory.ts'
import type { Header } from './message.ts'
import type { Address, Flow, HangUpCause, Source, Transport } from './terms.ts'

export type { SipChange } from './memory.ts'
export type { Address, Flow, HangUpCause, Source, Transport } from './terms.ts'

export interface Listener {
  readonly transport: Transport
  /** The bound address; the `local` of every flow of this listener, port included, for datagrams. */
  readonly address: string
  readonly port: number
  /** What Via and Contact say instead: needed where `address` is a wildcard or behind a NAT. */
  readonly advertise?: { readonly host: string; readonly port?: number }
}

/** A phone registers, and names itself, as `<code>*<number>`, or as `<number>` where only one account has that number, or by a username. */
export interface ExtensionSettings {
  readonly account: AccountId
  readonly code?: string
  readonly number: string
  readonly usernames?: readonly string[]
  readonly password: string
  /** A fixed SIP URI for a phone that does not register. */
  readonly contact?: string
}

export interface TrunkSettings {
  readonly account: AccountId
  readonly id: string
  /** `udp:host:port`, `tcp:host:port` or `tls:host:port`; IPv6 in brackets; without a port, SRV is looked up (RFC 3263). */
  readonly peer: string
  /** `ip` or `ip:port`: sources whose requests count as this trunk's without authentication. */
  readonly trusted: readonly string[]
  /** Answers the peer's 401 and 407. */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Keeps a registration at the peer with `credentials`. */
  readonly register?: { readonly expiresS: number }
  /** Keep-alive by OPTIONS, every so often; absent or 0: none. */
  readonly optionsEveryMs?: number
}

export interface UserAgentSettings {
  readonly listen: readonly Listener[]
  /** Digest realm and the host of the identities we present. */
  readonly realm: string
  /** Of passes (pass.ts); without it there are none. */
  readonly passSecret?: string
  /** Goes into Server and User-Agent. */
  readonly product: string
  readonly extensions: readonly ExtensionSettings[]
  readonly trunks: readonly TrunkSettings[]
}

export type InviteTarget =
  /** Rings every registered contact of the extension at once; the first 2xx wins. */
  | { readonly kind: 'extension'; readonly account: AccountId; readonly number: string }
  | { readonly kind: 'trunk'; readonly account: AccountId; readonly trunk: string; readonly number: string }

export interface Invitation {
  /** Must be new. Bears every later event of this leg. */
  readonly session: LegId
  readonly to: InviteTarget
  readonly from: { readonly user: string; readonly displayName?: string; readonly anonymous?: boolean }
  /** Our offer. Without it the far end offers in its 2xx (`answered` with `sdpIs: 'offer'`) and `answerOffer` must follow. */
  readonly sdp?: string
  /** Asks the phone to answer by itself (Call-Info, Alert-Info, Answer-Mode of RFC 5373). */
  readonly autoAnswer?: boolean
  /** Default `limits.partyRingMs`; past it the session ends by `timeout`, status 408. */
  readonly ringTimeoutMs?: number
  /** Only shown where the listener needs to know more, such as `History-Info`; values are cleaned by the writer. */
  readonly headers?: readonly Header[]
}

export type ResolveAnswer =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'SRV'; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }

export type Output =
  | { readonly kind: 'send'; readonly flow: Flow; readonly bytes: Uint8Array }
  /** Answered by `flowOpened` or `flowFailed` with the same id. `serverName` is for TLS: the certificate must be valid for it. */
  | {
      readonly kind: 'connect'
      readonly id: string
      readonly transport: 'TCP' | 'TLS'
      readonly address: string
      readonly port: number
      readonly serverName: string
    }
  /** Answered by `resolved` with the same id; no such name or a failure is an empty list. */
  | { readonly kind: 'resolve'; readonly id: string; readonly name: string; readonly type: 'A' | 'AAAA' | 'SRV' }
  /** The connection is of no more use, or its peer misbehaves. `flowClosed` need not be reported for it. */
  | { readonly kind: 'close'; readonly flow: Flow }
  | { readonly kind: 'event'; readonly event: SipEvent }

export interface Caller {
  /** An extension's number, or the number that the trunk asserts; absent where the trunk tells none. */
  readonly number?: string
  readonly displayName?: string
  /** The number in From, where a trunk vouches for another one (RFC 3325 §7): what the caller wants to be known by, unproven. */
  readonly claimed?: string
  /** The caller asked not to be shown (RFC 3323, RFC 3325): `number` is for us, not for the callee. */
  readonly anonymous: boolean
}

export interface ContactView {
  readonly uri: string
  readonly transport: Transport
  /** Observed, not claimed. */
  readonly remote: Address
  readonly expiresAt: Instant
  readonly userAgent?: string
}

export type SipEvent =
  /** The set of contacts changed and is not empty; a mere refresh is no event. */
  | { readonly kind: 'registered'; readonly account: AccountId; readonly extension: string; readonly contacts: readonly ContactView[] }
  /** The last contact is gone. */
  | {
      readonly kind: 'unregistered'
      readonly account: AccountId
      readonly extension: string
      readonly why: 'removed' | 'expired' | 'flow-closed' | 'configuration'
    }
  /** A new incoming session, already answered by 100. Follow with `ring`, then `answer` or `refuse`. */
  | {
      readonly kind: 'offered'
      readonly session: LegId
      readonly source: Source
      /** The dialled user of the Request-URI. */
      readonly to: string
      readonly from: Caller
      /** The far end's offer; absent: `answer` carries our offer and `remoteAnswer` follows with the ACK. */
      readonly sdp?: string
      /** RFC 3891: this session is to take the place of that one (of the same account). Answer it, then hang up the other. */
      readonly replaces?: LegId
    }
  /** The far end has accepted our INVITE for processing (any provisional response); at most once. */
  | { readonly kind: 'trying'; readonly session: LegId }
  /** `sdp` is early media of one fork: a preview, superseded by that of `answered`. */
  | { readonly kind: 'ringing'; readonly session: LegId; readonly status: 180 | 181 | 182 | 183; readonly sdp?: string }
  /** `sdpIs: 'offer'`: our INVITE had none, and the ACK waits for `answerOffer`. */
  | { readonly kind: 'answered'; readonly session: LegId; readonly sdp?: string; readonly sdpIs: 'answer' | 'offer' }
  /** The ACK came: our `answer`, or our answer to a re-INVITE, is known to have arrived. */
  | { readonly kind: 'confirmed'; readonly session: LegId }
  /** The last event of a session. */
  | {
      readonly kind: 'ended'
      readonly session: LegId
      readonly by: 'remote' | 'local' | 'timeout' | 'fault'
      readonly status?: number
      readonly reason?: string
      readonly q850?: number
    }
  /** A re-INVITE or UPDATE. Follow with `answerOffer` or `refuseOffer`. Without `sdp` our answer is an offer; `remoteAnswer` follows. */
  | { readonly kind: 'remoteOffer'; readonly session: LegId; readonly sdp?: string }
  /** The answer to `offer`, or to the offer in our 2xx. */
  | { readonly kind: 'remoteAnswer'; readonly session: LegId; readonly sdp: string }
  /** Our re-offer was refused; what was agreed before still holds. */
  | { readonly kind: 'offerFailed'; readonly session: LegId; readonly status: number }
  /** A REFER. Follow with `acceptTransfer` or `refuseTransfer`, then `transferProgress` until a final status. */
  | {
      readonly kind: 'transferRequested'
      readonly session: LegId
      readonly transferId: string
      /** The user part of Refer-To. */
      readonly target: string
      /** Attended transfer: the session that the target is already spoken to in. */
      readonly replaces?: LegId
    }
  /** SIP INFO. */
  | { readonly kind: 'dtmf'; readonly session: LegId; readonly digit: string; readonly durationMs: number }
  /** The answer to `probe`; a dead one ends instead. */
  | { readonly kind: 'alive'; readonly session: LegId }
  | { readonly kind: 'trunkUp'; readonly account: AccountId; readonly trunk: string }
  | { readonly kind: 'trunkDown'; readonly account: AccountId; readonly trunk: string; readonly status?: number; readonly why: string }

export interface SipDoor {
  /** Once, before all else: begins trunk registrations and keep-alives. */
  start(at: Instant): readonly Output[]
  /**
   * Once, before `start`: what an earlier process remembered. Sessions that were up are up again; what was being set up is cancelled or
   * refused, and told as `ended`; contacts are registered again. A session is known to those above without a new event.
   */
  restore(at: Instant, remembered: Iterable<SipChange>): readonly Output[]
  /**
   * What must be remembered, since the last time it was asked: asked after each call and written down before its outputs are carried out,
   * it is enough for `restore` in another process to go on.
   */
  changes(): readonly SipChange[]
  /** Sessions that live. */
  sessions(): Iterable<LegId>
  /** Replaces the settings. Extensions and trunks that vanish lose their registrations; their live sessions go on. */
  configure(at: Instant, settings: UserAgentSettings): readonly Output[]
  /** One datagram, one framed message of a stream, one WebSocket message, or a stream's keep-alive ping. Never throws on any bytes. */
  receive(at: Instant, bytes: Uint8Array, flow: Flow): readonly Output[]
  flowOpened(at: Instant, connectId: string, flow: Flow): readonly Output[]
  flowFailed(at: Instant, connectId: string): readonly Output[]
  flowClosed(at: Instant, flow: Flow): readonly Output[]
  resolved(at: Instant, queryId: string, answers: readonly ResolveAnswer[]): readonly Output[]
  wake(at: Instant): readonly Output[]
  deadline(): Instant | undefined

  invite(at: Instant, invitation: Invitation): readonly Output[]
  ring(at: Instant, session: LegId, ringing: { readonly status: 180 | 183; readonly sdp?: string }): readonly Output[]
  answer(at: Instant, session: LegId, sdp: string): readonly Output[]
  refuse(at: Instant, session: LegId, status: number, reason?: string): readonly Output[]
  /** CANCEL, BYE or a final refusal, whatever fits. `ended` by `local` is among the outputs; a session that is gone is no error. */
  hangUp(at: Instant, session: LegId, cause?: HangUpCause): readonly Output[]
  /** A re-INVITE. Waits its turn behind another offer; of several that wait only the last is sent. */
  offer(at: Instant, session: LegId, sdp: string): readonly Output[]
  answerOffer(at: Instant, session: LegId, sdp: string): readonly Output[]
  refuseOffer(at: Instant, session: LegId, status: number): readonly Output[]
  acceptTransfer(at: Instant, session: LegId, transferId: string): readonly Output[]
  refuseTransfer(at: Instant, session: LegId, transferId: string, status: number): readonly Output[]
  transferProgress(at: Instant, session: LegId, transferId: string, status: number): readonly Output[]
  /** Asks the far end whether it still knows the dialog: `alive` or `ended` follows within 32 s. */
  probe(at: Instant, session: LegId): readonly Output[]
  /** One SIP INFO with application/dtmf-relay, for a peer without RFC 4733. */
  sendDtmf(at: Instant, session: LegId, digit: string, durationMs: number): readonly Output[]
  /** Gives the trunks' registrations back. Hang up all sessions first. */
  stop(at: Instant): readonly Output[]
}

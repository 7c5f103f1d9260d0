/** Words that the door and what is remembered behind it have in common. */
import type { AccountId } from '../kernel/ids.ts'

export type Transport = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS'

/** An IP literal (IPv6 without brackets) and a port. */
export interface Address {
  readonly address: string
  readonly port: number
}

/**
 * Where bytes come from and go to. A stream flow is one connection; its `id` is the socket owner's choice and never used again. A datagram
 * flow is a local socket and a remote address; its `id` and value are made by `datagramFlow` (transport.ts) on both sides of the door.
 */
export interface Flow {
  readonly id: string
  readonly transport: Transport
  readonly local: Address
  readonly remote: Address
}

/** Who an incoming session comes from, as proven: by digest for an extension, by source address for a trunk. */
export type Source =
  | { readonly kind: 'extension'; readonly account: AccountId; readonly number: string }
  | { readonly kind: 'trunk'; readonly account: AccountId; readonly trunk: string }

/** Why we end a session; becomes the Reason header (RFC 3326). */
export interface HangUpCause {
  /** Status of the final refusal where an unanswered incoming session is refused; default 480. */
  readonly status?: number
  /** ISDN cause, as in `Q.850;cause=16`. */
  readonly q850?: number
  readonly text?: string
}

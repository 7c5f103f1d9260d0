/** Requests of ours on their way, as values; `Requester` moves them. */
import type { Alarm } from '../kernel/deadlines.ts'
import { limits } from '../kernel/limits.ts'
import type { Draft } from './compose.ts'
import type { Flow } from './door.ts'
import type { Header, Request, Response, SipUri, Via } from './message.ts'
import { headers } from './message.ts'
import type { Hop } from './resolver.ts'
import type { ClientTransaction } from './transactions.ts'

/** CSeq numbers of one direction of a dialog, or of a series of REGISTERs. */
export interface Sequence {
  last: number
}

/** The end of the block that its last number is in. */
export const reservedUpTo = ({ last }: Sequence): number => (Math.floor(last / limits.sipSequenceBlock) + 1) * limits.sipSequenceBlock

/** For another process: above all that is remembered, and above a block that may have been begun without being remembered. */
export const goingOnFrom = (reserved: number): Sequence => ({ last: reserved + limits.sipSequenceBlock })

export interface Plan<Purpose> {
  readonly purpose: Purpose
  readonly draft: Draft
  readonly sequence: Sequence
  /** The CSeq number; default the next of `sequence`. An ACK repeats its INVITE's. */
  readonly number?: number
  /** The next hop: a flow while it lasts, else what the URI resolves to. */
  readonly route: { readonly flow?: Flow; readonly uri: SipUri }
  readonly credentials?: Credentials
  /** A CANCEL bears the Via of its INVITE (RFC 3261 §9.1); else each way gets a new one. */
  readonly via?: Via
  /** The phone that this is for: without a way to it, the request waits for its return (`Requester.returned`). */
  readonly awaits?: string
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** A request on its way, through lookups, connections, challenges and servers that fail, up to its final response. */
export interface Outgoing<Purpose> {
  readonly plan: Plan<Purpose>
  draft: Draft
  number: number
  /** `waiting`: for a phone to come back. */
  state: 'finding' | 'connecting' | 'waiting' | 'sent' | 'done'
  hops: readonly Hop[]
  transaction?: ClientTransaction<Outgoing<Purpose>>
  /** Where and what an ACK was, to be repeated. */
  sent?: { readonly flow: Flow; readonly bytes: Uint8Array }
  cancel?: { readonly headers: readonly Header[]; readonly sent: boolean }
  challenged: boolean
  alarm?: Alarm<Due<Purpose>>
}

export type Result<Purpose> =
  | { readonly kind: 'response'; readonly outgoing: Outgoing<Purpose>; readonly response: Response; readonly flow: Flow }
  /** RFC 3261 §8.1.3.1: no answer counts as 408, no way there as 503; 487 if it was cancelled before it was sent. */
  | { readonly kind: 'failed'; readonly outgoing: Outgoing<Purpose>; readonly status: 408 | 487 | 503 }

/** Why a request on its way wants to be woken. */
export interface Due<Purpose> {
  readonly kind: 'reach' | 'cancel'
  readonly outgoing: Outgoing<Purpose>
}

/** RFC 3261 §9.1: all that identifies the INVITE, and its branch. */
export function cancelOf(invite: Request, reason: readonly Header[]): Request {
  const routes = headers(invite, 'Route').map((value) => ({ name: 'Route', value }))
  const { uri, from, to, callId } = invite
  return {
    kind: 'request',
    method: 'CANCEL',
    uri,
    maxForwards: 70,
    via: invite.via.slice(0, 1),
    from,
    to,
    callId,
    cseq: { number: invite.cseq.number, method: 'CANCEL' },
    headers: [...routes, ...reason],
    body: new Uint8Array(),
  }
}

/** `changed` in the place of headers of the same names. */
export function withHeaders(before: readonly Header[], changed: readonly Header[]): readonly Header[] {
  return [...before.filter((h) => !changed.some((c) => c.name === h.name)), ...changed]
}

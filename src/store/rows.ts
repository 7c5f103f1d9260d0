/** What the store keeps, in the words of who writes it. Bodies are plain JSON that the store does not look into. */
import type { Cdr } from '../call/cdr.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

export interface EventRow {
  /** Grows over the node; the same event always has the same. */
  readonly cursor: number
  readonly account: AccountId
  readonly call?: CallId
  readonly seq?: number
  readonly at: Instant
  readonly type: string
  readonly body: Json
}

export type CdrRow = Cdr & { readonly account: AccountId; readonly startedAt: Instant }

/** `hash` covers `previous` and the body, not what is sealed; the store checks none of it. */
export interface AuditRow {
  readonly account: AccountId
  /** Without gaps in each account. */
  readonly seq: number
  readonly hash: string
  readonly previous: string
  readonly at: Instant
  readonly call?: CallId
  /** By which an entry is found: the supervisor's extension, agent, number. */
  readonly supervisors?: readonly string[]
  readonly body: Json
  /** What the body names by its seal only. */
  readonly sealed?: Json
}

/** The chain up to `seq`, signed. */
export interface AuditHeadRow {
  readonly account: AccountId
  readonly seq: number
  readonly hash: string
  readonly at: Instant
  readonly body: Json
}

/** Something to be delivered. Of those with the same receiver and order key only the one with the lowest sequence is ever due. */
export interface MessageRow {
  readonly id: string
  readonly account: AccountId
  readonly receiver: string
  readonly orderKey: string
  readonly sequence: number
  readonly at: Instant
  readonly nextTry: Instant
  readonly body: Json
}

/** A message with how its delivery goes. */
export interface Message extends MessageRow {
  readonly state: 'pending' | 'delivered' | 'dead'
  readonly attempts: number
  /** Of the last attempt that failed. */
  readonly why?: string
}

export interface ValueRow {
  readonly namespace: string
  readonly key: string
  readonly value: Json
  readonly expiresAt?: Instant
}

/**
 * One thing to be written. Rows of one `write` are committed together, and all rows in the order of writing. Every kind may be written
 * again: an event, audit entry or message that is there already stays as it is, the others take the newer state.
 */
export type StoreRow =
  | ({ readonly kind: 'event' } & EventRow)
  | { readonly kind: 'cdr'; readonly cdr: CdrRow }
  | ({ readonly kind: 'audit' } & AuditRow)
  | ({ readonly kind: 'audit-head' } & AuditHeadRow)
  | ({ readonly kind: 'message' } & MessageRow)
  | { readonly kind: 'message-delivered'; readonly id: string }
  | {
      readonly kind: 'message-failed'
      readonly id: string
      readonly attempts: number
      readonly nextTry: Instant
      readonly why: string
    }
  | { readonly kind: 'message-dead'; readonly id: string; readonly attempts: number; readonly why: string }
  /** Out of the dead letters, or sooner than planned. */
  | { readonly kind: 'message-requeued'; readonly id: string; readonly nextTry: Instant }
  | ({ readonly kind: 'value' } & ValueRow)
  | { readonly kind: 'value-removed'; readonly namespace: string; readonly key: string }

export type RowKind = StoreRow['kind']
export type RowOf<K extends RowKind> = Extract<StoreRow, { readonly kind: K }>

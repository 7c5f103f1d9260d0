/** The words between the store and its worker thread. */
import type { Instant } from '../kernel/time.ts'
import type { QuestionName, ReadFailure } from './questions.ts'

export interface StorePlace {
  /** The SQLite file. The spill file lies beside it, also where PostgreSQL is used. */
  readonly file: string
  /** `postgres://…`: PostgreSQL instead of the file. */
  readonly url?: string
}

/**
 * Rows that are committed together. Writer and number make it happen once: the database remembers each writer's last number, so that a
 * group whose fate is unknown may be sent again.
 */
export interface Group {
  readonly writer: string
  readonly number: number
  readonly at: Instant
  /** Each a `StoreRow` as JSON. */
  readonly rows: readonly string[]
}

export type ToWorker =
  /** Open the database if it is not, and say how it is. */
  | { readonly kind: 'look' }
  | { readonly kind: 'apply'; readonly group: Group }
  | { readonly kind: 'ask'; readonly id: number; readonly name: QuestionName; readonly ask: unknown }
  | { readonly kind: 'close' }

/** `refused`: the database is damaged or not ours; it is not touched until somebody has put it right. */
export type Condition = { readonly state: 'ok' } | { readonly state: 'away' | 'refused'; readonly why: string }

export interface Rejection {
  /** Of the row within its group. */
  readonly index: number
  readonly why: string
}

export type FromWorker =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'applied'; readonly number: number; readonly writer: string; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'not-applied'; readonly number: number; readonly writer: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'no-answer'; readonly id: number; readonly failure: ReadFailure }
  | {
      readonly kind: 'remark'
      readonly level: 'warn' | 'error'
      readonly fields: Readonly<Record<string, unknown>>
      readonly message: string
    }
  | { readonly kind: 'closed' }

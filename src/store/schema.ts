/**
 * The tables, the same in SQLite and PostgreSQL: texts, integers, milliseconds as bigint, JSON as text. `body` is the row as it was written,
 * and `crc` its checksum: a database notices damage to its structure, not to a text. The other columns are for finding it.
 */
import type { Insertable } from 'kysely'

interface Checked {
  readonly body: string
  readonly crc: number
}

export interface Tables {
  readonly events: Checked & {
    readonly cursor: number
    readonly account: string
    readonly call: string | null
    readonly seq: number | null
    readonly at: number
  }
  readonly cdrs: Checked & { readonly id: string; readonly account: string; readonly started: number; readonly direction: string }
  /** By what a record is found: `agent:7`, `number:+4930123456`. */
  readonly cdr_words: { readonly cdr: string; readonly account: string; readonly word: string; readonly started: number }
  readonly audit: Checked & {
    readonly account: string
    readonly seq: number
    readonly at: number
    readonly call: string | null
  }
  readonly audit_words: { readonly account: string; readonly seq: number; readonly word: string }
  readonly audit_heads: Checked & { readonly account: string; readonly seq: number; readonly at: number }
  readonly messages: Checked & {
    readonly id: string
    readonly account: string
    readonly receiver: string
    readonly order_key: string
    readonly sequence: number
    readonly at: number
    readonly next_try: number
    readonly state: 'pending' | 'delivered' | 'dead'
    readonly attempts: number
    readonly why: string | null
  }
  readonly stored_values: Checked & { readonly namespace: string; readonly key: string; readonly expires: number | null }
  /** How far something has come: each writer with its groups, pruning with the events. */
  readonly positions: { readonly name: string; readonly value: number; readonly at: number }
}

export type TableName = keyof Tables
export type Columns<T extends TableName> = Insertable<Tables[T]>

/** In the order in which a backup holds them, each with its primary key. */
export const primaryKeys = {
  events: ['cursor'],
  cdrs: ['id'],
  cdr_words: ['cdr', 'word'],
  audit: ['account', 'seq'],
  audit_words: ['account', 'word', 'seq'],
  audit_heads: ['account', 'seq'],
  messages: ['id'],
  stored_values: ['namespace', 'key'],
  positions: ['name'],
} as const satisfies Readonly<Record<TableName, readonly string[]>>

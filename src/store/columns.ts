/** The columns of each kind of row. `text` is the row as it was written. */
import { addressOf } from '../call/endpoint.ts'
import { checkedBody, column } from './body.ts'
import type { CdrRow, RowOf } from './rows.ts'
import type { Columns } from './schema.ts'

export function eventColumns(row: RowOf<'event'>, text: string): Columns<'events'> {
  const call = row.call === undefined ? null : column(row.call)
  return {
    ...{ cursor: row.cursor, account: column(row.account), call, seq: row.seq ?? null, at: whole(row.at) },
    ...checkedBody('events', text),
  }
}

export function cdrColumns({ cdr }: RowOf<'cdr'>, text: string): Columns<'cdrs'> {
  return { ...cdrPlace(cdr), direction: cdr.direction, ...checkedBody('cdrs', text) }
}

const cdrPlace = (cdr: CdrRow) => ({ id: column(cdr.id), account: column(cdr.account), started: whole(cdr.startedAt) })

export function cdrWords({ cdr }: RowOf<'cdr'>): readonly Columns<'cdr_words'>[] {
  const agents = cdr.parties.flatMap(({ endpoint }) => (endpoint.kind !== 'number' && endpoint.agent ? [agentWord(endpoint.agent)] : []))
  const numbers = [cdr.ani, cdr.dnis, ...cdr.parties.map(({ endpoint }) => addressOf(endpoint))].filter((number) => number !== '')
  const { id, ...place } = cdrPlace(cdr)
  return [...new Set([...agents, ...numbers.map(numberWord)])].map((word) => ({ cdr: id, ...place, word }))
}

/** Longer ones are cut: an index takes no text of any length. */
const longestWord = 200
export const agentWord = (agent: string): string => column(`agent:${agent}`).slice(0, longestWord)
export const numberWord = (number: string): string => column(`number:${number}`).slice(0, longestWord)

export function auditColumns(row: RowOf<'audit'>, text: string): Columns<'audit'> {
  const call = row.call === undefined ? null : column(row.call)
  return { account: column(row.account), seq: row.seq, at: whole(row.at), call, ...checkedBody('audit', text) }
}

export function auditWords(row: RowOf<'audit'>): readonly Columns<'audit_words'>[] {
  return [...new Set((row.supervisors ?? []).map(auditWord))].map((word) => ({ account: column(row.account), seq: row.seq, word }))
}

export const auditWord = (supervisor: string): string => column(supervisor).slice(0, longestWord)

export function headColumns(row: RowOf<'audit-head'>, text: string): Columns<'audit_heads'> {
  return { account: column(row.account), seq: row.seq, at: whole(row.at), ...checkedBody('audit_heads', text) }
}

export function messageColumns(row: RowOf<'message'>, text: string): Columns<'messages'> {
  return {
    ...{ id: column(row.id), account: column(row.account), receiver: column(row.receiver), order_key: column(row.orderKey) },
    ...{ sequence: row.sequence, at: whole(row.at), next_try: whole(row.nextTry), state: 'pending', attempts: 0, why: null },
    ...checkedBody('messages', text),
  }
}

export function valueColumns(row: RowOf<'value'>, text: string): Columns<'stored_values'> {
  const expires = row.expiresAt === undefined ? null : whole(row.expiresAt)
  return { namespace: column(row.namespace), key: column(row.key), expires, ...checkedBody('stored_values', text) }
}

/** Instants may have fractions, which the body keeps. */
export const whole = (ms: number): number => Math.floor(ms)

/** Rows of one kind into their table. */
import type { Transaction } from 'kysely'
import { unreachable } from '../kernel/assert.ts'
import { column } from './body.ts'
import * as columns from './columns.ts'
import type { RowKind, RowOf, StoreRow } from './rows.ts'
import type { Tables } from './schema.ts'

/** A row with the text that it was written as. */
export interface Written<R extends StoreRow = StoreRow> {
  readonly row: R
  readonly text: string
}

/** Neighbours of the same kind, in the order of writing. */
export type Run = readonly Written[]

/** Twelve columns at most: far below what either database takes as parameters. */
const rowsPerStatement = 64

export async function writeRun(tx: Transaction<Tables>, run: Run): Promise<void> {
  for (let from = 0; from < run.length; from += rowsPerStatement) await writePart(tx, run.slice(from, from + rowsPerStatement))
}

async function writePart(tx: Transaction<Tables>, part: Run): Promise<void> {
  const kind = part[0]?.row.kind
  if (kind === undefined) return
  switch (kind) {
    case 'event':
      return await writeEvents(tx, of(part, kind))
    case 'cdr':
      return await writeCdrs(
        tx,
        newest(of(part, kind), ({ cdr }) => cdr.id),
      )
    case 'audit':
    case 'audit-head':
      return await writeAudit(tx, part)
    case 'value':
      return await writeValues(
        tx,
        newest(of(part, kind), ({ namespace, key }) => JSON.stringify([namespace, key])),
      )
    case 'value-removed':
      return await remove(tx, part)
    case 'message':
    case 'message-delivered':
    case 'message-failed':
    case 'message-dead':
    case 'message-requeued':
      return await writeMessages(tx, part)
    default:
      unreachable(kind)
  }
}

async function writeEvents(tx: Transaction<Tables>, part: readonly Written<RowOf<'event'>>[]): Promise<void> {
  await tx
    .insertInto('events')
    .values(part.map(({ row, text }) => columns.eventColumns(row, text)))
    .onConflict((conflict) => conflict.column('cursor').doNothing())
    .execute()
}

async function writeCdrs(tx: Transaction<Tables>, part: readonly Written<RowOf<'cdr'>>[]): Promise<void> {
  const ids = part.map(({ row }) => columns.cdrColumns(row, '').id)
  await tx
    .insertInto('cdrs')
    .values(part.map(({ row, text }) => columns.cdrColumns(row, text)))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({
        account: eb.ref('excluded.account'),
        started: eb.ref('excluded.started'),
        direction: eb.ref('excluded.direction'),
        body: eb.ref('excluded.body'),
        crc: eb.ref('excluded.crc'),
      })),
    )
    .execute()
  await tx.deleteFrom('cdr_words').where('cdr', 'in', ids).execute()
  const words = part.flatMap(({ row }) => columns.cdrWords(row))
  for (let from = 0; from < words.length; from += rowsPerStatement)
    await tx
      .insertInto('cdr_words')
      .values(words.slice(from, from + rowsPerStatement))
      .execute()
}

async function writeAudit(tx: Transaction<Tables>, part: Run): Promise<void> {
  const entries = of(part, 'audit').map(({ row, text }) => columns.auditColumns(row, text))
  const words = of(part, 'audit').flatMap(({ row }) => columns.auditWords(row))
  const heads = of(part, 'audit-head').map(({ row, text }) => columns.headColumns(row, text))
  if (entries.length > 0)
    await tx
      .insertInto('audit')
      .values(entries)
      .onConflict((conflict) => conflict.columns(['account', 'seq']).doNothing())
      .execute()
  for (let from = 0; from < words.length; from += rowsPerStatement)
    await tx
      .insertInto('audit_words')
      .values(words.slice(from, from + rowsPerStatement))
      .onConflict((conflict) => conflict.columns(['account', 'word', 'seq']).doNothing())
      .execute()
  if (heads.length > 0)
    await tx
      .insertInto('audit_heads')
      .values(heads)
      .onConflict((conflict) => conflict.columns(['account', 'seq']).doNothing())
      .execute()
}

async function writeValues(tx: Transaction<Tables>, part: readonly Written<RowOf<'value'>>[]): Promise<void> {
  await tx
    .insertInto('stored_values')
    .values(part.map(({ row, text }) => columns.valueColumns(row, text)))
    .onConflict((conflict) =>
      conflict.columns(['namespace', 'key']).doUpdateSet((eb) => ({
        expires: eb.ref('excluded.expires'),
        body: eb.ref('excluded.body'),
        crc: eb.ref('excluded.crc'),
      })),
    )
    .execute()
}

async function remove(tx: Transaction<Tables>, part: Run): Promise<void> {
  for (const { row } of of(part, 'value-removed'))
    await tx.deleteFrom('stored_values').where('namespace', '=', column(row.namespace)).where('key', '=', column(row.key)).execute()
}

async function writeMessages(tx: Transaction<Tables>, part: Run): Promise<void> {
  const made = of(part, 'message').map(({ row, text }) => columns.messageColumns(row, text))
  if (made.length > 0)
    await tx
      .insertInto('messages')
      .values(made)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  for (const { row } of part) {
    const change = messageChange(row)
    if (change !== undefined) await tx.updateTable('messages').set(change.set).where('id', '=', column(change.id)).execute()
  }
}

function messageChange(row: StoreRow) {
  switch (row.kind) {
    case 'message-delivered':
      return { id: row.id, set: { state: 'delivered' as const } }
    case 'message-failed':
      return { id: row.id, set: { attempts: row.attempts, next_try: columns.whole(row.nextTry), why: column(row.why) } }
    case 'message-dead':
      return { id: row.id, set: { state: 'dead' as const, attempts: row.attempts, why: column(row.why) } }
    case 'message-requeued':
      return { id: row.id, set: { state: 'pending' as const, next_try: columns.whole(row.nextTry) } }
    default:
      return undefined
  }
}

function of<K extends RowKind>(part: Run, kind: K): readonly Written<RowOf<K>>[] {
  return part.filter((written): written is Written<RowOf<K>> => written.row.kind === kind)
}

/** One statement may not touch a row twice, and only the last state counts. */
function newest<R extends StoreRow>(part: readonly Written<R>[], key: (row: R) => string): readonly Written<R>[] {
  return [...new Map(part.map((written) => [key(written.row), written])).values()]
}

/** Reading what happened: events, call detail records, recordings, the audit. */
import type { Kysely } from 'kysely'
import type { Page } from '../audit/ports.ts'
import { limits } from '../kernel/limits.ts'
import { column, readBody } from './body.ts'
import { agentWord, auditWord, numberWord, whole } from './columns.ts'
import type { Answer, Ask } from './questions.ts'
import type { AuditHeadRow, AuditRow, CdrRow, EventRow, RowKind, RowOf } from './rows.ts'
import type { TableName, Tables } from './schema.ts'
import { NotReadable } from './unreadable.ts'

type Db = Kysely<Tables>

interface Stored {
  readonly body: string
  readonly crc: number
}

export const bounded = (limit: number): number => Math.max(1, Math.min(limit, limits.storePageRows))

/** A row as it was written, without the word for its kind. */
export function withoutKind<K extends RowKind>(table: TableName, stored: Stored): Omit<RowOf<K>, 'kind'> {
  const { kind: _, ...row } = readBody<RowOf<K>>(table, stored)
  return row
}

export async function eventsAfter(db: Db, { account, cursor, limit }: Ask<'eventsAfter'>): Promise<Answer<'eventsAfter'>> {
  const pruned = await db.selectFrom('positions').select('value').where('name', '=', prunedEvents).executeTakeFirst()
  if (pruned !== undefined && cursor < pruned.value) throw new NotReadable('gone')
  const found = await db
    .selectFrom('events')
    .select(['body', 'crc'])
    .where('account', '=', column(account))
    .where('cursor', '>', cursor)
    .orderBy('cursor')
    .limit(bounded(limit))
    .execute()
  return found.map(event)
}

export async function eventsThere(db: Db, { first, last }: Ask<'eventsThere'>): Promise<Answer<'eventsThere'>> {
  const found = await db.selectFrom('events').select('cursor').where('cursor', '>=', first).where('cursor', '<=', last).execute()
  return found.map(({ cursor }) => Number(cursor))
}

export async function eventsFrom(db: Db): Promise<Answer<'eventsFrom'>> {
  const pruned = await db.selectFrom('positions').select('value').where('name', '=', prunedEvents).executeTakeFirst()
  if (pruned !== undefined) return Number(pruned.value)
  const oldest = await db.selectFrom('events').select('cursor').orderBy('cursor').limit(1).executeTakeFirst()
  return oldest === undefined ? undefined : Number(oldest.cursor) - 1
}

/** Name of the position up to which events have been pruned. */
export const prunedEvents = 'pruned:events'

export async function eventsOfCall(db: Db, { account, call, fromSeq = 1, limit }: Ask<'eventsOfCall'>): Promise<Answer<'eventsOfCall'>> {
  const found = await db
    .selectFrom('events')
    .select(['body', 'crc'])
    .where('call', '=', column(call))
    .where('account', '=', column(account))
    .where('seq', '>=', fromSeq)
    .orderBy('seq')
    .limit(bounded(limit))
    .execute()
  return found.map(event)
}

const event = (stored: Stored): EventRow => withoutKind<'event'>('events', stored)
const cdrOf = (stored: Stored): CdrRow => readBody<RowOf<'cdr'>>('cdrs', stored).cdr
const auditOf = (stored: Stored): AuditRow => withoutKind<'audit'>('audit', stored)
const headOf = (stored: Stored): AuditHeadRow => withoutKind<'audit-head'>('audit_heads', stored)

export async function cdr(db: Db, { account, id }: Ask<'cdr'>): Promise<Answer<'cdr'>> {
  const query = db.selectFrom('cdrs').select(['body', 'crc']).where('id', '=', column(id)).where('account', '=', column(account))
  const found = await query.executeTakeFirst()
  return found && cdrOf(found)
}

export async function cdrs(db: Db, search: Ask<'cdrs'>): Promise<Answer<'cdrs'>> {
  const { account, from, to, direction, agent, number, cursor } = search
  const limit = bounded(search.limit)
  let query = db.selectFrom('cdrs').select(['body', 'crc', 'started', 'id']).where('account', '=', column(account))
  if (from !== undefined) query = query.where('started', '>=', whole(from))
  if (to !== undefined) query = query.where('started', '<', whole(to))
  if (direction !== undefined) query = query.where('direction', '=', direction)
  for (const word of [...(agent === undefined ? [] : [agentWord(agent)]), ...(number === undefined ? [] : [numberWord(number)])]) {
    const named = db.selectFrom('cdr_words').select('cdr').where('account', '=', column(account)).where('word', '=', word)
    query = query.where('id', 'in', named)
  }
  if (cursor !== undefined) {
    const { started, id } = placeOf(cursor)
    query = query.where((eb) => eb.or([eb('started', '<', started), eb.and([eb('started', '=', started), eb('id', '<', id)])]))
  }
  const found = await query.orderBy('started', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return pageOf(found, limit, cdrOf)
}

export async function audit(db: Db, search: Ask<'audit'>): Promise<Answer<'audit'>> {
  const { account, call, supervisor, from, to, after, limit } = search
  let query = db.selectFrom('audit').select(['body', 'crc']).where('account', '=', column(account)).where('seq', '>', after)
  if (call !== undefined) query = query.where('call', '=', column(call))
  if (supervisor !== undefined) {
    const named = db
      .selectFrom('audit_words')
      .select('seq')
      .where('account', '=', column(account))
      .where('word', '=', auditWord(supervisor))
    query = query.where('seq', 'in', named)
  }
  if (from !== undefined) query = query.where('at', '>=', whole(from))
  if (to !== undefined) query = query.where('at', '<', whole(to))
  const found = await query.orderBy('seq').limit(bounded(limit)).execute()
  return found.map(auditOf)
}

export async function lastAudit(db: Db, { account }: Ask<'lastAudit'>): Promise<Answer<'lastAudit'>> {
  const entries = db.selectFrom('audit').select(['body', 'crc']).where('account', '=', column(account))
  const found = await entries.orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return found && auditOf(found)
}

export async function auditHeads(db: Db, { account, after, limit }: Ask<'auditHeads'>): Promise<Answer<'auditHeads'>> {
  const heads = db.selectFrom('audit_heads').select(['body', 'crc']).where('account', '=', column(account)).where('seq', '>', after)
  const found = await heads.orderBy('seq').limit(bounded(limit)).execute()
  return found.map(headOf)
}

/** Newest first, those of the same millisecond by id. */
function pageOf<T>(
  found: readonly (Stored & { readonly started: number; readonly id: string })[],
  limit: number,
  read: (s: Stored) => T,
): Page<T> {
  const last = found.length < limit ? undefined : found.at(-1)
  return { items: found.map(read), ...(last === undefined ? {} : { next: `${last.started}_${last.id}` }) }
}

function placeOf(cursor: string): { readonly started: number; readonly id: string } {
  const [, started = '', id = ''] = /^(\d{1,16})_(.{1,512})$/s.exec(cursor) ?? []
  if (id === '') throw new NotReadable('bad-cursor')
  return { started: Number(started), id: column(id) }
}

/** What is too old goes, in steps small enough that writing goes on between them. */
import { type Kysely, sql } from 'kysely'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { prunedEvents } from './answers-history.ts'
import { column } from './body.ts'
import { whole } from './columns.ts'
import type { Answer, Ask } from './questions.ts'
import type { Tables } from './schema.ts'

type Db = Kysely<Tables>

const step = limits.storePageRows
/** The row that a group is known by is kept for as long as a spill file may be found again. */
const writersKeptMs = 90 * 24 * 3_600_000

export async function prune(db: Db, ages: Ask<'prune'>): Promise<Answer<'prune'>> {
  const counted = {
    events: await aged(ages.events, (before) => pruneEvents(db, before)),
    cdrs: await aged(ages.cdrs, (before) => pruneCdrs(db, before)),
    messages: await aged(ages.messages, (before) => pruneMessages(db, before)),
    values: await aged(ages.values, (before) => pruneValues(db, before)),
  }
  await aged(ages.events, (before) => pruneWriters(db, before))
  return { ...counted, more: Object.values(counted).some((n) => n >= step) }
}

async function aged(before: Instant | undefined, work: (before: number) => Promise<number>): Promise<number> {
  return before === undefined ? 0 : await work(whole(before))
}

/** Always the oldest by cursor, so that what is left has no holes; how far it went is written down with it. */
async function pruneEvents(db: Db, before: number): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    const oldest = await tx.selectFrom('events').select(['cursor', 'at']).orderBy('cursor').limit(step).execute()
    const keepsFrom = oldest.findIndex(({ at }) => at >= before)
    const old = keepsFrom < 0 ? oldest : oldest.slice(0, keepsFrom)
    const value = old.at(-1)?.cursor
    if (value === undefined) return 0
    await tx.deleteFrom('events').where('cursor', '<=', value).execute()
    await tx
      .insertInto('positions')
      .values({ name: prunedEvents, value, at: before })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value, at: before }))
      .execute()
    return old.length
  })
}

async function pruneCdrs(db: Db, before: number): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    const old = await tx.selectFrom('cdrs').select('id').where('started', '<', before).orderBy('started').limit(step).execute()
    const ids = old.map(({ id }) => id)
    if (ids.length === 0) return 0
    await tx.deleteFrom('cdr_words').where('cdr', 'in', ids).execute()
    await tx.deleteFrom('cdrs').where('id', 'in', ids).execute()
    return ids.length
  })
}

/**
 * Entry 5 may go when a head of entry 5 or later is signed and everything up to that head is old: the rest begins just after a head. The last
 * entry stays, so that there is something to verify.
 */
export async function auditCut(db: Db, { account, before }: Ask<'auditCut'>): Promise<Answer<'auditCut'>> {
  const entries = db.selectFrom('audit').select('seq').where('account', '=', column(account))
  const first = await entries.orderBy('seq').limit(1).executeTakeFirst()
  const kept = await entries.where('at', '>=', whole(before)).orderBy('seq').limit(1).executeTakeFirst()
  const end = kept ?? (await entries.orderBy('seq', 'desc').limit(1).executeTakeFirst())
  if (first === undefined || end === undefined) return undefined
  const heads = db.selectFrom('audit_heads').select('seq').where('account', '=', column(account))
  const cut = await heads.where('seq', '>=', first.seq).where('seq', '<', end.seq).orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return cut === undefined ? undefined : Number(cut.seq)
}

/** The head that was cut at stays: what follows is known to follow it. */
export async function cutAudit(db: Db, { account, upTo }: Ask<'cutAudit'>): Promise<Answer<'cutAudit'>> {
  const own = column(account)
  return await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('audit_words').where('account', '=', own).where('seq', '<=', upTo).execute()
    await tx.deleteFrom('audit_heads').where('account', '=', own).where('seq', '<', upTo).execute()
    return count(await tx.deleteFrom('audit').where('account', '=', own).where('seq', '<=', upTo).executeTakeFirst())
  })
}

async function pruneMessages(db: Db, before: number): Promise<number> {
  const old = db.selectFrom('messages').select('id').where('state', 'in', ['delivered', 'dead']).where('at', '<', before).limit(step)
  return count(await db.deleteFrom('messages').where('id', 'in', old).executeTakeFirst())
}

async function pruneValues(db: Db, before: number): Promise<number> {
  const old = db.selectFrom('stored_values').select(['namespace', 'key']).where('expires', '<', before).limit(step)
  const found = await old.execute()
  for (const { namespace, key } of found)
    await db.deleteFrom('stored_values').where('namespace', '=', namespace).where('key', '=', key).where('expires', '<', before).execute()
  return found.length
}

async function pruneWriters(db: Db, before: number): Promise<number> {
  const old = db.deleteFrom('positions').where('at', '<', before - writersKeptMs)
  return count(await old.where(sql<boolean>`name like 'writer:%'`).executeTakeFirst())
}

const count = (result: { readonly numDeletedRows: bigint }): number => Number(result.numDeletedRows)

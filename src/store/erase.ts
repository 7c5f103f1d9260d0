/** Takes a person out of what is stored, page by page, so that writing goes on between them. What is left has a checksum of its own again. */
import type { Kysely, Transaction } from 'kysely'
import { blanked, blankedOfHisCall, isMentionedIn } from '../call/erasure.ts'
import type { CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { checkedBody, column, readBody } from './body.ts'
import { auditWords } from './columns.ts'
import type { Answer, Ask } from './questions.ts'
import type { Json, RowOf } from './rows.ts'
import type { Tables } from './schema.ts'
import { writeRun } from './write-run.ts'

type Db = Kysely<Tables>

export async function blankEvents(db: Db, ask: Ask<'blankEvents'>): Promise<Answer<'blankEvents'>> {
  const { account, person, after, isTrial } = ask
  const his = new Set<string>(ask.calls)
  return await db.transaction().execute(async (tx) => {
    const page = tx.selectFrom('events').select(['cursor', 'call', 'body', 'crc']).where('account', '=', column(account))
    const found = await page.where('cursor', '>', after).orderBy('cursor').limit(limits.storePageRows).execute()
    const touched = found.filter(({ call, body }) => (call !== null && his.has(call)) || isMentionedIn(body, person))
    const calls = new Set<CallId>()
    let rows = 0
    for (const stored of touched) {
      const row = readBody<RowOf<'event'>>('events', stored)
      const blank = row.call !== undefined && his.has(row.call) ? blankedOfHisCall : blanked
      const text = JSON.stringify({ ...row, body: blank(row.body, person) })
      if (text === stored.body) continue
      rows += 1
      if (row.call !== undefined) calls.add(row.call)
      if (!isTrial) await tx.updateTable('events').set(checkedBody('events', text)).where('cursor', '=', stored.cursor).execute()
    }
    const next = found.length < limits.storePageRows ? undefined : found.at(-1)?.cursor
    return { rows, calls: [...calls], ...(next === undefined ? {} : { next: Number(next) }) }
  })
}

export async function blankCdrs(db: Db, ask: Ask<'blankCdrs'>): Promise<Answer<'blankCdrs'>> {
  const { account, person, after, isTrial } = ask
  return await db.transaction().execute(async (tx) => {
    const page = tx.selectFrom('cdrs').select(['id', 'body', 'crc']).where('account', '=', column(account))
    const found = await page.where('id', '>', after).orderBy('id').limit(limits.storePageRows).execute()
    const rows = found.filter(({ body }) => isMentionedIn(body, person)).map((stored) => readBody<RowOf<'cdr'>>('cdrs', stored))
    if (!isTrial)
      await rewrite(
        tx,
        rows.map((row) => ({ ...row, cdr: blankedOfHisCall(row.cdr, person) })),
      )
    const next = found.length < limits.storePageRows ? undefined : found.at(-1)?.id
    return { rows: rows.length, calls: rows.map(({ cdr }) => cdr.id), ...(next === undefined ? {} : { next }) }
  })
}

/** With the words by which they are found. */
async function rewrite(tx: Transaction<Tables>, rows: readonly RowOf<'cdr'>[]): Promise<void> {
  if (rows.length > 0)
    await writeRun(
      tx,
      rows.map((row) => ({ row, text: JSON.stringify(row) })),
    )
}

export async function unseal(db: Db, { account, seals }: Ask<'unseal'>): Promise<Answer<'unseal'>> {
  return await db.transaction().execute(async (tx) => {
    let rows = 0
    for (const { seq, seals: gone } of seals) {
      const own = tx.selectFrom('audit').select(['body', 'crc']).where('account', '=', column(account)).where('seq', '=', seq)
      const stored = await own.executeTakeFirst()
      if (stored === undefined) continue
      await rewriteEntry(tx, without(readBody<RowOf<'audit'>>('audit', stored), gone))
      rows += 1
    }
    return rows
  })
}

interface Opening {
  readonly number?: string
}

function without({ sealed, supervisors, ...row }: RowOf<'audit'>, gone: readonly string[]): RowOf<'audit'> {
  const openings = Object.entries((sealed ?? {}) as Record<string, Opening>)
  const numbers = openings.flatMap(([seal, { number }]) => (gone.includes(seal) && number !== undefined ? [number] : []))
  const left = Object.fromEntries(openings.filter(([seal]) => !gone.includes(seal)))
  const names = supervisors?.filter((name) => !numbers.includes(name))
  return { ...row, ...(names === undefined ? {} : { supervisors: names }), sealed: left as unknown as Json }
}

async function rewriteEntry(tx: Transaction<Tables>, row: RowOf<'audit'>): Promise<void> {
  const account = column(row.account)
  const text = JSON.stringify(row)
  await tx.updateTable('audit').set(checkedBody('audit', text)).where('account', '=', account).where('seq', '=', row.seq).execute()
  await tx.deleteFrom('audit_words').where('account', '=', account).where('seq', '=', row.seq).execute()
  const words = auditWords(row)
  if (words.length > 0) await tx.insertInto('audit_words').values(words).execute()
}

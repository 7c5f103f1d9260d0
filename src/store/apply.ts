/** Rows into tables: one transaction a group, once. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { faultOf, whyOf } from './faults.ts'
import type { Group, Rejection } from './messages.ts'
import type { Tables } from './schema.ts'
import { type Run, type Written, writeRun } from './write-run.ts'

/** Applies the group unless it has been already. Rows that no database would take are left out and told; anything else throws, and nothing is applied. */
export async function applyGroup(db: Kysely<Tables>, group: Group): Promise<readonly Rejection[]> {
  try {
    await db.transaction().execute(async (tx) => {
      if (await isNew(tx, group)) for (const run of runsOf(group.rows.map(parsed))) await writeRun(tx, run)
    })
    return []
  } catch (error) {
    if (faultOf(error) !== 'row') throw error
    return await applyOneByOne(db, group)
  }
}

/**
 * The writer's own row is the first that a transaction touches: a transaction of the same writer whose fate is unknown holds it until it has
 * ended one way or the other, so that two cannot both find the group missing.
 */
async function isNew(tx: Transaction<Tables>, { writer, number, at }: Group): Promise<boolean> {
  const value = { value: number, at: Math.floor(at) }
  const moved = await tx
    .insertInto('positions')
    .values({ name: `writer:${writer}`, ...value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(value).where('positions.value', '<', number))
    .returning('name')
    .execute()
  return moved.length > 0
}

async function applyOneByOne(db: Kysely<Tables>, group: Group): Promise<readonly Rejection[]> {
  return await db.transaction().execute(async (tx) => {
    const rejected: Rejection[] = []
    if (!(await isNew(tx, group))) return rejected
    for (const [index, text] of group.rows.entries()) {
      const why = await rejection(tx, text)
      if (why !== undefined) rejected.push({ index, why })
    }
    return rejected
  })
}

/** PostgreSQL takes no further statement of a transaction after one has failed, except the way back to a savepoint. */
async function rejection(tx: Transaction<Tables>, text: string): Promise<string | undefined> {
  await sql`savepoint one_row`.execute(tx)
  try {
    for (const run of runsOf([parsed(text)])) await writeRun(tx, run)
    await sql`release savepoint one_row`.execute(tx)
    return undefined
  } catch (error) {
    if (faultOf(error) !== 'row') throw error
    await sql`rollback to savepoint one_row`.execute(tx)
    return whyOf(error)
  }
}

function parsed(text: string): Written {
  return { row: JSON.parse(text), text }
}

/** Neighbours of the same kind go into one statement. */
function runsOf(rows: readonly Written[]): readonly Run[] {
  const runs: Written[][] = []
  for (const written of rows) {
    const last = runs.at(-1)
    if (last?.[0]?.row.kind === written.row.kind) last.push(written)
    else runs.push([written])
  }
  return runs
}

/** `sotto backup`: the whole store as it is at one instant, while it goes on being written. */
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Kysely, sql, type Transaction } from 'kysely'
import { limits } from '../kernel/limits.ts'
import type { BackupLine, Row } from './backup-format.ts'
import { openDatabase } from './database.ts'
import type { StorePlace } from './messages.ts'
import { migrationsOf } from './migrations.ts'
import { primaryKeys, type TableName, type Tables } from './schema.ts'
import { spillFileOf } from './store.ts'

export type RowCounts = Readonly<Record<string, number>>

/** Writes the backup, and answers how many rows of each table are in it. A running server is not disturbed. */
export async function backup(place: StorePlace, to: string): Promise<RowCounts> {
  if (existsSync(to)) throw new Error(`${to} exists already`)
  if (place.url === undefined && !existsSync(place.file)) throw new Error(`${place.file} does not exist`)
  const part = `${to}.part`
  // First, so that a group on its way from there into the database is at least in one of them; its number keeps it from counting twice.
  const spilled = await spillPieces(spillFileOf(place.file))
  const database = await openDatabase(place, { check: true, migrateTo: false })
  try {
    const migrations = await migrationsOf(database.db)
    const rows = await atOneInstant(database, async (tx) => {
      const counts: Record<string, number> = {}
      await pipeline(
        encoded(contents(tx, { spilled, counts, migrations: migrations })),
        createGzip(),
        createWriteStream(part, { mode: 0o600 }),
      )
      return counts
    })
    await synchronised(part)
    await rename(part, to)
    await synchronised(dirname(to))
    return rows
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    await database.close()
  }
}

async function atOneInstant<T>(
  { db, isSqlite }: { readonly db: Kysely<Tables>; readonly isSqlite: boolean },
  work: (tx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  // A transaction of SQLite sees the database as it was at its first reading.
  const transaction = isSqlite ? db.transaction() : db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
  return await transaction.execute(work)
}

interface Contents {
  readonly spilled: readonly string[]
  readonly migrations: readonly string[]
  readonly counts: Record<string, number>
}

async function* contents(tx: Transaction<Tables>, { spilled, migrations, counts }: Contents): AsyncGenerator<BackupLine> {
  yield { kind: 'head', format: 1, at: Date.now(), migrations }
  for (const base64 of spilled) yield { kind: 'spill', base64 }
  for (const table of Object.keys(primaryKeys) as TableName[]) {
    counts[table] = 0
    for await (const row of rowsOf(tx, table)) {
      counts[table] += 1
      yield { kind: 'row', table, row }
    }
  }
  yield { kind: 'end', rows: counts, sha256: '' }
}

/** The end carries the hash of everything before it. */
async function* encoded(lines: AsyncGenerator<BackupLine>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  for await (const line of lines) {
    const text = `${JSON.stringify(line.kind === 'end' ? { ...line, sha256: hash.digest('hex') } : line)}\n`
    if (line.kind !== 'end') hash.update(text)
    yield text
  }
}

async function* rowsOf(tx: Transaction<Tables>, table: TableName): AsyncGenerator<Row> {
  const keys = sql.join(primaryKeys[table].map((key) => sql.ref(key)))
  let last: Row | undefined
  for (;;) {
    const after = last
    const where = after === undefined ? sql`` : sql`where (${keys}) > (${sql.join(primaryKeys[table].map((key) => after[key] ?? null))})`
    const { rows } = await sql<Row>`select * from ${sql.table(table)} ${where} order by ${keys} limit ${limits.storePageRows}`.execute(tx)
    yield* rows
    last = rows.at(-1)
    if (rows.length < limits.storePageRows) return
  }
}

async function spillPieces(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return []
  const file = await open(path, 'r')
  try {
    const pieces: string[] = []
    for await (const piece of file.createReadStream({ highWaterMark: 1_048_576 })) pieces.push(Buffer.from(piece).toString('base64'))
    return pieces
  } finally {
    await file.close()
  }
}

export async function synchronised(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.sync().finally(() => file.close())
}

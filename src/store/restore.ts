/** `sotto restore`: a backup becomes a store. What is there already is never overwritten. */
import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Transaction } from 'kysely'
import { type RowCounts, synchronised } from './backup.ts'
import { type BackupLine, BadBackup, backupLines, type Row, verifiedHead } from './backup-format.ts'
import { type Database, openDatabase } from './database.ts'
import type { StorePlace } from './messages.ts'
import { migrate, migrationNames } from './migrations.ts'
import { primaryKeys, type TableName, type Tables } from './schema.ts'
import { spillFileOf } from './store.ts'

const rowsPerStatement = 64

/** Into a file that does not exist, or a PostgreSQL database without history. Everything or nothing. */
export async function restore(from: string, place: StorePlace): Promise<RowCounts> {
  const { migrations } = await verifiedHead(from)
  const unknown = migrations.filter((name) => !migrationNames.includes(name))
  if (unknown.length > 0) throw new BadBackup(`${from} is from a newer version of Sotto (${unknown.join(', ')})`)
  for (const path of [spillFileOf(place.file), ...(place.url === undefined ? [place.file] : [])])
    if (existsSync(path)) throw new Error(`${path} exists already; move it away first`)
  mkdirSync(dirname(place.file), { recursive: true })
  return place.url === undefined ? await intoFile(from, place.file, migrations) : await intoServer(from, place, migrations)
}

async function intoFile(from: string, file: string, migrations: readonly string[]): Promise<RowCounts> {
  const draft = `${file}.restoring`
  const remove = async () => {
    for (const end of ['', '-wal', '-shm']) await rm(`${draft}${end}`, { force: true })
  }
  await remove()
  try {
    const counts = await intoServer(from, { file: draft }, migrations)
    await restoreSpill(from, spillFileOf(file))
    await synchronised(draft)
    await rename(draft, file)
    await synchronised(dirname(file))
    return counts
  } finally {
    await remove()
  }
}

async function intoServer(from: string, place: StorePlace, migrations: readonly string[]): Promise<RowCounts> {
  const database = await openDatabase(place, { check: false, migrateTo: migrations.at(-1) ?? false })
  try {
    const counts = await database.db.transaction().execute(async (tx) => {
      await assertEmpty(database, tx)
      return await insertAll(from, tx)
    })
    await migrate(database.db)
    if (place.url !== undefined) await restoreSpill(from, spillFileOf(place.file))
    return counts
  } finally {
    await database.close()
  }
}

async function assertEmpty({ isSqlite }: Database, tx: Transaction<Tables>): Promise<void> {
  if (isSqlite) return
  for (const table of Object.keys(primaryKeys) as TableName[]) {
    const found = await tx.selectFrom(table).selectAll().limit(1).execute()
    if (found.length > 0) throw new Error(`the PostgreSQL database is not empty: there are rows in ${table}`)
  }
}

async function insertAll(from: string, tx: Transaction<Tables>): Promise<RowCounts> {
  const counts: Record<string, number> = {}
  let told: RowCounts = {}
  for await (const { table, rows } of batches(backupLines(from), (end) => (told = end.rows))) {
    // The columns are those that the backup's own version had; it has been migrated that far.
    await tx
      .insertInto(table)
      .values(rows as never)
      .execute()
    counts[table] = (counts[table] ?? 0) + rows.length
  }
  for (const [table, rows] of Object.entries(told))
    if ((counts[table] ?? 0) !== rows) throw new BadBackup(`rows of ${table} are missing in ${from}`)
  return told
}

interface Batch {
  readonly table: TableName
  readonly rows: readonly Row[]
}

async function* batches(
  lines: AsyncGenerator<BackupLine>,
  onEnd: (end: Extract<BackupLine, { kind: 'end' }>) => void,
): AsyncGenerator<Batch> {
  let [table, rows]: [TableName | undefined, Row[]] = [undefined, []]
  for await (const line of lines) {
    if (line.kind === 'end') onEnd(line)
    if (line.kind !== 'row') continue
    if (table !== undefined && (line.table !== table || rows.length >= rowsPerStatement)) {
      yield { table, rows }
      rows = []
    }
    table = line.table
    rows.push(line.row)
  }
  if (table !== undefined && rows.length > 0) yield { table, rows }
}

async function restoreSpill(from: string, to: string): Promise<void> {
  const pieces: Buffer[] = []
  for await (const line of backupLines(from)) {
    if (line.kind === 'spill') pieces.push(Buffer.from(line.base64, 'base64'))
    else if (line.kind === 'row') break
  }
  if (pieces.length === 0) return
  const file = createWriteStream(to, { flags: 'wx', mode: 0o600 })
  for (const piece of pieces) file.write(piece)
  await new Promise<void>((resolve, reject) => file.once('error', reject).end(() => resolve()))
  await synchronised(to)
}

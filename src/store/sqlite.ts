/** The SQLite file: `node:sqlite` in the shape that Kysely wants, and everything that can be wrong with a file. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { limits } from '../kernel/limits.ts'
import { faultOf, Refused, whyOf } from './faults.ts'

/** "Sott": a database that says otherwise belongs to another program (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x536f7474
/** Another process may write as well, such as a back-up or the server's next version. */
const busyMs = 5_000
/** Statements of all lengths that batches have. */
const statementsKept = 500

export interface SqliteFile {
  readonly dialect: Dialect
  /** Throws when the file that is open is no longer the one of its name; then nothing written would be found again. */
  assertInPlace(): void
  /** Writes what is open to a file of its own. */
  rescue(to: string): void
  close(): void
}

/** Opens the file, or creates it where there is none. Throws `Refused` where it is damaged; then the file is as before. */
export function openSqlite(file: string, { check }: { readonly check: boolean }): SqliteFile {
  if (!existsSync(file)) create(file)
  else if (check) examine(file)
  const db = configured(file)
  const { ino } = statSync(file)
  return {
    dialect: new SqliteDialect({ database: shaped(db) }),
    assertInPlace: () => {
      if (statSync(file, { throwIfNoEntry: false })?.ino !== ino) throw new Displaced(`${file} is no longer the file that was opened`)
    },
    rescue: (to) => {
      mkdirSync(dirname(to), { recursive: true })
      db.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`)
      chmodSync(to, 0o600)
      synchronise(to)
    },
    close: () => db.close(),
  }
}

export class Displaced extends Error {
  override readonly name = 'Displaced'
}

/** What identifies the state of a file: one that was refused is looked at again when this has changed. */
export function identityOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? 'absent' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`
}

/** Under another name first: a file of this name is always a whole database, so that an empty one is known to be damaged. */
function create(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.new`
  rmSync(draft, { force: true })
  // There are tokens in it. What SQLite puts beside it gets the same mode.
  closeSync(openSync(draft, 'w', 0o600))
  const db = new DatabaseSync(draft)
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA page_size = 4096; VACUUM`)
  db.close()
  // Left by a database that is gone, they would be taken for this one's.
  for (const beside of ['-wal', '-shm']) rmSync(`${file}${beside}`, { force: true })
  renameSync(draft, file)
  synchronise(file)
}

function synchronise(file: string): void {
  for (const path of [file, dirname(file)]) {
    const descriptor = openSync(path, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
  }
}

function configured(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyMs })
  try {
    // A short wait between a commit and its flush is what FULL costs; without it, the last commits of before a power failure are gone.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Reads only, so that a damaged file stays as it is for whoever wants to save something of it. */
function examine(file: string): void {
  const damage = damageIn(file)
  if (damage === undefined) return
  throw new Refused(adviceFor(file, damage))
}

export const adviceFor = (file: string, damage: string): string =>
  `${file} is damaged or no database of Sotto's (${damage}). It is not used and not changed. Restore a backup with "sotto restore", ` +
  'or move the file away to begin anew; what happens until then is kept beside it'

function damageIn(file: string): string | undefined {
  if (statSync(file).size === 0) return 'it is empty'
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: busyMs })
    try {
      if (db.prepare('PRAGMA application_id').get()?.application_id !== applicationId) return 'its header is another one'
      const check = statSync(file).size <= limits.storeFullCheckBytes ? 'integrity_check' : 'quick_check'
      const found = Object.values(db.prepare(`PRAGMA ${check}(1)`).get() ?? {})[0]
      return found === 'ok' ? undefined : String(found)
    } finally {
      db.close()
    }
  } catch (error) {
    if (faultOf(error) !== 'damaged') throw error
    return whyOf(error)
  }
}

/** Kysely speaks to better-sqlite3; `node:sqlite` differs in how parameters are passed, and does not say what a statement returns. */
function shaped(db: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>()
  return {
    prepare: (sql) => {
      const known = kept.get(sql)
      if (known !== undefined) return known
      const statement = sql === 'rollback' ? rollback(db) : shapedStatement(db.prepare(sql))
      if (kept.size >= statementsKept) kept.clear()
      kept.set(sql, statement)
      return statement
    },
    close: () => db.close(),
  }
}

function shapedStatement(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  }
}

/** After a full disk or an I/O error SQLite has rolled back by itself, and complains when asked again: that would hide the real error. */
function rollback(db: DatabaseSync): SqliteStatement {
  const run = () => {
    if (db.isTransaction) db.exec('ROLLBACK')
    return { changes: 0, lastInsertRowid: 0 }
  }
  return { reader: false, all: () => [], run, iterate: () => [].values() }
}

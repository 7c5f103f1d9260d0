/** An open database of either kind, with the tables up to date. */
import { setTimeout as pause } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import { limits } from '../kernel/limits.ts'
import { faultOf, Refused } from './faults.ts'
import type { StorePlace } from './messages.ts'
import { ForeignSchema, migrate } from './migrations.ts'
import { openPostgres } from './postgres.ts'
import type { Tables } from './schema.ts'
import { openSqlite } from './sqlite.ts'

export interface Database {
  readonly db: Kysely<Tables>
  readonly isSqlite: boolean
  /** Throws when what is open would not be found again. */
  assertInPlace(): void
  /** Gives the work a time to end by; when it does not, all connections are cut and it fails. */
  inTime<T>(work: Promise<T>): Promise<T>
  /** SQLite only: what is open, as a file of its own. */
  rescue(to: string): void
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface OpenOptions {
  /** Whether a SQLite file is examined first. */
  readonly check: boolean
  /** The last migration to be applied; all where absent, none where `false`. */
  readonly migrateTo?: string | false
}

/** Throws `Refused` where a person has to do something. */
export async function openDatabase({ file, url }: StorePlace, { check, migrateTo }: OpenOptions): Promise<Database> {
  const database = url === undefined ? sqliteDatabase(file, check) : postgresDatabase(url)
  try {
    await database.inTime(sql`select 1`.execute(database.db))
    if (migrateTo !== false) await migrate(database.db, migrateTo)
    return database
  } catch (error) {
    await database.close()
    if (error instanceof ForeignSchema)
      throw new Refused(`${url === undefined ? file : 'the PostgreSQL database'} is of another version of Sotto: ${error.message}`)
    throw error
  }
}

function sqliteDatabase(file: string, check: boolean): Database {
  const sqlite = openSqlite(file, { check })
  const db = new Kysely<Tables>({ dialect: sqlite.dialect })
  return {
    ...{ db, isSqlite: true, assertInPlace: sqlite.assertInPlace, inTime: (work) => work, rescue: sqlite.rescue },
    close: async () => {
      try {
        sqlite.close()
      } catch (error) {
        // A file that could not even be closed is not open any more.
        if (faultOf(error) === 'row') throw error
      }
    },
  }
}

function postgresDatabase(url: string): Database {
  // An idle connection that was lost is replaced when the next one is needed, or that fails and is told there.
  const server = openPostgres(url, () => {})
  const db = new Kysely<Tables>({ dialect: server.dialect })
  return {
    ...{ db, isSqlite: false, assertInPlace: () => {} },
    inTime: async (work) => {
      const timer = new AbortController()
      const late = pause(limits.storeStatementMs, undefined, { signal: timer.signal }).then(() => {
        server.cut()
        throw new Error(`the database did not answer within ${limits.storeStatementMs / 1000} s`)
      })
      late.catch(() => {})
      try {
        return await Promise.race([work, late])
      } finally {
        timer.abort()
        work.catch(() => {})
      }
    },
    rescue: () => {},
    close: async () => {
      server.cut()
      await db.destroy()
    },
  }
}

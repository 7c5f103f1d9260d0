import { existsSync } from 'node:fs'
import { openDatabase } from '../../src/store/database.ts'
import { migrationNames, migrationsOf } from '../../src/store/migrations.ts'
import { storePlaceIn } from '../../src/store/place.ts'
import { reasonOf } from '../exits.ts'
import { type Finding, fail, type Patient, pass, warn } from './check.ts'

const name = 'database'

/** Only reads: a running server works on it. */
export async function database({ settings: { data }, environment, health }: Patient): Promise<readonly Finding[]> {
  const place = storePlaceIn(data, environment.SOTTO_DATABASE_URL)
  const what = place.url === undefined ? place.file : 'PostgreSQL'
  if (place.url === undefined && !existsSync(place.file)) return [pass(name, `${what} is made at the first start`)]
  try {
    const open = await openDatabase(place, { check: health === undefined, migrateTo: false })
    try {
      return judged(what, await migrationsOf(open.db))
    } finally {
      await open.close()
    }
  } catch (error) {
    const todo =
      place.url === undefined
        ? 'Put a back-up in its place (`sotto restore`), or move the file away: calls go on without it.'
        : 'Look at SOTTO_DATABASE_URL (address, user, password, TLS) and whether PostgreSQL runs; calls go on without it.'
    return [fail(name, `${what} cannot be read: ${reasonOf(error) || 'no answer'}`, todo)]
  }
}

function judged(what: string, applied: readonly string[]): readonly Finding[] {
  const foreign = applied.filter((one) => !migrationNames.includes(one))
  if (foreign.length > 0)
    return [fail(name, `${what} is of a newer Sotto: ${foreign.join(', ')}`, 'Run that version, or restore a back-up from before it.')]
  const missing = migrationNames.filter((one) => !applied.includes(one))
  if (missing.length === 0) return [pass(name, `${what} is readable, its structure (${migrationNames.at(-1)}) is this version’s`)]
  if (applied.length === 0) return [pass(name, `${what} is readable and empty: its tables are made at the first start`)]
  return [
    warn(
      name,
      `${what} lacks ${missing.join(', ')}`,
      'The next start of this version brings it up to date; make a back-up before (`sotto backup`).',
    ),
  ]
}

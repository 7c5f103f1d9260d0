/** What went wrong with a database, in the few kinds that make a difference. */
import { DatabaseError } from 'pg'
import { DamagedRow } from './body.ts'
import { ForeignSchema } from './migrations.ts'
import { NotReadable } from './unreadable.ts'

/** The database must not be used until a person has put it right. The message says what to do. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** `away`: try again later. `row`: this row will never do, the others may. */
export type Fault = 'away' | 'damaged' | 'row'

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const sqliteDamage = new Set([11, 26])
/** Too big, constraint, mismatch, range. */
const sqliteRow = new Set([18, 19, 20, 25])

/** Whatever is not known to be the row's own fault counts as the database's: a row is given up only where that is certain. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Refused || error instanceof ForeignSchema) return 'damaged'
  if (error instanceof DamagedRow || error instanceof NotReadable) return 'row'
  if (error instanceof DatabaseError) return postgresFault(error.code ?? '')
  if (!(error instanceof Error)) return 'away'
  if (error instanceof TypeError || error instanceof SyntaxError) return 'row'
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
  if (code === undefined) return 'away'
  return sqliteDamage.has(code) ? 'damaged' : sqliteRow.has(code) ? 'row' : 'away'
}

/** Classes of SQLSTATE: 22 is bad data, 23 a broken constraint. A damaged table is its administrator's to mend, and we try again until then. */
function postgresFault(code: string): Fault {
  return code.startsWith('22') || code.startsWith('23') ? 'row' : 'away'
}

export const whyOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error))

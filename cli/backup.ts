/** The history (calls, audit, events) as one file, whichever database it is in. */
import { type RowCounts, backup as writeBackup } from '../src/store/backup.ts'
import { storePlaceIn } from '../src/store/place.ts'
import { restore as readBackup } from '../src/store/restore.ts'
import type { Asked, Command } from './command.ts'
import { exits, Failure, reasonOf } from './exits.ts'

const data = { name: 'data', value: 'FOLDER', says: 'the folder of the server; default SOTTO_DATA, or data' } as const
const more = 'SOTTO_DATABASE_URL names PostgreSQL, which then takes the place of history.db in the folder.'

export const backup: Command = {
  name: 'backup',
  summary: 'Writes the history into a file; a running server is not disturbed',
  arguments: ['TO'],
  options: [data],
  examples: ['sotto backup history-2026-11-20.sotto'],
  more,
  isRemote: false,
  async run(asked) {
    const to = asked.arg(0)
    return counted(asked, to, () => writeBackup(placeOf(asked), to))
  },
}

export const restore: Command = {
  name: 'restore',
  summary: 'Brings a history back where nothing is yet; the server is stopped',
  arguments: ['FROM'],
  options: [data],
  examples: ['sotto restore history-2026-11-20.sotto --data data'],
  more,
  isRemote: false,
  async run(asked) {
    const place = placeOf(asked)
    return counted(asked, place.url === undefined ? place.file : 'the database', () => readBackup(asked.arg(0), place))
  },
}

const placeOf = (asked: Asked) =>
  storePlaceIn(asked.text('data') ?? (asked.environment.SOTTO_DATA || 'data'), asked.environment.SOTTO_DATABASE_URL)

async function counted({ out }: Asked, what: string, work: () => Promise<RowCounts>) {
  try {
    out.progress(`${what} …`)
    const rows = await work()
    out.answer({ to: what, rows }, () => `${what}: ${told(rows)}`)
    return exits.done
  } catch (error) {
    throw new Failure(exits.failed, reasonOf(error))
  }
}

const told = (rows: RowCounts): string =>
  Object.entries(rows)
    .map(([table, count]) => `${table} ${count}`)
    .join(', ')

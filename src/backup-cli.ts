/** `node src/backup-cli.ts backup TO` and `restore FROM`: the history (calls, audit, events) as one file, whichever database it is in. */
import { parseArgs } from 'node:util'
import { backup, type RowCounts } from './store/backup.ts'
import { storePlaceIn } from './store/place.ts'
import { restore } from './store/restore.ts'

const usage = `usage: backup-cli backup TO [--data FOLDER]     a running server is not disturbed
       backup-cli restore FROM [--data FOLDER]  the server is stopped; what is there already is never overwritten
The folder is that of SOTTO_DATA, or data; SOTTO_DATABASE_URL names PostgreSQL instead of history.db in it.
`

async function main(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  const wish = wishOf(args)
  if (wish === undefined) {
    process.stderr.write(usage)
    return 2
  }
  const { act, file, data = environment.SOTTO_DATA || 'data' } = wish
  const place = storePlaceIn(data, environment.SOTTO_DATABASE_URL)
  try {
    const rows = act === 'backup' ? await backup(place, file) : await restore(file, place)
    process.stdout.write(`${act === 'backup' ? file : place.url === undefined ? place.file : 'the database'}: ${told(rows)}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${act} failed: ${error instanceof Error ? error.message : error}\n`)
    return 1
  }
}

function wishOf(args: readonly string[]) {
  try {
    const options = { data: { type: 'string' } } as const
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options })
    const [act, file] = positionals
    if ((act !== 'backup' && act !== 'restore') || file === undefined || positionals.length > 2) return undefined
    return { act, file, data: values.data } as const
  } catch {
    return undefined
  }
}

const told = (rows: RowCounts): string =>
  Object.entries(rows)
    .map(([table, count]) => `${table} ${count}`)
    .join(', ')

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env)

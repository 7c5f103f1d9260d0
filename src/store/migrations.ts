import type { CreateTableBuilder, Kysely } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'

/** By name, in order. What has been released is never changed; a change is a new one. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-history': { up: history },
  '0002-no-recordings': { up: withoutRecordings },
}

const provider: MigrationProvider = { getMigrations: async () => ({ ...migrations }) }

/** The database's structure is from a newer version, or from elsewhere. */
export class ForeignSchema extends Error {
  override readonly name = 'ForeignSchema'
}

export const migrationNames: readonly string[] = Object.keys(migrations)

/** Brings the tables up to date, or to where an older version left them. */
export async function migrate<T>(db: Kysely<T>, upTo = migrationNames.at(-1) ?? ''): Promise<void> {
  const migrator = new Migrator({ db, provider })
  const { error } = await migrator.migrateTo(upTo)
  if (error === undefined) return
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) throw new ForeignSchema(error.message)
  throw error
}

/** Those that the database has seen; none where it is new. */
export async function migrationsOf<T>(db: Kysely<T>): Promise<readonly string[]> {
  const seen = await new Migrator({ db, provider }).getMigrations()
  return seen.filter(({ executedAt }) => executedAt !== undefined).map(({ name }) => name)
}

async function history(db: Kysely<unknown>): Promise<void> {
  await createEvents(db)
  await createCdrs(db)
  await createRecordings(db)
  await createAudit(db)
  await createMessages(db)
  await checked(
    table(db, 'stored_values').addColumn('namespace', text, required).addColumn('key', text, required).addColumn('expires', big),
  )
    .addPrimaryKeyConstraint('stored_values_key', ['namespace', 'key'])
    .execute()
  await index(db, 'stored_values', ['expires'])
  await table(db, 'positions').addColumn('name', text, primary).addColumn('value', big, required).addColumn('at', big, required).execute()
}

/** The notes beside the files say what there is; nobody ever wrote this table. */
async function withoutRecordings(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('recordings').execute()
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  const events = table(db, 'events')
    .addColumn('cursor', big, primary)
    .addColumn('account', text, required)
    .addColumn('call', text)
    .addColumn('seq', big)
  await checked(events.addColumn('at', big, required)).execute()
  await index(db, 'events', ['account', 'cursor'])
  await index(db, 'events', ['call', 'seq'])
  await index(db, 'events', ['at'])
}

async function createCdrs(db: Kysely<unknown>): Promise<void> {
  const cdrs = table(db, 'cdrs').addColumn('id', text, primary).addColumn('account', text, required).addColumn('started', big, required)
  await checked(cdrs.addColumn('direction', text, required)).execute()
  await index(db, 'cdrs', ['account', 'started', 'id'])
  await index(db, 'cdrs', ['started'])
  await table(db, 'cdr_words')
    .addColumn('cdr', text, required)
    .addColumn('account', text, required)
    .addColumn('word', text, required)
    .addColumn('started', big, required)
    .addPrimaryKeyConstraint('cdr_words_key', ['cdr', 'word'])
    .execute()
  await index(db, 'cdr_words', ['account', 'word', 'started', 'cdr'])
}

async function createRecordings(db: Kysely<unknown>): Promise<void> {
  const recordings = table(db, 'recordings')
    .addColumn('id', text, primary)
    .addColumn('account', text, required)
    .addColumn('call', text, required)
  await checked(recordings.addColumn('started', big, required).addColumn('legal_hold', 'integer', required)).execute()
  await index(db, 'recordings', ['account', 'started', 'id'])
  await index(db, 'recordings', ['call'])
  await index(db, 'recordings', ['started'])
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  const entries = table(db, 'audit').addColumn('account', text, required).addColumn('seq', big, required).addColumn('at', big, required)
  await checked(entries.addColumn('call', text)).addPrimaryKeyConstraint('audit_key', ['account', 'seq']).execute()
  await index(db, 'audit', ['account', 'call', 'seq'])
  await index(db, 'audit', ['at'])
  await table(db, 'audit_words')
    .addColumn('account', text, required)
    .addColumn('word', text, required)
    .addColumn('seq', big, required)
    .addPrimaryKeyConstraint('audit_words_key', ['account', 'word', 'seq'])
    .execute()
  const heads = table(db, 'audit_heads').addColumn('account', text, required).addColumn('seq', big, required).addColumn('at', big, required)
  await checked(heads).addPrimaryKeyConstraint('audit_heads_key', ['account', 'seq']).execute()
}

async function createMessages(db: Kysely<unknown>): Promise<void> {
  const messages = table(db, 'messages')
    .addColumn('id', text, primary)
    .addColumn('account', text, required)
    .addColumn('receiver', text, required)
    .addColumn('order_key', text, required)
    .addColumn('sequence', big, required)
    .addColumn('at', big, required)
    .addColumn('next_try', big, required)
    .addColumn('state', text, required)
    .addColumn('attempts', 'integer', required)
    .addColumn('why', text)
  await checked(messages).execute()
  await index(db, 'messages', ['state', 'next_try'])
  await index(db, 'messages', ['receiver', 'order_key', 'state', 'sequence'])
  await index(db, 'messages', ['account', 'state', 'sequence'])
}

const text = 'text'
const big = 'bigint'
type Column = Parameters<Parameters<CreateTableBuilder<string>['addColumn']>[2] & {}>[0]
const required = (column: Column): Column => column.notNull()
const primary = (column: Column): Column => column.notNull().primaryKey()

const table = (db: Kysely<unknown>, name: string): CreateTableBuilder<string> => db.schema.createTable(name)

const checked = (builder: CreateTableBuilder<string, string>) => builder.addColumn('body', text, required).addColumn('crc', big, required)

async function index(db: Kysely<unknown>, on: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(`${on}_by_${columns.join('_')}`)
    .on(on)
    .columns([...columns])
    .execute()
}

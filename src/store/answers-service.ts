/** Reading what is still to be done or to be remembered: messages to deliver, values. */
import type { Kysely, Selectable } from 'kysely'
import { bounded, withoutKind } from './answers-history.ts'
import { column } from './body.ts'
import { whole } from './columns.ts'
import type { Answer, Ask } from './questions.ts'
import type { Message, ValueRow } from './rows.ts'
import type { Tables } from './schema.ts'

type Db = Kysely<Tables>

export async function claimMessages(db: Db, { at, leaseMs, limit }: Ask<'claimMessages'>): Promise<Answer<'claimMessages'>> {
  const due = await db.transaction().execute(async (tx) => {
    const ids = await tx
      .selectFrom('messages as m')
      .select('m.id')
      .where('m.state', '=', 'pending')
      .where('m.next_try', '<=', whole(at))
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('messages as before')
              .select('before.id')
              .whereRef('before.receiver', '=', 'm.receiver')
              .whereRef('before.order_key', '=', 'm.order_key')
              .where('before.state', '=', 'pending')
              .whereRef('before.sequence', '<', 'm.sequence'),
          ),
        ),
      )
      .orderBy('m.next_try')
      .orderBy('m.sequence')
      .limit(bounded(limit))
      .execute()
    if (ids.length === 0) return []
    const chosen = ids.map(({ id }) => id)
    // Somebody else may have taken them in between.
    const free = tx
      .updateTable('messages')
      .set({ next_try: whole(at + leaseMs) })
      .where('id', 'in', chosen)
    return await free.where('state', '=', 'pending').where('next_try', '<=', whole(at)).returningAll().execute()
  })
  return due.toSorted((a, b) => a.sequence - b.sequence).map(message)
}

export async function deadMessages(db: Db, { account, receiver, after, limit }: Ask<'deadMessages'>): Promise<Answer<'deadMessages'>> {
  let query = db.selectFrom('messages').selectAll().where('account', '=', column(account)).where('state', '=', 'dead')
  if (receiver !== undefined) query = query.where('receiver', '=', column(receiver))
  if (after !== undefined) query = query.where('sequence', '>', after)
  const found = await query.orderBy('sequence').limit(bounded(limit)).execute()
  return found.map(message)
}

export async function pendingMessages(db: Db, { receiver }: Ask<'pendingMessages'>): Promise<Answer<'pendingMessages'>> {
  const pending = db.selectFrom('messages').where('receiver', '=', column(receiver)).where('state', '=', 'pending')
  const { n } = await pending.select(({ fn }) => fn.countAll<number>().as('n')).executeTakeFirstOrThrow()
  return Number(n)
}

function message(stored: Selectable<Tables['messages']>): Message {
  const { attempts, state, why, next_try } = stored
  const made = withoutKind<'message'>('messages', stored)
  return { ...made, nextTry: next_try as Message['nextTry'], state, attempts, ...(why === null ? {} : { why }) }
}

export async function value(db: Db, { namespace, key, at }: Ask<'value'>): Promise<Answer<'value'>> {
  const found = await db
    .selectFrom('stored_values')
    .select(['body', 'crc'])
    .where('namespace', '=', column(namespace))
    .where('key', '=', column(key))
    .where((eb) => eb.or([eb('expires', 'is', null), eb('expires', '>', whole(at))]))
    .executeTakeFirst()
  return found && readValue(found)
}

export async function values(db: Db, { namespace, at, after, limit }: Ask<'values'>): Promise<Answer<'values'>> {
  let query = db.selectFrom('stored_values').select(['body', 'crc']).where('namespace', '=', column(namespace))
  if (after !== undefined) query = query.where('key', '>', column(after))
  const alive = query.where((eb) => eb.or([eb('expires', 'is', null), eb('expires', '>', whole(at))]))
  const found = await alive.orderBy('key').limit(bounded(limit)).execute()
  return found.map(readValue)
}

const readValue = (stored: { readonly body: string; readonly crc: number }): ValueRow => withoutKind<'value'>('stored_values', stored)

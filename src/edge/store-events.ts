/** All events of the desk in the store: those that happen, and those of which an earlier process, killed, had told only the log. */
import type { FrontDesk, OutEvent } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Json, RowOf } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { StoreWriter } from './store-writer.ts'

interface Parts {
  readonly store: Store
  readonly writer: StoreWriter
  readonly desk: Pick<FrontDesk, 'eventsAfter' | 'subscribe'>
  readonly accounts: readonly AccountId[]
  /** Ids of the oldest event that the desk still has, and of its next one. */
  readonly events: { readonly first: number; readonly next: number }
}

/** Until the returned function is called. */
export function keepEvents({ store, writer, desk, accounts, events }: Parts): () => void {
  const ending = new AbortController()
  const { next } = events
  const stops = accounts.map((account) => desk.subscribe(account, (event) => writer.write([rowOf(event)])))
  for (const account of accounts) void catchUp(account)

  async function catchUp(account: AccountId): Promise<void> {
    const last = await lastKept(account)
    if (last === undefined) return
    const found = desk.eventsAfter(account, String(Math.max(last, events.first - 1))) ?? []
    const missing = found.filter(({ id }) => Number(id) < next).map(rowOf)
    for (let i = 0; i < missing.length; i += limits.storeGroupRows) writer.write(missing.slice(i, i + limits.storeGroupRows))
  }

  /** Asked until it is known: the database may come later than we do. */
  async function lastKept(account: AccountId): Promise<number | undefined> {
    await store.opened
    while (!ending.signal.aborted) {
      const answer = await store.ask('lastEvent', { account, before: next })
      if (answer.ok) return answer.value
      await new Promise((resolve) => setTimeout(resolve, limits.storeRetryMaxMs).unref())
    }
    return undefined
  }

  return () => {
    ending.abort()
    for (const stop of stops) stop()
  }
}

function rowOf(out: OutEvent): RowOf<'event'> {
  const { id, account } = out
  const place = { kind: 'event', cursor: Number(id), account } as const
  if ('agent' in out) return { ...place, at: out.at, type: 'agent.state', body: json(out.agent) }
  const { call, seq, at, type, data } = out.event
  return { ...place, call, seq, at, type, body: json(data) }
}

/** Events consist of what JSON has. */
const json = (body: object): Json => body as Json

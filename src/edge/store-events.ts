/** Events of the desk as rows of the store, and back. */
import type { CallEvent } from '../call/event.ts'
import type { AgentView, FrontDesk, OutEvent, PastEvent } from '../control/command.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { EventRow, Json, RowOf } from '../store/rows.ts'
import type { StoreWriter } from './store-writer.ts'

interface Parts {
  readonly writer: Pick<StoreWriter, 'write'>
  readonly desk: Pick<FrontDesk, 'subscribe'>
  readonly accounts: readonly AccountId[]
}

/** Whatever happens from now on is kept, until the returned function is called. */
export function keepEvents({ writer, desk, accounts }: Parts): () => void {
  const stops = accounts.map((account) => desk.subscribe(account, (event) => writer.write([rowOf(event)])))
  return () => {
    for (const stop of stops) stop()
  }
}

export function rowOf(out: OutEvent): RowOf<'event'> {
  const { id, account } = out
  const place = { kind: 'event', cursor: Number(id), account } as const
  if ('agent' in out) return { ...place, at: out.at, type: `agent.${out.about ?? 'state'}`, body: json(out.agent) }
  if ('line' in out) {
    const { owner: _, ...line } = out.line
    return { ...place, at: out.at, type: 'line.state', body: json(line) }
  }
  const { call, seq, at, type, data } = out.event
  return { ...place, call, seq, at, type, body: json(data) }
}

/** As it was told, without how the call stood. Undefined for what is its owner's alone, whom the row does not name. */
export function pastEventOf({ cursor, account, call, seq, at, type, body }: EventRow): PastEvent | undefined {
  const place = { id: String(cursor), account }
  // As `rowOf` put it in.
  const data: unknown = body
  if (type === 'agent.state') return { ...place, at, agent: data as AgentView }
  if (type === 'agent.hand') return { ...place, at, agent: data as AgentView, about: 'hand' }
  if (call === undefined || seq === undefined) return undefined
  return { ...place, event: { call, seq, at, type, data } as CallEvent }
}

/** Events consist of what JSON has. */
const json = (body: object): Json => body as Json

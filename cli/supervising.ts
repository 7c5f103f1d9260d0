/** A line that takes part in a call, until the call is over, the supervision is, or somebody says stop. */
import { type Api, Refused } from './api.ts'
import { exits, Failure } from './exits.ts'
import type { AudioLine } from './line.ts'
import type { EventView, SupervisionView } from './views.ts'

export interface How {
  readonly call: string
  readonly mode: string
  readonly target?: string | undefined
}

export async function supervised(api: Api, line: AudioLine, { call, mode, target }: How): Promise<SupervisionView> {
  const wanted = { supervisor: { line: line.id }, mode, ...(target === undefined ? {} : { target }) }
  return await api.post<SupervisionView>(`/calls/${call}/supervisions`, wanted)
}

/** Resolves to why it ended; undefined when `signal` did. A line that the server lost is renewed meanwhile. */
export async function ended(api: Api, line: AudioLine, { id, callId }: SupervisionView, signal: AbortSignal): Promise<string | undefined> {
  const done = new AbortController()
  const both = AbortSignal.any([signal, done.signal])
  const watched = watchLine(api, line, both)
  try {
    // Whatever happened before the stream was open is asked for when it is.
    const asked = Promise.withResolvers<string | undefined>()
    const look = () => void now(api, id).then((why) => why !== undefined && asked.resolve(why))
    const told = (async () => {
      for await (const event of api.events({ callId, types: 'call.ended,supervision.ended' }, { signal: both, onOpen: look })) {
        const why = endIn(event, id)
        if (why !== undefined) return why
      }
      return undefined
    })()
    return await Promise.race([told, asked.promise, watched])
  } finally {
    done.abort()
  }
}

function endIn({ type, call, data }: EventView, id: string): string | undefined {
  if (type === 'call.ended') return call?.endReason ?? 'ended'
  return type === 'supervision.ended' && data.supervision === id ? String(data.reason ?? 'ended') : undefined
}

async function now(api: Api, id: string): Promise<string | undefined> {
  try {
    const { state, endReason } = await api.get<SupervisionView>(`/supervisions/${id}`)
    return state === 'ended' ? (endReason ?? 'ended') : undefined
  } catch (error) {
    return error instanceof Refused && error.status === 404 ? 'ended' : undefined
  }
}

/** Never resolves: `line.state` belongs to no call, so it has a stream of its own. */
async function watchLine(api: Api, line: AudioLine, signal: AbortSignal): Promise<never> {
  try {
    for await (const { data } of api.events({ types: 'line.state' }, { signal }))
      if (data.id === line.id && data.state === 'lost') void line.renew()
  } catch {
    // The other stream says what is wrong.
  }
  return new Promise(() => {})
}

export const mustLive = (state: string, call: string): void => {
  if (state === 'ended') throw new Failure(exits.unknown, `${call} is over`)
}

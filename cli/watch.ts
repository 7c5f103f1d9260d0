import type { Api } from './api.ts'
import { bounds } from './bounds.ts'
import { callTable } from './calls.ts'
import type { Asked, Command } from './command.ts'
import { exits } from './exits.ts'
import { interruption } from './interrupt.ts'
import type { Out } from './out.ts'
import { clean, nameIn, timeOf } from './text.ts'
import type { CallView, EventView } from './views.ts'

export const watch: Command = {
  name: 'watch',
  summary: 'What happens, as it happens',
  arguments: [],
  options: [
    { name: 'call', value: 'CALL', says: 'only one call' },
    { name: 'group', value: 'ID', says: 'only calls of a group' },
    { name: 'types', value: 'LIST', says: 'only these events, such as call.ended,supervision.*' },
    { name: 'events', says: 'one line an event on a terminal, too, instead of a table that is kept up to date' },
    { name: 'count', value: 'N', says: 'ends after so many events' },
  ],
  examples: ['sotto watch', 'sotto watch --types "supervision.*" --json', 'sotto watch --events'],
  isRemote: true,
  async run(asked) {
    const api = asked.api()
    const named = asked.text('call')
    const call = named === undefined ? undefined : (await api.call(named)).id
    const group = asked.text('group')
    const wish: Wish = { call, group, types: asked.text('types') }
    if (asked.out.isTerminal && !asked.out.isJson && !asked.is('events') && wish.types === undefined) await board(api, asked.out, wish)
    else await tell(asked, api, wish)
    return exits.done
  },
}

interface Wish {
  readonly call: string | undefined
  readonly group: string | undefined
  readonly types: string | undefined
}

const isWanted = (event: EventView, { group }: Wish): boolean => group === undefined || event.call?.group === group

async function tell(asked: Asked, api: Api, wish: Wish): Promise<void> {
  const { out } = asked
  let left = asked.number('count', { min: 1, max: 1_000_000_000 }) ?? Number.POSITIVE_INFINITY
  const signal = interruption()
  const onLost = () => out.note('The server is away: trying again …')
  for await (const event of api.events({ types: wish.types, callId: wish.call }, { signal, onLost })) {
    if (!isWanted(event, wish)) continue
    out.line(event, () => eventText(event))
    left -= 1
    if (left <= 0) return
  }
}

export function eventText({ type, at, callId, call, data }: EventView): string {
  const who = typeof data.party === 'string' && call !== undefined ? nameIn(call, data.party) : undefined
  const more = Object.entries(data).flatMap(([key, value]) =>
    isShort(value) && !['party', 'callId'].includes(key) ? [`${key}=${value}`] : [],
  )
  const between = call === undefined ? [] : [`${call.ani} → ${call.dnis}`]
  return clean(
    [timeOf(at), type, ...(callId === undefined ? [] : [callId]), ...between, ...(who === undefined ? [] : [who]), ...more].join('  '),
  )
}

const isShort = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value) && String(value).length <= 64

/** Live calls, redrawn. What is not known for certain any more is not shown as if it were. */
async function board(api: Api, out: Out, wish: Wish): Promise<void> {
  const signal = interruption()
  const calls = new Map<string, CallView>()
  const over = new Set<string>()
  let isLive = false
  const draw = () => {
    const head = isLive ? `${calls.size} live calls` : 'The server is away: trying again … What follows may be out of date.'
    out.redraw([head, ...(calls.size === 0 ? [] : callTable([...calls.values()], out.columns))])
  }
  const fits = ({ id, group, state }: CallView) =>
    state !== 'ended' && (wish.call === undefined || wish.call === id) && (wish.group === undefined || wish.group === group)
  const keep = (call: CallView) => {
    // A list that was asked for earlier may be answered later.
    if (over.has(call.id) || (calls.get(call.id)?.revision ?? 0) > call.revision) return
    if (call.state === 'ended') over.add(call.id)
    if (fits(call)) calls.set(call.id, call)
    else calls.delete(call.id)
  }
  const readAll = async () => {
    calls.clear()
    over.clear()
    for (const call of await api.list<CallView>('/calls')) keep(call)
    isLive = true
  }
  const timer = setInterval(draw, bounds.redrawMs)
  const onLost = () => {
    isLive = false
  }
  try {
    for await (const event of api.events({ callId: wish.call }, { signal, onOpen: () => void readAll().catch(onLost), onLost }))
      if (event.call !== undefined) keep(event.call)
  } finally {
    clearInterval(timer)
  }
}

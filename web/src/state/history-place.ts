/** The address of the history: `#/history/calls/c_1?span=day&agent=201`. */
export const sections = ['calls', 'recordings', 'audit', 'webhooks'] as const
export type Section = (typeof sections)[number]

export const spans = ['hour', 'day', 'week', 'any', 'between'] as const
export type SpanName = (typeof spans)[number]

/** What is looked for, as the address has it. `from` and `to` are local times of `span=between`. */
export const wishNames = ['span', 'from', 'to', 'agent', 'group', 'number', 'supervisor', 'text'] as const
export type Wish = Partial<Readonly<Record<(typeof wishNames)[number], string>>>

export interface HistoryPlace {
  readonly section: Section
  readonly id: string | undefined
  readonly wish: Wish
}

export function historyPlace(hash: string): HistoryPlace | undefined {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [page, named, id] = path.split('/').map(decodeURIComponent)
  if (page !== 'history') return undefined
  const found = new URLSearchParams(query)
  const wish = Object.fromEntries(wishNames.flatMap((name) => (found.get(name) ? [[name, found.get(name)]] : [])))
  return { section: sections.find((section) => section === named) ?? 'calls', id: id === '' ? undefined : id, wish }
}

export function historyHash({ section, id, wish }: HistoryPlace): string {
  const query = new URLSearchParams(Object.entries(wish).filter(([, value]) => value !== '')).toString()
  return `#/history/${section}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${query === '' ? '' : `?${query}`}`
}

const hourMs = 3_600_000
const spanMs: Readonly<Record<SpanName, number | undefined>> = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  any: undefined,
  between: undefined,
}

/** What a list is asked for. `accepts`: the parameters that it knows. */
export function queryOf(wish: Wish, { nowMs, accepts }: { readonly nowMs: number; readonly accepts: readonly string[] }): string {
  const query = new URLSearchParams()
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '' && accepts.includes(name)) query.set(name, value)
  }
  const { from, to } = boundsOf(wish, nowMs)
  put('from', from)
  put('to', to)
  for (const name of ['agent', 'group', 'supervisor', 'text'] as const) put(name, wish[name]?.trim())
  put('number', wish.number?.replace(/[\s().-]/g, ''))
  return query.toString()
}

export const spanOf = (wish: Wish): SpanName => spans.find((span) => span === wish.span) ?? 'day'

function boundsOf(wish: Wish, nowMs: number): { readonly from?: string | undefined; readonly to?: string | undefined } {
  const span = spanOf(wish)
  if (span === 'between') return { from: instantOf(wish.from), to: instantOf(wish.to) }
  const ms = spanMs[span]
  return ms === undefined ? {} : { from: new Date(nowMs - ms).toISOString() }
}

/** Of a local time without an offset, as the browser's own field gives it. */
function instantOf(local: string | undefined): string | undefined {
  const ms = Date.parse(local ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** The live calls. Only rows in sight are drawn, each at its place by a transform, so that 500 calls cost what 30 do. */
import { effect, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { CallOrder } from '../state/calls.ts'
import { type RowRange, rowsIn, scrollTo } from '../state/window.ts'
import { watchLevels } from '../store/live.ts'
import { callOrder } from '../store/prefs.ts'
import { strips } from '../store/strips.ts'
import { calls, openCallId, selected } from '../store/view.ts'
import { t } from '../strings/index.ts'
import { CallFilters } from './call-filters.tsx'
import { CallRow } from './call-row.tsx'

const rowHeight = 48

export function CallTable() {
  return (
    <section class="calls" aria-labelledby="calls-title">
      <header>
        <h2 id="calls-title">{t('calls.title')}</h2>
        <CallFilters />
      </header>
      <Grid />
    </section>
  )
}

function Grid() {
  const body = useRef<HTMLDivElement>(null)
  const range = useVisibleRows(body)
  const list = calls.value
  const { first, end } = range
  return (
    <div class="grid" role="grid" aria-labelledby="calls-title" aria-rowcount={list.length + 1} id="calls">
      <Heads />
      <div class="grid-body" ref={body}>
        <div class="grid-space" role="rowgroup" style={{ height: `${list.length * rowHeight}px` }}>
          {list.slice(first, end).map((call, n) => (
            <CallRow key={call.id} call={call} index={first + n} top={(first + n) * rowHeight} isTabStop={isTabStop(call.id, first + n)} />
          ))}
        </div>
        {list.length === 0 && <p class="empty">{t('calls.none')}</p>}
      </div>
    </div>
  )
}

/** One row can be reached by Tab: the selected one, or the first. */
const isTabStop = (id: string, index: number): boolean => (selected.value === undefined ? index === 0 : selected.value === id)

function useVisibleRows(body: { readonly current: HTMLDivElement | null }): RowRange {
  const range = useSignal<RowRange>({ first: 0, end: 30 })
  useEffect(() => {
    const element = body.current
    if (element === null) return
    const look = (): void => {
      const seen = rowsIn(viewportOf(element))
      const { first, end } = range.peek()
      if (seen.first !== first || seen.end !== end) range.value = seen
    }
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    const stops = [effect(look), effect(() => bringIntoSight(element)), effect(() => watchRows(range.value))]
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
      for (const stop of stops) stop()
    }
  }, [])
  return range.value
}

const viewportOf = (element: HTMLElement) => ({
  scrollTop: element.scrollTop,
  height: element.clientHeight,
  rowHeight,
  count: calls.value.length,
})

function bringIntoSight(element: HTMLElement): void {
  const row = calls.peek().findIndex((call) => call.id === selected.value)
  if (row >= 0) element.scrollTop = scrollTo(row, { ...viewportOf(element), count: calls.peek().length })
}

/** Levels of what is looked at: the open call and those that are heard, then the rows in sight. */
function watchRows({ first, end }: RowRange): void {
  const open = openCallId.value === undefined ? [] : [openCallId.value]
  const heard = strips.value.map(({ call }) => call.id)
  const seen = calls.value.slice(first, end).filter(({ state }) => state === 'active' || state === 'held')
  watchLevels([...new Set([...open, ...heard, ...seen.map(({ id }) => id)])])
}

const columns: readonly {
  readonly name: 'state' | 'customer' | 'agent' | 'group' | 'duration' | 'recording' | 'supervision'
  readonly order?: CallOrder
}[] = [
  { name: 'state', order: 'state' },
  { name: 'customer', order: 'customer' },
  { name: 'agent', order: 'agent' },
  { name: 'group', order: 'group' },
  { name: 'duration', order: 'longest' },
  { name: 'recording' },
  { name: 'supervision' },
]

function Heads() {
  return (
    <div class="grid-row grid-head" role="row" aria-rowindex={1}>
      {columns.map(({ name, order }) => (
        <span key={name} role="columnheader" class={`col-${name}`} aria-sort={sortOf(order)}>
          {order === undefined ? (
            <span class={name === 'recording' ? 'visually-hidden' : ''}>{t(`calls.col.${name}`)}</span>
          ) : (
            <SortButton name={name} order={order} />
          )}
        </span>
      ))}
    </div>
  )
}

/** Newest first is the other way round of longest first. */
const isSorted = (order: CallOrder): boolean => callOrder.value === order || (order === 'longest' && callOrder.value === 'newest')

function sortOf(order: CallOrder | undefined): 'ascending' | 'descending' | undefined {
  if (order === undefined || !isSorted(order)) return undefined
  return callOrder.value === 'longest' ? 'descending' : 'ascending'
}

function SortButton({ name, order }: { readonly name: (typeof columns)[number]['name']; readonly order: CallOrder }) {
  const sort = (): void => {
    callOrder.value = order === 'longest' && callOrder.value === 'longest' ? 'newest' : order
  }
  return (
    <button type="button" onClick={sort}>
      <span>{t(`calls.col.${name}`)}</span>
      {isSorted(order) && <i aria-hidden="true">{callOrder.value === 'longest' ? '↓' : '↑'}</i>}
    </button>
  )
}

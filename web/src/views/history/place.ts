import { signal } from '@preact/signals'
import { type HistoryPlace, historyHash, historyPlace, type Wish } from '../../state/history-place.ts'

const start: HistoryPlace = { section: 'calls', id: undefined, wish: {} }

export const where = signal<HistoryPlace>(historyPlace(location.hash) ?? start)
addEventListener('hashchange', () => {
  const found = historyPlace(location.hash)
  if (found !== undefined) where.value = found
})

/** An address beside this one, for links. Another section does not take the id along. */
export function hashTo(change: Partial<HistoryPlace>): string {
  const { section, id, wish } = where.value
  const isOther = change.section !== undefined && change.section !== section
  return historyHash({ section, wish, id: isOther ? undefined : id, ...change })
}

export function go(change: Partial<HistoryPlace>): void {
  location.hash = hashTo(change)
}

/** While somebody types, there is one step back and not twenty. */
export function wishFor(wish: Wish): void {
  where.value = { ...where.value, wish }
  history.replaceState(null, '', historyHash(where.value))
}

import { useComputed } from '@preact/signals'
import { Icon } from '../parts/icon.tsx'
import { type CallFilter, callFilters, fits } from '../state/calls.ts'
import { floor } from '../store/live.ts'
import { calls, filter, group, text } from '../store/view.ts'
import { t } from '../strings/index.ts'

export function CallFilters() {
  return (
    <div class="call-filters">
      <div class="segments" role="group" aria-label={t('calls.filter')}>
        {callFilters.map((each) => (
          <Chip key={each} filter={each} />
        ))}
      </div>
      <Narrowed />
    </div>
  )
}

function Chip({ filter: each }: { readonly filter: CallFilter }) {
  const count = useComputed(() => {
    let sum = 0
    for (const call of floor.value.calls.values()) if (fits(call, each, floor.value)) sum += 1
    return sum
  })
  if (each === 'hands' && count.value === 0 && filter.value !== 'hands') return null
  return (
    <button type="button" aria-pressed={filter.value === each} onClick={() => (filter.value = each)}>
      {t(`calls.filter.${each}`)} <span class="num count">{count}</span>
    </button>
  )
}

/** What is hidden is said, and can be shown again at once. */
function Narrowed() {
  if (group.value === undefined && text.value === '') return null
  const name = group.value === undefined ? '' : (floor.value.groups.get(group.value)?.name ?? '')
  const clear = (): void => {
    group.value = undefined
    text.value = ''
  }
  return (
    <button type="button" class="narrowed" onClick={clear}>
      {t('calls.narrowed', { shown: calls.value.length, by: [name, text.value && `“${text.value}”`].filter(Boolean).join(', ') })}
      <Icon name="leave" size={12} />
    </button>
  )
}

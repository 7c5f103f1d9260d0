import type { ComponentChildren } from 'preact'
import { type SpanName, spanOf, spans, type Wish } from '../../state/history-place.ts'
import { agentsById, groups } from '../../store/live.ts'
import { h } from '../../strings/history.ts'
import { where, wishFor } from './place.ts'

export type FilterName = 'agent' | 'group' | 'number' | 'text' | 'supervisor'

/** What it says lies in the address: it outlives a reload, and can be sent to a colleague. */
export function Filters({ names, usual = 'day' }: { readonly names: readonly FilterName[]; readonly usual?: SpanName }) {
  const { wish } = where.value
  const span = spanOf({ ...wish, span: wish.span ?? usual })
  const isNarrow = Object.values(wish).some((value) => value !== '')
  return (
    <form class="history-filters" role="search" aria-label={h('filter.label')} onSubmit={(event) => event.preventDefault()}>
      <Field label={h('filter.span')}>
        <select value={span} onChange={(event) => set({ span: event.currentTarget.value })}>
          {spans.map((each) => (
            <option key={each} value={each}>
              {h(`span.${each}`)}
            </option>
          ))}
        </select>
      </Field>
      {span === 'between' && <Between />}
      {names.map((name) => (
        <Wanted key={name} name={name} wish={wish} />
      ))}
      {isNarrow && (
        <button type="button" class="quiet" onClick={() => wishFor({})}>
          {h('filter.clear')}
        </button>
      )}
    </form>
  )
}

const set = (change: Wish): void => wishFor({ ...where.value.wish, ...change })

function Field({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is its child.
    <label>
      {label}
      {children}
    </label>
  )
}

function Between() {
  return (
    <>
      {(['from', 'to'] as const).map((end) => (
        <Field key={end} label={h(`filter.${end}`)}>
          <input
            type="datetime-local"
            value={where.value.wish[end] ?? ''}
            onChange={(event) => set({ [end]: event.currentTarget.value })}
          />
        </Field>
      ))}
    </>
  )
}

function Wanted({ name, wish }: { readonly name: FilterName; readonly wish: Wish }) {
  const value = wish[name] ?? ''
  if (name === 'agent' || name === 'group') return <Choice name={name} value={value} />
  return (
    <Field label={h(`filter.${name}`)}>
      <input
        type="search"
        value={value}
        placeholder={h(`filter.${name}.hint`)}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => set({ [name]: event.currentTarget.value })}
      />
    </Field>
  )
}

function Choice({ name, value }: { readonly name: 'agent' | 'group'; readonly value: string }) {
  const all = name === 'agent' ? agentsById.value : groups.value
  const options = [...all.values()].sort((a, b) => a.name.localeCompare(b.name))
  return (
    <Field label={h(`filter.${name}`)}>
      <select value={value} onChange={(event) => set({ [name]: event.currentTarget.value })}>
        <option value="">{h('filter.everybody')}</option>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </Field>
  )
}

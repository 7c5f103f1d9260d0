/** What is looked at: the page by its address, the selected call, the question to the list. */
import { computed, effect, signal } from '@preact/signals'
import { boardOf } from '../state/agents.ts'
import { type CallFilter, listed } from '../state/calls.ts'
import { callOf } from '../state/floor.ts'
import { floor } from './live.ts'
import { agentOrder, callOrder } from './prefs.ts'

export interface Place {
  readonly page: string
  readonly call: string | undefined
}

/** `#/`, `#/calls/c_1`, `#/history`, `#/agent`. */
export const place = signal<Place>(placeOf(location.hash))
addEventListener('hashchange', () => {
  place.value = placeOf(location.hash)
})

function placeOf(hash: string): Place {
  const [page = '', id] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  return page === '' || page === 'calls' ? { page: 'floor', call: id } : { page, call: undefined }
}

export const openCallId = computed(() => place.value.call)
export const openCall = computed(() => (openCallId.value === undefined ? undefined : callOf(floor.value, openCallId.value)))

export function showCall(id: string | undefined): void {
  const hash = id === undefined ? '#/' : `#/calls/${encodeURIComponent(id)}`
  if (location.hash === hash) return
  // Going from call to call is one step back, not twenty.
  if (openCallId.value !== undefined && id !== undefined) history.replaceState(null, '', hash)
  else history.pushState(null, '', hash)
  place.value = placeOf(hash)
}

export const filter = signal<CallFilter>('all')
export const group = signal<string | undefined>(undefined)
export const text = signal('')

export const calls = computed(() =>
  listed(floor.value.calls.values(), { filter: filter.value, group: group.value, text: text.value, order: callOrder.value }, floor.value),
)
export const agents = computed(() => boardOf(floor.value.agents.values(), agentOrder.value, group.value))

/** The row that the keyboard is on. */
export const selected = signal<string | undefined>(undefined)

/** Where the keyboard is when its call leaves the list: on the one that took its place. */
let lastIndex = 0
effect(() => {
  const list = calls.value
  const at = list.findIndex((call) => call.id === selected.value)
  if (at >= 0) lastIndex = at
  else if (selected.value !== undefined) selected.value = list[Math.min(lastIndex, list.length - 1)]?.id
})

export function moveSelection(steps: number): void {
  const list = calls.value
  const at = list.findIndex((call) => call.id === selected.value)
  const to = at === -1 ? (steps > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + steps))
  selected.value = list[to]?.id
}

/** The call that a key acts on: the open one as long as it lives, or else the selected one. */
export const subject = computed(() => {
  const open = openCall.value
  if (open !== undefined && open.state !== 'ended') return open
  return selected.value === undefined ? undefined : floor.value.calls.get(selected.value)
})

/** What lies over the page. */
export type Overlay = { readonly kind: 'help' } | { readonly kind: 'hang-up' | 'take-over' | 'transfer'; readonly call: string }
export const overlay = signal<Overlay | undefined>(undefined)

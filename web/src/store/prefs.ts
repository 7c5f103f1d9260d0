/** What this person likes, kept in this browser. */
import { effect, type Signal, signal } from '@preact/signals'
import type { AgentOrder } from '../state/agents.ts'
import type { CallOrder } from '../state/calls.ts'

export type Theme = 'system' | 'light' | 'dark'

function kept<T extends string>(name: string, usual: T, values: readonly T[]): Signal<T> {
  const value = signal(read(name, usual, values))
  effect(() => write(name, value.value))
  return value
}

function read<T extends string>(name: string, usual: T, values: readonly T[]): T {
  try {
    const found = localStorage.getItem(`sotto.${name}`)
    return values.find((value) => value === found) ?? usual
  } catch {
    return usual
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`sotto.${name}`, value)
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
}

export const theme = kept<Theme>('theme', 'system', ['system', 'light', 'dark'])
export const agentOrder = kept<AgentOrder>('agent-order', 'name', ['name', 'state', 'longest'])
export const callOrder = kept<CallOrder>('call-order', 'longest', ['longest', 'newest', 'customer', 'agent', 'group', 'state'])
/** WCAG 2.1.4: shortcuts of a single letter can be turned off. */
export const shortcuts = kept<'on' | 'off'>('shortcuts', 'on', ['on', 'off'])
/** Whether calls are heard in this page or by a phone of one's own. */
export const device = kept<'browser' | 'phone'>('device', 'browser', ['browser', 'phone'])

effect(() => {
  const { documentElement: root } = document
  if (theme.value === 'system') delete root.dataset.theme
  else root.dataset.theme = theme.value
})

/** What the agent wants of the phone in this browser. */
import { effect, type Signal, signal } from '@preact/signals'
import { session } from '../../store/session.ts'

type Choice = 'on' | 'off'

function kept(name: string, usual: () => Choice): Signal<Choice> {
  const value = signal<Choice>(usual())
  const key = `sotto.${name}`
  try {
    const found = localStorage.getItem(key)
    if (found === 'on' || found === 'off') value.value = found
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
  let isFirst = true
  effect(() => {
    const now = value.value
    // What nobody chose is not kept: it depends on who is signed in.
    if (!isFirst) remember(key, now)
    isFirst = false
  })
  return value
}

function remember(key: string, now: Choice): void {
  try {
    localStorage.setItem(key, now)
  } catch {
    // See above.
  }
}

/** A supervisor has a phone on his desk, or listens in the page; whoever is an agent takes his calls here. */
export const inBrowser = kept('phone-here', () => (session.peek()?.role === 'agent' ? 'on' : 'off'))
export const quietRing = kept('quiet-ring', () => 'off')

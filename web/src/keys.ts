/** Everything without a mouse. Letters act on the open call, or on the selected one. */
import { isPressed, leave, listen, press, release, toggle } from './store/listening.ts'
import { shortcuts } from './store/prefs.ts'
import { verbs } from './store/session.ts'
import { current, stripOn } from './store/strips.ts'
import { moveSelection, openCallId, overlay, place, selected, showCall, subject, text } from './store/view.ts'
import type { Key } from './strings/index.ts'

export const keyMap: readonly { readonly keys: readonly string[]; readonly text: Key }[] = [
  { keys: ['↓', 'J'], text: 'keys.down' },
  { keys: ['↑', 'K'], text: 'keys.up' },
  { keys: ['Enter'], text: 'keys.open' },
  { keys: ['/'], text: 'keys.search' },
  { keys: ['L'], text: 'keys.listen' },
  { keys: ['⇧', 'L'], text: 'keys.also' },
  { keys: ['Space'], text: 'keys.push' },
  { keys: ['W'], text: 'keys.whisper' },
  { keys: ['C'], text: 'keys.whisperCustomer' },
  { keys: ['B'], text: 'keys.barge' },
  { keys: ['M'], text: 'keys.monitor' },
  { keys: ['T'], text: 'keys.takeOver' },
  { keys: ['X'], text: 'keys.transfer' },
  { keys: ['Esc'], text: 'keys.leave' },
  { keys: ['?'], text: 'keys.help' },
]

export function listenToKeys(): () => void {
  const stop = new AbortController()
  const { signal } = stop
  addEventListener('keydown', down, { signal })
  addEventListener('keyup', up, { signal })
  // Whoever leaves the window cannot be seen to let go.
  addEventListener('blur', () => void release(), { signal })
  return () => stop.abort()
}

function down(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (overlay.value !== undefined || place.value.page !== 'floor') return
  if (event.key === 'Escape') return stepBack(event)
  if (isTyping(event.target)) return
  const act =
    moves[event.key] ?? (shortcuts.value === 'on' ? letters[event.key.length === 1 ? event.key.toLowerCase() : event.key] : undefined)
  if (act === undefined || (event.repeat && !(event.key in moves)) || act(event) === 'not mine') return
  event.preventDefault()
}

function up(event: KeyboardEvent): void {
  if (event.key === ' ' && isPressed()) void release()
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const isButton = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a, [role=button]') !== null

type Act = (event: KeyboardEvent) => unknown

const move = (steps: number): Act => {
  return (event) => {
    if (event.key.startsWith('Arrow') && isButton(event.target)) return 'not mine'
    moveSelection(steps)
    focusRow()
  }
}

const moves: Readonly<Record<string, Act>> = {
  ArrowDown: move(1),
  ArrowUp: move(-1),
  j: move(1),
  k: move(-1),
  PageDown: move(10),
  PageUp: move(-10),
  Home: move(-100_000),
  End: move(100_000),
  Enter: (event) => (isButton(event.target) || selected.value === undefined ? 'not mine' : showCall(selected.value)),
  '/': () => document.getElementById('search')?.focus(),
}

/** Drawn only after the selection has moved. */
const focusRow = (): void => {
  requestAnimationFrame(() => document.getElementById(`row-${selected.value}`)?.focus({ preventScroll: true }))
}

const onSubject = (verb: string, act: (call: string, event: KeyboardEvent) => unknown): Act => {
  return (event) => {
    const call = subject.value
    if (call === undefined || call.state === 'ended' || !verbs.value.has(verb)) return 'not mine'
    act(call.id, event)
  }
}

const letters: Readonly<Record<string, Act>> = {
  l: onSubject('monitor', (call, event) => listen(call, event.shiftKey)),
  m: onSubject('monitor', (call) => listen(call)),
  w: onSubject('whisper', (call) => toggle(call, 'whisper-agent')),
  c: onSubject('whisper', (call) => toggle(call, 'whisper-customer')),
  b: onSubject('barge', (call) => toggle(call, 'barge')),
  t: onSubject('take-over', (call) => {
    overlay.value = { kind: 'take-over', call }
  }),
  x: onSubject('control', (call) => {
    overlay.value = { kind: 'transfer', call }
  }),
  ' ': (event) => {
    // A button that was reached by Tab is pressed by Space, as everywhere.
    if (isButton(event.target) || current.value === undefined) return 'not mine'
    if (!event.repeat) void press()
  },
  '?': () => {
    overlay.value = { kind: 'help' }
  },
}

/** From the inside out: the field, the supervision of the call that is looked at, the panel, the search. */
function stepBack(event: KeyboardEvent): void {
  if (isTyping(event.target)) {
    ;(event.target as HTMLElement).blur()
    if ((event.target as HTMLElement).id === 'search') text.value = ''
    return
  }
  const strip = subject.value === undefined ? current.value : stripOn(subject.value.id)
  if (strip !== undefined && strip.mode !== 'handling') void leave(strip)
  else if (openCallId.value !== undefined) {
    showCall(undefined)
    focusRow()
  } else text.value = ''
}

/** After a press with the mouse the keys are the page's again: Space would press the same button once more. */
export function giveKeysBack(event: MouseEvent): void {
  const { target } = event
  if (event.detail === 0 || !(target instanceof Element)) return
  const button = target.closest('button')
  if (button !== null && button.closest('.stances, .grid, .dock, .mic-bar') !== null)
    document.getElementById('panel-title')?.focus({ preventScroll: true })
}

/** The phone without a mouse. Single letters only while shortcuts are on (WCAG 2.1.4); digits are the phone's own keys. */
import { shortcuts } from '../../store/prefs.ts'
import { overlay } from '../../store/view.ts'
import { hangUp, toggleHold } from './acts.ts'
import { ownCall } from './own.ts'
import { answer, decline, sendDigit, talk, toggleMute } from './softphone.ts'

export function listenToAgentKeys(): () => void {
  const stop = new AbortController()
  addEventListener('keydown', down, { signal: stop.signal })
  return () => stop.abort()
}

const letters: Readonly<Record<string, () => void>> = {
  a: answer,
  d: () => talk.value?.state === 'ringing' && decline(),
  e: () => void hangUp(),
  h: () => void toggleHold(),
  m: toggleMute,
  x: () => {
    if (ownCall.value !== undefined) overlay.value = { kind: 'transfer', call: ownCall.value.id }
  },
}

function down(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
  if (overlay.value !== undefined || talk.value === undefined || isTyping(event.target)) return
  if (/^[0-9*#]$/.test(event.key) && talk.value.state === 'talking') return sendDigit(event.key)
  const act = shortcuts.value === 'on' ? letters[event.key.toLowerCase()] : undefined
  if (act === undefined) return
  event.preventDefault()
  act()
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

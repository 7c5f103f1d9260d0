/** From sign-in to sign-out: what runs while somebody is there. */
import { effect } from '@preact/signals'
import { wakeEars } from './audio/ears.ts'
import { listenToKeys } from './keys.ts'
import { startHearing } from './store/hearing.ts'
import { startLines, stopLines } from './store/lines.ts'
import { settleAfterReload } from './store/listening.ts'
import { link, start, stop } from './store/live.ts'
import { device } from './store/prefs.ts'
import { session, signOut, verbs } from './store/session.ts'

let leave: (() => void) | undefined

/** Follows the session: whoever is signed out by the server hears and sees nothing any more. */
export function live(): void {
  effect(() => {
    const isIn = session.value !== null && session.value !== undefined
    if (isIn && leave === undefined) leave = enter()
    if (!isIn && leave !== undefined) {
      leave()
      leave = undefined
    }
  })
}

function enter(): () => void {
  const stops = [startHearing(), listenToKeys(), wakeOnFirstTouch()]
  start()
  const mayListen = verbs.peek().has('monitor')
  const settled = mayListen ? startLines(device.peek() === 'browser') : Promise.resolve()
  const stopWaiting = effect(() => {
    if (link.value === 'live') void settled.then(settleAfterReload)
  })
  return () => {
    stopWaiting()
    for (const each of stops) each()
    void stopLines()
    stop()
  }
}

/** Lines that went on over a reload sound as soon as the browser lets them. */
function wakeOnFirstTouch(): () => void {
  const touched = new AbortController()
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, wakeEars, { once: true, signal: touched.signal })
  return () => touched.abort()
}

export async function leaveTheHouse(): Promise<void> {
  await stopLines()
  await signOut()
}

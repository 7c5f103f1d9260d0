/** Where the microphone is: on one line at most, for one supervision, and only as long as that lets somebody hear it. */
import { computed, effect, signal } from '@preact/signals'
import { openMicrophone, restMicrophone } from '../audio/microphone.ts'
import { isHeard } from '../state/strips.ts'
import { t } from '../strings/index.ts'
import { lineOf, whenRenewed } from './lines.ts'
import { announce, note } from './notices.ts'
import { strips } from './strips.ts'

/** The line that has the microphone, for which supervision, and from which revision of that on. */
export interface Grant {
  readonly line: string
  readonly supervision: string
  readonly revision: number
}
const grant = signal<Grant | undefined>(undefined)
export const micStrip = computed(() => strips.value.find(({ through }) => 'line' in through && through.line === grant.value?.line))
export const isMicLive = computed(() => grant.value !== undefined)

export async function microphoneReady(): Promise<boolean> {
  const found = await openMicrophone()
  if (typeof found !== 'string') return true
  tellFault(found)
  return false
}

/**
 * The microphone is put on the line while the server is still being asked, so that the first word is on its way when the matrix lets it
 * through. Until then no row names the line, and nobody hears it.
 */
export async function standBy(line: string, isWanted: () => boolean): Promise<void> {
  if (grant.peek() !== undefined) return
  const microphone = await openMicrophone()
  if (typeof microphone === 'string' || grant.peek() !== undefined || !isWanted()) return
  microphone.enabled = true
  await lineOf(line)?.audio.speak(microphone)
}

/** The grant comes first: whoever is silenced meanwhile, and a line that is laid anew meanwhile, go by it. */
export async function speakOn(given: Grant): Promise<void> {
  grant.value = given
  const microphone = await openMicrophone()
  if (grant.peek() !== given) return
  if (typeof microphone === 'string') return silence(given.line)
  microphone.enabled = true
  await lineOf(given.line)?.audio.speak(microphone)
}

/** At once, before the server is even asked. */
export async function silence(line: string): Promise<void> {
  if (grant.peek()?.line === line) {
    grant.value = undefined
    restMicrophone()
  }
  await lineOf(line)?.audio.speak(null)
}

/** Whatever changed the mode, the microphone follows: somebody else, the end of the call, a line that is gone. */
effect(() => {
  const held = grant.value
  if (held === undefined) return
  const strip = strips.value.find(({ key }) => key === held.line)
  const isOver =
    strip === undefined ||
    strip.supervision.id !== held.supervision ||
    (!isHeard(strip.mode) && strip.supervision.revision >= held.revision)
  // What was granted since then is none of this one's business.
  if (isOver) queueMicrotask(() => grant.peek() === held && void silence(held.line))
})

whenRenewed((line) => {
  const held = grant.peek()
  if (held?.line === line) void speakOn(held)
})

/** A device that was opened for nothing is let go like any other. */
export function restUnlessGranted(): void {
  if (grant.peek() === undefined) restMicrophone()
}

/** The line that has the microphone, where there is one. */
export const granted = (): string | undefined => grant.peek()?.line

export function tellFault(fault: 'insecure' | 'denied' | 'missing' | 'gone'): void {
  note('fault', t(`microphone.${fault}`))
  announce(t(`microphone.${fault}`))
}

/** What is listened to, and which of it the keys mean. */
import { computed, signal } from '@preact/signals'
import { type Strip, sameStrips, stripsOf } from '../state/strips.ts'
import { lines } from './lines.ts'
import { floor } from './live.ts'
import { session } from './session.ts'

let before: readonly Strip[] = []
/** The same list as long as nothing in it changed, or every event of the floor would draw every row again. */
export const strips = computed(() => {
  const found = stripsOf(floor.value, lines.value, session.value?.extensions ?? [])
  if (!sameStrips(found, before)) before = found
  return before
})
export const stripOn = (call: string): Strip | undefined => strips.value.find((strip) => strip.call.id === call)

/** The strip that push-to-whisper speaks on, and that the next call takes. */
const chosen = signal<string | undefined>(undefined)
export const current = computed(() => strips.value.find(({ key }) => key === chosen.value) ?? strips.value.at(-1))
export function choose(key: string): void {
  chosen.value = key
}

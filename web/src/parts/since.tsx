import { useComputed } from '@preact/signals'
import { duration } from '../state/format.ts'
import { now } from '../store/live.ts'

/** Time since then, every second, without anything else being drawn again. Stands still while nothing is known. */
export function Since({ at, until }: { readonly at: string; readonly until?: string | undefined }) {
  const start = Date.parse(at)
  const end = until === undefined ? undefined : Date.parse(until)
  const text = useComputed(() => duration((end ?? now.value) - start))
  return (
    <span class="num" key={at}>
      {text}
    </span>
  )
}

/** Time that is left until then. */
export function Until({ at }: { readonly at: string }) {
  const end = Date.parse(at)
  const text = useComputed(() => duration(Math.max(0, end - now.value)))
  return (
    <b class="num" key={at}>
      {text}
    </b>
  )
}

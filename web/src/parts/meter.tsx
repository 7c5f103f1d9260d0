import { useLayoutEffect, useRef } from 'preact/hooks'
import { addMeter } from '../store/meters.ts'

/** How loud a party is, as the mixer measures it. */
export function Meter({ call, party }: { readonly call: string; readonly party: string }) {
  const bar = useRef<HTMLElement>(null)
  useLayoutEffect(() => (bar.current === null ? undefined : ignore(addMeter(bar.current, { call, party }))), [call, party])
  return (
    <span class="meter" aria-hidden="true">
      <i ref={bar} />
    </span>
  )
}

const ignore = (remove: () => unknown) => (): void => {
  remove()
}

import type { FlowMemory } from './memory.ts'
import type { Flow } from './terms.ts'

/** Values that never change, by themselves: their text is the same each time, and quickly compared. */
export function once<Value extends object, Made>(make: (value: Value) => Made): (value: Value) => Made {
  const made = new WeakMap<Value, { readonly made: Made }>()
  return (value) => {
    const known = made.get(value)
    if (known !== undefined) return known.made
    const fresh = { made: make(value) }
    made.set(value, fresh)
    return fresh.made
  }
}

export const flowMemory = once<Flow, FlowMemory>(({ transport, local, remote }) => ({ transport, local, remote }))

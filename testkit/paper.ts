/** A memory of a surface as it would be in a file: everything goes through JSON. */
import type { Memory } from '../src/http/memory.ts'

export function onPaper<Value>(): Memory<Value> & { readonly size: number } {
  const pages = new Map<string, string>()
  return {
    get size() {
      return pages.size
    },
    load: () => [...pages].map(([key, text]) => [key, JSON.parse(text) as Value] as const),
    put: (key, value) => {
      pages.delete(key)
      pages.set(key, JSON.stringify(value))
    },
    remove: (key) => void pages.delete(key),
  }
}

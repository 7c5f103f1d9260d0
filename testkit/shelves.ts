/** What surfaces want kept over a restart, kept in this process: for tests that start a server again. */
import type { Memories } from '../src/http/memory.ts'

export function shelves(): Memories & { text(): unknown } {
  const kept = new Map<string, Map<string, unknown>>()
  const shelfOf = (name: string) => {
    const shelf = kept.get(name) ?? new Map<string, unknown>()
    kept.set(name, shelf)
    return shelf
  }
  const memories = <Value>(name: string) => ({
    load: () => [...shelfOf(name)] as unknown as Iterable<readonly [string, Value]>,
    put: (key: string, value: Value) => void shelfOf(name).set(key, structuredClone(value)),
    remove: (key: string) => void shelfOf(name).delete(key),
  })
  return Object.assign(memories, { text: () => [...kept].map(([name, shelf]) => [name, [...shelf]]) })
}

/**
 * What a part of the server must find again after a restart: values by key, told one change at a time. Values are plain JSON, so that whoever
 * writes them down need not know what they mean.
 */
export type Change<Value> = { readonly key: string; readonly value: Value } | { readonly key: string; readonly gone: true }

/** What holds after all these changes; a history and a list of what holds already come to the same. */
export function latest<Value>(changes: Iterable<Change<Value>>): Map<string, Value> {
  const values = new Map<string, Value>()
  for (const change of changes) {
    if ('value' in change) values.set(change.key, change.value)
    else values.delete(change.key)
  }
  return values
}

/** Knows what was told last, and tells only what is different. */
export class Notebook<Value> {
  readonly #told = new Map<string, Value>()
  #changes: Change<Value>[] = []

  /** What was told before our time. */
  begin(key: string, value: Value): void {
    this.#told.set(key, value)
  }

  note(key: string, value: Value | undefined): void {
    const told = this.#told.get(key)
    if (value === undefined) {
      if (this.#told.delete(key)) this.#changes.push({ key, gone: true })
    } else if (told === undefined || !sameJson(told, value)) {
      this.#told.set(key, value)
      this.#changes.push({ key, value })
    }
  }

  take(): readonly Change<Value>[] {
    const taken = this.#changes
    if (taken.length > 0) this.#changes = []
    return taken
  }
}

/** Strings that were told before are mostly the very same, so that looking is cheap. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false
  const [first, second] = [Object.entries(a), new Map(Object.entries(b))]
  return first.length === second.size && first.every(([name, value]) => second.has(name) && sameJson(value, second.get(name)))
}

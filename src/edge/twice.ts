import type { Problem } from './settings.ts'

/** A value at a key. Only what is `shown` may be named in an error: secrets may not. */
export interface Placed {
  readonly key: string
  readonly value: string
  readonly shown?: string
}

/** Every value that stands at two keys, told at the second. */
export function twice(values: readonly Placed[]): readonly Problem[] {
  const first = new Map<string, string>()
  const problems: Problem[] = []
  for (const { key, value, shown } of values) {
    const before = first.get(value)
    if (before === undefined) first.set(value, key)
    else problems.push({ key, why: `${shown === undefined ? 'the same value' : shown} is already at ${before}` })
  }
  return problems
}

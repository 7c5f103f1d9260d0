/** A broken invariant: a bug of ours, never bad input. The call it happened in ends and is journaled; the server lives. */
export class Bug extends Error {
  override readonly name = 'Bug'
}

export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Bug(invariant)
}

/** Closes a `switch` over a union: the compiler proves that no case is missing. */
export function unreachable(value: never): never {
  throw new Bug(`unreachable: ${JSON.stringify(value)}`)
}

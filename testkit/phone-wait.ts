/** Waiting in tests: always for something named, never for ever. */

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** `promise`, or a failure that says what did not come. */
export function soon<T>(promise: Promise<T>, what: string, ms = 5_000): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Looks again and again until `look` gives something other than undefined or false. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, ms = 5_000): Promise<Exclude<T, undefined | false>> {
  const until = performance.now() + ms
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>
    if (performance.now() > until) throw new Error(`${what}: not within ${ms} ms`)
    await pause(20)
  }
}

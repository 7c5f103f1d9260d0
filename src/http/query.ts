/** Queries as the wire contracts read them (W5). */

/** Empty pairs are ignored, the first value of a repeated name wins. */
export function queryOf(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) if (name !== '' && !(name in values)) values[name] = value
  return values
}

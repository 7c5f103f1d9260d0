/** Numbers of one kind, and how they are told: never by an average alone. */
export class Samples {
  #values: number[] = []

  add(value: number): void {
    this.#values.push(value)
  }

  clear(): void {
    this.#values = []
  }

  get count(): number {
    return this.#values.length
  }

  /** The value below which the share `q` lies; NaN without any. */
  at(q: number): number {
    const sorted = this.#values.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
  }

  /** One line: name, count, and the distribution. */
  line(name: string, unit = 'ms'): string {
    const sorted = this.#values.toSorted((a, b) => a - b)
    const at = (q: number) => (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN).toFixed(2).padStart(8)
    const figures = `min ${at(0)}  median ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ${unit}`
    return `${name.padEnd(52)} n ${String(sorted.length).padStart(6)}  ${figures}`
  }
}

export const fixed = (value: number, digits = 1): string => value.toFixed(digits)

/** Rows under a heading, columns as wide as they need. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heading.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)))
  for (const row of [heading, ...rows]) console.log(row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '))
  console.log()
}

/** Lines that could not be written yet, in order. With more than there is room for they are dropped, all of them: a log with a hole is no log. */
export class Backlog {
  readonly #most: number
  #lines: Buffer[] = []
  #bytes = 0
  #hasOverflown = false

  constructor(mostBytes: number) {
    this.#most = mostBytes
  }

  get hasOverflown(): boolean {
    return this.#hasOverflown
  }

  get lines(): readonly Buffer[] {
    return this.#lines
  }

  add(line: Buffer): void {
    if (this.#hasOverflown) return
    this.#lines.push(line)
    this.#bytes += line.length
    if (this.#bytes <= this.#most) return
    this.#hasOverflown = true
    this.#lines = []
  }

  /** The first `count` have been written. */
  drop(count: number): void {
    for (const line of this.#lines.splice(0, count)) this.#bytes -= line.length
  }

  clear(): void {
    this.#lines = []
    this.#bytes = 0
    this.#hasOverflown = false
  }
}

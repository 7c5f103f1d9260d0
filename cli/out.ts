/** What the command line prints: results on standard output, everything else on standard error. */
import { type Screen, tableOf } from './text.ts'

export interface Streams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

export class Out {
  readonly isJson: boolean
  readonly #streams: Streams
  #hasProgress = false
  #drawn = 0

  constructor(streams: Streams, isJson: boolean) {
    this.#streams = streams
    this.isJson = isJson
  }

  get isTerminal(): boolean {
    return this.#streams.stdout.isTTY === true
  }

  get columns(): number {
    return (this.isTerminal ? this.#streams.stdout.columns : undefined) ?? 10_000
  }

  get screen(): Screen {
    return { columns: this.columns }
  }

  say(text: string): void {
    this.clear()
    this.#streams.stdout.write(`${text}\n`)
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    this.say(tableOf([head, ...rows], this.screen).join('\n'))
  }

  /** The one document of a command, or its text. */
  answer(document: unknown, text: () => string): void {
    this.say(this.isJson ? JSON.stringify(document, null, 2) : text())
  }

  /** One of many. */
  line(document: unknown, text: () => string): void {
    this.say(this.isJson ? JSON.stringify(document) : text())
  }

  /** Beside the result. */
  note(text: string): void {
    if (this.isJson) return
    this.clear()
    this.#streams.stderr.write(`${text}\n`)
  }

  /** For those who wait at a terminal; the next one takes its place. */
  progress(text: string): void {
    if (this.isJson || this.#streams.stderr.isTTY !== true) return
    this.#streams.stderr.write(`\r${text.slice(0, (this.#streams.stderr.columns ?? 80) - 1)}\u001b[K`)
    this.#hasProgress = true
  }

  clear(): void {
    if (this.#hasProgress) this.#streams.stderr.write('\r\u001b[K')
    this.#hasProgress = false
  }

  /** Takes the place of what was drawn before. */
  redraw(lines: readonly string[]): void {
    const { stdout } = this.#streams
    const shown = lines.slice(0, Math.max(1, (stdout.rows ?? 25) - 1))
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`
    stdout.write(`${up}\r\u001b[J${shown.join('\n')}\n`)
    this.#drawn = shown.length
  }

  /** Also where standard output is taken by audio. */
  toStandardError(text: string): void {
    this.clear()
    this.#streams.stderr.write(`${text}\n`)
  }

  bytes(bytes: Uint8Array): void {
    this.#streams.stdout.write(bytes)
  }
}

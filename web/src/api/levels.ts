/** The measured levels of the calls that are looked at, four times a second. Nothing is measured for a page that nobody sees. */
import type { Client } from './client.ts'
import { readSse, type SseMessage } from './sse.ts'

export type PartyLevels = Readonly<Record<string, number | null>>
export type Levels = Readonly<Record<string, PartyLevels>>

const mostCalls = 64
/** Whoever scrolls looks at many calls for a moment. */
const settleMs = 250
const retryMs = 3_000

export class LevelsLink {
  readonly #client: Client
  readonly #onLevels: (levels: Levels) => void
  #wanted = ''
  #timer = 0
  #abort = new AbortController()
  #closed = false

  constructor(client: Client, onLevels: (levels: Levels) => void) {
    this.#client = client
    this.#onLevels = onLevels
    document.addEventListener('visibilitychange', this.#again)
  }

  watch(calls: readonly string[]): void {
    const wanted = calls.slice(0, mostCalls).sort().join(',')
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    this.#plan(settleMs)
  }

  close(): void {
    this.#closed = true
    document.removeEventListener('visibilitychange', this.#again)
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  #again = (): void => this.#plan(0)

  #plan(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#open(), ms)
  }

  async #open(): Promise<void> {
    this.#abort.abort()
    if (this.#closed || this.#wanted === '' || document.hidden) return this.#onLevels({})
    const abort = new AbortController()
    this.#abort = abort
    const opened = await this.#client.open(`/levels?calls=${this.#wanted}`, abort.signal)
    if (opened.ok && opened.value.body !== null)
      await readSse(
        opened.value.body,
        (messages) => this.#tell(messages),
        () => {},
      )
    if (abort.signal.aborted || this.#closed) return
    this.#onLevels({})
    this.#plan(retryMs)
  }

  #tell(messages: readonly SseMessage[]): void {
    const last = messages.at(-1)
    if (last !== undefined) this.#onLevels(JSON.parse(last.data).calls ?? {})
  }
}

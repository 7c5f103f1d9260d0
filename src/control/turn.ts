import type { Instant } from '../kernel/time.ts'
import type { DeskOutput } from './desk-words.ts'
import type { DeskChange } from './journal.ts'

/** One input being worked: what is to be done, and what is to be written down before any of it is done. */
export class Turn {
  #at: Instant
  #changes: DeskChange[] = []
  #outputs: DeskOutput[] = []

  constructor(at: Instant) {
    this.#at = at
  }

  get at(): Instant {
    return this.#at
  }

  begin(at: Instant): void {
    this.#at = at
    this.#changes = []
    this.#outputs = []
  }

  write(change: DeskChange): void {
    this.#changes.push(change)
  }

  add(output: DeskOutput): void {
    this.#outputs.push(output)
  }

  end(): readonly DeskOutput[] {
    return this.#changes.length === 0 ? this.#outputs : [{ kind: 'journal', changes: this.#changes }, ...this.#outputs]
  }
}

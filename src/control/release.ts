import type { DeskOutput } from './desk-words.ts'
import type { Journal } from './journal.ts'

/** Answers, events and records: what others build on, and what must not be known outside before it is safe. */
export type Word = Extract<DeskOutput, { kind: 'answered' | 'event' | 'audit' | 'cdr' }>

/** Holds words back until what they follow from is safe, and lets them go in order. Orders to phones and mixers do not wait. */
export class Release {
  readonly #journal: Journal
  readonly #go: (word: Word) => void
  #held: { readonly word: Word; readonly place: number }[] = []
  #isWaiting = false

  constructor(journal: Journal, go: (word: Word) => void) {
    this.#journal = journal
    this.#go = go
  }

  /** A refusal has changed nothing, and waits for nothing. */
  add(word: Word, place: number): void {
    const isRefusal = word.kind === 'answered' && !word.outcome.ok
    if (isRefusal || (this.#held.length === 0 && this.#journal.isSafe(place))) return this.#go(word)
    this.#held.push({ word, place })
    this.#wait()
  }

  #wait(): void {
    const [first] = this.#held
    if (this.#isWaiting || first === undefined) return
    this.#isWaiting = true
    this.#journal.whenSafe(first.place, () => this.#letGo())
  }

  /** With the first go all who are safe by now. */
  #letGo(): void {
    this.#isWaiting = false
    const first = this.#held.findIndex((held) => !this.#journal.isSafe(held.place))
    const free = this.#held.splice(0, first < 0 ? this.#held.length : first)
    for (const { word } of free) this.#go(word)
    this.#wait()
  }
}

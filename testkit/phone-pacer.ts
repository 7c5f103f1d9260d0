/** One clock for all the voices of this process: a tick each 5 ms, every stream on each fourth, so that hundreds of them do not burst at once. */

const slotMs = 5
const slots = 4
/** A process that was held up longer than this leaves the frames out, as a phone's sound card would. */
const catchUpTicks = 10 * slots

export interface Paced {
  /** Due now; called once every 20 ms on average, never early by more than a tick. */
  frame(): void
}

class Pacer {
  readonly #slots: readonly Set<Paced>[] = Array.from({ length: slots }, () => new Set<Paced>())
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0
  #ticks = 0
  #next = 0

  /** Adding a stream again changes nothing. */
  add(stream: Paced): void {
    if (this.#slots.some((slot) => slot.has(stream))) return
    this.#slots[this.#next % slots]?.add(stream)
    this.#next += 1
    if (this.#timer === undefined) this.#start()
  }

  remove(stream: Paced): void {
    for (const slot of this.#slots) slot.delete(stream)
    if (this.#slots.some((slot) => slot.size > 0)) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #start(): void {
    this.#startedAt = performance.now()
    this.#ticks = 0
    this.#schedule()
  }

  /** The n-th tick is due n slots after the start, however late the ones before it were: no drift. */
  #schedule(): void {
    const due = this.#startedAt + this.#ticks * slotMs
    this.#timer = setTimeout(() => this.#run(), Math.max(0, due - performance.now()))
  }

  #run(): void {
    const due = Math.floor((performance.now() - this.#startedAt) / slotMs)
    if (due - this.#ticks > catchUpTicks) this.#ticks = due - (due % slots) + (this.#ticks % slots) - slots
    while (this.#ticks <= due) {
      for (const stream of this.#slots[this.#ticks % slots] ?? []) stream.frame()
      this.#ticks += 1
    }
    if (this.#timer !== undefined) this.#schedule()
  }
}

export const pacer = new Pacer()

import type { Instant } from '../kernel/time.ts'

/** One pending deadline. `reason` says what it is for; the rest belongs to the queue. */
export interface Alarm<Reason> {
  readonly reason: Reason
  readonly at: Instant
  /** Place in the heap; -1 once it rang or was cleared. */
  index: number
}

/** Deadlines in order of time: a binary heap whose entries know their place, so that clearing one costs O(log n) too. */
export class Deadlines<Reason> {
  readonly #heap: Alarm<Reason>[] = []

  get size(): number {
    return this.#heap.length
  }

  set(at: Instant, reason: Reason): Alarm<Reason> {
    const alarm = { reason, at, index: this.#heap.length }
    this.#heap.push(alarm)
    this.#rise(alarm)
    return alarm
  }

  /** Clearing an alarm that rang already is no error. */
  clear(alarm: Alarm<Reason> | undefined): void {
    if (alarm === undefined || alarm.index < 0) return
    const hole = alarm.index
    const last = this.#heap.pop()
    alarm.index = -1
    if (last === undefined || last === alarm) return
    this.#put(last, hole)
    this.#rise(last)
    this.#sink(last)
  }

  next(): Instant | undefined {
    return this.#heap[0]?.at
  }

  /** Takes out the earliest alarm that is due, if any. */
  take(at: Instant): Alarm<Reason> | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.at > at) return undefined
    this.clear(first)
    return first
  }

  #rise(alarm: Alarm<Reason>): void {
    while (alarm.index > 0) {
      const place = (alarm.index - 1) >> 1
      const parent = this.#heap[place]
      if (parent === undefined || parent.at <= alarm.at) return
      this.#put(parent, alarm.index)
      this.#put(alarm, place)
    }
  }

  #sink(alarm: Alarm<Reason>): void {
    for (;;) {
      const left = this.#heap[2 * alarm.index + 1]
      const right = this.#heap[2 * alarm.index + 2]
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (child === undefined || child.at >= alarm.at) return
      const place = child.index
      this.#put(child, alarm.index)
      this.#put(alarm, place)
    }
  }

  #put(alarm: Alarm<Reason>, place: number): void {
    this.#heap[place] = alarm
    alarm.index = place
  }
}

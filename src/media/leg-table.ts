/** All legs of a process by name and by slot. A slot is a small number that sockets, and a successor, know a leg by. */
import type { LegId } from '../kernel/ids.ts'
import type { Leg } from './leg.ts'

export class LegTable {
  readonly byId = new Map<LegId, Leg>()
  readonly #bySlot: (Leg | undefined)[] = []
  readonly #free: number[] = []

  /** By slot, with holes. */
  get all(): readonly (Leg | undefined)[] {
    return this.#bySlot
  }

  at(slot: number): Leg | undefined {
    return this.#bySlot[slot]
  }

  takeSlot(): number {
    return this.#free.pop() ?? this.#bySlot.length
  }

  add(leg: Leg): void {
    this.#bySlot[leg.slot] = leg
    this.byId.set(leg.id, leg)
  }

  remove(leg: Leg): void {
    this.byId.delete(leg.id)
    this.release(leg.slot)
  }

  release(slot: number): void {
    this.#bySlot[slot] = undefined
    this.#free.push(slot)
  }

  /** Slots that a predecessor gave out are ours from now on, and so are the holes between them. */
  own(): void {
    this.#free.length = 0
    for (let slot = this.#bySlot.length - 1; slot >= 0; slot--) if (this.#bySlot[slot] === undefined) this.#free.push(slot)
  }
}

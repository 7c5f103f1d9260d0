import { type Change, latest } from '../kernel/change.ts'
import type { Source } from './ledger.ts'

/** Values by key, each told when it changes: the newest of each are written again with every checkpoint. */
export class LatestChanges<Value> {
  readonly #of: string
  readonly #values: Map<string, Value>

  constructor(of: string, remembered: Iterable<unknown>) {
    this.#of = of
    this.#values = latest(remembered as Iterable<Change<Value>>)
  }

  get source(): Source {
    return { of: this.#of, isWhole: false, state: () => this.all() }
  }

  note(changes: readonly Change<Value>[]): void {
    for (const change of changes) {
      if ('value' in change) this.#values.set(change.key, change.value)
      else this.#values.delete(change.key)
    }
  }

  *all(): Iterable<Change<Value>> {
    for (const [key, value] of this.#values) yield { key, value }
  }
}

/** What recordings were ordered, and which of them run: a successor goes on with those. */
import type { BridgeId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { HeldRecording } from '../media/legacy.ts'
import type { RecordOrder } from '../media/protocol.ts'

/** Without a beginning: ordered, and not known to have begun. */
export interface OrderedRecording {
  readonly order: RecordOrder
  readonly begunAt?: Instant
}

/** Without a beginning: it runs no more. */
export interface RecordingChange {
  readonly recording: string
  readonly begunAt?: Instant
}

export class HeldRecordings {
  readonly #orders = new Map<string, OrderedRecording>()

  get all(): readonly OrderedRecording[] {
    return [...this.#orders.values()]
  }

  get running(): readonly HeldRecording[] {
    return this.all.flatMap(({ order, begunAt }) => (begunAt === undefined ? [] : [{ order, begunAt }]))
  }

  /** The newest order of a recording. */
  ordered(order: RecordOrder): void {
    this.#orders.set(order.recording, { ...this.#orders.get(order.recording), order })
  }

  changed({ recording, begunAt }: RecordingChange): void {
    const known = this.#orders.get(recording)
    if (begunAt === undefined) this.#orders.delete(recording)
    else if (known !== undefined) this.#orders.set(recording, { ...known, begunAt })
  }

  /** What has begun and what has ended since the last time. */
  compare(standing: (recording: string) => Instant | 'announced' | undefined): readonly RecordingChange[] {
    const changes: RecordingChange[] = []
    for (const [recording, known] of this.#orders) {
      const begun = standing(recording)
      if (begun === 'announced') continue
      if (begun === undefined) changes.push({ recording })
      else if (known.begunAt !== begun) changes.push({ recording, begunAt: begun })
    }
    for (const change of changes) this.changed(change)
    return changes
  }

  bridgeClosed(bridge: BridgeId): void {
    for (const [recording, { order }] of this.#orders) if (order.bridge === bridge) this.#orders.delete(recording)
  }

  clear(): void {
    this.#orders.clear()
  }
}

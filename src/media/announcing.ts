/** Recordings that have been ordered and not begun: first those who are named are told of it. What is told once on a bridge is not told again there. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { samplesPerMs } from './g711.ts'
import type { RecordOrder } from './protocol.ts'
import { recordingTones, withSilence } from './tones.ts'

/** What plays to these legs in place of anything else but voices. The same samples again go on where they are. */
export interface Prompt {
  readonly samples: Int16Array
  readonly legs: ReadonlySet<LegId>
}

export interface AnnouncingWorld {
  readonly play: (at: Instant, bridge: BridgeId, prompt: Prompt | undefined) => void
}

interface Announcing {
  /** As it was said last. */
  order: RecordOrder
  readonly until: Instant
}

/** Its last packet is with the listener then. */
const tailMs = 100

export class Announcements {
  readonly #world: AnnouncingWorld
  readonly #running = new Map<string, Announcing>()
  readonly #told = new Set<BridgeId>()
  /** With silence behind it, because what is played is a loop. */
  readonly #loops: ReadonlyMap<string, { readonly samples: Int16Array; readonly durationMs: number }>

  /** `said`: by name; `tones` is there in any case. */
  constructor(world: AnnouncingWorld, said: ReadonlyMap<string, Int16Array> = new Map()) {
    this.#world = world
    const all = [['tones', recordingTones()] as const, ...said]
    this.#loops = new Map(
      all.map(([name, samples]) => [name, { samples: withSilence(samples), durationMs: samples.length / samplesPerMs }]),
    )
  }

  /** Whether the recording has to wait; `unknown`: nobody could be told, so that nothing may be recorded. */
  begin(at: Instant, order: RecordOrder): 'wait' | 'go' | 'unknown' {
    const known = this.#running.get(order.recording)
    if (known !== undefined) {
      known.order = order
      return 'wait'
    }
    const { bridge, announce } = order
    if (announce === undefined || announce.legs.length === 0 || this.#told.has(bridge)) return 'go'
    const loop = this.#loops.get(announce.prompt)
    if (loop === undefined) return 'unknown'
    this.cancel(at, ({ order: other }) => other.bridge === bridge)
    this.#running.set(order.recording, { order, until: addMs(at, loop.durationMs + tailMs) })
    this.#world.play(at, bridge, { samples: loop.samples, legs: new Set(announce.legs) })
    return 'wait'
  }

  has(recording: string): boolean {
    return this.#running.has(recording)
  }

  /** It was announced by a process before this one. */
  wasTold(bridge: BridgeId): void {
    this.#told.add(bridge)
  }

  /** Those who have been heard to the end. */
  over(at: Instant): readonly RecordOrder[] {
    if (this.#running.size === 0) return []
    const over = [...this.#running.values()].filter(({ until }) => until <= at)
    for (const { order } of over) {
      this.#end(at, order)
      this.#told.add(order.bridge)
    }
    return over.map(({ order }) => order)
  }

  cancel(at: Instant, which: (announcing: { readonly order: RecordOrder }) => boolean): void {
    for (const announcing of [...this.#running.values()]) if (which(announcing)) this.#end(at, announcing.order)
  }

  bridgeClosed(at: Instant, bridge: BridgeId): void {
    this.cancel(at, ({ order }) => order.bridge === bridge)
    this.#told.delete(bridge)
  }

  #end(at: Instant, { recording, bridge }: RecordOrder): void {
    this.#running.delete(recording)
    this.#world.play(at, bridge, undefined)
  }
}

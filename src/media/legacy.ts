/**
 * What a media process leaves to the one that takes over from it: for each leg so many numbers in an agreed order, written many times a
 * second into memory that is there already, so that nothing is allocated for it. Both processes are of the same version.
 */
import { type Instant, instant } from '../kernel/time.ts'
import type { BridgeState, Endpoint, LegState, RecordOrder } from './protocol.ts'

/** Per leg, the two at the beginning included. */
export const legacyNumbers = 64

/** Where the leg's slot and the moment of writing stand. */
export const legacyAt = { slot: 0, savedAt: 1, first: 2 } as const

/** Writes or reads one leg's numbers one after the other. */
export class Legacy {
  #numbers: Float64Array
  #next = 0

  constructor(numbers = new Float64Array(legacyNumbers)) {
    this.#numbers = numbers
  }

  /** Begins with the number at `index`. */
  begin(numbers: Float64Array, index: number): this {
    this.#numbers = numbers
    this.#next = index
    return this
  }

  put(value: number | undefined): this {
    this.#numbers[this.#next++] = value ?? Number.NaN
    return this
  }

  take(): number {
    return this.#numbers[this.#next++] ?? Number.NaN
  }

  takeOptional(): number | undefined {
    const value = this.take()
    return Number.isNaN(value) ? undefined : value
  }

  takeMoment(): Instant | undefined {
    const value = this.takeOptional()
    return value === undefined ? undefined : instant(value)
  }
}

/** How old a leg's numbers are. */
export interface Age {
  /** How long the predecessor may have gone on after it wrote them. */
  readonly wentOnMs: number
  /** How long ago that was: it cannot have gone on for longer. */
  readonly unknownMs: number
}

/** A leg as it stands apart from its numbers: what is told once, and again to whoever begins to listen. */
export interface HeldLeg extends LegState {
  readonly slot: number
  readonly stream: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number }
  /** Whom it is locked to. */
  readonly peer?: Endpoint
  /** How often its SRTP keys have changed: counts of other keys say nothing. */
  readonly keying: number
}

/** A recording that runs. */
export interface HeldRecording {
  /** The last one. */
  readonly order: RecordOrder
  readonly begunAt: Instant
}

/** Everything else that a successor must hold. */
export interface Held {
  readonly legs: readonly HeldLeg[]
  readonly bridges: readonly (BridgeState & { readonly supervisorsCut: boolean })[]
  readonly recordings: readonly HeldRecording[]
}

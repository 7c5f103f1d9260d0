/** What the active media process tells its standby, and how it lies on the line: a length, a type, then JSON or legs' numbers. */
import type { Instant } from '../kernel/time.ts'
import type { EngineOrder } from '../media/engine.ts'
import { type Held, type HeldLeg, legacyNumbers } from '../media/legacy.ts'
import type { Endpoint } from '../media/protocol.ts'
import type { RecordingChange } from './held-recordings.ts'
import type { Holder } from './terms.ts'

export interface Reign {
  readonly epoch: number
  readonly leaseMs: number
  /** Until when control's word holds; absent: nobody commands. */
  readonly until?: Instant
}

export type Told =
  /** First on every line: everything that there is. */
  | {
      readonly kind: 'held'
      /** `handoverForm` of who says it: a standby of another one is none. */
      readonly form: number
      readonly by: Holder
      readonly clockOrigin: number
      readonly reign: Reign
      readonly held: Held
    }
  | { readonly kind: 'leg'; readonly leg: HeldLeg }
  | { readonly kind: 'peer'; readonly slot: number; readonly peer: Endpoint }
  | { readonly kind: 'closed'; readonly slot: number }
  /** Told before it is carried out, so that a successor never knows an older matrix than control believes to be in force. */
  | { readonly kind: 'order'; readonly order: EngineOrder }
  | ({ readonly kind: 'recording' } & RecordingChange)
  | { readonly kind: 'reign'; readonly reign: Reign }
  | { readonly kind: 'cut'; readonly at: Instant }
  /** It ends of its own will, and all calls with it. */
  | { readonly kind: 'ended' }

export const frameHeadBytes = 8
const types = { told: 0, numbers: 1 } as const
export const legBytes = legacyNumbers * 8

export function toldFrame(told: Told): Buffer {
  const text = Buffer.from(JSON.stringify(told))
  return Buffer.concat([head(text.length, types.told), text])
}

/** Into the place before the numbers. */
export function writeNumbersHead(frame: Buffer, bytes: number): void {
  frame.writeUInt32LE(bytes, 0)
  frame.writeUInt32LE(types.numbers, 4)
}

function head(bytes: number, type: number): Buffer {
  const head = Buffer.alloc(frameHeadBytes)
  head.writeUInt32LE(bytes, 0)
  head.writeUInt32LE(type, 4)
  return head
}

/** Cuts what arrives into frames. */
export class Frames {
  #held: Buffer = Buffer.alloc(0)
  readonly #onTold: (told: Told) => void
  readonly #onNumbers: (numbers: Float64Array) => void

  constructor(onTold: (told: Told) => void, onNumbers: (numbers: Float64Array) => void) {
    this.#onTold = onTold
    this.#onNumbers = onNumbers
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    while (rest.length >= frameHeadBytes) {
      const end = frameHeadBytes + rest.readUInt32LE(0)
      if (rest.length < end) break
      this.#frame(rest.readUInt32LE(4), rest.subarray(frameHeadBytes, end))
      rest = rest.subarray(end)
    }
    this.#held = rest
  }

  #frame(type: number, bytes: Buffer): void {
    if (type === types.told) return this.#onTold(JSON.parse(bytes.toString()))
    // A copy, because what arrived need not lie at a multiple of eight.
    const copy = new Uint8Array(bytes)
    for (let at = 0; at + legBytes <= copy.length; at += legBytes) this.#onNumbers(new Float64Array(copy.buffer, at, legacyNumbers))
  }
}

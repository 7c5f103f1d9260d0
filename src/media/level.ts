/** Loudness of what a leg says, in dBov (RFC 6465): 0 is a square wave at full scale, -127 stands for digital silence. */
import type { Instant } from '../kernel/time.ts'

const windowMs = 200
const fullScaleSquared = 32_767 ** 2
/** -60 dBov, below which a line is heard as quiet. */
const audibleMeanSquare = fullScaleSquared * 1e-6
const slots = 32

export function dbov(sumOfSquares: number, samples: number): number {
  if (samples === 0 || sumOfSquares === 0) return -127
  return Math.max(-127, Math.min(0, 10 * Math.log10(sumOfSquares / samples / fullScaleSquared)))
}

export class LevelMeter {
  readonly #at = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
  readonly #sums = new Float64Array(slots)
  readonly #samples = new Float64Array(slots)
  #next = 0
  #lastAudioAt: Instant | null = null

  get lastAudioAt(): Instant | null {
    return this.#lastAudioAt
  }

  add(at: Instant, sumOfSquares: number, samples: number): void {
    this.#at[this.#next] = at
    this.#sums[this.#next] = sumOfSquares
    this.#samples[this.#next] = samples
    this.#next = (this.#next + 1) % slots
    if (sumOfSquares > audibleMeanSquare * samples) this.#lastAudioAt = at
  }

  load(lastAudioAt: Instant | null): void {
    this.#lastAudioAt = lastAudioAt
  }

  /** Null when nothing arrived in the last 200 ms. */
  read(at: Instant): number | null {
    let sum = 0
    let samples = 0
    for (let slot = 0; slot < slots; slot++) {
      if (at - (this.#at[slot] ?? 0) > windowMs) continue
      sum += this.#sums[slot] ?? 0
      samples += this.#samples[slot] ?? 0
    }
    return samples === 0 ? null : dbov(sum, samples)
  }
}

/**
 * Hears who speaks. Every party of a test speaks one tone; an `Ear` decodes what one listener was sent and says, window by window, which of
 * the tones are in it.
 *
 * Tones are multiples of 50 Hz, 150 Hz apart, so that a frame of 20 ms holds whole periods of each and they do not disturb one another
 * (orthogonal over 160 samples at 8 kHz). Measured: with three tones of amplitude 4,000 mixed and companded, the strongest tone that is
 * absent reads below 30, the weakest present one above 3,900. The threshold of 400 leaves a factor of ten on either side, and hears a leak
 * that is 20 dB quieter than speech.
 */
import { decode } from '../src/media/g711.ts'
import type { Codec } from '../src/media/protocol.ts'

export const sampleRate = 8_000
export const speechAmplitude = 4_000
export const hearingThreshold = 400

/** The tone of the n-th speaker: 400, 550, 700 … Hz. Sixteen fit below what G.711 carries. */
export const toneOf = (speaker: number): number => 400 + 150 * speaker

export function toneSamples(hertz: number, from: number, length: number, amplitude = speechAmplitude): Int16Array {
  return Int16Array.from({ length }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hertz * (from + n)) / sampleRate)))
}

/** Amplitude of one frequency in the samples (Goertzel's algorithm). */
export function amplitudeOf(samples: ArrayLike<number>, hertz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate)
  let one = 0
  let two = 0
  for (let n = 0; n < samples.length; n++) {
    const zero = (samples[n] ?? 0) + turn * one - two
    two = one
    one = zero
  }
  return (2 * Math.sqrt(Math.max(0, one * one + two * two - turn * one * two))) / samples.length
}

export interface EarOptions {
  /** In hertz. */
  readonly tones: readonly number[]
  readonly codec: Codec
  /** A multiple of 20. */
  readonly windowMs?: number
}

export class Ear {
  readonly #tones: readonly number[]
  readonly #codec: Codec
  readonly #window: Int16Array
  #filled = 0
  #heard: readonly number[] = []

  constructor({ tones, codec, windowMs = 20 }: EarOptions) {
    this.#tones = tones
    this.#codec = codec
    this.#window = new Int16Array((windowMs * sampleRate) / 1_000)
  }

  /** The tones of the last whole window. */
  get heard(): readonly number[] {
    return this.#heard
  }

  /** Takes the next payload; true when it completed a window. */
  hear(payload: Uint8Array): boolean {
    let completed = false
    for (const sample of decode(this.#codec, payload)) {
      this.#window[this.#filled++] = sample
      if (this.#filled < this.#window.length) continue
      this.#filled = 0
      this.#heard = this.#tones.filter((hertz) => amplitudeOf(this.#window, hertz) > hearingThreshold)
      completed = true
    }
    return completed
  }
}

/** The voices of a recording together, frame by frame, and the beep that the parties heard. */
import { decodeTable, encodeTable } from '../media/g711.ts'
import { type LaneLaw, recordedFrameSamples } from '../media/record-words.ts'
import { beepEvery, beepMs } from '../media/tones.ts'

const samplesPerMs = 8

export class FrameMixer {
  readonly #law: LaneLaw
  readonly #sum = new Int32Array(recordedFrameSamples)
  readonly #beep: Int16Array | undefined
  readonly #periodSamples: number

  constructor(law: LaneLaw, beepEveryMs: number | undefined) {
    this.#law = law
    // Its period is counted in frames below, so that only the sounding part is kept.
    this.#beep = beepEveryMs === undefined ? undefined : beepEvery(beepMs)
    this.#periodSamples = (beepEveryMs ?? beepMs) * samplesPerMs
  }

  get law(): LaneLaw {
    return this.#law
  }

  clear(): void {
    this.#sum.fill(0)
  }

  add(law: LaneLaw, frame: Uint8Array | Int16Array): void {
    const table = law === 'PCM' ? undefined : decodeTable(law)
    for (let i = 0; i < recordedFrameSamples; i++) {
      const sample = frame[i] as number
      this.#sum[i] = (this.#sum[i] as number) + (table === undefined ? sample : (table[sample] as number))
    }
  }

  /** `sinceOn`: samples since the recording was last switched on, when the parties heard the first one. */
  addBeep(sinceOn: number): void {
    if (this.#beep === undefined) return
    for (let i = 0; i < recordedFrameSamples; i++)
      this.#sum[i] = (this.#sum[i] as number) + (this.#beep[(sinceOn + i) % this.#periodSamples] ?? 0)
  }

  /** Saturated, as the file holds it. */
  write(out: DataView, offset: number): void {
    const table = this.#law === 'PCM' ? undefined : encodeTable(this.#law)
    for (let i = 0; i < recordedFrameSamples; i++) {
      const sample = Math.max(-32_768, Math.min(32_767, this.#sum[i] as number))
      if (table === undefined) out.setInt16(offset + 2 * i, sample, true)
      else out.setUint8(offset + i, table[(sample + 32_768) >> 2] as number)
    }
  }
}

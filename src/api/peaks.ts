/** How loud a recording is along its length, so that a page can draw it without fetching the audio. */
import type { Samples } from '../control/recordings.ts'
import { limits } from '../kernel/limits.ts'

/** The greatest amplitude of each of `points` equal parts, of full scale; a pause of the reader's between two pieces lets others work. */
export async function peaksOf(samples: Samples, points: number): Promise<readonly number[]> {
  const peaks = new Uint16Array(points)
  let at = 0
  for await (const piece of samples) {
    raise(peaks, piece, { at, length: samples.length })
    at += piece.length
  }
  return Array.from(peaks, (peak) => Math.round((peak / fullScale) * 1000) / 1000)
}

const fullScale = 32_768

/** One part after the other, so that no division is done for each sample. */
function raise(peaks: Uint16Array, piece: Int16Array, { at, length }: { readonly at: number; readonly length: number }): void {
  const perPoint = length / peaks.length
  for (let n = 0; n < piece.length; ) {
    const point = Math.min(peaks.length - 1, Math.floor((at + n) / perPoint))
    const end = point === peaks.length - 1 ? piece.length : Math.min(piece.length, Math.ceil((point + 1) * perPoint) - at)
    let peak = peaks[point] ?? 0
    for (; n < end; n += 1) {
      const amplitude = Math.abs(piece[n] ?? 0)
      if (amplitude > peak) peak = amplitude
    }
    peaks[point] = peak
  }
}

/** What was worked out lately, and what is being worked out: a page that is drawn again costs nothing, and two at once no more than one. */
export class PeakBook {
  /** The one that was asked for last at the end. */
  readonly #known = new Map<string, Promise<readonly number[]>>()
  readonly #waiting: (() => void)[] = []
  #working = 0

  of(key: string, work: () => Promise<readonly number[]>): Promise<readonly number[]> {
    const known = this.#known.get(key) ?? this.#inTurn(work)
    this.#known.delete(key)
    this.#known.set(key, known)
    known.catch(() => this.#known.delete(key))
    const [oldest] = this.#known.keys()
    if (this.#known.size > limits.peaksKept && oldest !== undefined) this.#known.delete(oldest)
    return known
  }

  async #inTurn(work: () => Promise<readonly number[]>): Promise<readonly number[]> {
    while (this.#working >= limits.peaksAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#working += 1
    try {
      return await work()
    } finally {
      this.#working -= 1
      this.#waiting.shift()?.()
    }
  }
}

/** Pauses and holes of one recording, in frames. */
import type { RecordingGap } from '../media/protocol.ts'
import { recordedFrameSamples } from '../media/record-words.ts'

export interface Gap {
  readonly from: number
  /** Infinity until it has an end. */
  to: number
  readonly why: RecordingGap['why']
}

export class RecordingGaps {
  readonly #gaps: Gap[]
  readonly #firstFrame: number

  /** `firstFrame`: earlier ones were another process's, as were the noted gaps. */
  constructor(firstFrame: number, noted: readonly RecordingGap[]) {
    this.#firstFrame = firstFrame
    this.#gaps = noted.map(({ from, to, why }) => ({ from: inFrames(from), to: inFrames(to), why }))
  }

  /** The pause that is still on. */
  get openPause(): Gap | undefined {
    return this.#gaps.findLast(({ why, to }) => why === 'paused' && to === Number.POSITIVE_INFINITY)
  }

  add(gap: Gap): void {
    if (gap.from < gap.to) this.#gaps.push(gap)
  }

  /** Undefined within a pause. Only the last gaps can touch a frame that is being written. */
  framesSinceOn(frame: number): number | undefined {
    for (let i = this.#gaps.length - 1; i >= 0; i--) {
      const { from, to, why } = this.#gaps[i] as Gap
      if (why !== 'paused' || frame < from) continue
      return frame < to ? undefined : frame - Math.max(to, this.#firstFrame)
    }
    return frame - this.#firstFrame
  }

  /** One that has no end yet ends with what there is; in JSON it would end with null. */
  inSamples(length = Number.MAX_SAFE_INTEGER): readonly RecordingGap[] {
    return this.#gaps
      .map(({ from, to, why }) => ({ from: from * recordedFrameSamples, to: Math.min(to * recordedFrameSamples, length), why }))
      .filter(({ from, to }) => from < to)
  }
}

const inFrames = (samples: number): number =>
  samples >= Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Math.ceil(samples / recordedFrameSamples)

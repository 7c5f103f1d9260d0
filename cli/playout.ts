/** Puts packets in order, and silence where some are missing: what comes out lasts as long as what was said. */
import { decode } from '../src/media/g711.ts'
import { bounds } from './bounds.ts'
import type { Law } from './peer.ts'

interface Piece {
  /** Samples since the first. */
  readonly at: number
  readonly samples: Int16Array
}

const audioTypes = new Set([0, 8])

export class Playout {
  /** Samples that never came. */
  missing = 0
  readonly #out: (samples: Int16Array) => void
  #waiting: Piece[] = []
  /** Where what has come out ends. */
  #done = 0
  #newest = 0
  #source: number | undefined
  /** The RTP timestamp that is sample `#base`. */
  #origin = 0
  #base = 0
  #lastAtMs = 0

  constructor(out: (samples: Int16Array) => void) {
    this.#out = out
  }

  /** `nowMs`: of a clock that only goes forward; a new stream begins as much later as its first packet comes. */
  take(packet: Buffer, law: Law, nowMs: number): void {
    const type = (packet[1] ?? 255) & 0x7f
    if (packet.length <= 12 || !audioTypes.has(type)) return
    const payload = packet.subarray(12 + 4 * ((packet[0] ?? 0) & 0x0f))
    const at = this.#placeOf(packet, nowMs)
    this.#lastAtMs = nowMs
    if (at < this.#done || this.#waiting.some((piece) => piece.at === at)) return
    this.#waiting.push({ at, samples: decode(type === 8 || law === 'PCMA' ? 'PCMA' : 'PCMU', payload) })
    this.#newest = Math.max(this.#newest, at)
    this.#release(this.#newest - bounds.reorderSamples)
  }

  /** No more packets come. */
  end(): void {
    this.#release(Number.POSITIVE_INFINITY)
  }

  #placeOf(packet: Buffer, nowMs: number): number {
    const [timestamp, source] = [packet.readUInt32BE(4), packet.readUInt32BE(8)]
    const at = this.#base + ((timestamp - this.#origin) | 0)
    const isSame = this.#source === source && Math.abs(at - this.#newest) < bounds.longestGapSamples
    if (isSame) return at
    const isFirst = this.#source === undefined
    this.end()
    this.#source = source
    this.#origin = timestamp
    const silentMs = isFirst ? 0 : Math.max(0, nowMs - this.#lastAtMs - 20)
    this.#base = this.#done + Math.round(silentMs) * 8
    this.#newest = this.#base
    return this.#base
  }

  #release(before: number): void {
    this.#waiting.sort((a, b) => a.at - b.at)
    while (this.#waiting[0] !== undefined && this.#waiting[0].at <= before) {
      const piece = this.#waiting.shift()
      if (piece === undefined) return
      const gap = Math.max(0, piece.at - this.#done)
      this.missing += gap
      if (gap > 0) this.#out(new Int16Array(gap))
      this.#out(piece.samples)
      this.#done = piece.at + piece.samples.length
    }
  }
}

/** Decibels to full scale; -120 is nothing at all. */
export function levelOf(samples: Int16Array): number {
  const power = samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0) / Math.max(1, samples.length)
  return 10 * Math.log10(Math.max(power, 1e-12))
}

/** One file of a recording while it grows. Whatever moment the process dies at, what is on disk is a valid file up to there. */
import { closeSync, existsSync, fdatasync, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { silenceByte } from '../media/g711.ts'
import { type LaneLaw, sampleBytes } from '../media/record-words.ts'
import { wavHeader, wavHeaderBytes } from '../media/wav.ts'

const syncToDisk = promisify(fdatasync)
const sampleRate = 8_000
/** Leading silence is written in pieces of this many bytes. */
const silencePiece = 65_536

/** What a file that is not whole yet has after its name. */
export const partSuffix = '.part'

export class WavFile {
  readonly path: string
  readonly #law: LaneLaw
  readonly #fd: number
  #bytes = 0
  #headed = 0

  /** A new file; one that is there already is nobody's to overwrite. `goesOn`: behind the last whole sample of a writer that was cut off. */
  constructor(path: string, law: LaneLaw, goesOn = false) {
    this.path = path
    this.#law = law
    this.#fd = openSync(path + partSuffix, goesOn ? 'r+' : 'wx')
    if (goesOn) this.#bytes = wholeSamples(fstatSync(this.#fd).size - wavHeaderBytes, law)
    this.#writeHeader()
  }

  /** Whether somebody has begun it and not finished. */
  static isOpen(path: string): boolean {
    return existsSync(path + partSuffix)
  }

  get samples(): number {
    return this.#bytes / sampleBytes(this.#law)
  }

  get bytes(): number {
    return wavHeaderBytes + this.#bytes
  }

  append(data: Uint8Array): void {
    for (let done = 0; done < data.length; ) {
      const written = writeSync(this.#fd, data, done, data.length - done, wavHeaderBytes + this.#bytes)
      this.#bytes += written
      done += written
    }
  }

  /** Silence up to a sample, where the file does not reach it yet. */
  pad(samples: number): void {
    const missing = samples * sampleBytes(this.#law) - this.#bytes
    if (missing <= 0) return
    const piece = new Uint8Array(Math.min(missing, silencePiece)).fill(this.#law === 'PCM' ? 0 : silenceByte[this.#law])
    for (let left = missing; left > 0; left -= piece.length) this.append(left < piece.length ? piece.subarray(0, left) : piece)
  }

  /** The header says how much there is; never more than there is, because the samples were written before. */
  head(): void {
    if (this.#headed !== this.#bytes) this.#writeHeader()
  }

  /** Under its final name, and on the disk. */
  async finish(): Promise<void> {
    // A write that the disk cut short may end within a sample, and chunks have even lengths.
    this.#bytes -= this.#bytes % 2
    ftruncateSync(this.#fd, wavHeaderBytes + this.#bytes)
    this.#writeHeader()
    await syncToDisk(this.#fd)
    closeSync(this.#fd)
    renameSync(this.path + partSuffix, this.path)
  }

  #writeHeader(): void {
    const format = this.#law
    const header = wavHeader({ format, channels: 1, sampleRate }, this.#bytes)
    writeSync(this.#fd, header, 0, header.length, 0)
    this.#headed = this.#bytes
  }
}

const wholeSamples = (bytes: number, law: LaneLaw): number => Math.max(0, bytes - (bytes % sampleBytes(law)))

import { close, closeSync, fdatasync, fsync, open, openSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** One file of the log while it is written. */
export class SegmentFile {
  readonly path: string
  readonly #descriptor: number
  #bytes = 0
  #isNamed = false

  /** Throws where there is a file of this name already, or none can be made. */
  constructor(path: string) {
    this.path = path
    this.#descriptor = openSync(path, 'wx', 0o600)
  }

  /** Of whole lines. */
  get bytes(): number {
    return this.#bytes
  }

  /** With the system when it returns. What of a line could be written before it throws is written over by the next. */
  write(line: Buffer): void {
    for (let done = 0; done < line.length; ) {
      done += writeSync(this.#descriptor, line, done, line.length - done, this.#bytes + done)
    }
    this.#bytes += line.length
  }

  /** The name of a new file is on the disk only when its folder is. */
  sync(done: Done): void {
    if (this.#isNamed) return fdatasync(this.#descriptor, done)
    syncFolder(dirname(this.path), (error) => {
      if (error !== null) return done(error)
      this.#isNamed = true
      fdatasync(this.#descriptor, done)
    })
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  remove(): void {
    this.close()
    unlinkSync(this.path)
  }
}

type Done = (error: Error | null) => void

function syncFolder(path: string, done: Done): void {
  open(path, 'r', (error, descriptor) => {
    if (error !== null) return done(error)
    fsync(descriptor, (failure) => close(descriptor, () => done(failure)))
  })
}

import { renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { GroupSync } from '../ledger/group-sync.ts'
import { encodeLine } from '../ledger/line.ts'
import { SegmentFile } from '../ledger/segment-file.ts'
import type { OutboxLog, OutboxRow } from '../outbox/words.ts'
import { fileName, type ReadFile, type ReadOutbox, rowsOf } from './outbox-read.ts'

interface Options<Content> {
  readonly folder: string
  /** All that is there now, each row as it is when it is asked for. */
  readonly state: () => Iterable<OutboxRow<Content>>
  readonly log: Log
  /** For tests. */
  readonly segmentBytes?: number
}

interface Waiting {
  readonly sequence: number
  readonly then: (isSafe: boolean) => void
}

/** Written before others have their turn. */
const bytesPerTurn = 262_144
const rowsPerLine = 16

/**
 * The outbox on the disk: lines that are only ever added. A file that is full is followed by another, into which all that is still there is
 * written bit by bit; when that is done the old one goes. A disk that is full or broken stops no delivery: `fault` says why, and as soon as
 * it can be written again everything is.
 */
export class OutboxFile<Content> implements OutboxLog<Content> {
  readonly #options: Options<Content>
  readonly #sync: GroupSync
  #file: SegmentFile | undefined
  #old: ReadFile[]
  #number: number
  /** Files that were followed by another and are not yet on the disk. */
  #left: SegmentFile[] = []
  #waiting: Waiting[] = []
  #sequence = 0
  #safe = 0
  #checkpoint: Iterator<OutboxRow<Content>> | undefined
  #fullAt = Number.POSITIVE_INFINITY
  #fault: string | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  /** Begins a file of its own: what was read is never written again. */
  constructor(options: Options<Content>, { files }: Pick<ReadOutbox<Content>, 'files'>) {
    this.#options = options
    this.#old = [...files]
    this.#number = files.at(-1)?.number ?? 0
    this.#sync = new GroupSync({
      unsafe: () => ({ files: [...this.#left, ...(this.#file === undefined ? [] : [this.#file])], sequence: this.#sequence }),
      synced: (synced, sequence) => this.#synced(synced, sequence),
      failed: (error) => this.#failed(error),
      slow: (isSlow) => options.log.warn({ isSlow }, 'the disk of the outbox is slow'),
    })
    this.#attempt()
  }

  get fault(): string | undefined {
    return this.#fault
  }

  append(rows: readonly OutboxRow<Content>[]): void {
    if (rows.length === 0 || this.#fault !== undefined || this.#file === undefined) return
    try {
      this.#file.write(this.#line(rows))
      this.#sync.want()
      if (this.#file.bytes >= this.#fullAt && this.#checkpoint === undefined) this.#follow()
    } catch (error) {
      this.#failed(error)
    }
  }

  whenSafe(then: (isSafe: boolean) => void): void {
    if (this.#fault !== undefined) return then(false)
    if (this.#safe >= this.#sequence) return then(true)
    this.#waiting.push({ sequence: this.#sequence, then })
    this.#sync.want()
  }

  /** Brings everything to the disk and ends. */
  async close(): Promise<void> {
    this.#checkpoint = undefined
    await new Promise<boolean>((resolve) => this.whenSafe(resolve))
    clearTimeout(this.#retry)
    this.#isClosed = true
    this.#fault ??= 'closed'
    for (const file of [...this.#left, this.#file]) file?.close()
    this.#left = []
    this.#file = undefined
  }

  #line(rows: readonly OutboxRow<Content>[]): Buffer {
    this.#sequence += 1
    return encodeLine({ sequence: this.#sequence, of: rowsOf }, rows)
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return
    if (this.#fault === undefined)
      this.#options.log.error({ err: error }, 'the outbox cannot be written: deliveries go on, and would not survive a crash')
    this.#fault = error instanceof Error ? error.message : String(error)
    this.#checkpoint = undefined
    this.#release(Number.POSITIVE_INFINITY, false)
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#attempt(), limits.outboxRetryMs)
    this.#retry.unref()
  }

  /** Everything is written anew: what could not be written is among it. */
  #attempt(): void {
    try {
      this.#begin()
    } catch (error) {
      return this.#failed(error)
    }
    if (this.#fault === undefined) return
    this.#fault = undefined
    this.#options.log.warn({}, 'the outbox can be written again')
  }

  /** The file is full. Where no other can be had now the old one goes on. */
  #follow(): void {
    try {
      this.#begin()
    } catch (error) {
      this.#fullAt += this.#segmentBytes
      this.#options.log.warn({ err: error }, 'no new file for the outbox')
    }
  }

  #begin(): void {
    const name = fileName(this.#number + 1)
    const file = new SegmentFile(join(this.#options.folder, name))
    const checkpoint = this.#options.state()[Symbol.iterator]()
    let isComplete: boolean
    try {
      isComplete = this.#writeSome(file, checkpoint)
    } catch (error) {
      file.remove()
      throw error
    }
    this.#change(file, name)
    this.#checkpoint = checkpoint
    this.#sync.want()
    if (isComplete) this.#endCheckpoint()
    else setImmediate(() => this.#continueCheckpoint(checkpoint))
  }

  #change(file: SegmentFile, name: string): void {
    if (this.#file !== undefined) {
      if (this.#fault === undefined) this.#left.push(this.#file)
      else this.#file.close()
      this.#old.push({ name: fileName(this.#number), number: this.#number, isDamaged: false })
    }
    this.#number = Number.parseInt(name, 10)
    this.#file = file
    this.#fullAt = Number.POSITIVE_INFINITY
  }

  /** Whether that was the last of it. */
  #writeSome(file: SegmentFile, checkpoint: Iterator<OutboxRow<Content>>): boolean {
    for (const start = file.bytes; file.bytes - start < bytesPerTurn; ) {
      const rows: OutboxRow<Content>[] = []
      while (rows.length < rowsPerLine) {
        const { value, done } = checkpoint.next()
        if (done === true) break
        rows.push(value)
      }
      if (rows.length > 0) file.write(this.#line(rows))
      if (rows.length < rowsPerLine) return true
    }
    return false
  }

  #continueCheckpoint(checkpoint: Iterator<OutboxRow<Content>>): void {
    const file = this.#file
    if (this.#checkpoint !== checkpoint || file === undefined) return
    try {
      if (this.#writeSome(file, checkpoint)) this.#endCheckpoint()
      else setImmediate(() => this.#continueCheckpoint(checkpoint))
    } catch (error) {
      this.#failed(error)
    }
  }

  #endCheckpoint(): void {
    const file = this.#file
    this.#checkpoint = undefined
    this.#fullAt = Math.max(this.#segmentBytes, 2 * (file?.bytes ?? 0))
    this.whenSafe((isSafe) => {
      if (isSafe && this.#file === file) this.#removeOld()
    })
  }

  /** The oldest first, and none after one that stays: a letter's end may stand in a later file than its beginning. */
  #removeOld(): void {
    for (let first = this.#old[0]; first !== undefined; first = this.#old[0]) {
      const path = join(this.#options.folder, first.name)
      try {
        if (first.isDamaged) renameSync(path, `${path}.damaged`)
        else unlinkSync(path)
      } catch (error) {
        return this.#options.log.warn({ err: error }, 'an old file of the outbox stays')
      }
      this.#old.shift()
    }
  }

  get #segmentBytes(): number {
    return this.#options.segmentBytes ?? limits.outboxSegmentBytes
  }

  #synced(files: readonly SegmentFile[], sequence: number): void {
    for (const file of this.#left.filter((left) => files.includes(left))) file.close()
    this.#left = this.#left.filter((left) => !files.includes(left))
    if (this.#fault !== undefined) return
    this.#safe = sequence
    this.#release(sequence, true)
  }

  #release(sequence: number, isSafe: boolean): void {
    const due = this.#waiting.filter((waiting) => waiting.sequence <= sequence)
    this.#waiting = this.#waiting.filter((waiting) => waiting.sequence > sequence)
    for (const { then } of due) then(isSafe)
  }
}

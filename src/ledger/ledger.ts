import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { Backlog } from './backlog.ts'
import { GroupSync } from './group-sync.ts'
import { History } from './history.ts'
import { encodeLine } from './line.ts'
import { type LogMark, markOf, type ReadLog, segmentName } from './read-log.ts'
import { SegmentFile } from './segment-file.ts'

/** Somebody who writes in the log and can say at any time how things stand. */
export interface Source {
  /** As in `append`; small letters. */
  readonly of: string
  /** Each record is complete in itself. */
  readonly state: () => Iterable<unknown>
  /** Records that only hold together: they are written in one go. Others are written bit by bit, between all else. */
  readonly isWhole: boolean
}

interface Options {
  readonly folder: string
  readonly sources: readonly Source[]
  readonly log: Log
  /** Whether somebody wants the files for longer; until he has let go, all of them. */
  readonly isHeld?: boolean
  /** A file began. All that stands before it is before this place. */
  readonly onFile?: (number: number, place: number) => void
}

/** Records of one line of state, and bytes written before others have their turn. */
const recordsPerLine = 64
const bytesPerTurn = 262_144

interface Waiting {
  readonly sequence: number
  readonly then: () => void
}

/**
 * The append-only log. What is appended is with the system at once, so that the end of the process loses nothing of it; on the disk it is
 * soon after, in groups. A disk that is full, broken or slow stops nobody: lines wait in memory, and `fault` says why.
 */
export class Ledger {
  readonly #options: Options
  readonly #history: History
  readonly #backlog = new Backlog(limits.ledgerBacklogBytes)
  readonly #sync: GroupSync
  #file: SegmentFile | undefined
  #number: number
  /** Files that were followed by another and are not yet on the disk. */
  #left: SegmentFile[] = []
  #waiting: Waiting[] = []
  #sequence: number
  #safe: number
  #checkpoint: Iterator<Buffer> | undefined
  /** Size from which on the present file is followed by another. */
  #fullAt = Number.POSITIVE_INFINITY
  #trouble: string | undefined
  #isSlow = false
  /** The present file says all that lives, and is on the disk so far. */
  #isBase = false
  /** The present file cannot be trusted. */
  #isSpoilt = false
  #retry: NodeJS.Timeout | undefined

  /** Begins a file of its own: what was read is never written again. */
  constructor(options: Options, read: ReadLog) {
    this.#options = options
    this.#history = new History(options.folder, read, options.isHeld === true ? 0 : Number.POSITIVE_INFINITY)
    this.#number = read.nextNumber - 1
    this.#sequence = read.nextSequence - 1
    this.#safe = this.#sequence
    this.#sync = new GroupSync({
      unsafe: () => ({ files: [...this.#left, ...(this.#file === undefined ? [] : [this.#file])], sequence: this.#sequence }),
      synced: (files, sequence) => this.#synced(files, sequence),
      failed: (error) => {
        this.#isSpoilt = true
        this.#failed(error)
      },
      slow: (isSlow) => this.#setSlow(isSlow),
    })
    this.#attempt(() => this.#begin(read.damage.length > 0))
  }

  /** Why nothing reaches the disk now, if so. */
  get fault(): string | undefined {
    return this.#trouble ?? (this.#isSlow ? 'the disk takes too long' : undefined)
  }

  /** Of the present file. */
  get number(): number {
    return this.#number
  }

  /** Files that went before they were let go. */
  get lost(): readonly string[] {
    return this.#history.lost
  }

  /** Whoever wanted the files before this one has what is in them. */
  letGo(before: number): void {
    this.#history.letGo(before)
    if (this.#isBase) this.#history.prune()
  }

  /** The records are one line: all of them or none. Its place in the log. */
  append(of: string, records: readonly unknown[]): number {
    this.#write(this.#line(of, records))
    if ((this.#file?.bytes ?? 0) >= this.#fullAt && this.#checkpoint === undefined && this.fault === undefined) this.#follow()
    return this.#sequence
  }

  isSafe(place: number): boolean {
    return place <= this.#safe || this.fault !== undefined
  }

  /** When the line is on the disk, or the disk cannot be waited for. */
  whenSafe(place: number, then: () => void): void {
    if (this.isSafe(place)) return then()
    this.#waiting.push({ sequence: place, then })
    this.#sync.want()
  }

  /** Brings everything to the disk and ends. */
  async close(): Promise<void> {
    clearTimeout(this.#retry)
    this.#checkpoint = undefined
    await new Promise<void>((resolve) => this.whenSafe(this.#sequence, resolve))
    clearTimeout(this.#retry)
    for (const file of [...this.#left, this.#file]) file?.close()
    this.#left = []
    this.#file = undefined
  }

  #line(of: string, records: readonly unknown[]): Buffer {
    this.#sequence += 1
    return encodeLine({ sequence: this.#sequence, of }, records)
  }

  #write(line: Buffer): void {
    if (this.#trouble !== undefined || this.#file === undefined) return this.#backlog.add(line)
    try {
      this.#file.write(line)
    } catch (error) {
      this.#backlog.add(line)
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    if (this.#trouble === undefined)
      this.#options.log.error({ err: error }, 'the log cannot be written: calls go on, and would not survive a crash')
    this.#trouble = why
    // Room is made where that is easy; whoever waits for the disk would wait in vain.
    if (this.#isBase) this.#history.prune(0)
    this.#release(Number.POSITIVE_INFINITY)
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#attempt(() => this.#recover()), limits.ledgerRetryMs)
    this.#retry.unref()
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#failed(error)
    }
  }

  #recover(): void {
    if (this.#isSpoilt || this.#backlog.hasOverflown || this.#file === undefined) this.#begin(true)
    else this.#writeBacklog(this.#file)
    this.#trouble = undefined
    this.#options.log.warn({}, 'the log can be written again')
    this.#sync.want()
  }

  #writeBacklog(file: SegmentFile): void {
    let written = 0
    try {
      for (const line of this.#backlog.lines) {
        file.write(line)
        written += 1
      }
    } finally {
      this.#backlog.drop(written)
    }
  }

  /** The file is full. Where no other can be had now the old one goes on. */
  #follow(): void {
    try {
      this.#begin(false)
    } catch (error) {
      this.#fullAt += limits.ledgerSegmentBytes
      this.#options.log.warn({ err: error }, 'no new file for the log')
    }
  }

  /** A new file, which begins with how things stand; after a gap nothing of what was before is needed to understand it. */
  #begin(gap: boolean): void {
    const before = this.#sequence
    this.#number += 1
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 })
    const file = new SegmentFile(join(this.#options.folder, segmentName(this.#number)))
    try {
      const head: LogMark = { kind: 'segment', version: 1, gap }
      file.write(Buffer.concat([this.#line(markOf, [head]), ...this.#stateLines(true)]))
    } catch (error) {
      this.#sequence = before
      file.remove()
      throw error
    }
    this.#change(file)
    this.#options.onFile?.(this.#number, this.#sequence)
    this.#checkpoint = this.#stateLines(false)
    this.#continueCheckpoint()
  }

  #change(file: SegmentFile): void {
    const before = this.#file
    if (before !== undefined) {
      const number = this.#number - 1
      this.#history.add({ name: segmentName(number), number, bytes: before.bytes, closedMs: Date.now() })
      if (this.#isSpoilt) before.close()
      else this.#left.push(before)
    }
    this.#file = file
    this.#isBase = false
    this.#isSpoilt = false
    this.#trouble = undefined
    this.#backlog.clear()
    this.#fullAt = Number.POSITIVE_INFINITY
  }

  *#stateLines(isWhole: boolean): Generator<Buffer> {
    for (const source of this.#options.sources.filter((s) => s.isWhole === isWhole)) {
      let records: unknown[] = []
      for (const record of source.state()) {
        if (records.push(record) < recordsPerLine) continue
        yield this.#line(`${source.of}-state`, records)
        records = []
      }
      if (records.length > 0) yield this.#line(`${source.of}-state`, records)
    }
  }

  /** A part of what is written bit by bit; the rest after everybody else had a turn. */
  #continueCheckpoint(): void {
    const checkpoint = this.#checkpoint
    if (checkpoint === undefined) return
    for (let bytes = 0; bytes < bytesPerTurn; ) {
      const { value: line } = checkpoint.next()
      if (line === undefined) return this.#endCheckpoint()
      this.#write(line)
      bytes += line.length
    }
    setImmediate(() => this.#checkpoint === checkpoint && this.#continueCheckpoint())
  }

  #endCheckpoint(): void {
    this.#checkpoint = undefined
    const mark: LogMark = { kind: 'checkpoint' }
    this.#write(this.#line(markOf, [mark]))
    const file = this.#file
    this.#fullAt = (file?.bytes ?? 0) + Math.max(limits.ledgerSegmentBytes, 2 * (file?.bytes ?? 0))
    this.whenSafe(this.#sequence, () => {
      if (this.fault !== undefined || this.#file !== file) return
      this.#isBase = true
      this.#history.prune()
    })
  }

  #synced(files: readonly SegmentFile[], sequence: number): void {
    for (const file of this.#left.filter((left) => files.includes(left))) file.close()
    this.#left = this.#left.filter((left) => !files.includes(left))
    if (this.#trouble !== undefined) return
    this.#safe = sequence
    this.#release(sequence)
  }

  #setSlow(isSlow: boolean): void {
    this.#isSlow = isSlow
    if (isSlow) this.#options.log.error({}, 'the disk of the log takes too long: nobody waits for it any more')
    else this.#options.log.warn({}, 'the disk of the log is back')
    if (isSlow) this.#release(Number.POSITIVE_INFINITY)
  }

  #release(sequence: number): void {
    const due = this.#waiting.filter((waiting) => waiting.sequence <= sequence)
    this.#waiting = this.#waiting.filter((waiting) => waiting.sequence > sequence)
    for (const { then } of due) then()
  }
}

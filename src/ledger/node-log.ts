/** The log of this node, with everybody who writes in it. */
import type { DeskRecord, DeskState, Journal } from '../control/journal.ts'
import type { Memories } from '../http/memory.ts'
import type { Change } from '../kernel/change.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import { LatestChanges } from './latest-changes.ts'
import { Ledger } from './ledger.ts'
import { openLog, type ReadLog } from './read-log.ts'
import { Shelves } from './shelves.ts'

interface Options {
  readonly folder: string
  readonly clock: () => Instant
  readonly log: Log
  /** Whether somebody keeps for longer what stands here, so that no file goes before he has it. */
  readonly isHeld?: boolean
}

/** For whoever keeps for longer what the log says. */
export interface HeldFiles {
  readonly folder: string
  /** Of the present file. */
  readonly number: number
  /** Whenever a file has begun, and all that stands before it is safe and told. */
  onFile(then: (number: number) => void): void
  /** He has all that stands before this file. */
  letGo(before: number): void
  /** Files that had to go before. */
  readonly lost: readonly string[]
}

/** `Signalling`: what the engine remembers, by key. */
export class NodeLog<Signalling> {
  readonly #options: Options
  readonly #read: ReadLog
  readonly #engine: LatestChanges<Signalling>
  readonly #shelves: Shelves
  #ledger: Ledger | undefined
  #onFile: ((number: number) => void) | undefined

  /** Reads what there is; nothing is written before `begin`. */
  constructor(options: Options) {
    this.#options = options
    this.#read = openLog(options.folder)
    this.#engine = new LatestChanges('engine', this.#read.latest('engine'))
    this.#shelves = new Shelves(this.#read.latest('shelf'), options.clock)
    for (const where of this.#read.damage)
      options.log.error({ folder: options.folder, where }, 'the log is damaged: what is behind it is not used')
  }

  /** What is missing, by file and place. */
  get damage(): readonly string[] {
    return this.#read.damage
  }

  deskHistory(): Iterable<DeskRecord> {
    return this.#read.history('desk') as Iterable<DeskRecord>
  }

  /** From now on everything is written down; the desk says how things stand whenever a new file begins. */
  begin(desk: { state(): Iterable<DeskState> }): void {
    const { folder, log, isHeld = false } = this.#options
    const onFile = (number: number, place: number) => this.#fileBegan(number, place)
    const sources = [{ of: 'desk', isWhole: true, state: () => desk.state() }, this.#engine.source, this.#shelves.source]
    this.#ledger = new Ledger({ folder, sources, log, isHeld, onFile }, this.#read)
    this.#shelves.writeTo(this.#ledger)
  }

  get journal(): Journal {
    const node = this
    return {
      append: (changes) => node.#open.append('desk', changes),
      isSafe: (place) => node.#open.isSafe(place),
      whenSafe: (place, then) => node.#open.whenSafe(place, then),
      get fault() {
        return node.fault
      },
    }
  }

  /** As the engine wants it. */
  get engineMemory(): { readonly remembered: readonly Change<Signalling>[]; remember(changes: readonly Change<Signalling>[]): void } {
    return {
      remembered: [...this.#engine.all()],
      remember: (changes) => {
        this.#engine.note(changes)
        this.#open.append('engine', changes)
      },
    }
  }

  get held(): HeldFiles {
    const node = this
    return {
      folder: node.#options.folder,
      get number() {
        return node.#open.number
      },
      onFile: (then) => {
        node.#onFile = then
      },
      letGo: (before) => node.#open.letGo(before),
      get lost() {
        return node.#open.lost
      },
    }
  }

  /** What the last line before it led to is told in this turn, and when it is safe. */
  #fileBegan(number: number, place: number): void {
    if (this.#onFile === undefined) return
    setImmediate(() => this.#ledger?.whenSafe(place, () => setImmediate(() => this.#onFile?.(number))))
  }

  get memories(): Memories {
    return this.#shelves.memories
  }

  /** When everything that was put into memories is on the disk. */
  kept(): Promise<void> {
    return this.#shelves.kept()
  }

  /** What was damaged at the start stays a fault until the next one: somebody should have a look. */
  get fault(): string | undefined {
    return this.#open.fault ?? this.#read.damage[0]
  }

  async close(): Promise<void> {
    await this.#ledger?.close()
  }

  get #open(): Ledger {
    if (this.#ledger === undefined) throw new Error('the log has not begun')
    return this.#ledger
  }
}

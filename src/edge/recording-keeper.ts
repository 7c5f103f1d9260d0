/**
 * Sees to it that every recording that is over gets sealed and, where there is storage beside the folder, into it. What is still to be done follows
 * from the notes on the disk; what is held here is only an order of work.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type RecordingThread, ThreadFailure } from '../recordings/thread.ts'
import { RecordingFolders } from './recording-folders.ts'
import { audioPath, isHeld, isSealed, type Note, names, readNote, type Spot, save } from './recording-notes.ts'
import { keysOf, type SealParts, type Storage, seal, store } from './recording-seal.ts'
import { WorkQueue } from './work-queue.ts'

const dayMs = 86_400_000

export interface KeeperOptions {
  readonly root: string
  readonly thread: RecordingThread
  readonly clock: () => Instant
  readonly log?: Log
  /** Beside the folder. */
  readonly storage?: Storage
  /** How long the folder has what the storage has, too; for ever where absent. */
  readonly keepLocalDays?: number
}

export class RecordingKeeper {
  readonly thread: RecordingThread
  readonly #options: KeeperOptions
  readonly #queue: WorkQueue
  readonly #folders: RecordingFolders
  readonly #sealing = new Map<string, Promise<Note | undefined>>()
  readonly #timer: NodeJS.Timeout
  #last: Promise<unknown> = Promise.resolve()
  #isLooking = false

  constructor(options: KeeperOptions) {
    const { clock, log, root, thread } = options
    this.thread = thread
    this.#options = options
    this.#queue = new WorkQueue({ clock, log, onMissed: () => void this.look() })
    this.#folders = new RecordingFolders(root)
    this.#timer = setInterval(() => void this.look(), limits.recordingSweepMs).unref()
  }

  /** What keeps recordings from being kept as they should be. */
  get fault(): string | undefined {
    return this.#queue.fault
  }

  get storage(): Storage | undefined {
    return this.#options.storage
  }

  /** What changes notes and files happens one after the other. */
  readonly alone = <T>(work: () => Promise<T>): Promise<T> => {
    const done = this.#last.then(work, work)
    this.#last = done.catch(() => {})
    return done
  }

  /** A recording is over. */
  noticed(spot: Spot): void {
    const key = keyFor(spot)
    this.#queue.add({ key: `seal ${key}`, needs: 'disk', work: () => this.#seal(spot) })
  }

  /** Seals it now, for somebody who waits for it. */
  seal(spot: Spot): Promise<Note | undefined> {
    const key = keyFor(spot)
    const running = this.#sealing.get(key)
    if (running !== undefined) return running
    const sealing = seal(this.#parts, spot).finally(() => this.#sealing.delete(key))
    this.#sealing.set(key, sealing)
    return sealing
  }

  /** Everything that lies there: at the start, and again and again. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      this.#check()
      for (const name of await names(this.#graves)) this.#delete(join(this.#graves, name))
      await this.#folders.each((spot, note) => this.#lookAt(spot, note))
    } catch (err) {
      this.#options.log?.error({ err }, 'recordings could not be looked through')
    } finally {
      this.#isLooking = false
    }
  }

  /** It is about to be deleted here; elsewhere it will be. */
  async bury(spot: Spot, note: Note): Promise<void> {
    const key = keyFor(spot)
    for (const one of ['seal', 'store']) this.#queue.drop(`${one} ${key}`)
    const { storage } = this.#options
    if (storage === undefined && note.storage === undefined) return
    await mkdir(this.#graves, { recursive: true })
    const grave = join(this.#graves, `${key.replace(/[^A-Za-z0-9_.-]+/g, '~')}.json`)
    await save(grave, JSON.stringify(keysOf(note, { spot, prefix: storage?.prefix ?? '' })))
    this.#delete(grave)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#queue.close()
    await this.thread.close()
  }

  get #parts(): SealParts {
    const { thread, log } = this.#options
    return { thread, log, alone: this.alone }
  }

  get #graves(): string {
    return join(this.#options.root, '.deleting')
  }

  /** True: nothing will have to be done here any more. */
  async #lookAt(spot: Spot, note: Note): Promise<boolean> {
    if (this.#isDone(note)) return this.#unload(spot, note)
    this.noticed(spot)
    return false
  }

  #isDone(note: Note): boolean {
    const { storage } = this.#options
    return isSealed(note) && (storage === undefined || note.storage === storage.name)
  }

  async #seal(spot: Spot): Promise<void> {
    const note = await this.seal(spot)
    const { storage } = this.#options
    if (note === undefined || storage === undefined || note.storage === storage.name) return
    this.#queue.add({ key: `store ${keyFor(spot)}`, needs: 'storage', work: (signal) => this.#store(spot, storage, signal) })
  }

  async #store(spot: Spot, storage: Storage, signal: AbortSignal): Promise<void> {
    const note = await readNote(spot)
    if (note === undefined || note.storage === storage.name) return
    const isStored = await store(this.#parts, storage, { spot, note, signal }).catch(async (error: unknown) => {
      if ((await readNote(spot)) === undefined) return false
      throw error
    })
    if (isStored) await this.#unload(spot, { ...note, storage: storage.name })
    // Somebody deleted it while it was on its way.
    else await this.bury(spot, note)
  }

  /** What the storage has is not kept here for ever, unless it is under legal hold. True: it is not here. */
  async #unload(spot: Spot, note: Note): Promise<boolean> {
    const { storage, keepLocalDays, clock } = this.#options
    if (storage === undefined || keepLocalDays === undefined) return true
    if (addMs(note.startedAt, keepLocalDays * dayMs) > clock()) return false
    return this.alone(async () => {
      const now = await readNote(spot)
      if (now?.storage !== storage.name || (await isHeld(spot))) return false
      for (const file of now.files) await rm(audioPath(spot, file), { force: true })
      return true
    })
  }

  /** Whoever has mistyped the bucket learns it now and not after the first call. */
  #check(): void {
    const { storage, thread } = this.#options
    if (storage === undefined) return
    const text = JSON.stringify({ by: 'Sotto' })
    const work = (signal: AbortSignal) => thread.do({ kind: 'store-text', key: `${storage.prefix}.sotto`, text }, signal)
    this.#queue.add({ key: 'check', needs: 'storage', work })
  }

  #delete(grave: string): void {
    if (this.#options.storage === undefined) return
    const work = async (signal: AbortSignal) => {
      const keys = await keysIn(grave)
      await this.thread.do({ kind: 'remove', keys }, signal)
      await rm(grave, { force: true })
    }
    this.#queue.add({ key: `delete ${grave}`, needs: 'storage', work })
  }
}

const keyFor = ({ folder, id }: Spot): string => `${folder.split('/').slice(-2).join('/')}/${id}`

async function keysIn(grave: string): Promise<readonly string[]> {
  try {
    const keys: unknown = JSON.parse(await readFile(grave, 'utf8'))
    return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new ThreadFailure({ of: 'disk', why: String(error) })
  }
}

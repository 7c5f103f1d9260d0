/** Keeps the database open, and says how it is. Lives in the worker thread. */
import { type Database, openDatabase } from './database.ts'
import { faultOf, Refused, whyOf } from './faults.ts'
import type { Condition, StorePlace } from './messages.ts'
import { adviceFor, Displaced, identityOf } from './sqlite.ts'

export interface KeeperOptions {
  readonly place: StorePlace
  readonly onCondition: (condition: Condition) => void
  readonly remark: (level: 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void
}

export class Keeper {
  readonly #options: KeeperOptions
  #open: Database | undefined
  #opening: Promise<Database> | undefined
  #condition: Condition = { state: 'away', why: 'not opened yet' }
  /** The file as it was when it was refused. */
  #refused: string | undefined
  /** As it was when it was examined last. */
  #examined: string | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  get condition(): Condition {
    return this.#condition
  }

  /** Opens what is not open and tries it. */
  async look(): Promise<void> {
    await this.use(async ({ db }) => await db.selectFrom('positions').select('name').limit(1).execute()).catch(() => {})
    this.#options.onCondition(this.#condition)
  }

  /** Lets somebody work with the database. What goes wrong, except with the work's own rows, closes it until the next use. */
  async use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    let database: Database | undefined
    try {
      database = await this.#ready()
      this.#assertInPlace(database)
      const done = await database.inTime(work(database))
      // Only now: a commit into a file that was removed meanwhile is no commit.
      this.#assertInPlace(database)
      this.#tell({ state: 'ok' })
      return done
    } catch (error) {
      await this.#failed(error, database)
      throw error
    }
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.close()
  }

  async #ready(): Promise<Database> {
    if (this.#open !== undefined) return this.#open
    this.#opening ??= this.#openAgain().finally(() => {
      this.#opening = undefined
    })
    return await this.#opening
  }

  async #openAgain(): Promise<Database> {
    const { place } = this.#options
    const identity = place.url === undefined ? identityOf(place.file) : undefined
    if (identity !== undefined && identity === this.#refused && this.#condition.state === 'refused') throw new Refused(this.#condition.why)
    const inode = identity?.split(' ')[0]
    this.#open = await openDatabase(place, { check: inode !== this.#examined })
    this.#examined = place.url === undefined ? identityOf(place.file).split(' ')[0] : undefined
    this.#refused = undefined
    return this.#open
  }

  #assertInPlace(database: Database): void {
    try {
      database.assertInPlace()
    } catch (error) {
      if (error instanceof Displaced) this.#rescue(database)
      throw error
    }
  }

  /** The file was removed or replaced under our hands. What it held is still open, and is written to a file before it is let go. */
  #rescue(database: Database): void {
    const { place, remark } = this.#options
    const isFree = identityOf(place.file) === 'absent'
    const to = isFree ? place.file : `${place.file}.rescued-${Date.now()}`
    if (this.#open !== database) return
    try {
      database.rescue(to)
      remark(
        'error',
        { file: place.file, to },
        'the database file was removed or replaced while it was open; what it held has been written again',
      )
    } catch (error) {
      remark(
        'error',
        { file: place.file, to, err: error },
        'the database file was removed or replaced while it was open, and could not be saved',
      )
    }
  }

  async #failed(error: unknown, database: Database | undefined): Promise<void> {
    const { place } = this.#options
    const fault = faultOf(error)
    if (fault === 'row') return
    const isFile = place.url === undefined
    const isDamaged = fault === 'damaged'
    // Another one's failure may have closed it already, and somebody opened it anew.
    if (this.#open === database) await this.close().catch(() => {})
    if (isDamaged && isFile) {
      this.#refused = identityOf(place.file)
      this.#examined = undefined
    }
    const why = isDamaged && isFile && !(error instanceof Refused) ? adviceFor(place.file, whyOf(error)) : whyOf(error)
    this.#tell({ state: isDamaged ? 'refused' : 'away', why })
  }

  #tell(condition: Condition): void {
    const isNews = condition.state !== this.#condition.state
    this.#condition = condition
    if (isNews) this.#options.onCondition(condition)
  }
}

/**
 * Work that is tried until it succeeds, ever more seldom. Of what needs the storage only one is tried while that is away: it speaks for all.
 * What does not fit is left out and told, since whoever added it can find it again.
 */
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { ThreadFailure } from '../recordings/thread.ts'

export interface Work {
  /** The same work twice is done once. */
  readonly key: string
  readonly needs: 'disk' | 'storage'
  readonly work: (signal: AbortSignal) => Promise<void>
}

interface Trouble {
  readonly why: string
  readonly attempts: number
  readonly until: Instant
}

interface Waiting extends Work {
  readonly trouble?: Trouble
}

export interface WorkQueueOptions {
  readonly clock: () => Instant
  readonly log?: Log | undefined
  /** There is room again for what was left out. */
  readonly onMissed: () => void
}

export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #waiting = new Map<string, Waiting>()
  readonly #busy = new Map<string, { readonly needs: Work['needs']; readonly abort: AbortController }>()
  readonly #troubled = new Map<string, string>()
  #away: Trouble | undefined
  #missed = false
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  get fault(): string | undefined {
    return this.#away?.why ?? this.#troubled.values().next().value
  }

  add(work: Work): void {
    const isKnown = this.#waiting.has(work.key)
    if (!isKnown && this.#waiting.size >= limits.recordingsWaiting) this.#missed = true
    else if (!isKnown && !this.#isClosed) this.#waiting.set(work.key, work)
    this.#go()
  }

  /** Whoever does it breaks off. */
  drop(key: string): void {
    this.#waiting.delete(key)
    this.#troubled.delete(key)
    this.#busy.get(key)?.abort.abort()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#waiting.clear()
    for (const { abort } of this.#busy.values()) abort.abort()
  }

  #go(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    for (let next = this.#next(); next !== undefined; next = this.#next()) void this.#do(next)
    if (this.#waiting.size === 0 && this.#missed) {
      this.#missed = false
      this.#options.onMissed()
    }
    if (this.#waiting.size > 0 && this.#busy.size === 0) this.#timer = setTimeout(() => this.#go(), this.#patienceMs()).unref()
  }

  #next(): Waiting | undefined {
    if (this.#busy.size >= limits.recordingKeepers) return undefined
    const at = this.#options.clock()
    for (const one of this.#waiting.values()) if (this.#isDue(one, at)) return one
    return undefined
  }

  #isDue({ key, needs, trouble }: Waiting, at: Instant): boolean {
    if (this.#busy.has(key) || (trouble !== undefined && trouble.until > at)) return false
    if (needs === 'disk' || this.#away === undefined) return true
    return this.#away.until <= at && [...this.#busy.values()].every((one) => one.needs === 'disk')
  }

  /** Until somebody is due. */
  #patienceMs(): number {
    const at = this.#options.clock()
    const untils = [...this.#waiting.values()].map(({ needs, trouble }) =>
      Math.max(trouble?.until ?? 0, needs === 'storage' ? (this.#away?.until ?? 0) : 0),
    )
    return Math.min(
      limits.recordingRetryMaxMs,
      Math.max(10, untils.reduce((least, until) => Math.min(least, until), Number.POSITIVE_INFINITY) - at),
    )
  }

  async #do(one: Waiting): Promise<void> {
    const { key, needs, work } = one
    this.#waiting.delete(key)
    const abort = new AbortController()
    this.#busy.set(key, { needs, abort })
    try {
      await work(abort.signal)
      this.#troubled.delete(key)
      if (needs === 'storage') this.#isBack()
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(one, error)
    } finally {
      this.#busy.delete(key)
      this.#go()
    }
  }

  #isBack(): void {
    if (this.#away !== undefined) this.#options.log?.info({}, 'the storage for recordings is there again')
    this.#away = undefined
  }

  #failed(one: Waiting, error: unknown): void {
    const failure = error instanceof ThreadFailure ? error : new ThreadFailure({ of: 'disk', why: String(error) })
    const why = failure.message
    const { log } = this.#options
    // Nothing makes it better: whoever looks through the folder next tries it once more.
    if (failure.of === 'file') {
      this.#troubled.delete(one.key)
      return log?.error({ work: one.key, why }, 'a recording cannot be kept as it should be')
    }
    if (failure.of === 'storage') return this.#isAway(one, why)
    if (!this.#troubled.has(one.key)) log?.error({ work: one.key, why }, 'the folder for recordings fails')
    this.#troubled.set(one.key, why)
    this.#waiting.set(one.key, { ...one, trouble: this.#later(one.trouble, why) })
  }

  /** Those that were under way together have learned the same. */
  #isAway(one: Waiting, why: string): void {
    this.#waiting.set(one.key, one)
    if (this.#away === undefined) this.#options.log?.error({ why }, 'the storage for recordings is away')
    if (this.#away === undefined || this.#away.until <= this.#options.clock()) this.#away = this.#later(this.#away, why)
  }

  #later(before: Trouble | undefined, why: string): Trouble {
    const attempts = (before?.attempts ?? 0) + 1
    const waitMs = Math.min(limits.recordingRetryMaxMs, limits.recordingRetryMs * 2 ** Math.min(attempts - 1, 20))
    return { why, attempts, until: addMs(this.#options.clock(), waitMs) }
  }
}

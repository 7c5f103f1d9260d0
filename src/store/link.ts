/** The store's thread as the main thread sees it: started, restarted when it dies, asked and heard. */
import { Worker } from 'node:worker_threads'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Condition, FromWorker, Group, Rejection, StorePlace, ToWorker } from './messages.ts'
import type { Answer, Ask, QuestionName, ReadFailure } from './questions.ts'

export interface LinkOptions {
  readonly place: StorePlace
  readonly log: Log
  /** The database came, went or was refused; `slow` is the one thing that the thread cannot say itself. */
  readonly onCondition: (condition: Condition) => void
  /** The database was tried, with whatever result. */
  readonly onLooked: () => void
}

type Applied = { readonly rejected: readonly Rejection[] } | 'not-applied'

interface Asked {
  readonly resolve: (answer: Outcome<unknown, ReadFailure>) => void
  readonly timer: NodeJS.Timeout
}

export class Link {
  readonly #options: LinkOptions
  readonly #asked = new Map<number, Asked>()
  #worker: Worker | undefined
  #applying: { readonly group: Group; readonly resolve: (applied: Applied) => void; readonly slow: NodeJS.Timeout } | undefined
  #condition: Condition = { state: 'away', why: 'the database is being opened' }
  #lastAsked = 0
  #isClosed = false
  #whenClosed: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get condition(): Condition {
    return this.#condition
  }

  start(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#options.place, name: 'store' })
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#hear(message))
    worker.on('error', (err) => this.#options.log.error({ err }, 'bug: the thread of the store died'))
    worker.on('exit', () => this.#gone(worker))
    this.look()
  }

  look(): void {
    this.#say({ kind: 'look' })
  }

  /** One at a time. */
  async apply(group: Group): Promise<Applied> {
    if (this.#worker === undefined) return 'not-applied'
    return await new Promise((resolve) => {
      const slow = setTimeout(() => {
        this.#is({ state: 'away', why: `the database has not answered for ${limits.storeSlowMs / 1000} s` })
      }, limits.storeSlowMs)
      this.#applying = { group, resolve, slow }
      this.#say({ kind: 'apply', group })
    })
  }

  async ask<Q extends QuestionName>(name: Q, ask: Ask<Q>): Promise<Outcome<Answer<Q>, ReadFailure>> {
    if (this.#isClosed || this.#condition.state !== 'ok' || this.#asked.size >= limits.storeReads) return fail('unavailable')
    const id = ++this.#lastAsked
    const answered = await new Promise<Outcome<unknown, ReadFailure>>((resolve) => {
      const timer = setTimeout(() => this.#answered(id, fail('unavailable')), limits.storeReadMs)
      this.#asked.set(id, { resolve, timer })
      this.#say({ kind: 'ask', id, name, ask })
    })
    // The thread answers each question by the function of its name.
    return answered as Outcome<Answer<Q>, ReadFailure>
  }

  /** A thread that hangs is not waited for longer than a statement may take. */
  async close(): Promise<void> {
    this.#isClosed = true
    const worker = this.#worker
    for (const id of [...this.#asked.keys()]) this.#answered(id, fail('unavailable'))
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve
      setTimeout(resolve, limits.storeStatementMs).unref()
    })
    this.#say({ kind: 'close' })
    await closed
    await worker?.terminate()
  }

  #say(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }

  #gone(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#whenClosed?.()
    for (const id of [...this.#asked.keys()]) this.#answered(id, fail('unavailable'))
    if (!this.#isClosed) this.#is({ state: 'away', why: 'the thread of the store died' })
    this.#finish('not-applied')
    if (!this.#isClosed) setTimeout(() => this.#isClosed || this.start(), limits.storeRetryMs)
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'condition':
        this.#is(message.condition)
        return this.#options.onLooked()
      case 'applied':
        return this.#finish({ rejected: message.rejected })
      case 'not-applied':
        return this.#finish('not-applied')
      case 'answer':
        return this.#answered(message.id, ok(message.answer))
      case 'no-answer':
        return this.#answered(message.id, fail(message.failure))
      case 'remark':
        return this.#options.log[message.level](message.fields, message.message)
      case 'closed':
        return this.#whenClosed?.()
    }
  }

  #finish(applied: Applied): void {
    const applying = this.#applying
    if (applying === undefined) return
    this.#applying = undefined
    clearTimeout(applying.slow)
    // It was slow, and it is there after all.
    if (applied !== 'not-applied') this.#is({ state: 'ok' })
    applying.resolve(applied)
  }

  #answered(id: number, answer: Outcome<unknown, ReadFailure>): void {
    const asked = this.#asked.get(id)
    if (asked === undefined) return
    this.#asked.delete(id)
    clearTimeout(asked.timer)
    asked.resolve(answer)
  }

  #is(condition: Condition): void {
    const isNews = condition.state !== this.#condition.state
    this.#condition = condition
    if (isNews) this.#options.onCondition(condition)
  }
}

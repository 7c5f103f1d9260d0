/** The thread for recordings as the rest of the process sees it: it begins with the first job, and one that dies is replaced with the next. */
import { stat } from 'node:fs'
import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { Log } from '../kernel/log.ts'
import type { Encoded } from './encode.ts'
import type { Failure, Flow, FromThread, Job, Summed, ThreadPlace, ToThread } from './words.ts'

export class ThreadFailure extends Error {
  readonly of: Failure['of']

  constructor({ of, why }: Failure) {
    super(why)
    this.of = of
  }
}

interface Waiting {
  readonly done: (result: unknown) => void
  readonly failed: (failure: Failure) => void
  readonly chunk: (bytes: Uint8Array) => void
}

type ResultOf<J extends Job> = J['kind'] extends 'encode' ? Encoded : J['kind'] extends 'sum' ? Summed : undefined

export class RecordingThread {
  readonly #place: ThreadPlace
  readonly #log: Log | undefined
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #last = 0
  #isClosed = false

  constructor(place: ThreadPlace = {}, log?: Log) {
    this.#place = place
    this.#log = log
  }

  /** Rejects with a `ThreadFailure`. */
  do<J extends Job>(job: J, signal?: AbortSignal): Promise<ResultOf<J>> {
    const { promise, resolve, reject } = Promise.withResolvers<ResultOf<J>>()
    const id = this.#begin({
      done: (result) => resolve(result as ResultOf<J>),
      failed: (failure) => reject(new ThreadFailure(failure)),
      chunk: () => {},
    })
    this.#say({ kind: 'job', id, job })
    signal?.addEventListener('abort', () => this.#say({ kind: 'cancel', id }), { once: true })
    return promise
  }

  /** Whoever destroys it ends the flow; who reads slowly is given slowly. */
  open(flow: Flow): Readable {
    const begin = (readable: Readable): number => {
      const id = this.#begin({
        done: () => readable.push(null),
        failed: (failure) => readable.destroy(new ThreadFailure(failure)),
        chunk: (bytes) => readable.push(bytes),
      })
      this.#say({ kind: 'flow', id, flow })
      return id
    }
    let id: number | undefined
    const self = this
    return new Readable({
      read() {
        id ??= begin(this)
        self.#say({ kind: 'more', id })
      },
      destroy(error, callback) {
        if (id !== undefined) self.#leave(id)
        callback(error)
      },
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
  }

  #begin(waiting: Waiting): number {
    const id = ++this.#last
    this.#waiting.set(id, waiting)
    if (this.#isClosed) queueMicrotask(() => this.#end(id)?.failed({ of: 'disk', why: 'the server ends' }))
    else this.#worker ??= this.#start()
    // An idle thread keeps no process alive.
    this.#worker?.ref()
    return id
  }

  #start(): Worker {
    // The process's threads for files begin with their first work, and have the priority of who gives it. Not that of the one below.
    stat('/', () => {})
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#place, name: 'recordings' })
    worker.on('message', (message: FromThread) => this.#hear(message))
    worker.on('error', (err) => this.#log?.error({ err }, 'bug: the thread for recordings died'))
    worker.on('exit', () => this.#gone(worker))
    return worker
  }

  #hear(message: FromThread): void {
    const { id } = message
    if (message.kind === 'chunk') return this.#waiting.get(id)?.chunk(message.bytes)
    const waiting = this.#end(id)
    if (message.kind === 'done') waiting?.done(message.result)
    else waiting?.failed(message.failure)
  }

  #gone(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    for (const id of [...this.#waiting.keys()]) this.#end(id)?.failed({ of: 'disk', why: 'the thread for recordings ended' })
  }

  #leave(id: number): void {
    if (this.#end(id) !== undefined) this.#say({ kind: 'cancel', id })
  }

  #end(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    return waiting
  }

  #say(message: ToThread): void {
    this.#worker?.postMessage(message)
  }
}

export interface Ending {
  readonly by: 'us' | 'them'
  /** The status that refused the call; absent where it had been answered. */
  readonly status?: number
  readonly reason?: string
}

/** How far a call has come, as promises. A promise that nobody awaits must not end the process, so each rejection is heard here. */
export class Progress {
  readonly #ringing = Promise.withResolvers<void>()
  readonly #answered = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Ending>()

  constructor() {
    this.#ringing.promise.catch(() => {})
    this.#answered.promise.catch(() => {})
  }

  get ringing(): Promise<void> {
    return this.#ringing.promise
  }

  get answered(): Promise<void> {
    return this.#answered.promise
  }

  get ended(): Promise<Ending> {
    return this.#ended.promise
  }

  ring(): void {
    this.#ringing.resolve()
  }

  answer(): void {
    this.#ringing.resolve()
    this.#answered.resolve()
  }

  end(ending: Ending): void {
    const why = new Error(`the call ended: ${ending.status ?? ''} ${ending.reason ?? ending.by}`)
    this.#ringing.reject(why)
    this.#answered.reject(why)
    this.#ended.resolve(ending)
  }
}

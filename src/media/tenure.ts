/** Which connection commands this media process, and until when its word holds. */
import { addMs, type Instant } from '../kernel/time.ts'

export class Tenure {
  #epoch = -1
  #owner = -1
  #leaseMs: number
  #until: Instant | undefined

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs
  }

  get epoch(): number {
    return this.#epoch
  }

  get owner(): number {
    return this.#owner
  }

  /** False when a higher epoch rules. The same epoch may come back on a new connection, which then is the one that counts. */
  claim(at: Instant, connection: number, hello: { readonly epoch: number; readonly leaseMs: number }): boolean {
    if (hello.epoch < this.#epoch) return false
    this.#epoch = hello.epoch
    this.#owner = connection
    this.#leaseMs = hello.leaseMs
    this.renew(at)
    return true
  }

  /** From a predecessor: whoever comes back must have its epoch. The lease is not renewed by that, or deaths in a row would renew it for ever. */
  inherit({ epoch, leaseMs, until }: { readonly epoch: number; readonly leaseMs: number; readonly until?: Instant }): void {
    this.#epoch = epoch
    this.#leaseMs = leaseMs
    this.#until = until
  }

  get until(): Instant | undefined {
    return this.#until
  }

  get leaseMs(): number {
    return this.#leaseMs
  }

  rules(connection: number): boolean {
    return connection === this.#owner
  }

  renew(at: Instant): void {
    this.#until = addMs(at, this.#leaseMs)
  }

  /** Whether somebody commands: not before the first claim, nor after the lease was seen to have run out. */
  get held(): boolean {
    return this.#until !== undefined
  }

  /** True once, at the first look after the lease ran out. */
  lapsed(at: Instant): boolean {
    if (this.#until === undefined || at < this.#until) return false
    this.#until = undefined
    return true
  }
}

/**
 * How a running Sotto gives its calls to a newer one that was started beside it. The newer one asks, this one does and answers:
 *
 *   take-over  → offer   its standby is gone, so that the newer one's is the only one; nothing else has changed
 *   started              the newer one's control waits for ours to end, and would have to be gone before ours could run again
 *   yield      → yours   its control is gone, without draining: all that it knew is in the log
 *   done                 the newer one's media has taken over, and ours is gone with its process: we end
 *
 * If the newer one goes away before `done`, all goes on here as if nothing had been.
 */
import type { Socket } from 'node:net'
import { handoverForm } from '../kernel/launch.ts'
import type { Log } from '../kernel/log.ts'
import { hearLines, sayLine } from './json-lines.ts'

export type Ask =
  | { readonly kind: 'take-over'; readonly version: string; readonly form: number }
  | { readonly kind: 'yield' | 'done' }
  | { readonly kind: 'started'; readonly control: number }

export type Answer =
  | { readonly kind: 'offer'; readonly version: string; readonly mediaSocket: string }
  | { readonly kind: 'yours' }
  | { readonly kind: 'refused'; readonly why: string }

/** The launcher, as far as it is needed here. */
export interface Yielding {
  /** Whether there is anything to be handed over, and nobody else is at it. */
  readonly mayYield: boolean
  withoutStandby(): Promise<void>
  withoutControl(): Promise<void>
  goOn(): void
  leave(): void
}

export interface HandOverOptions {
  readonly version: string
  readonly mediaSocket: string
  readonly launcher: Yielding
  /** All is the newer one's, the folder of the socket too. */
  readonly onDone: () => void
  readonly log: Log
}

export class HandOver {
  readonly #options: HandOverOptions
  readonly #socket: Socket
  #isBegun = false
  #isDone = false
  /** The newer one's control. */
  #control: number | undefined

  constructor(socket: Socket, options: HandOverOptions) {
    this.#options = options
    this.#socket = socket
    hearLines(socket, (word) => void this.#heard(word as Ask))
    socket.once('close', () => this.#broken())
  }

  async #heard(ask: Ask): Promise<void> {
    const { launcher } = this.#options
    switch (ask.kind) {
      case 'take-over':
        return this.#offer(ask)
      case 'yield':
        if (!this.#isBegun) return
        await launcher.withoutControl()
        return this.#say({ kind: 'yours' })
      case 'started':
        this.#control = ask.control
        return
      case 'done':
        if (!this.#isBegun) return
        this.#isDone = true
        this.#options.onDone()
        return launcher.leave()
    }
  }

  async #offer({ version, form }: Extract<Ask, { kind: 'take-over' }>): Promise<void> {
    const { launcher, log, mediaSocket, version: ours } = this.#options
    if (form !== handoverForm)
      return this.#refuse(`Sotto ${ours}, which is running, hands over in form ${handoverForm}, and this is ${form}: stop it first`)
    if (!launcher.mayYield) return this.#refuse('it is starting, stopping or handing over already')
    this.#isBegun = true
    log.warn({ to: version }, 'a newer Sotto takes over')
    await launcher.withoutStandby()
    this.#say({ kind: 'offer', version: ours, mediaSocket })
  }

  #refuse(why: string): void {
    this.#say({ kind: 'refused', why })
    this.#socket.end()
  }

  #say(answer: Answer): void {
    sayLine(this.#socket, answer)
  }

  /** Two controls on one log would ruin it: a launcher that was killed may have left its one behind. */
  #broken(): void {
    if (!this.#isBegun || this.#isDone) return
    this.#options.log.warn({}, 'the newer Sotto went away before it was ready; all goes on here')
    if (this.#control !== undefined) killQuietly(this.#control)
    this.#options.launcher.goOn()
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended with its launcher.
  }
}

import { unreachable } from '../kernel/assert.ts'
import type { ChildMessage } from '../kernel/launch.ts'
import type { Log } from '../kernel/log.ts'
import { type Ending, KeptAlive, type Program } from './kept-alive.ts'

export interface LaunchPlan {
  readonly control: Program
  readonly media: Program
  /** Of two media processes one is active and the other its standby: they agree on that among themselves. */
  readonly standby?: Program
  /** Started once control is ready, knowing where it serves. */
  readonly demo?: (ready: ReadyControl) => Program
}

export type ReadyControl = Extract<ChildMessage, { kind: 'ready' }>

/**
 * `starting` until control has said that it is ready: a death now is final, since what cannot start once will not start again.
 * `running`: whoever dies is started again. `draining`: control ends by itself. `ending`: control is gone, media follows.
 */
type Phase = 'starting' | 'running' | 'draining' | 'ending'

/** How long a process may take to end once it has been told to stop at once. */
const killAfterMs = 2_000

/** Keeps control and media running until a signal, then ends them in that order. */
export class Launcher {
  readonly #plan: LaunchPlan
  readonly #log: Log
  readonly #control: KeptAlive
  readonly #media: KeptAlive
  readonly #standby: KeptAlive | undefined
  readonly #finish: (exitCode: number) => void
  #demo: KeptAlive | undefined
  #phase: Phase = 'starting'
  #exitCode = 0

  constructor(plan: LaunchPlan, log: Log, finish: (exitCode: number) => void) {
    this.#plan = plan
    this.#log = log
    this.#finish = finish
    this.#control = new KeptAlive(plan.control, log)
    this.#media = new KeptAlive(plan.media, log)
    this.#standby = plan.standby && new KeptAlive(plan.standby, log)
  }

  start(): void {
    this.#keep(this.#media, 'media')
    if (this.#standby !== undefined) this.#keep(this.#standby, 'media')
    this.#keep(this.#control, 'control')
  }

  /** The first signal drains; the second ends at once. */
  signalled(): void {
    if (this.#phase === 'draining' || this.#phase === 'ending') return this.#endNow(1)
    if (this.#phase === 'starting') return this.#endNow(0)
    this.#phase = 'draining'
    process.stderr.write('sotto: waiting for live calls to end; a second signal ends them now\n')
    this.#demo?.release()
    this.#control.release()
    if (this.#control.alive) this.#control.signal('SIGTERM')
    else this.#endMedia()
  }

  #keep(child: KeptAlive, name: 'control' | 'media'): void {
    child.onMessage = (message) => this.#heard(name, message)
    child.onEnd = (ending) => this.#ended(name, ending)
    child.start()
  }

  #heard(name: 'control' | 'media', message: ChildMessage): void {
    switch (message.kind) {
      case 'refused':
        // While running it is a port that was lost during a restart: the next attempt may get it back.
        process.stderr.write(`sotto: ${message.setting}: ${message.why}\n`)
        return
      case 'ready':
        if (name === 'control') this.#controlReady(message)
        return
      default:
        unreachable(message)
    }
  }

  #controlReady(ready: ReadyControl): void {
    if (this.#phase !== 'starting') return
    this.#phase = 'running'
    if (this.#plan.demo === undefined) {
      process.stdout.write(`sotto: ready at ${ready.http ?? 'no HTTP address'}, SIP at ${ready.sip?.join(', ') ?? 'no address'}\n`)
      return
    }
    this.#demo = new KeptAlive(this.#plan.demo(ready), this.#log)
    this.#demo.start()
  }

  #ended(name: 'control' | 'media', ending: Ending): boolean {
    switch (this.#phase) {
      case 'running':
        return true
      case 'starting':
        process.stderr.write(`sotto: ${name} could not start (${told(ending)})\n`)
        this.#endNow(1)
        return false
      case 'draining':
        // Media that dies while calls drain is still needed by them.
        if (name === 'media') return true
        if (ending.code !== 0) this.#exitCode = 1
        this.#endMedia()
        return false
      case 'ending':
        this.#finishWhenAllEnded()
        return false
      default:
        return unreachable(this.#phase)
    }
  }

  #endMedia(): void {
    this.#phase = 'ending'
    this.#stop(this.#demo, 'SIGTERM')
    this.#stop(this.#standby, 'SIGTERM')
    this.#stop(this.#media, 'SIGTERM')
    this.#finishWhenAllEnded()
  }

  #endNow(exitCode: number): void {
    this.#phase = 'ending'
    this.#exitCode = exitCode
    for (const child of [this.#demo, this.#control, this.#standby, this.#media]) this.#stop(child, 'SIGTERM')
    this.#finishWhenAllEnded()
  }

  #stop(child: KeptAlive | undefined, signal: NodeJS.Signals): void {
    if (child === undefined) return
    child.release()
    child.signal(signal)
    setTimeout(() => child.signal('SIGKILL'), killAfterMs).unref()
  }

  #finishWhenAllEnded(): void {
    if (!this.#control.alive && !this.#media.alive && this.#standby?.alive !== true) this.#finish(this.#exitCode)
  }
}

const told = ({ code, signal }: Ending): string => (signal === null ? `exit code ${code}` : signal)

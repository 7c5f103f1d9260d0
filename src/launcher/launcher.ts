import { unreachable } from '../kernel/assert.ts'
import type { ChildMessage } from '../kernel/launch.ts'
import type { Log } from '../kernel/log.ts'
import type { Yielding } from './hand-over.ts'
import { type Ending, KeptAlive, type Program } from './kept-alive.ts'
import type { Predecessor } from './predecessor.ts'

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
 * `running`: whoever dies is started again. `yielding`: a newer launcher is taking over. `draining`: control ends by itself. `ending`:
 * control is gone, media follows.
 */
type Phase = 'starting' | 'running' | 'yielding' | 'draining' | 'ending'

type Wants = (name: 'control' | 'media', message: ChildMessage) => boolean

/** How long a process may take to end once it has been told to stop at once. */
const killAfterMs = 2_000

/** From the first question to the last answer; a step takes a second or two. */
const takeOverMs = 30_000

/** Keeps control and media running until a signal, then ends them in that order. */
export class Launcher implements Yielding {
  readonly #plan: LaunchPlan
  readonly #log: Log
  readonly #control: KeptAlive
  readonly #media: KeptAlive
  readonly #standby: KeptAlive | undefined
  readonly #finish: (exitCode: number) => void
  #demo: KeptAlive | undefined
  #phase: Phase = 'starting'
  #exitCode = 0
  /** Asked for by `takeOver`. */
  #awaited: { readonly wants: Wants; readonly found: () => void } | undefined

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

  /** Begins as the standby of what an older launcher runs. Whatever fails before media has taken over leaves that one as it was. */
  async takeOver(old: Predecessor, onTaken: () => Promise<void>): Promise<void> {
    const patience = setTimeout(() => this.#failToTakeOver('it takes too long'), takeOverMs)
    const media = this.#hears((name, { kind }) => name === 'media' && kind === 'ready')
    this.#keep(this.#media, 'media')
    await media
    const loaded = this.#hears((_, { kind }) => kind === 'loaded')
    this.#keep(this.#control, 'control', { SOTTO_WAITS: '1' })
    await loaded
    if (this.#control.pid !== undefined) old.started(this.#control.pid)
    if (!(await old.yields())) return this.#failToTakeOver('it does not yield')
    const control = this.#hears((name, { kind }) => name === 'control' && kind === 'ready')
    this.#control.signal('SIGUSR2')
    await control
    await this.#mediaActive()
    clearTimeout(patience)
    await onTaken()
    await old.done()
    if (this.#standby !== undefined) this.#keep(this.#standby, 'media')
  }

  get mayYield(): boolean {
    return this.#phase === 'running' && this.#plan.demo === undefined && this.#medias.some(({ is }) => is === 'active')
  }

  /** The two of media change places whenever one dies. */
  async withoutStandby(): Promise<void> {
    this.#phase = 'yielding'
    for (const media of this.#medias) if (media.is !== 'active') await media.end()
  }

  /** Media is not started again from now on: the newer one's has taken its place when it ends. */
  async withoutControl(): Promise<void> {
    for (const media of this.#medias) media.release()
    await this.#control.end()
  }

  get #medias(): readonly KeptAlive[] {
    return this.#standby === undefined ? [this.#media] : [this.#media, this.#standby]
  }

  goOn(): void {
    if (this.#phase !== 'yielding') return
    this.#phase = 'running'
    for (const child of [...this.#medias, this.#control]) child.start()
  }

  leave(): void {
    this.#endNow(0)
  }

  /** The first signal drains; the second ends at once. */
  signalled(): void {
    if (this.#phase === 'draining' || this.#phase === 'ending') return this.#endNow(1)
    if (this.#phase === 'starting') return this.#endNow(0)
    if (this.#phase === 'yielding') return void process.stderr.write('sotto: a newer Sotto is taking over, which is a matter of seconds\n')
    this.#phase = 'draining'
    process.stderr.write('sotto: waiting for live calls to end; a second signal ends them now\n')
    this.#demo?.release()
    this.#control.release()
    if (this.#control.alive) this.#control.signal('SIGTERM')
    else this.#endMedia()
  }

  #keep(child: KeptAlive, name: 'control' | 'media', once?: Program['environment']): void {
    child.onMessage = (message) => this.#heard(name, message)
    child.onEnd = (ending) => this.#ended(name, ending)
    child.start(once)
  }

  #heard(name: 'control' | 'media', message: ChildMessage): void {
    switch (message.kind) {
      case 'refused':
        // While running it is a port that was lost during a restart: the next attempt may get it back.
        process.stderr.write(`sotto: ${message.setting}: ${message.why}\n`)
        return
      case 'ready':
        if (name === 'control') this.#controlReady(message)
        break
      case 'loaded':
        break
      default:
        unreachable(message)
    }
    if (this.#awaited?.wants(name, message)) this.#awaited.found()
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

  #hears(wants: Wants): Promise<void> {
    return new Promise((found) => {
      this.#awaited = { wants, found }
    })
  }

  /** It may be so already, where the older one has died meanwhile; and one that dies itself has to be told again. */
  async #mediaActive(): Promise<void> {
    if (this.#media.is === 'active') return
    const active = this.#hears((name) => {
      if (name === 'media' && this.#media.is === 'standby') this.#media.signal('SIGUSR2')
      return this.#media.is === 'active'
    })
    this.#media.signal('SIGUSR2')
    await active
  }

  #failToTakeOver(why: string): void {
    process.stderr.write(`sotto: the running Sotto cannot be taken over: ${why}\n`)
    this.#endNow(1)
  }

  #ended(name: 'control' | 'media', ending: Ending): boolean {
    switch (this.#phase) {
      case 'running':
      case 'yielding':
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

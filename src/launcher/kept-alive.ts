import { type ChildProcess, spawn } from 'node:child_process'
import { type ChildMessage, isChildMessage } from '../kernel/launch.ts'
import type { Log } from '../kernel/log.ts'
import { Backoff } from './backoff.ts'

export interface Program {
  readonly name: 'control' | 'media' | 'demo'
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[]
  readonly file: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

type Ready = Extract<ChildMessage, { kind: 'ready' }>

/** While a standby takes over it needs the processor more than whoever is to be its own standby. */
const mediaRestMs = 100

/** A child process that is started again whenever it dies, until it is released. */
export class KeptAlive {
  readonly #program: Program
  readonly #log: Log
  readonly #backoff: Backoff
  #child: ChildProcess | undefined
  #startedAt = 0
  #ready: Ready | undefined
  #restart: NodeJS.Timeout | undefined
  #wanted = true

  onMessage: (message: ChildMessage) => void = () => undefined
  /** The process has ended. True: start it again. */
  onEnd: (ending: Ending) => boolean = () => true

  constructor(program: Program, log: Log) {
    this.#program = program
    this.#log = log
    this.#backoff = new Backoff(program.name === 'media' ? mediaRestMs : 0)
  }

  get alive(): boolean {
    return this.#child !== undefined
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** What a media process has said of itself last. */
  get is(): Ready['as'] {
    return this.#ready?.as
  }

  /** `once`: added to its environment this time only. */
  start(once: Program['environment'] = {}): void {
    if (this.alive) return
    clearTimeout(this.#restart)
    const { nodeOptions = [], file, args, environment } = this.#program
    this.#wanted = true
    this.#ready = undefined
    this.#startedAt = performance.now()
    // A process group of its own: Ctrl-C in a terminal reaches the launcher only, which knows the right order.
    const child = spawn(process.execPath, [...nodeOptions, file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: { ...environment, ...once },
    })
    this.#child = child
    child.on('message', (message) => this.#heard(message))
    child.once('error', (error) => this.#log.error({ program: this.#program.name, error }, 'a process could not be started or told'))
    child.once('exit', (code, signal) => this.#ended({ code, signal }))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** It is not started again from now on. */
  release(): void {
    this.#wanted = false
    clearTimeout(this.#restart)
  }

  /** Ends it at once and for good; resolves when it is gone. */
  async end(): Promise<void> {
    this.release()
    const child = this.#child
    if (child === undefined) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await gone
  }

  #heard(message: unknown): void {
    if (!isChildMessage(message)) return
    if (message.kind === 'ready') this.#ready = message
    this.onMessage(message)
  }

  #ended(ending: Ending): void {
    this.#child = undefined
    const life = { livedMs: performance.now() - this.#startedAt, wasReady: this.#ready !== undefined }
    this.#ready = undefined
    const again = this.onEnd(ending)
    if (!again || !this.#wanted) return
    const delayMs = this.#backoff.after(life)
    this.#log.warn({ program: this.#program.name, ...ending, delayMs }, 'a process died and is started again')
    this.#restart = setTimeout(() => this.start(), delayMs)
  }
}

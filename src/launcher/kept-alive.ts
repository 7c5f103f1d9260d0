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

/** A child process that is started again whenever it dies, until it is released. */
export class KeptAlive {
  readonly #program: Program
  readonly #log: Log
  readonly #backoff = new Backoff()
  #child: ChildProcess | undefined
  #startedAt = 0
  #restart: NodeJS.Timeout | undefined
  #wanted = true

  onMessage: (message: ChildMessage) => void = () => undefined
  /** The process has ended. True: start it again. */
  onEnd: (ending: Ending) => boolean = () => true

  constructor(program: Program, log: Log) {
    this.#program = program
    this.#log = log
  }

  get alive(): boolean {
    return this.#child !== undefined
  }

  start(): void {
    const { nodeOptions = [], file, args, environment } = this.#program
    this.#startedAt = performance.now()
    // A process group of its own: Ctrl-C in a terminal reaches the launcher only, which knows the right order.
    const child = spawn(process.execPath, [...nodeOptions, file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: environment,
    })
    this.#child = child
    child.on('message', (message) => {
      if (isChildMessage(message)) this.onMessage(message)
    })
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

  #ended(ending: Ending): void {
    this.#child = undefined
    const again = this.onEnd(ending)
    if (!again || !this.#wanted) return
    const delayMs = this.#backoff.afterLifeOf(performance.now() - this.#startedAt)
    this.#log.warn({ program: this.#program.name, ...ending, delayMs }, 'a process died and is started again')
    this.#restart = setTimeout(() => this.start(), delayMs)
  }
}

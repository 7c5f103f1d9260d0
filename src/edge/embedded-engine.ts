/** Sotto's own engine with its sockets, its clock and its line to the media process: what the desk sees is `Engine` of engine/port.ts. */
import { EmbeddedEngine, type EmbeddedStats } from '../engine/embedded/embedded-engine.ts'
import { type EngineChange, newEpoch } from '../engine/embedded/memory.ts'
import type { EngineOutput } from '../engine/embedded/output.ts'
import type { Engine, EngineEvent, EngineOrder, LineDoor } from '../engine/port.ts'
import type { CallId, RequestId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { Listener, UserAgentSettings } from '../sip/door.ts'
import { UserAgent } from '../sip/user-agent.ts'
import { now, timerMs } from './clock.ts'
import { systemHash } from './hash.ts'
import { MediaLink } from './media-link.ts'
import { systemRandom } from './random.ts'
import { type SipInlet, SipSockets, type SipTls } from './sip-sockets.ts'
import type { UpgradeGuest } from './upgrades.ts'

export interface EmbeddedEngineOptions {
  /** Port 0 in `listen`: any that is free. */
  readonly sip: UserAgentSettings
  readonly tls?: SipTls
  /** Path of the media process's local socket. */
  readonly mediaSocket: string
  /** What session descriptions say instead of the addresses that the media process has bound. */
  readonly mediaAddress?: { readonly 4?: string; readonly 6?: string }
  readonly memory?: EngineMemories
  readonly log: Log
}

/** What outlives the process. */
export interface EngineMemories {
  /** What earlier processes told to `remember`, or what holds of it. */
  readonly remembered: readonly EngineChange[]
  /** Written down before it returns: what comes of it leaves the process right after. */
  remember(changes: readonly EngineChange[]): void
}

export interface EngineStats extends EmbeddedStats {
  /** Connections over TCP, TLS and WebSocket. */
  readonly connections: number
}

export class EmbeddedEngineHost implements Engine {
  readonly #options: EmbeddedEngineOptions
  readonly #sockets: SipSockets
  readonly #link: MediaLink
  readonly #listeners: ((event: EngineEvent) => void)[] = []
  /** What is still to be done, in order. An event's listener may give orders: theirs come after what is here already. */
  readonly #todo: EngineOutput[] = []
  #isWorking = false
  #core: EmbeddedEngine | undefined
  #bound: readonly Listener[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAt: Instant | undefined

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options
    this.#sockets = new SipSockets({ ...options, now, listen: options.sip.listen, inlet: this.#inlet() })
    this.#link = new MediaLink({
      path: options.mediaSocket,
      log: options.log,
      onConnected: () => this.#run((core, at) => core.mediaConnected(at)),
      onDisconnected: () => this.#run((core, at) => core.mediaDisconnected(at)),
      onEvent: (event) => this.#run((core, at) => core.mediaEvent(at, event)),
    })
  }

  /** The listeners as they are bound. */
  get listeners(): readonly Listener[] {
    return this.#bound
  }

  /** SIP over WebSocket on the port of another server. */
  get softphones(): UpgradeGuest {
    return this.#sockets.guests
  }

  /** Binds the sockets, or fails with the address that cannot be had. Whether calls can be carried, the event `media` tells. */
  async start(): Promise<void> {
    this.#bound = await this.#sockets.bind()
    const userAgent = { ...this.#options.sip, listen: this.#bound }
    const door = new UserAgent(userAgent, systemRandom, systemHash)
    const { mediaAddress } = this.#options
    const settings = mediaAddress === undefined ? { userAgent } : { userAgent, mediaAddress }
    const { memory } = this.#options
    this.#core = new EmbeddedEngine(door, settings, systemRandom, newEpoch(now(), memory?.remembered ?? []))
    if (memory !== undefined) this.#run((core, at) => core.restore(at, memory.remembered))
    this.#run((core, at) => core.start(at))
    this.#link.start()
  }

  /** New extensions, trunks and realm; the listeners stay as they are. */
  configure(sip: Omit<UserAgentSettings, 'listen'>): void {
    this.#run((core, at) => core.configure(at, { ...sip, listen: this.#bound }))
  }

  order(order: EngineOrder): void {
    this.#run((core, at) => core.order(at, order))
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listeners.push(listener)
  }

  measure(call: CallId, request: RequestId): void {
    this.#run((core, at) => core.measure(at, call, request))
  }

  get lines(): LineDoor {
    return {
      open: (request, line, offer) => this.#run((core, at) => core.openLine(at, request, line, offer)),
      renew: (request, line, offer) => this.#run((core, at) => core.renewLine(at, request, line, offer)),
      close: (line) => this.#run((core, at) => core.closeLine(at, line)),
    }
  }

  stats(): EngineStats {
    const core = this.#core?.stats() ?? { legs: 0, lines: 0, bridges: 0, contacts: 0, media: 'down' }
    return { ...core, connections: this.#sockets.connections }
  }

  /** Ends every session, waits a moment for the goodbyes to arrive, then closes the sockets. */
  async stop(): Promise<void> {
    const hadLegs = this.stats().legs > 0
    this.#run((core, at) => core.stop(at))
    if (hadLegs) await new Promise((resolve) => setTimeout(resolve, limits.engineStopMs))
    this.#core = undefined
    clearTimeout(this.#timer)
    this.#link.stop()
    await this.#sockets.close()
  }

  #inlet(): SipInlet {
    return {
      received: (bytes, flow) => this.#run((core, at) => core.receive(at, bytes, flow)),
      opened: (connectId, flow) => this.#run((core, at) => core.flowOpened(at, connectId, flow)),
      failed: (connectId) => this.#run((core, at) => core.flowFailed(at, connectId)),
      closed: (flow) => this.#run((core, at) => core.flowClosed(at, flow)),
      resolved: (queryId, answers) => this.#run((core, at) => core.resolved(at, queryId, answers)),
    }
  }

  /** Whatever happens comes through here. A bug costs what it happened in; the process, and every other call, lives on. */
  #run(work: (core: EmbeddedEngine, at: Instant) => readonly EngineOutput[]): void {
    if (this.#core === undefined) return
    try {
      for (const output of work(this.#core, now())) this.#todo.push(output)
    } catch (bug) {
      this.#options.log.error({ bug }, 'bug in the engine')
    }
    this.#remember(this.#core)
    if (this.#isWorking) return
    this.#isWorking = true
    for (let next = 0; next < this.#todo.length; next++) this.#carryOut(this.#todo[next])
    this.#todo.length = 0
    this.#isWorking = false
    this.#arm()
  }

  /** Before what came of it is carried out: what the far end has been told, the next process knows. */
  #remember(core: EmbeddedEngine): void {
    try {
      const changes = core.changes()
      if (changes.length > 0) this.#options.memory?.remember(changes)
    } catch (bug) {
      this.#options.log.error({ bug }, 'bug in remembering')
    }
  }

  #carryOut(output: EngineOutput | undefined): void {
    try {
      if (output?.kind === 'sip') this.#sockets.carryOut(output.output)
      else if (output?.kind === 'media') this.#link.send(output.order)
      else if (output?.kind === 'event') for (const listener of this.#listeners) listener(output.event)
    } catch (bug) {
      this.#options.log.error({ bug, output: output?.kind }, 'bug in carrying out')
    }
  }

  /** A timer that rings too early costs less than setting it anew at every message: deadlines move away far more often than closer. */
  #arm(): void {
    const deadline = this.#core?.deadline()
    if (deadline === undefined || (this.#timerAt !== undefined && this.#timerAt <= deadline)) return
    clearTimeout(this.#timer)
    this.#timerAt = deadline
    this.#timer = setTimeout(() => this.#wake(), timerMs(deadline))
  }

  #wake(): void {
    this.#timerAt = undefined
    this.#run((core, at) => core.wake(at))
  }
}

/** A SIP stack whose process dies now and then: another one goes on with what was remembered, as JSON. */
import type { Instant } from '../src/kernel/time.ts'
import type { Flow, Output, ResolveAnswer, SipChange, SipDoor, UserAgentSettings } from '../src/sip/door.ts'
import { UserAgent } from '../src/sip/user-agent.ts'
import type { Clock } from './clock.ts'
import type { SeededRandom } from './random.ts'
import { hash } from './sip-world.ts'

/** `unsaid`: with what it was about to say, which it had written down. `said`: right after it had said it. */
export type Death = 'unsaid' | 'said'

type Door = Pick<SipDoor, 'receive' | 'wake' | 'deadline' | 'flowOpened' | 'flowFailed' | 'flowClosed' | 'resolved'>

export class MortalStack implements Door {
  agent: UserAgent
  isDown = false
  readonly #settings: UserAgentSettings
  readonly #random: (seed: number) => SeededRandom
  readonly #clock: Clock
  readonly #log: string[] = []
  /** Connections that this process knows: they die with it. */
  #flows = new Map<string, Flow>()
  #lives = 0
  #doom: { readonly death: Death; readonly downMs: number } | undefined
  onDeath: (broken: readonly Flow[]) => void = () => {}
  /** The next process is there, and this is what it does first. */
  onBirth: (outputs: readonly Output[]) => void = () => {}

  constructor(settings: UserAgentSettings, random: (seed: number) => SeededRandom, clock: Clock) {
    this.#settings = settings
    this.#random = random
    this.#clock = clock
    this.agent = new UserAgent(settings, random(0), hash)
  }

  get lives(): number {
    return this.#lives
  }

  /** With the next thing that happens. Nobody is there for `downMs` then, and what is sent to him is lost. */
  doom(death: Death, downMs: number): void {
    this.#doom = { death, downMs }
  }

  do(act: (agent: UserAgent) => readonly Output[]): readonly Output[] {
    if (this.isDown) return []
    const outputs = act(this.agent)
    for (const change of this.agent.changes()) this.#log.push(JSON.stringify(change))
    const doom = this.#doom
    if (doom === undefined) return outputs
    this.#doom = undefined
    this.isDown = true
    const broken = [...this.#flows.values()]
    this.#flows = new Map()
    this.#clock.after(0, () => this.onDeath(broken))
    this.#clock.after(doom.downMs, () => this.#beBorn(this.#clock.now))
    return doom.death === 'said' ? outputs.filter((output) => output.kind === 'send' || output.kind === 'event') : []
  }

  #beBorn(at: Instant): void {
    this.#lives += 1
    this.isDown = false
    this.agent = new UserAgent(this.#settings, this.#random(this.#lives), hash)
    const before = this.#log.map((line) => JSON.parse(line) as SipChange)
    this.onBirth(this.do((agent) => [...agent.restore(at, before), ...agent.start(at)]))
  }

  receive(at: Instant, bytes: Uint8Array, flow: Flow): readonly Output[] {
    if (flow.transport !== 'UDP' && !this.isDown) this.#flows.set(flow.id, flow)
    return this.do((agent) => agent.receive(at, bytes, flow))
  }

  flowOpened(at: Instant, connectId: string, flow: Flow): readonly Output[] {
    if (!this.isDown) this.#flows.set(flow.id, flow)
    return this.do((agent) => agent.flowOpened(at, connectId, flow))
  }

  flowFailed(at: Instant, connectId: string): readonly Output[] {
    return this.do((agent) => agent.flowFailed(at, connectId))
  }

  flowClosed(at: Instant, flow: Flow): readonly Output[] {
    this.#flows.delete(flow.id)
    return this.do((agent) => agent.flowClosed(at, flow))
  }

  resolved(at: Instant, queryId: string, answers: readonly ResolveAnswer[]): readonly Output[] {
    return this.do((agent) => agent.resolved(at, queryId, answers))
  }

  wake(at: Instant): readonly Output[] {
    return this.do((agent) => agent.wake(at))
  }

  deadline(): Instant | undefined {
    return this.isDown ? undefined : this.agent.deadline()
  }
}

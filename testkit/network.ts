import type { Address, Flow, Listener, Output, ResolveAnswer, SipDoor, SipEvent, Transport } from '../src/sip/door.ts'
import { datagramFlow } from '../src/sip/transport.ts'
import type { Clock } from './clock.ts'
import type { SeededRandom } from './random.ts'

export interface Weather {
  /** Share of datagrams that are lost, 0 to 1. */
  readonly loss: number
  readonly duplication: number
  readonly minDelayMs: number
  /** Datagrams overtake each other as far as delays differ. */
  readonly maxDelayMs: number
}

export const fair: Weather = { loss: 0, duplication: 0, minDelayMs: 5, maxDelayMs: 5 }

type Stack = Pick<SipDoor, 'receive' | 'wake' | 'deadline' | 'flowOpened' | 'flowFailed' | 'flowClosed' | 'resolved'> & {
  /** Nobody listens: connections are refused. */
  readonly isDown?: boolean
}

/** What happens to one datagram on its way; `undefined` leaves it to the weather. */
export type Fate = 'lose' | 'deliver' | undefined

/** A network without sockets between SIP stacks: datagrams suffer the weather, connections keep order and lose nothing. */
export class Network {
  readonly clock: Clock
  readonly #random: SeededRandom
  readonly #hosts: Host[] = []
  readonly #pipes = new Map<string, { readonly host: Host; readonly flow: Flow }>()
  readonly #underWay = new Map<string, Uint8Array[]>()
  readonly names = new Map<string, readonly ResolveAnswer[]>()
  weather: Weather
  /** Looks at every datagram, to lose a particular one. */
  judge: (bytes: Uint8Array, flow: Flow) => Fate = () => undefined
  #connections = 0

  constructor(clock: Clock, random: SeededRandom, weather: Weather = fair) {
    this.clock = clock
    this.#random = random
    this.weather = weather
  }

  join(stack: Stack, listen: readonly Listener[], react: (event: SipEvent, host: Host) => void = () => {}): Host {
    const host = new Host(this, stack, { listen, react })
    this.#hosts.push(host)
    return host
  }

  carry(from: Host, flow: Flow, bytes: Uint8Array): void {
    if (flow.transport === 'UDP') this.#datagram(flow, bytes)
    else this.#segment(from, flow, bytes)
  }

  connect(from: Host, output: Extract<Output, { kind: 'connect' }>): void {
    const { id, transport } = output
    const remote = { address: output.address, port: output.port }
    const to = this.#hosts.find((host) => host.listensOn(transport, remote) && host.stack.isDown !== true)
    this.clock.after(this.weather.minDelayMs, () => {
      if (to === undefined) from.carryOut(from.stack.flowFailed(this.clock.now, id))
      else from.carryOut(from.stack.flowOpened(this.clock.now, id, this.pipe({ from, to, transport, remote })))
    })
  }

  /** Opens a connection; returns the near end. */
  pipe(between: { from: Host; to: Host; transport: Transport; remote: Address }): Flow {
    const { from, to, transport, remote } = between
    const n = ++this.#connections
    const local = { address: from.address, port: 40_000 + n }
    const near: Flow = { id: `near ${n}`, transport, local, remote }
    const far: Flow = { id: `far ${n}`, transport, local: remote, remote: local }
    this.#pipes.set(near.id, { host: to, flow: far })
    this.#pipes.set(far.id, { host: from, flow: near })
    return near
  }

  /** Both ends see the connection close. */
  cut(flow: Flow): void {
    const far = this.#pipes.get(flow.id)
    const near = far === undefined ? undefined : this.#pipes.get(far.flow.id)
    for (const end of [far, near]) {
      if (end === undefined) continue
      this.#pipes.delete(end.flow.id)
      end.host.carryOut(end.host.stack.flowClosed(this.clock.now, end.flow))
    }
  }

  #datagram(flow: Flow, bytes: Uint8Array): void {
    const fate = this.judge(bytes, flow)
    if (fate === 'lose' || (fate === undefined && this.#random.chance(this.weather.loss))) return
    const copies = fate === undefined && this.#random.chance(this.weather.duplication) ? 2 : 1
    for (let i = 0; i < copies; i++) this.#deliver(flow, bytes)
  }

  #deliver(flow: Flow, bytes: Uint8Array): void {
    const { minDelayMs, maxDelayMs } = this.weather
    this.clock.after(minDelayMs + this.#random.integer(maxDelayMs - minDelayMs + 1), () => {
      const to = this.#hosts.find((host) => host.listensOn('UDP', flow.remote))
      to?.carryOut(to.stack.receive(this.clock.now, bytes, datagramFlow(flow.remote, flow.local)))
    })
  }

  /** Tasks of the same instant come in any order, bytes of one connection do not. */
  #segment(from: Host, flow: Flow, bytes: Uint8Array): void {
    const underWay = this.#underWay.get(flow.id) ?? []
    this.#underWay.set(flow.id, underWay)
    underWay.push(bytes)
    this.clock.after(this.weather.minDelayMs, () => {
      const first = underWay.shift()
      const far = this.#pipes.get(flow.id)
      if (first !== undefined && far !== undefined && far.host !== from)
        far.host.carryOut(far.host.stack.receive(this.clock.now, first, far.flow))
    })
  }
}

/** One stack in the network, with its one timer and the ear that reacts to its events. */
export class Host {
  readonly stack: Stack
  readonly events: SipEvent[] = []
  readonly sent: Uint8Array[] = []
  readonly #network: Network
  readonly #listen: readonly Listener[]
  readonly #react: (event: SipEvent, host: Host) => void
  #callOff: () => void = () => {}

  constructor(network: Network, stack: Stack, own: { listen: readonly Listener[]; react: (event: SipEvent, host: Host) => void }) {
    this.#network = network
    this.stack = stack
    this.#listen = own.listen
    this.#react = own.react
  }

  get address(): string {
    return this.#listen[0]?.address ?? '0.0.0.0'
  }

  listensOn(transport: Transport, at: Address): boolean {
    return this.#listen.some((l) => l.transport === transport && l.address === at.address && l.port === at.port)
  }

  carryOut(outputs: readonly Output[]): void {
    const { clock } = this.#network
    for (const output of outputs) {
      switch (output.kind) {
        case 'send':
          this.sent.push(output.bytes)
          this.#network.carry(this, output.flow, output.bytes)
          break
        case 'connect':
          this.#network.connect(this, output)
          break
        case 'resolve': {
          const answers = (this.#network.names.get(output.name) ?? []).filter((a) => a.type === output.type)
          clock.after(1, () => this.carryOut(this.stack.resolved(clock.now, output.id, answers)))
          break
        }
        case 'close':
          this.#network.cut(output.flow)
          break
        case 'event':
          this.events.push(output.event)
          this.#react(output.event, this)
      }
    }
    this.#wind()
  }

  #wind(): void {
    this.#callOff()
    const deadline = this.stack.deadline()
    if (deadline === undefined) return
    const { clock } = this.#network
    this.#callOff = clock.after(deadline - clock.now, () => this.carryOut(this.stack.wake(clock.now)))
  }
}

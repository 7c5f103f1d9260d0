/**
 * The embedded engine as it really is, without a desk: its sockets, its SIP layer and a media process of its own, on loopback, with
 * virtual phones around it. A trivial desk connects whoever calls with whom he dialled; a test may give any further orders itself.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Effect } from '../src/call/effect.ts'
import type { Endpoint } from '../src/call/endpoint.ts'
import type { EndReason } from '../src/call/reason.ts'
import { EmbeddedEngineHost, type EmbeddedEngineOptions } from '../src/edge/embedded-engine.ts'
import type { Engine, EngineEvent, LegLevel } from '../src/engine/port.ts'
import { accountId, type CallId, callId, type LegId, legId, requestId } from '../src/kernel/ids.ts'
import { silent } from '../src/kernel/log.ts'
import type { Listener, TrunkSettings } from '../src/sip/door.ts'
import { Phone, type PhoneOptions } from './phone.ts'
import { eventually } from './phone-wait.ts'

export const account = accountId('12440011')

/** Audio ports apart from those of other test processes, and from where the system, servers and load tests take theirs. */
const portsPerRig = 300
const firstPort = 2_000 + (process.pid % 26) * portsPerRig

export interface RigOptions {
  readonly listen?: readonly Listener[]
  readonly extensions?: readonly string[]
  readonly trunks?: readonly TrunkSettings[]
  readonly tls?: EmbeddedEngineOptions['tls']
}

export class EngineRig {
  readonly engine: EmbeddedEngineHost
  readonly desk: TrivialDesk
  readonly #folder: string
  readonly #phones: Phone[] = []
  #media: ChildProcess | undefined

  private constructor(options: RigOptions) {
    this.#folder = mkdtempSync(join(tmpdir(), 'sotto-engine-'))
    const { listen = [udp], extensions = ['210', '211', '212'], trunks = [], tls } = options
    this.engine = new EmbeddedEngineHost({
      sip: {
        ...{ listen, trunks, realm: 'sotto.test', product: 'Sotto test' },
        extensions: extensions.map((number) => ({ account, code: '0003', number, password: `pw-${number}` })),
      },
      ...(tls !== undefined && { tls }),
      mediaSocket: join(this.#folder, 'media'),
      log: silent,
    })
    this.desk = new TrivialDesk(this.engine)
  }

  static async start(options: RigOptions = {}): Promise<EngineRig> {
    const rig = new EngineRig(options)
    await rig.engine.start()
    await rig.startMedia()
    return rig
  }

  async startMedia(): Promise<void> {
    const main = new URL('../src/media-process/main.ts', import.meta.url).pathname
    const range = `${firstPort}-${firstPort + portsPerRig - 1}`
    const args = [main, '--socket', join(this.#folder, 'media'), '--address', '127.0.0.1', '--address6', '::1', '--ports', range]
    this.#media = spawn(process.execPath, args, { stdio: 'ignore' })
    await eventually('the media process is there', () => this.engine.stats().media === 'up')
  }

  async killMedia(): Promise<void> {
    if (this.#media?.exitCode !== null) return
    const gone = once(this.#media, 'exit')
    this.#media.kill('SIGKILL')
    await gone
    await eventually('the engine notices', () => this.engine.stats().media === 'down')
  }

  portOf(transport: Listener['transport'], address = '127.0.0.1'): number {
    const listener = this.engine.listeners.find((one) => one.transport === transport && one.address === address)
    if (listener === undefined) throw new Error(`nobody listens on ${transport}`)
    return listener.port
  }

  /** A phone of an extension, registered. */
  async phone(extension: string, options: Partial<PhoneOptions> = {}): Promise<Phone> {
    const server = { host: '127.0.0.1', port: this.portOf(options.transport ?? 'UDP') }
    const phone = await Phone.start({ server, user: `0003*${extension}`, password: `pw-${extension}`, realm: 'sotto.test', ...options })
    this.#phones.push(phone)
    await phone.register()
    return phone
  }

  async stop(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.stop()))
    await this.engine.stop()
    const media = this.#media
    if (media?.exitCode === null) {
      media.kill('SIGTERM')
      await once(media, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export const udp: Listener = { transport: 'UDP', address: '127.0.0.1', port: 0 }

interface Call {
  readonly id: CallId
  readonly caller: LegId
  readonly callee: LegId
  revision: number
  /** Connected now. */
  readonly legs: Set<LegId>
}

/** One caller, one called: both hear each other as long as both are there. */
export class TrivialDesk {
  readonly events: EngineEvent[] = []
  readonly calls = new Map<LegId, Call>()
  readonly #engine: Engine
  #count = 0

  constructor(engine: Engine) {
    this.#engine = engine
    engine.onEvent((event) => {
      this.events.push(event)
      this.#react(event)
    })
  }

  get call(): Call {
    const [call] = this.calls.values()
    if (call === undefined) throw new Error('there is no call')
    return call
  }

  /** The next event of this kind, or one that has happened already. */
  seen<K extends EngineEvent['kind']>(kind: K, matches: (event: Extract<EngineEvent, { kind: K }>) => boolean = () => true) {
    const isIt = (event: EngineEvent): event is Extract<EngineEvent, { kind: K }> =>
      event.kind === kind && matches(event as Extract<EngineEvent, { kind: K }>)
    return eventually(`event ${kind}`, () => this.events.find(isIt))
  }

  /** What has happened so far is of no interest. */
  forget(): void {
    this.events.length = 0
  }

  /** One more leg for the call; what it hears, and who hears it, is up to the test. */
  join(extension: string, voice: 'core' | 'supervisor'): LegId {
    this.#count += 1
    const leg = legId(`l${this.#count}`)
    this.order(this.call, { kind: 'invite', leg, to: endpointOf(extension), from: { number: 'sotto' }, voice, autoAnswer: true })
    return leg
  }

  async measure(): Promise<readonly LegLevel[]> {
    const request = requestId(`r${++this.#count}`)
    this.#engine.measure(this.call.id, request)
    return (await this.seen('measured', (event) => event.request === request)).legs
  }

  order(call: Call, effect: Exclude<Effect, { kind: 'seek-agent' }>): void {
    this.#engine.order({ call: call.id, account, effect })
  }

  rewire(call: Call, rows: Extract<Effect, { kind: 'rewire' }>['rows']): void {
    call.revision += 1
    this.order(call, { kind: 'rewire', revision: call.revision, rows })
  }

  #react(event: EngineEvent): void {
    if (event.kind === 'leg-offered') return this.#offered(event)
    const call = 'leg' in event ? this.calls.get(event.leg) : undefined
    if (call === undefined || !('leg' in event)) return
    if (event.kind === 'leg-ringing' && event.leg === call.callee) this.order(call, { kind: 'ring', leg: call.caller })
    if (event.kind === 'leg-answered') this.#answered(call, event.leg)
    if (event.kind === 'leg-ended') this.#ended(call, event)
  }

  #offered(event: Extract<EngineEvent, { kind: 'leg-offered' }>): void {
    this.#count += 1
    const call: Call = { id: callId(`c${this.#count}`), caller: event.leg, callee: legId(`l${this.#count}`), revision: 0, legs: new Set() }
    this.calls.set(call.caller, call)
    this.calls.set(call.callee, call)
    this.order(call, {
      kind: 'invite',
      leg: call.callee,
      to: endpointOf(event.dialled),
      from: event.from,
      voice: 'core',
      autoAnswer: false,
    })
  }

  #answered(call: Call, leg: LegId): void {
    call.legs.add(leg)
    if (leg === call.callee) return this.order(call, { kind: 'answer', leg: call.caller })
    this.rewire(call, [
      { listener: call.caller, talkers: [call.callee] },
      { listener: call.callee, talkers: [call.caller] },
    ])
  }

  #ended(call: Call, { leg, reason }: { readonly leg: LegId; readonly reason: EndReason }): void {
    call.legs.delete(leg)
    this.calls.delete(leg)
    const other = leg === call.caller ? call.callee : call.caller
    if (this.calls.get(other) !== call) return this.order(call, { kind: 'close' })
    this.order(call, { kind: 'hang-up', leg: other, reason: call.legs.has(other) ? 'call-ended' : reason })
  }
}

/** A public number leads through the trunk `pstn`, all else is an extension. */
const endpointOf = (dialled: string): Endpoint =>
  dialled.startsWith('+')
    ? { kind: 'number', account, trunk: 'pstn', number: dialled }
    : { kind: 'extension', account, extension: dialled, mayBeMonitored: true }

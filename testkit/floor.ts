/**
 * A floor of stations, each with a customer's call that all sorts of things happen to, in random order: supervisors come, change their
 * mode and go, parties are held, muted, transferred, taken over, and hang up. Every frame that a customer was sent is judged afterwards:
 * a supervisor may be in it only while he was allowed to be.
 */

import type { CallView, SupervisionView } from './call-control.ts'
import { Phone } from './phone.ts'
import type { Arrival } from './phone-heard.ts'
import { samplesOf } from './phone-heard.ts'
import type { Line } from './phone-line.ts'
import { tonesIn } from './phone-tones.ts'
import { eventually, pause, soon } from './phone-wait.ts'
import type { SeededRandom } from './random.ts'
import { reference, type Sotto, type SottoOptions, startSotto } from './sotto.ts'
import { Trunk } from './trunk.ts'

/** High enough that neither hold music nor ringback can be taken for them. */
const supervisorTones = [1600, 1750, 1900, 2050, 2200, 2350, 2500] as const
const customerTone = 400
const agentTone = 550

/** An answer says that the mixer works by the new matrix; what it sent before may still be on its way through sockets and this process. */
const travelMs = 60

export interface Leak {
  readonly station: number
  readonly tone: number
  readonly at: number
  readonly story: readonly string[]
}

export interface FloorReport {
  sequences: number
  operations: number
  frames: number
  /** Frames in which a supervisor was heard while he was allowed to be: the proof that the ear works. */
  allowed: number
  readonly leaks: Leak[]
  readonly failures: { readonly station: number; readonly why: string; readonly story: readonly string[] }[]
}

export const newReport = (): FloorReport => ({ sequences: 0, operations: 0, frames: 0, allowed: 0, leaks: [], failures: [] })

export interface FloorOptions extends SottoOptions {
  /** Between two operations, at least and at most. */
  readonly pauseMs?: readonly [least: number, most: number]
  /** Forget that supervisors were ever allowed to speak: every word of theirs counts as a leak, so that the judge itself can be tested. */
  readonly allowNothing?: boolean
  /** `limits` of the configuration. */
  readonly limits?: Readonly<Record<string, number>>
}

/** Adds the phones and numbers of so many stations to the reference configuration. */
function withStations(count: number, limits: FloorOptions['limits']): NonNullable<SottoOptions['change']> {
  return (config) => {
    if (limits !== undefined) config.limits = limits
    const account = config.accounts[0] as unknown as Record<string, unknown[]>
    for (let n = 0; n < count; n++) {
      for (const [prefix, monitorMode] of [
        ['30', 'disabled'],
        ['31', 'disabled'],
        ['32', 'extensive'],
        ['33', 'extensive'],
      ] as const) {
        const number = `${prefix}${String(n).padStart(2, '0')}`
        account.extensions?.push({ number, name: `Station ${number}`, password: `pw-${number}`, monitorMode, mayBeMonitored: true })
      }
      account.numbers?.push({ number: numberOf(n), routeTo: { extension: extensionOf('30', n) } })
    }
  }
}

const extensionOf = (prefix: string, n: number): string => `${prefix}${String(n).padStart(2, '0')}`
const numberOf = (n: number): string => `+186612350${String(n).padStart(2, '0')}`

export class Floor {
  readonly sotto: Sotto
  readonly #trunk: Trunk
  readonly #stations: readonly Station[]

  private constructor(sotto: Sotto, trunk: Trunk, stations: readonly Station[]) {
    this.sotto = sotto
    this.#trunk = trunk
    this.#stations = stations
  }

  static async open(count: number, options: FloorOptions = {}): Promise<Floor> {
    const env = { SOTTO_MEDIA_PORTS: '20000-27999', ...options.env }
    const sotto = await startSotto({ ...options, env, change: withStations(count, options.limits) })
    const trunk = await Trunk.start({
      server: sotto.sip,
      listen: { host: '127.0.0.1', port: sotto.trunkPort },
      tone: customerTone,
      keepSeconds: 40,
    })
    const stations: Station[] = []
    for (let n = 0; n < count; n++) stations.push(await Station.open(n, { sotto, trunk, options }))
    return new Floor(sotto, trunk, stations)
  }

  /** All stations at once, each one sequence after the other, while `more` says so. */
  async run(random: SeededRandom, report: FloorReport, more: (report: FloorReport) => boolean): Promise<void> {
    await Promise.all(
      this.#stations.map(async (station) => {
        while (more(report)) await station.sequence(random, report)
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#stations.map((station) => station.close()))
    await this.#trunk.stop()
    await this.sotto.stop()
  }
}

interface Supervisor {
  readonly phone: Phone
  readonly extension: string
  readonly tone: number
  supervision: SupervisionView | undefined
  tookOver: boolean
}

interface How {
  readonly mode: SupervisionView['mode']
  readonly target: string
  readonly private: boolean
}

type Operation = { readonly name: string; readonly run: () => Promise<void> }

class Station {
  readonly #n: number
  readonly #options: FloorOptions
  readonly #sotto: Sotto
  readonly #trunk: Trunk
  readonly #agent: Phone
  readonly #relief: Phone
  readonly #supervisors: readonly Supervisor[]
  #allowed: { readonly tone: number; readonly from: number; to: number }[] = []
  #story: string[] = []
  #call: CallView | undefined
  #customer: Line | undefined
  #handling: Phone
  #held = false
  #phoneHeld = false
  #muted = false
  #recorded = false

  private constructor(parts: {
    n: number
    sotto: Sotto
    trunk: Trunk
    options: FloorOptions
    agent: Phone
    relief: Phone
    supervisors: readonly Supervisor[]
  }) {
    this.#n = parts.n
    this.#options = parts.options
    this.#sotto = parts.sotto
    this.#trunk = parts.trunk
    this.#agent = parts.agent
    this.#relief = parts.relief
    this.#supervisors = parts.supervisors
    this.#handling = parts.agent
  }

  static async open(n: number, { sotto, trunk, options }: { sotto: Sotto; trunk: Trunk; options: FloorOptions }): Promise<Station> {
    const phone = async (prefix: string, tone: number) => {
      const started = await Phone.start({
        server: sotto.sip,
        ...reference.phone(extensionOf(prefix, n)),
        tone,
        autoAnswer: true,
        keepSeconds: 1,
      })
      await started.register()
      return started
    }
    const supervisor = async (prefix: string, tone: number): Promise<Supervisor> => ({
      ...{ phone: await phone(prefix, tone), extension: extensionOf(prefix, n), tone, supervision: undefined, tookOver: false },
    })
    const tones = [0, 3].map((k) => supervisorTones[(n + k) % supervisorTones.length] ?? 1600)
    const supervisors = [await supervisor('32', tones[0] ?? 0), await supervisor('33', tones[1] ?? 0)]
    return new Station({ n, sotto, trunk, options, agent: await phone('30', agentTone), relief: await phone('31', agentTone), supervisors })
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, this.#relief, ...this.#supervisors.map((s) => s.phone)].map((phone) => phone.stop()))
  }

  /** One call from ring to end. */
  async sequence(random: SeededRandom, report: FloorReport): Promise<void> {
    try {
      await this.#begin()
      const operations = 3 + random.integer(8)
      const [least, most] = this.#options.pauseMs ?? [20, 100]
      for (let i = 0; i < operations && this.#customer?.state !== 'ended'; i++) {
        await this.#operate(random)
        report.operations += 1
        await pause(least + random.integer(most - least))
      }
      await this.#end(random)
    } catch (error) {
      report.failures.push({ station: this.#n, why: String(error), story: this.#story })
      await this.#customer?.hangUp().catch(() => {})
      await pause(500)
    }
    this.#judge(report)
    report.sequences += 1
  }

  async #begin(): Promise<void> {
    this.#allowed = []
    this.#story = []
    this.#call = undefined
    this.#handling = this.#agent
    this.#held = this.#phoneHeld = this.#muted = this.#recorded = false
    for (const supervisor of this.#supervisors) Object.assign(supervisor, { supervision: undefined, tookOver: false })
    this.#customer = await this.#trunk.call(numberOf(this.#n), { from: `+4420718388${String(this.#n).padStart(2, '0')}` })
    await soon(this.#customer.answered, 'the call is answered')
    const calls = await this.#sotto.api.callsOf(extensionOf('30', this.#n))
    this.#call = calls.find((call) => call.state !== 'ended')
    if (this.#call === undefined) throw new Error('the call is not listed')
  }

  get #id(): string {
    return this.#call?.id ?? ''
  }

  async #operate(random: SeededRandom): Promise<void> {
    const operations = this.#legal(random)
    const operation = operations[random.integer(operations.length)]
    if (operation === undefined) return
    this.#story.push(operation.name)
    await operation.run()
  }

  #legal(random: SeededRandom): readonly Operation[] {
    const { api } = this.#sotto
    const operations = this.#supervisors.flatMap((s) => this.#supervisorOperations(s, random))
    const customer = () => this.#party((p) => p.role === 'customer')
    const flip = (name: string, run: () => Promise<unknown>) => operations.push({ name, run: async () => void (await run()) })
    flip(this.#held ? 'unhold' : 'hold', async () => {
      await api.party(this.#id, await customer(), this.#held ? 'unhold' : 'hold')
      this.#held = !this.#held
    })
    flip(this.#muted ? 'unmute' : 'mute', async () => {
      await api.party(this.#id, await customer(), this.#muted ? 'unmute' : 'mute')
      this.#muted = !this.#muted
    })
    flip(this.#phoneHeld ? 'phone resumes' : 'phone holds', async () => {
      await (this.#phoneHeld ? this.#handling.line.resume() : this.#handling.line.hold())
      this.#phoneHeld = !this.#phoneHeld
    })
    flip(this.#recorded ? 'record no more' : 'record', async () => {
      await api.record(this.#id, this.#recorded ? 'off' : 'on')
      this.#recorded = !this.#recorded
    })
    if (this.#handling === this.#agent && !this.#phoneHeld) {
      operations.push({ name: 'blind transfer', run: () => this.#transfer('blind') })
      operations.push({ name: 'hand-over', run: () => this.#transfer('hand-over') })
      // Parking ends the supervisions of the agent who leaves; the station keeps no account of that.
      if (this.#supervisors.every((s) => s.supervision === undefined)) operations.push({ name: 'park', run: () => this.#park() })
    }
    return operations
  }

  #supervisorOperations(s: Supervisor, random: SeededRandom): Operation[] {
    if (s.tookOver) return []
    const how = this.#randomMode(random)
    const label = `${s.tone} ${how.mode}${how.private ? ' private' : ''}${how.target === 'customer' ? ' to customer' : ''}`
    if (s.supervision === undefined) return [{ name: `attach ${label}`, run: () => this.#attach(s, how) }]
    const operations: Operation[] = [
      { name: `change ${label}`, run: () => this.#change(s, how) },
      { name: `change ${label}`, run: () => this.#change(s, how) },
      { name: `change ${label}`, run: () => this.#change(s, how) },
      { name: `detach ${s.tone}`, run: () => this.#detach(s, 'api') },
      { name: `${s.tone} hangs up`, run: () => this.#detach(s, 'phone') },
    ]
    if (!this.#phoneHeld && !this.#supervisors.some((other) => other.tookOver))
      operations.push({ name: `${s.tone} takes over`, run: () => this.#takeOver(s) })
    return operations
  }

  #randomMode(random: SeededRandom): How {
    const mode = (['monitor', 'whisper', 'whisper', 'barge'] as const)[random.integer(4)] ?? 'monitor'
    const target = mode === 'whisper' && random.chance(0.25) ? 'customer' : 'agent'
    return { mode, target, private: mode === 'whisper' && random.chance(0.25) }
  }

  async #attach(s: Supervisor, how: How): Promise<void> {
    if (isHeardByCustomer(how)) this.#allow(s.tone)
    s.phone.forget()
    s.supervision = await this.#sotto.api.supervise(this.#id, { supervisor: { extension: s.extension }, ...how })
    await s.phone.next('answered')
    const { id } = s.supervision
    await eventually('the supervision is active', async () => (await this.#sotto.api.supervision(id)).state === 'active')
  }

  async #change(s: Supervisor, how: How): Promise<void> {
    if (isHeardByCustomer(how)) this.#allow(s.tone)
    s.supervision = await this.#sotto.api.change(s.supervision?.id ?? '', how)
    if (!isHeardByCustomer(how)) this.#forbid(s.tone)
  }

  async #detach(s: Supervisor, by: 'api' | 'phone'): Promise<void> {
    const id = s.supervision?.id ?? ''
    if (by === 'api') await this.#sotto.api.endSupervision(id)
    else {
      await s.phone.hangUp()
      await eventually('the supervision has ended', async () => (await this.#sotto.api.supervision(id)).state === 'ended')
    }
    this.#forbid(s.tone)
    s.supervision = undefined
    await eventually('the phone is free', () => s.phone.lines.length === 0)
  }

  async #takeOver(s: Supervisor): Promise<void> {
    this.#allow(s.tone)
    await this.#sotto.api.takeOver(s.supervision?.id ?? '')
    s.tookOver = true
    this.#handling = s.phone
    this.#held = false
  }

  async #transfer(type: 'blind' | 'hand-over'): Promise<void> {
    this.#relief.forget()
    await this.#sotto.api.transfer(this.#id, { to: { extension: extensionOf('31', this.#n) }, type })
    await this.#relieved()
  }

  async #park(): Promise<void> {
    this.#relief.forget()
    await this.#sotto.api.park(this.#id)
    await this.#sotto.api.unpark(this.#id, { extension: extensionOf('31', this.#n) })
    await this.#relieved()
    this.#held = false
  }

  async #relieved(): Promise<void> {
    await this.#relief.next('answered')
    await eventually('the agent has left', () => this.#agent.lines.length === 0)
    this.#handling = this.#relief
  }

  async #party(which: (party: CallView['parties'][number]) => boolean): Promise<string> {
    const call = await this.#sotto.api.call(this.#id)
    return call.parties.find((p) => p.state !== 'ended' && which(p))?.id ?? ''
  }

  async #end(random: SeededRandom): Promise<void> {
    const ways = [() => this.#customer?.hangUp(), () => this.#handling.hangUp(), () => this.#sotto.api.end(this.#id)]
    const way = random.integer(ways.length)
    this.#story.push(['customer hangs up', 'agent hangs up', 'ended by request'][way] ?? '')
    await ways[way]?.()
    await eventually('the customer is free', () => this.#customer?.state === 'ended')
    const phones = [this.#agent, this.#relief, ...this.#supervisors.map((s) => s.phone)]
    await eventually('all phones are free', () => phones.every((phone) => phone.lines.length === 0))
    const ended = await this.#sotto.api.call(this.#id)
    if (ended.state !== 'ended') throw new Error(`the call is ${ended.state}`)
  }

  #allow(tone: number): void {
    if (this.#options.allowNothing) return
    this.#allowed.push({ tone, from: performance.now(), to: Number.POSITIVE_INFINITY })
  }

  #forbid(tone: number): void {
    for (const span of this.#allowed) if (span.tone === tone && span.to === Number.POSITIVE_INFINITY) span.to = performance.now() + travelMs
  }

  #judge(report: FloorReport): void {
    for (const arrival of this.#customer?.heard.kept ?? []) {
      report.frames += 1
      for (const tone of tonesOf(arrival)) {
        if (this.#allowed.some((span) => span.tone === tone && span.from <= arrival.at && arrival.at <= span.to)) report.allowed += 1
        else report.leaks.push({ station: this.#n, tone, at: arrival.at, story: this.#story })
      }
    }
  }
}

const tonesOf = (arrival: Arrival): readonly number[] => tonesIn(samplesOf([arrival]), supervisorTones)

const isHeardByCustomer = (how: { readonly mode: string; readonly target: string }): boolean =>
  how.mode === 'barge' || (how.mode === 'whisper' && how.target === 'customer')

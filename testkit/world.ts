/** The desk, a scripted engine and their phones on a virtual clock: one seed decides how long everything takes, and so what crosses what. */

import type { AuditEntry } from '../src/audit/chain.ts'
import { type Call, isEnded } from '../src/call/call.ts'
import { type Cdr, emptyCdr, fold } from '../src/call/cdr.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { EndReason } from '../src/call/reason.ts'
import type { Refusal } from '../src/call/refusal.ts'
import type { Caller, DeskCommand, Done, OutEvent } from '../src/control/command.ts'
import { Desk } from '../src/control/desk.ts'
import type { DeskInput, DeskOutput } from '../src/control/desk-words.ts'
import type { DeskRecord } from '../src/control/journal.ts'
import type { Directory } from '../src/directory/directory.ts'
import { systemHash } from '../src/edge/hash.ts'
import type { CallSource, EngineEvent, EngineOrder } from '../src/engine/port.ts'
import { type CallId, legId, type RequestId, requestId } from '../src/kernel/ids.ts'
import { limits } from '../src/kernel/limits.ts'
import type { Outcome } from '../src/kernel/outcome.ts'
import type { Instant } from '../src/kernel/time.ts'
import { Clock } from './clock.ts'
import { home } from './people.ts'
import { SeededRandom } from './random.ts'
import { type LegPhase, ScriptedEngine, type ScriptedLeg } from './scripted-engine.ts'

/** What a phone does by itself when it is called. Times count from the order; absent: never. */
export interface Habits {
  readonly acceptsAfterMs?: number
  readonly ringsAfterMs?: number
  readonly answersAfterMs?: number
  readonly fails?: { readonly afterMs: number; readonly reason: EndReason }
}

export interface Request {
  readonly id: RequestId
  readonly command: DeskCommand
  readonly outcomes: Outcome<Done, Refusal>[]
}

/** One input that the desk has worked, in the order of working. */
export interface Worked {
  readonly at: Instant
  readonly input: DeskInput
  /** `supervise`, `leg-answered 210`, `wake` … */
  readonly label: string
}

interface WorldOptions {
  readonly afterEachInput?: (world: World) => void
  /** What becomes of the desk's outputs on their way, for tests of tests. */
  readonly tamper?: (output: DeskOutput) => readonly DeskOutput[]
}

export const supervisorKey: Caller = { account: home, role: 'admin' }
/** Signalling and mixing take up to this long here; enough for everything to overtake everything. */
const slowestMs = 20

export class World {
  readonly clock = new Clock()
  readonly engine = new ScriptedEngine()
  #desk: Desk
  readonly directory: Directory
  readonly random: SeededRandom
  readonly worked: Worked[] = []
  readonly requests: Request[] = []
  readonly events: OutEvent[] = []
  readonly cdrs = new Map<CallId, Cdr>()
  /** What the desk gave to be kept. A process that dies on the way has written it down, and the next one gives it again. */
  readonly audit: AuditEntry[] = []
  readonly finished = new Map<CallId, Cdr>()
  readonly bugs: Extract<DeskOutput, { kind: 'bug' | 'fault' }>[] = []
  /** What the desk has written down, each turn as it would stand in a file. */
  readonly journal: string[] = []
  readonly #startedAt: Instant
  /** Counts the lives of the control process: what was under way to an earlier one never arrives. */
  #life = 0
  /** The process dies when it has carried out this many more outputs. */
  #dyingAfter = Number.POSITIVE_INFINITY
  readonly #habits = new Map<string, Habits>()
  readonly #channels = new Map<string, Instant>()
  /** As the registrar knows them. */
  readonly #registrations = new Map<string, EngineEvent>()
  #alarm: () => void = () => {}
  #legs = 0
  #asked = 0
  #underWay = 0
  readonly #after: () => void
  readonly #tamper: (output: DeskOutput) => readonly DeskOutput[]

  constructor(seed: number, directory: Directory, options: WorldOptions = {}) {
    this.random = new SeededRandom(seed)
    this.directory = directory
    this.#startedAt = this.clock.now
    this.#desk = this.#newDesk()
    this.#tamper = options.tamper ?? ((output) => [output])
    this.#after = () => options.afterEachInput?.(this)
    this.engine.onEvent((event) => this.#travel(event))
    this.#handle({ kind: 'engine', event: { kind: 'media', up: true } })
    for (const { account, number } of directory.accounts.flatMap((a) => directory.extensions(a.id))) {
      if (number === '213') continue
      const event = { kind: 'registration', account, extension: number, contacts: 1 } as const
      this.#registrations.set(`${account}/${number}`, event)
      this.#handle({ kind: 'engine', event })
    }
  }

  /** Something between nothing and `most` ms. */
  delay(most = slowestMs): number {
    return this.random.integer(most * 10) / 10
  }

  in(ms: number, task: () => void): void {
    this.#underWay += 1
    this.clock.after(ms, () => {
      this.#underWay -= 1
      task()
    })
  }

  get desk(): Desk {
    return this.#desk
  }

  /** How often the control process has died. */
  get lives(): number {
    return this.#life
  }

  #newDesk(): Desk {
    return new Desk({ directory: this.directory, random: this.random, sha256: systemHash.sha256, at: this.#startedAt })
  }

  /** The control process is killed when the next things to do, this many of them, have been done; whatever else it meant to do is lost. */
  dieAfter(outputs: number): void {
    this.#dyingAfter = outputs
  }

  /** Replay begins with how things stand now. */
  checkpoint(): void {
    this.journal.length = 0
    this.journal.push(JSON.stringify(this.desk.state()))
  }

  /** It is back: phones and mixer have gone on meanwhile, all but those in set-up. */
  #comeBack(): void {
    this.#life += 1
    this.#dyingAfter = Number.POSITIVE_INFINITY
    this.requests.splice(0, this.requests.length, ...this.requests.filter((request) => request.outcomes.length > 0))
    this.#desk = this.#newDesk()
    const faults = this.#desk.restore(this.journal.flatMap((turn) => JSON.parse(turn) as DeskRecord[]))
    if (faults.length > 0) throw new Error(`replay: ${faults.join('; ')}`)
    const { entries, cdrs } = this.#desk.records.recovered()
    this.audit.push(...entries.filter(({ account, seq }) => !this.audit.some((e) => e.account === account && e.seq === seq)))
    for (const cdr of cdrs) this.finished.set(cdr.id, cdr)
    this.#readOn()
    for (const { leg, endpoint } of this.calls().flatMap((call) => call.parties)) {
      this.engine.neverCalled({ leg, account: endpoint.account, address: addressOf(endpoint) })
    }
    const { legs, bridges } = this.engine.restart()
    for (const event of this.#registrations.values()) this.#handle({ kind: 'engine', event })
    this.engine.isComparing = true
    this.#handle({ kind: 'engine', event: { kind: 'restored', legs, bridges } })
    this.engine.isComparing = false
    this.#handle({ kind: 'engine', event: { kind: 'media', up: true } })
  }

  /** As whoever reads events does: from the last one that he has. */
  #readOn(): void {
    const cursor = this.events.at(-1)?.id
    if (cursor === undefined) return
    const missed = this.directory.accounts.flatMap((account) => {
      const events = this.desk.events.after(account.id, cursor)
      if (events === undefined) throw new Error(`cursor ${cursor} is not known any more`)
      return events
    })
    for (const event of missed.toSorted((a, b) => Number(a.id) - Number(b.id))) this.#note(event)
  }

  get idle(): boolean {
    return this.#underWay === 0 && this.desk.deadline() === undefined
  }

  run(ms: number): void {
    this.clock.run(ms)
  }

  /** Until nothing waits for anything, or it takes too long. */
  rest(mostMs = 3_600_000): void {
    for (let passed = 0; passed < mostMs; passed += 1_000) {
      this.clock.run(1_000)
      if (this.idle) return
    }
  }

  /** Until nothing is on its way and every request has been answered; phones may go on ringing, callers waiting. */
  calm(): void {
    this.clock.run(limits.engineAcceptMs + 1_000)
    for (let steps = 0; steps < 10_000 && this.#underWay > 0; steps += 1) this.clock.run(20)
  }

  habit(address: string, habits: Habits): void {
    this.#habits.set(address, habits)
  }

  /** A program asks, and the request arrives after `ms`. */
  ask(command: DeskCommand, ms = 0, caller = supervisorKey): Request {
    this.#asked += 1
    const request: Request = { id: requestId(`r${this.#asked}`), command, outcomes: [] }
    this.requests.push(request)
    const life = this.#life
    this.in(ms, () => {
      if (life === this.#life) this.#handle({ kind: 'command', request: request.id, caller, command })
    })
    return request
  }

  drain(): void {
    this.#handle({ kind: 'drain' })
  }

  /** Something else that the engine reports. */
  report(event: EngineEvent): void {
    this.#travel(event)
  }

  /** Somebody calls us. */
  offer(from: { readonly source: CallSource; readonly number: string; readonly replaces?: ScriptedLeg }, dialled: string): ScriptedLeg {
    this.#legs += 1
    const id = legId(`in${this.#legs}`)
    this.engine.offer({ id, account: from.source.account, address: from.number })
    const replaces = from.replaces === undefined ? {} : { replaces: from.replaces.id }
    this.#travel({ kind: 'leg-offered', leg: id, source: from.source, from: { number: from.number }, dialled, ...replaces })
    return this.leg(from.number)
  }

  customerCalls(dialled: string, number = '+15550001111'): ScriptedLeg {
    return this.offer({ source: { kind: 'trunk', account: home, trunk: 'pstn' }, number }, dialled)
  }

  phoneCalls(extension: string, dialled: string): ScriptedLeg {
    return this.offer({ source: { kind: 'extension', account: home, extension }, number: extension }, dialled)
  }

  /** The newest leg of this phone that is not over, or its newest at all. */
  leg(address: string): ScriptedLeg {
    const found = this.legIfAny(address)
    if (found === undefined) throw new Error(`no leg of ${address}`)
    return found
  }

  legIfAny(address: string, ...phases: readonly LegPhase[]): ScriptedLeg | undefined {
    const legs = [...this.engine.legs.values()].filter(
      (leg) => leg.address === address && (phases.length === 0 || phases.includes(leg.phase)),
    )
    return legs.findLast((leg) => leg.phase !== 'over') ?? legs.at(-1)
  }

  answers(address: string): void {
    const leg = this.legIfAny(address, 'inviting', 'ringing')
    if (leg !== undefined) this.engine.answer(leg)
  }

  hangsUp(address: string): void {
    const leg = this.legIfAny(address)
    if (leg !== undefined) this.engine.end(leg, leg.phase === 'offered' ? 'cancelled' : leg.phase === 'up' ? 'hangup' : 'declined')
  }

  /** The only live call, as the desk has it. */
  theCall(): Call {
    const [call] = this.desk.table.live(home)
    if (call === undefined) throw new Error('no live call')
    return call
  }

  calls(): readonly Call[] {
    return [...this.cdrs.keys()].map((id) => this.desk.table.get(id)).filter((call) => call !== undefined)
  }

  /** Place of the first input with this label among those that were worked; Infinity if there was none. */
  place(label: string): number {
    const index = this.worked.findIndex((w) => w.label === label)
    return index < 0 ? Number.POSITIVE_INFINITY : index
  }

  isBefore(first: string, second: string): boolean {
    return this.place(first) < this.place(second)
  }

  everybodyHangsUp(): void {
    for (const leg of this.engine.alive()) this.engine.end(leg, leg.phase === 'offered' ? 'cancelled' : 'hangup')
  }

  /** Events of one leg, or of one mixer, come in order; otherwise anything may overtake anything. */
  #travel(event: EngineEvent): void {
    if (event.kind === 'registration') this.#registrations.set(`${event.account}/${event.extension}`, event)
    const channel = 'leg' in event ? event.leg : 'call' in event ? event.call : event.kind
    const earliest = this.clock.now + this.delay()
    const at = Math.max(earliest, (this.#channels.get(channel) ?? 0) + 0.001) as Instant
    this.#channels.set(channel, at)
    const life = this.#life
    this.in(at - this.clock.now, () => {
      if (life !== this.#life) return
      this.engine.delivered(event)
      this.#handle({ kind: 'engine', event })
    })
  }

  #handle(input: DeskInput): void {
    this.worked.push({ at: this.clock.now, input, label: this.#label(input) })
    for (const output of this.desk.handle(this.clock.now, input).flatMap(this.#tamper)) {
      this.#carryOut(output)
      this.#dyingAfter -= 1
      if (this.#dyingAfter < 0) return this.#comeBack()
    }
    this.#alarm()
    const due = this.desk.deadline()
    this.#alarm =
      due === undefined ? () => {} : this.clock.after(due - this.clock.now + this.delay(3), () => this.#handle({ kind: 'wake' }))
    this.#after()
  }

  #label(input: DeskInput): string {
    if (input.kind === 'command') return input.command.kind
    if (input.kind !== 'engine') return input.kind
    const { event } = input
    return 'leg' in event ? `${event.kind} ${this.engine.legs.get(event.leg)?.address}` : event.kind
  }

  #carryOut(output: DeskOutput): void {
    switch (output.kind) {
      case 'order':
        this.engine.order(output.order)
        return this.#react(output.order)
      case 'answered':
        this.requests.find((r) => r.id === output.request)?.outcomes.push(output.outcome)
        return
      case 'event':
        return this.#note(output.event)
      case 'journal':
        this.journal.push(JSON.stringify(output.changes))
        return
      case 'audit':
        this.audit.push(output.entry)
        return
      case 'cdr':
        this.finished.set(output.cdr.id, output.cdr)
        return
      case 'bug':
      case 'fault':
        this.bugs.push(output)
    }
  }

  #note(event: OutEvent): void {
    this.events.push(event)
    if (!('event' in event)) return
    const { id, account } = event.call
    this.cdrs.set(id, fold(this.cdrs.get(id) ?? emptyCdr(id, account), event.event))
  }

  /** The world goes on by itself: phones do as is their habit, the mixer works off its orders. */
  #react({ call, effect }: EngineOrder): void {
    if (effect.kind === 'rewire') {
      this.in(this.delay(), () => {
        this.engine.apply(call)
        this.in(this.delay(), () => this.engine.confirm(call, this.clock.now))
      })
    } else if (effect.kind === 'answer') {
      const leg = this.engine.legs.get(effect.leg)
      if (leg !== undefined) this.in(this.delay(), () => this.engine.answer(leg))
    } else if (effect.kind === 'invite') {
      const leg = this.engine.legs.get(effect.leg)
      // By a line there is nobody to ring.
      if (leg !== undefined && effect.to.kind === 'line') this.in(this.delay(), () => this.engine.answer(leg))
      else if (leg !== undefined)
        this.#isCalled(leg, this.#habits.get(leg.address) ?? { acceptsAfterMs: this.delay(), ringsAfterMs: this.delay() })
    }
  }

  #isCalled(leg: ScriptedLeg, { acceptsAfterMs, ringsAfterMs, answersAfterMs, fails }: Habits): void {
    if (acceptsAfterMs !== undefined) this.in(acceptsAfterMs, () => this.engine.accept(leg))
    if (ringsAfterMs !== undefined) this.in(ringsAfterMs, () => this.engine.ring(leg))
    if (answersAfterMs !== undefined) this.in(answersAfterMs, () => this.engine.answer(leg))
    if (fails !== undefined) this.in(fails.afterMs, () => leg.phase !== 'up' && this.engine.end(leg, fails.reason))
  }

  isOver(id: CallId): boolean {
    const call = this.desk.table.get(id)
    return call === undefined || isEnded(call)
  }
}

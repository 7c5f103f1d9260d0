import type { Digest } from '../audit/chain.ts'
import { type Call, isEnded } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import type { Input } from '../call/input.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { EngineEvent } from '../engine/port.ts'
import { unreachable } from '../kernel/assert.ts'
import type { AccountId, CallId, LegId, RequestId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import { earliest, type Instant } from '../kernel/time.ts'
import { Admission, type CallCommand } from './admission.ts'
import { Answers } from './answers.ts'
import { asked } from './asker.ts'
import { Births } from './births.ts'
import { CallTable } from './call-table.ts'
import { CallWork } from './call-work.ts'
import { calledFor } from './called-for.ts'
import type { AgentView, Caller, Done } from './command.ts'
import type { DeskInput, DeskOutput } from './desk-words.ts'
import { EventLog } from './event-log.ts'
import { Gate } from './gate.ts'
import { GroupWork } from './group-work.ts'
import { Homecoming } from './homecoming.ts'
import type { DeskRecord, DeskState } from './journal.ts'
import { LineWork } from './line-work.ts'
import { Orders } from './orders.ts'
import { Origination } from './origination.ts'
import { doPaperwork } from './paperwork.ts'
import { legsToWithdraw } from './pending.ts'
import { People } from './people.ts'
import { PhoneTransfers } from './phone-transfers.ts'
import { Presence } from './presence.ts'
import { recordedInput } from './recordings.ts'
import { Records } from './records.ts'
import { Recovery } from './recovery.ts'
import { Resolver } from './resolve.ts'
import { Routing } from './routing.ts'
import { Amendments } from './staff.ts'
import { Tally } from './tally.ts'
import { Turn } from './turn.ts'

interface Parts {
  readonly directory: Directory
  readonly random: Random
  readonly sha256: Digest
  readonly at: Instant
}

/** The single writer of calls: every input of the world goes through `handle`, one after the other, and all that happens is in what it returns. */
export class Desk {
  readonly table = new CallTable()
  readonly tally: Tally
  readonly presence: Presence
  readonly events: EventLog
  readonly records: Records
  readonly orders: Orders
  readonly lines: LineWork
  readonly #turn: Turn
  readonly #resolver: Resolver
  readonly #admission: Admission
  readonly #births: Births
  readonly #routing: Routing
  readonly #work: CallWork
  readonly #groups: GroupWork
  readonly #transfers: PhoneTransfers
  readonly #gate: Gate
  readonly #answers = new Answers((request, outcome) => this.#answer(request, outcome))
  readonly #amendments: Amendments
  readonly #people: People
  readonly #homecoming: Homecoming
  #draining = false
  #mediaUp = false

  constructor(parts: Parts) {
    this.#turn = new Turn(parts.at)
    this.tally = new Tally(parts.directory, parts.at)
    this.presence = new Presence({ ...parts, table: this.table, tally: this.tally })
    this.events = new EventLog(parts.at)
    this.records = new Records({ turn: this.#turn, table: this.table, sha256: parts.sha256, random: parts.random })
    this.#gate = new Gate(parts.directory, this.records)
    this.orders = new Orders(this.#turn)
    this.#amendments = new Amendments(parts.directory)
    this.#resolver = new Resolver(parts.directory, this.presence)
    const apply = (call: Call, input: Input) => this.#work.apply(call, input)
    this.lines = new LineWork({ ...parts, table: this.table, turn: this.#turn, apply, tell: (line) => this.#work.tellOfLine(line) })
    this.#admission = new Admission({ ...parts, resolver: this.#resolver, table: this.table, lines: this.lines })
    const origination = new Origination({ ...parts, resolver: this.#resolver, admission: this.#admission })
    this.#routing = new Routing({ ...parts, resolver: this.#resolver, presence: this.presence, admission: this.#admission })
    const { table, tally, events, records, presence } = this
    const books = { table, tally, events, records, turn: this.#turn, admission: this.#admission }
    const changed = (before: Call | undefined, call: Call) => {
      this.#groups.changed(this.#turn.at, before, call)
      this.#answers.confirm(call)
      this.lines.changed(call)
      for (const input of this.#gate.lost(before, call)) this.#toCall(this.table.get(call.id), input)
    }
    this.#work = new CallWork({ ...books, random: parts.random, changed, seek: (call) => this.#groups.seek(call) })
    const cannotBegin = () => this.#cannotBegin()
    this.#births = new Births({ origination, table, work: this.#work, cannotBegin })
    const doors = { table: this.table, admission: this.#admission, resolver: this.#resolver, apply }
    const tell = (account: AccountId, agent: AgentView, about?: 'hand') => this.#work.tellOfAgent(account, agent, about)
    this.#groups = new GroupWork({ ...doors, directory: parts.directory, presence: this.presence, tell })
    this.#homecoming = new Homecoming({ ...doors, work: this.#work, groups: this.#groups, newLeg: () => this.#admission.newParty().leg })
    this.#people = new People({ ...parts, presence, amendments: this.#amendments, groups: this.#groups, turn: this.#turn, tell })
    this.#transfers = new PhoneTransfers({ ...doors, order: (call, effect) => this.#work.order(call, effect) })
  }

  get draining(): boolean {
    return this.#draining
  }

  get mediaUp(): boolean {
    return this.#mediaUp
  }

  /** Never throws: what had come of an input over which the desk broke is written down and carried out like anything else. */
  handle(at: Instant, input: DeskInput): readonly DeskOutput[] {
    this.#turn.begin(at)
    try {
      this.#take(input)
      this.#groups.afterInput(at)
      this.lines.afterInput()
    } catch (error) {
      this.#turn.add({ kind: 'fault', input: input.kind, error })
      if (input.kind === 'command') this.#answer(input.request, fail(refusal('internal-error')))
    }
    for (const standing of this.presence.changes()) this.#turn.write({ kind: 'agent', ...standing })
    return this.#turn.end()
  }

  /** Before the first input: everything that was written down, in order. What could not be worked again. `isWhole`: nothing is missing at the end. */
  restore(written: Iterable<DeskRecord>, isWhole = true): readonly string[] {
    const serialsBeyond = (serial: number) => this.#work.serialsBeyond(serial)
    const { table, presence, tally, events, records, orders } = this
    const recovery = new Recovery({ table, presence, tally, events, records, orders, serialsBeyond, amendments: this.#amendments })
    for (const record of written) recovery.take(record)
    this.#homecoming.begin()
    // What is missing had numbers, too, and they may have been told.
    if (!isWhole) this.events.continueAt(Math.max(this.events.next, Math.floor(this.#turn.at) * 1000))
    return recovery.faults
  }

  /** All that lives, as it is now, and the calls that ended last: replay may begin here. */
  state(): readonly DeskState[] {
    const { lastSerial } = this.#work
    const calls = [...this.table.lastEnded(limits.endedCallsRemembered), ...this.table.allLive()]
    const desk = { kind: 'desk', lastSerial, nextEvent: this.events.next, tallies: this.tally.state() } as const
    const people = [...this.#amendments.state(), ...this.presence.state(), ...this.orders.state(this.#turn.at)]
    return [desk, ...people, ...calls.map((call) => ({ kind: 'call', call }) as const), ...this.records.state(calls)]
  }

  #take(input: DeskInput): void {
    switch (input.kind) {
      case 'command':
        return this.#command(input)
      case 'engine':
        return this.#engine(input.event)
      case 'wake':
        return this.#wake()
      case 'note':
      case 'erase':
      case 'refused':
        return doPaperwork({ table: this.table, events: this.events, records: this.records, turn: this.#turn }, input)
      case 'drain':
        this.#draining = true
        return
      default:
        return unreachable(input)
    }
  }

  /** When `wake` is due. */
  deadline(): Instant | undefined {
    return earliest(this.table.deadline(), this.#groups.deadline(), this.#answers.deadline(), this.records.deadline())
  }

  #wake(): void {
    this.records.wake()
    for (let id = this.table.due(this.#turn.at); id !== undefined; id = this.table.due(this.#turn.at)) {
      const call = this.table.get(id)
      if (call !== undefined) this.#work.apply(call, { kind: 'wake' })
    }
    for (const { call, pending } of this.#answers.expire(this.#turn.at)) this.#withdraw(call, legsToWithdraw(pending))
  }

  #withdraw(id: CallId, legs: readonly LegId[]): void {
    const call = this.table.get(id)
    if (call !== undefined && !isEnded(call) && legs.length > 0) this.#work.apply(call, { kind: 'withdraw', legs })
  }

  #command({ request, caller, command }: Extract<DeskInput, { kind: 'command' }>): void {
    const refused = this.#gate.refuses(caller, command)
    if (refused !== undefined) return this.#answer(request, fail(refused))
    switch (command.kind) {
      case 'originate':
      case 'invite-to-conference':
        return this.#conclude(request, caller, this.#births.order(this.#turn.at, caller.account, command))
      case 'set-agent-state':
      case 'raise-hand':
      case 'amend-extension':
        return this.#answer(request, this.#people.command(caller.account, command))
      default:
        return this.#change(request, caller, command)
    }
  }

  #change(request: RequestId, caller: Caller, command: CallCommand): void {
    const stepped = this.#worked(caller, command)
    if (!stepped.ok) this.records.denied(caller, command, stepped.error)
    this.#conclude(request, caller, stepped)
  }

  #worked(caller: Caller, command: CallCommand): Outcome<Step, Refusal> {
    const isWrappedUp = (call: Call) => this.#groups.isWrappedUp(this.#turn.at, call)
    const call = calledFor(caller, command, { table: this.table, isWrappedUp, gate: this.#gate })
    if (!call.ok) return call
    const input = this.#admission.command(this.#turn.at, caller, call.value, command)
    if (!input.ok) return input
    const ordered = asked(input.value, caller)
    const stays = ordered.kind === 'supervise' ? this.lines.leaveFor(call.value, ordered) : undefined
    return stays === undefined ? this.#work.apply(call.value, ordered) : fail(stays)
  }

  /** Answered when the world has done it. */
  #conclude(request: RequestId, { order }: Caller, stepped: Outcome<Step, Refusal>): void {
    if (!stepped.ok) return this.#answer(request, stepped)
    this.orders.began(order, stepped.value)
    const { call } = stepped.value
    this.#answers.await(this.#turn.at, request, this.table.get(call.id) ?? call, stepped.value)
  }

  #cannotBegin(): Refusal | undefined {
    if (this.#draining) return refusal('capacity-exceeded', { why: 'The node is draining.' })
    if (!this.#mediaUp) return refusal('capacity-exceeded', { why: 'No media process is running.' })
    return this.table.liveCount >= limits.callsPerNode ? refusal('capacity-exceeded') : undefined
  }

  #engine(event: EngineEvent): void {
    if ('line' in event) return this.lines.engine(event)
    switch (event.kind) {
      case 'leg-offered':
        return this.#offered(event)
      case 'transfer-requested':
        return this.#transfers.requested(this.#turn.at, event)
      case 'wired':
      case 'wiring-failed':
        return this.#toCall(this.table.get(event.call), event)
      case 'registration':
        return this.#people.registered(event)
      case 'restored':
        return this.#restored(event)
      case 'media':
        this.#mediaUp = event.up
        return event.up ? this.#homecoming.mediaUp() : undefined
      case 'recorded':
        return this.#toCall(this.table.get(event.call), recordedInput(event))
      case 'measured':
      case 'trunk':
        return
      case 'leg-ended':
        // Which legs an earlier process left behind is told all at once, by `restored`.
        return this.#homecoming.isComparing ? undefined : this.#toCall(this.table.ofLeg(event.leg), event)
      default:
        return this.#toCall(this.table.ofLeg(event.leg), event)
    }
  }

  #restored(event: Extract<EngineEvent, { kind: 'restored' }>): void {
    this.lines.restored(event.lines)
    this.#homecoming.compare(this.#turn.at, event)
    this.#people.comeHome()
  }

  #toCall(call: Call | undefined, input: Input): void {
    if (call !== undefined) this.#work.apply(call, input)
  }

  #offered(event: Extract<EngineEvent, { kind: 'leg-offered' }>): void {
    if (event.replaces !== undefined) return this.#replace(event, event.replaces)
    if (this.#cannotBegin() !== undefined) return this.#work.hangUp(event.source.account, event.leg, 'shutdown')
    const route = this.#routing.route(event)
    if (!route.ok) return this.#work.hangUp(event.source.account, event.leg, route.error)
    this.#work.begin(route.value.account, route.value.birth)
  }

  #replace(event: Extract<EngineEvent, { kind: 'leg-offered' }>, replaces: LegId): void {
    const endpoint = this.#routing.callerEndpoint(event)
    const adopted = endpoint !== undefined && this.#transfers.replace(event.leg, { replaces, endpoint })
    if (!adopted) this.#work.hangUp(event.source.account, event.leg, 'unknown-number')
  }

  #answer(request: RequestId, outcome: Outcome<Done, Refusal>): void {
    this.#turn.add({ kind: 'answered', request, outcome })
  }
}

import { abandon } from '../call/abandon.ts'
import { begin } from '../call/begin.ts'
import { type Call, isEnded } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import type { Birth, Input } from '../call/input.ts'
import type { EndReason } from '../call/reason.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { step } from '../call/step.ts'
import { deadline } from '../call/step-leg.ts'
import type { Directory } from '../directory/directory.ts'
import type { EngineEvent, EngineOrder } from '../engine/port.ts'
import { unreachable } from '../kernel/assert.ts'
import { type AccountId, type CallId, callId, type LegId, type RequestId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import { earliest, type Instant } from '../kernel/time.ts'
import { Admission, type CallCommand } from './admission.ts'
import { Answers } from './answers.ts'
import { CallTable } from './call-table.ts'
import type { Caller, DeskCommand, Done, OutEvent } from './command.ts'
import { EventLog } from './event-log.ts'
import { GroupWork } from './group-work.ts'
import { legsToWithdraw } from './pending.ts'
import { PhoneTransfers } from './phone-transfers.ts'
import { Presence } from './presence.ts'
import { Resolver } from './resolve.ts'
import { Routing } from './routing.ts'

export type DeskInput =
  | { readonly kind: 'command'; readonly request: RequestId; readonly caller: Caller; readonly command: DeskCommand }
  | { readonly kind: 'engine'; readonly event: EngineEvent }
  | { readonly kind: 'wake' }
  /** No new calls from now on. */
  | { readonly kind: 'drain' }

export type DeskOutput =
  | { readonly kind: 'order'; readonly order: EngineOrder }
  | { readonly kind: 'answered'; readonly request: RequestId; readonly outcome: Outcome<Done, Refusal> }
  | { readonly kind: 'event'; readonly event: OutEvent }
  /** An invariant broke: that call was ended. For the log, with what is needed to play it again. */
  | { readonly kind: 'bug'; readonly call: Call; readonly input: Input; readonly error: unknown }

/** The single writer of calls: every input of the world goes through `handle`, one after the other, and all that happens is in what it returns. */
export class Desk {
  readonly table = new CallTable()
  readonly presence: Presence
  readonly events: EventLog
  readonly #directory: Directory
  readonly #random: Random
  readonly #resolver: Resolver
  readonly #admission: Admission
  readonly #routing: Routing
  readonly #groups: GroupWork
  readonly #transfers: PhoneTransfers
  readonly #answers = new Answers((request, outcome) => this.#answer(request, outcome))
  #outputs: DeskOutput[] = []
  #at: Instant
  #draining = false
  #mediaUp = false

  constructor(parts: { readonly directory: Directory; readonly random: Random; readonly at: Instant }) {
    this.#directory = parts.directory
    this.#random = parts.random
    this.#at = parts.at
    this.presence = new Presence(parts.directory, this.table, parts.at)
    this.events = new EventLog(parts.at)
    this.#resolver = new Resolver(parts.directory, this.presence)
    this.#admission = new Admission(parts.directory, this.#resolver, parts.random)
    this.#routing = new Routing({ ...parts, resolver: this.#resolver, presence: this.presence, admission: this.#admission })
    const apply = (call: Call, input: Input) => this.#apply(call, input)
    const doors = { table: this.table, admission: this.#admission, resolver: this.#resolver, apply }
    this.#groups = new GroupWork({ ...doors, directory: parts.directory, presence: this.presence, report: (event) => this.#report(event) })
    this.#transfers = new PhoneTransfers({ ...doors, order: (call, effect) => this.#order(call, effect) })
  }

  get draining(): boolean {
    return this.#draining
  }

  get mediaUp(): boolean {
    return this.#mediaUp
  }

  handle(at: Instant, input: DeskInput): readonly DeskOutput[] {
    this.#at = at
    this.#outputs = []
    this.#take(input)
    this.#groups.afterInput(at)
    return this.#outputs
  }

  #take(input: DeskInput): void {
    switch (input.kind) {
      case 'command':
        return this.#command(input)
      case 'engine':
        return this.#engine(input.event)
      case 'wake':
        return this.#wake()
      case 'drain':
        this.#draining = true
        return
      default:
        return unreachable(input)
    }
  }

  /** When `wake` is due. */
  deadline(): Instant | undefined {
    return earliest(this.table.deadline(), this.#groups.deadline(), this.#answers.deadline())
  }

  #wake(): void {
    for (let id = this.table.due(this.#at); id !== undefined; id = this.table.due(this.#at)) {
      const call = this.table.get(id)
      if (call !== undefined) this.#apply(call, { kind: 'wake' })
    }
    for (const { call, pending } of this.#answers.expire(this.#at)) this.#withdraw(call, legsToWithdraw(pending))
  }

  #withdraw(id: CallId, legs: readonly LegId[]): void {
    const call = this.table.get(id)
    if (call !== undefined && !isEnded(call) && legs.length > 0) this.#apply(call, { kind: 'withdraw', legs })
  }

  #command({ request, caller, command }: Extract<DeskInput, { kind: 'command' }>): void {
    if (command.kind === 'originate') return this.#originate(request, caller, command)
    if (command.kind === 'set-agent-state') return this.#setAgentState(request, caller, command)
    const call = this.#callOf(caller.account, command)
    if (!call.ok) return this.#answer(request, call)
    const input = this.#admission.command(this.#at, call.value, command)
    if (!input.ok) return this.#answer(request, input)
    const stepped = this.#apply(call.value, input.value)
    if (!stepped.ok) return this.#answer(request, stepped)
    this.#awaitEffect(request, call.value.id, stepped.value)
  }

  #callOf(account: AccountId, command: CallCommand): Outcome<Call, Refusal> {
    const bySupervision = 'supervision' in command
    const call = bySupervision ? this.table.ofSupervision(command.supervision) : this.table.get(command.call)
    if (call === undefined || call.account !== account) return fail(refusal(bySupervision ? 'party-unknown' : 'call-unknown'))
    return isEnded(call) ? fail(refusal('call-ended')) : ok(call)
  }

  #originate(request: RequestId, caller: Caller, command: Extract<DeskCommand, { kind: 'originate' }>): void {
    const refused = this.#cannotBegin()
    if (refused !== undefined) return this.#answer(request, fail(refused))
    const birth = this.#admission.originate(this.#at, caller.account, command)
    if (!birth.ok) return this.#answer(request, birth)
    if (birth.value.kind === 'originated' && birth.value.from.some((f) => this.#isBusy(f.endpoint))) {
      return this.#answer(request, fail(refusal('endpoint-busy')))
    }
    const { id, step: born } = this.#begin(caller.account, birth.value)
    this.#awaitEffect(request, id, born)
  }

  #isBusy(endpoint: { readonly kind: string; readonly account: AccountId; readonly extension?: string }): boolean {
    return endpoint.extension !== undefined && this.table.ofExtension(endpoint.account, endpoint.extension).length > 0
  }

  #cannotBegin(): Refusal | undefined {
    if (this.#draining) return refusal('capacity-exceeded', { why: 'The node is draining.' })
    if (!this.#mediaUp) return refusal('capacity-exceeded', { why: 'No media process is running.' })
    return this.table.liveCount >= limits.callsPerNode ? refusal('capacity-exceeded') : undefined
  }

  #begin(account: AccountId, birth: Birth): { readonly id: CallId; readonly step: Step } {
    const id = callId(`c_${this.#random.hex(10)}`)
    const born = begin({ id, account }, this.#at, birth)
    this.#commit(undefined, born)
    return { id, step: born }
  }

  #setAgentState(request: RequestId, caller: Caller, command: Extract<DeskCommand, { kind: 'set-agent-state' }>): void {
    const agent = this.#directory.agent(caller.account, command.agent)
    if (agent === undefined) return this.#answer(request, fail(refusal('endpoint-unknown')))
    this.presence.set(this.#at, agent, command.state)
    this.#groups.touch(agent)
    this.#answer(request, ok({}))
  }

  #engine(event: EngineEvent): void {
    switch (event.kind) {
      case 'leg-offered':
        return this.#offered(event)
      case 'transfer-requested':
        return this.#transfers.requested(this.#at, event)
      case 'wired':
      case 'wiring-failed':
        return this.#toCall(this.table.get(event.call), event)
      case 'registration':
        this.presence.registration(this.#at, event, event.contacts)
        return this.#groups.touchExtension(event.account, event.extension)
      case 'media':
        this.#mediaUp = event.up
        return
      case 'measured':
      case 'trunk':
        return
      default:
        return this.#toCall(this.table.ofLeg(event.leg), event)
    }
  }

  #toCall(call: Call | undefined, input: Input): void {
    if (call !== undefined) this.#apply(call, input)
  }

  #offered(event: Extract<EngineEvent, { kind: 'leg-offered' }>): void {
    if (event.replaces !== undefined) return this.#replace(event, event.replaces)
    if (this.#cannotBegin() !== undefined) return this.#hangUp(event.source.account, event.leg, 'shutdown')
    const route = this.#routing.route(event)
    if (!route.ok) return this.#hangUp(event.source.account, event.leg, route.error)
    this.#begin(route.value.account, route.value.birth)
  }

  #replace(event: Extract<EngineEvent, { kind: 'leg-offered' }>, replaces: LegId): void {
    const endpoint = this.#routing.callerEndpoint(event)
    const adopted = endpoint !== undefined && this.#transfers.replace(event.leg, { replaces, endpoint })
    if (!adopted) this.#hangUp(event.source.account, event.leg, 'unknown-number')
  }

  /** A leg that belongs to no call. */
  #hangUp(account: AccountId, leg: LegId, reason: EndReason): void {
    this.#outputs.push({ kind: 'order', order: { call: callId(''), account, effect: { kind: 'hang-up', leg, reason } } })
  }

  #apply(call: Call, input: Input): Outcome<Step, Refusal> {
    try {
      const stepped = step(call, this.#at, input)
      if (stepped.ok) this.#commit(call, stepped.value)
      return stepped
    } catch (error) {
      this.#outputs.push({ kind: 'bug', call, input, error })
      this.#commit(call, abandon(call, this.#at))
      return fail(refusal('internal-error'))
    }
  }

  #commit(before: Call | undefined, stepped: Step): void {
    const { call } = stepped
    this.table.put(call, deadline(call))
    if (isEnded(call)) this.table.prune(this.#at)
    for (const effect of stepped.effects) {
      if (effect.kind === 'seek-agent') this.#groups.seek(call.id)
      else this.#order(call, effect)
    }
    for (const event of stepped.events) this.#report({ account: call.account, event, call })
    this.#groups.changed(this.#at, before, call)
    this.#answers.confirm(call)
  }

  #order(call: Call, effect: EngineOrder['effect']): void {
    const shown = effect.kind === 'invite' ? { ...effect, from: this.#admission.shownTo(call, effect) } : effect
    this.#outputs.push({ kind: 'order', order: { call: call.id, account: call.account, effect: shown } })
  }

  #report(event: Parameters<EventLog['append']>[0]): void {
    this.#outputs.push({ kind: 'event', event: this.events.append(event) })
  }

  #awaitEffect(request: RequestId, id: CallId, stepped: Step): void {
    this.#answers.await(this.#at, request, this.table.get(id) ?? stepped.call, stepped)
  }

  #answer(request: RequestId, outcome: Outcome<Done, Refusal>): void {
    this.#outputs.push({ kind: 'answered', request, outcome })
  }
}

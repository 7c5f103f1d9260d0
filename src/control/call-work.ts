import { abandon } from '../call/abandon.ts'
import { begin } from '../call/begin.ts'
import { type Call, isEnded } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import type { Birth, Input } from '../call/input.ts'
import type { EndReason } from '../call/reason.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { step } from '../call/step.ts'
import { deadline } from '../call/step-leg.ts'
import type { EngineOrder } from '../engine/port.ts'
import { type AccountId, accountId, type CallId, callId, type LegId } from '../kernel/ids.ts'
import { fail, type Outcome } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Admission } from './admission.ts'
import type { CallTable } from './call-table.ts'
import type { AgentView } from './command.ts'
import type { EventLog } from './event-log.ts'
import type { LineView } from './line-words.ts'
import type { Records } from './records.ts'
import type { Tally } from './tally.ts'
import type { Turn } from './turn.ts'

interface Parts {
  readonly table: CallTable
  readonly tally: Tally
  readonly events: EventLog
  readonly records: Records
  readonly admission: Admission
  readonly random: Random
  readonly turn: Turn
  /** After each change, when it is on the table and its orders are given. */
  readonly changed: (before: Call | undefined, call: Call) => void
  /** The call looks for an agent. */
  readonly seek: (call: CallId) => void
}

/** The one place that changes calls: each change is written down, put on the table, ordered and told. */
export class CallWork {
  readonly #parts: Parts
  #lastSerial = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get lastSerial(): number {
    return this.#lastSerial
  }

  /** Serials given before a restart are not given again. */
  serialsBeyond(serial: number): void {
    this.#lastSerial = Math.max(this.#lastSerial, serial)
  }

  begin(account: AccountId, birth: Birth): Step {
    const { random, turn } = this.#parts
    const identity = { id: callId(`c_${random.hex(10)}`), serial: this.#nextSerial(), account }
    const born = begin(identity, turn.at, birth)
    const { id, serial } = identity
    turn.write({ kind: 'born', call: id, account, serial, at: turn.at, birth, ...this.#numbered(born) })
    this.#commit(undefined, born)
    return born
  }

  #nextSerial(): number {
    this.#lastSerial = Math.max(this.#lastSerial + 1, Math.floor(this.#parts.turn.at * 1000))
    return this.#lastSerial
  }

  apply(call: Call, input: Input): Outcome<Step, Refusal> {
    const { turn } = this.#parts
    try {
      const stepped = step(call, turn.at, input)
      if (!stepped.ok) return stepped
      if (isChange(call, stepped.value)) turn.write({ kind: 'input', call: call.id, at: turn.at, input, ...this.#numbered(stepped.value) })
      this.#commit(call, stepped.value)
      return stepped
    } catch (error) {
      turn.add({ kind: 'bug', call, input, error })
      const abandoned = abandon(call, turn.at)
      turn.write({ kind: 'abandoned', call: call.id, at: turn.at, ...this.#numbered(abandoned) })
      this.#commit(call, abandoned)
      return fail(refusal('internal-error'))
    }
  }

  #numbered({ events }: Step): { readonly firstEvent?: number } {
    return events.length === 0 ? {} : { firstEvent: this.#parts.events.next }
  }

  #commit(before: Call | undefined, stepped: Step): void {
    const { call } = stepped
    const { table, tally, turn } = this.#parts
    table.put(call, deadline(call))
    if (isEnded(call)) table.prune(turn.at)
    for (const effect of stepped.effects) {
      if (effect.kind === 'seek-agent') this.#parts.seek(call.id)
      else this.order(call, effect)
    }
    for (const event of stepped.events) {
      turn.add({ kind: 'event', event: this.#parts.events.append({ account: call.account, event, call }) })
      this.#parts.records.follow(event, call)
    }
    tally.changed(turn.at, before, call)
    this.#parts.changed(before, call)
  }

  order(call: Call, effect: EngineOrder['effect']): void {
    const shown = effect.kind === 'invite' ? { ...effect, from: this.#parts.admission.shownTo(call, effect) } : effect
    this.#parts.turn.add({ kind: 'order', order: { call: call.id, account: call.account, effect: shown } })
  }

  /** A leg that belongs to no call. */
  hangUp(account: AccountId, leg: LegId, reason: EndReason): void {
    this.#parts.turn.add({ kind: 'order', order: { call: callId(''), account, effect: { kind: 'hang-up', leg, reason } } })
  }

  /** The bridge of a call that has ended. */
  close(call: CallId): void {
    this.#parts.turn.add({ kind: 'order', order: { call, account: accountId(''), effect: { kind: 'close' } } })
  }

  tellOfLine({ account, line }: { readonly account: AccountId; readonly line: LineView }): void {
    const { turn, events } = this.#parts
    const event = events.appendLine({ account, line, at: turn.at })
    turn.write({ kind: 'told', event })
    turn.add({ kind: 'event', event })
  }

  /** `about`: what changed; his state where absent. */
  tellOfAgent(account: AccountId, agent: AgentView, about?: 'hand'): void {
    const { turn, events } = this.#parts
    const event = events.appendAgent({ account, agent, at: turn.at, ...(about === undefined ? {} : { about }) })
    turn.write({ kind: 'told', event })
    turn.add({ kind: 'event', event })
  }
}

const isChange = (before: Call, { call, effects, events }: Step): boolean => call !== before || effects.length > 0 || events.length > 0

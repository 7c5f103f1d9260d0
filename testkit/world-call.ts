/** One call of the pure core with a scripted engine and no desk: commands, legs and the mixer each move when a test says so. */

import { begin } from '../src/call/begin.ts'
import { type Call, type CallState, callState, isEnded, partyOf } from '../src/call/call.ts'
import { type Cdr, emptyCdr, fold } from '../src/call/cdr.ts'
import { addressOf } from '../src/call/endpoint.ts'
import type { CallEvent } from '../src/call/event.ts'
import type { Confirm, Step } from '../src/call/finish.ts'
import type { Birth, Command, Input, NewParty } from '../src/call/input.ts'
import type { Refusal } from '../src/call/refusal.ts'
import { step } from '../src/call/step.ts'
import { deadline } from '../src/call/step-leg.ts'
import type { Mode } from '../src/call/supervision.ts'
import { legsToWithdraw, type Pending, pending, verdictOf } from '../src/control/pending.ts'
import type { EngineEvent } from '../src/engine/port.ts'
import { callId, type LegId, legId, partyId, requestId } from '../src/kernel/ids.ts'
import type { Outcome } from '../src/kernel/outcome.ts'
import { addMs, earliest, type Instant, instant } from '../src/kernel/time.ts'
import { home } from './people.ts'
import { ScriptedEngine } from './scripted-engine.ts'

/** What is under test; a test of the tests puts something broken in its place. */
export interface CallCore {
  readonly begin: typeof begin
  readonly step: (call: Call, at: Instant, input: Input) => Outcome<Step, Refusal>
  readonly fold: (cdr: Cdr, event: CallEvent) => Cdr
}

export const realCore: CallCore = { begin, step, fold }

/** A command, and what became of it. */
export interface Asked {
  readonly command: Command
  /** The mixer's newest order when the command had been worked in. */
  readonly needs: number
  readonly endedByIt: boolean
  answer: 'waiting' | 'done' | Refusal
  /** What the mixer worked by when the answer went out. */
  appliedThen?: number
}

/** Whom a supervisor's voice may reach from a revision of the matrix on. */
export interface Stance {
  readonly leg: LegId
  readonly from: number
  readonly reach: 'nobody' | 'everybody' | { readonly target: LegId }
}

export class CallWorld {
  readonly engine = new ScriptedEngine()
  readonly events: CallEvent[] = []
  readonly asked: Asked[] = []
  readonly stances: Stance[] = []
  /** Time spent in each state, as somebody saw it who looked at the call all the while. */
  readonly spent: Record<CallState, number> = { queued: 0, ringing: 0, active: 0, held: 0, ended: 0 }
  spentBeforeAnswer = 0
  /** `spent` as of the last event, for comparison with what was folded. */
  spentThen = { ...this.spent }
  /** The call before the last input. */
  before: Call
  call: Call
  cdr: Cdr
  at: Instant = instant(1_800_000_000_000)
  /** Events of legs that are over and yet changed the call. */
  readonly disturbances: string[] = []
  /** What changed a call that had ended. */
  readonly afterTheEnd: string[] = []
  /** The call looks for an agent. */
  seeking = false
  readonly #core: CallCore
  readonly #pending = new Map<Asked, Pending>()
  #ids = 0

  constructor(birth: (world: CallWorld) => Birth, core: CallCore = realCore) {
    this.#core = core
    const id = callId('c1')
    this.engine.onEvent((event) => this.#happened(event))
    this.cdr = emptyCdr(id, home)
    const made = birth(this)
    if (made.kind === 'received') {
      const { leg, endpoint } = made.caller
      this.engine.offer({ id: leg, account: home, address: addressOf(endpoint) })
    }
    const born = this.#core.begin({ id, account: home, serial: this.at * 1000 }, this.at, made)
    this.call = born.call
    this.before = born.call
    this.#take(born)
  }

  newParty(): NewParty {
    this.#ids += 1
    return { party: partyId(`p${this.#ids}`), leg: legId(`l${this.#ids}`) }
  }

  nextId(): number {
    this.#ids += 1
    return this.#ids
  }

  /** As a program asks: the answer may come later. */
  ask(command: Command): Asked {
    const outcome = this.input(command)
    const needs = this.engine.bridge(this.call.id).ordered.revision
    const asked: Asked = { command, needs, endedByIt: isEnded(this.call), answer: 'waiting' }
    this.asked.push(asked)
    if (!outcome.ok) this.#answer(asked, outcome.error)
    else this.#await(asked, outcome.value.confirm)
    return asked
  }

  #await(asked: Asked, confirm: Confirm): void {
    if (confirm.on === 'now') return this.#answer(asked, 'done')
    this.#pending.set(asked, pending(this.at, requestId(String(this.asked.length)), confirm, undefined))
    this.#confirm()
  }

  #answer(asked: Asked, answer: Asked['answer']): void {
    this.#pending.delete(asked)
    asked.answer = answer
    asked.appliedThen = this.engine.bridge(this.call.id).applied.revision
  }

  #confirm(): void {
    for (const [asked, one] of this.#pending) {
      const verdict = verdictOf(this.call, one)
      if (verdict !== 'waiting') this.#answer(asked, verdict)
    }
  }

  input(input: Input): Outcome<Step, Refusal> {
    const stepped = this.#core.step(this.call, this.at, input)
    const mayChange = !isEnded(this.call) || input.kind === 'dispose' || input.kind === 'wired'
    if (!mayChange && stepped.ok && stepped.value.call !== this.call) this.afterTheEnd.push(input.kind)
    if (stepped.ok) this.#take(stepped.value)
    return stepped
  }

  #take({ call, effects, events }: Step): void {
    this.before = this.call ?? call
    this.call = call
    for (const effect of effects) {
      if (effect.kind === 'seek-agent') this.seeking = true
      else this.engine.order({ call: call.id, account: call.account, effect })
    }
    for (const event of events) this.cdr = this.#core.fold(this.cdr, event)
    this.events.push(...events)
    for (const event of events) this.#noteStance(event)
    if (events.length > 0) this.spentThen = { ...this.spent }
    this.#confirm()
  }

  #noteStance(event: CallEvent): void {
    if (!event.type.startsWith('supervision.') || !('supervision' in event.data)) return
    const { party, mode, target } = event.data
    const leg = partyOf(this.call, party)?.leg
    const coached = partyOf(this.call, target)?.leg
    if (leg === undefined || coached === undefined) return
    const from = this.engine.bridge(this.call.id).ordered.revision
    this.stances.push({ leg, from, reach: reachOf(event.type, mode, coached) })
    if (event.type === 'supervision.ended' && event.data.reason === 'taken-over') this.stances.push({ leg, from, reach: 'everybody' })
  }

  #happened(event: EngineEvent): void {
    this.engine.delivered(event)
    if (event.kind === 'wired' || event.kind === 'wiring-failed') this.input(event)
    else if (event.kind.startsWith('leg-') && event.kind !== 'leg-offered') this.input(event as Input)
  }

  /** The earliest thing that somebody waits for. */
  deadline(): Instant | undefined {
    return earliest(deadline(this.call), ...[...this.#pending.values()].map((p) => p.until))
  }

  /** Time passes; what falls due on the way is done. */
  pass(ms: number): void {
    const end = addMs(this.at, ms)
    for (let due = this.deadline(); due !== undefined && due <= end; due = this.deadline()) {
      this.#moveTo(due)
      this.#wake()
      if (this.deadline() === due) break
    }
    this.#moveTo(end)
  }

  #moveTo(at: Instant): void {
    const ms = Math.max(0, at - this.at)
    this.spent[callState(this.call)] += ms
    if (this.call.answeredAt === undefined && !isEnded(this.call)) this.spentBeforeAnswer += ms
    if (at > this.at) this.at = at
  }

  #wake(): void {
    this.input({ kind: 'wake' })
    for (const [asked, one] of this.#pending) {
      if (one.until > this.at) continue
      this.#answer(asked, { code: 'timeout' })
      if (!isEnded(this.call)) this.input({ kind: 'withdraw', legs: legsToWithdraw(one) })
    }
  }

  /** The mixer catches up with its orders. */
  settle(): void {
    while (this.engine.apply(this.call.id));
    while (this.engine.confirm(this.call.id, this.at));
  }
}

function reachOf(type: CallEvent['type'], mode: Mode, target: LegId): Stance['reach'] {
  if (mode === 'monitor' || !(type === 'supervision.active' || type === 'supervision.mode-changed')) return 'nobody'
  return mode === 'barge' ? 'everybody' : { target }
}

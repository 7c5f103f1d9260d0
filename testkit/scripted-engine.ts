/** An engine whose phones and mixer do what a test tells them, and nothing else. It keeps account of what it was ordered, and of orders that make no sense. */
import { addressOf } from '../src/call/endpoint.ts'
import type { LegRow } from '../src/call/matrix.ts'
import type { EndReason } from '../src/call/reason.ts'
import type { Engine, EngineEvent, EngineLine, EngineOrder, LineDoor, RestoredLeg } from '../src/engine/port.ts'
import type { AccountId, CallId, LegId, LineId, RequestId } from '../src/kernel/ids.ts'
import { type Instant, instant } from '../src/kernel/time.ts'

export type LegPhase = 'inviting' | 'ringing' | 'offered' | 'answering' | 'up' | 'over'

export interface ScriptedLeg {
  readonly id: LegId
  /** Of the trunk or phone that offered it; of the call, once one has answered it. */
  account: AccountId
  /** The extension or number of the phone. */
  readonly address: string
  call: CallId | undefined
  phase: LegPhase
  accepted: boolean
  /** The phone holds. */
  holds: boolean
  voice: 'core' | 'supervisor'
  autoAnswer: boolean
  /** The core has ordered its end, or has been told of it: it may not speak of this leg again. */
  dismissed: boolean
  /** Why the core hung it up. */
  goodbye?: EndReason
}

export interface Wired {
  readonly revision: number
  readonly rows: readonly LegRow[]
}

/** The mixer of one call: it works off its orders late, and tells of it later still. */
export interface ScriptedBridge {
  readonly call: CallId
  ordered: Wired
  readonly waiting: Wired[]
  applied: Wired
  readonly untold: number[]
  closed: boolean
  /** The desk that ordered it has died, and the next one may order the same again. */
  isInherited: boolean
}

type Effect = EngineOrder['effect']
type ToLeg = Exclude<Effect, { kind: 'invite' | 'rewire' | 'record' | 'close' }>

export class ScriptedEngine implements Engine {
  /** Lines come about at once, and stay. */
  readonly lines: LineDoor = {
    open: (request, line) => {
      const opened = { ...line, state: 'open', createdAt: instant(0) } as const
      this.#lines.set(line.line, opened)
      this.emit({ kind: 'line-opened', request, line: opened, answer: 'v=0' })
    },
    renew: (request, id) => {
      const line = this.#lines.get(id)
      if (line === undefined) this.emit({ kind: 'line-failed', request, line: id, because: 'unknown' })
      else this.emit({ kind: 'line-opened', request, line, answer: 'v=0' })
    },
    close: (id) => {
      const line = this.#lines.get(id)
      this.#lines.delete(id)
      if (line !== undefined) this.emit({ kind: 'line-state', line: { ...line, state: 'closed' } })
    },
  }
  readonly #lines = new Map<LineId, EngineLine>()
  readonly legs = new Map<LegId, ScriptedLeg>()
  readonly bridges = new Map<CallId, ScriptedBridge>()
  readonly orders: EngineOrder[] = []
  /** What each call's recorder was told last. */
  readonly recordings = new Map<CallId, Extract<Effect, { kind: 'record' }>>()
  /** What a careful engine would have to complain about. */
  readonly faults: string[] = []
  /** A desk that has just come back does not know yet who is gone, and may order something for him. */
  isComparing = false
  readonly #listeners: ((event: EngineEvent) => void)[] = []

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listeners.push(listener)
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** The core has been told this. */
  delivered(event: EngineEvent): void {
    const leg = event.kind === 'leg-ended' ? this.legs.get(event.leg) : undefined
    if (leg !== undefined) leg.dismissed = true
  }

  measure(call: CallId, request: RequestId): void {
    const legs = [...this.legs.values()].filter((leg) => leg.call === call && leg.phase === 'up')
    this.emit({ kind: 'measured', call, request, legs: legs.map(({ id }) => ({ leg: id, levelDbov: -20, lastAudioAt: null })) })
  }

  order(order: EngineOrder): void {
    this.orders.push(order)
    const { effect } = order
    switch (effect.kind) {
      case 'invite':
        return this.#invite(order, effect)
      case 'rewire':
        return this.#rewire(order.call, effect)
      case 'record':
        this.recordings.set(order.call, effect)
        return
      case 'close':
        return this.#close(order.call)
      default:
        return this.#toLeg(order, effect)
    }
  }

  #invite({ call }: EngineOrder, effect: Extract<Effect, { kind: 'invite' }>): void {
    this.#expect(!this.legs.has(effect.leg), `a leg is called once: ${effect.leg}`)
    const address = addressOf(effect.to)
    const { leg: id, voice, autoAnswer } = effect
    const fresh = { phase: 'inviting', accepted: false, holds: false, dismissed: false } as const
    this.legs.set(id, { ...fresh, id, address, call, voice, autoAnswer, account: effect.to.account })
  }

  #toLeg({ call, account }: EngineOrder, effect: ToLeg): void {
    const leg = this.legs.get(effect.leg)
    if (this.isComparing && (leg === undefined || leg.dismissed)) return
    if (leg === undefined) return this.#expect(false, `${effect.kind} for an unknown leg ${effect.leg}`)
    this.#expect(!leg.dismissed, `${effect.kind} for a leg that is over: ${leg.id}`)
    switch (effect.kind) {
      case 'ring':
        return this.#expect(leg.phase === 'offered' || leg.phase === 'over', `ring for a leg that is ${leg.phase}`)
      case 'answer':
        this.#expect(leg.phase === 'offered' || leg.phase === 'over', `answer for a leg that is ${leg.phase}`)
        leg.call = call
        leg.account = account
        if (leg.phase === 'offered') leg.phase = 'answering'
        return
      case 'hang-up':
        leg.dismissed = true
        leg.goodbye = effect.reason
        leg.phase = 'over'
        return
      case 'set-voice':
        leg.voice = effect.voice
        return
      case 'transfer-progress':
        return
    }
  }

  /** A leg that another call let go moves here with its first row. */
  #rewire(call: CallId, { revision, rows }: Extract<Effect, { kind: 'rewire' }>): void {
    const bridge = this.bridge(call)
    this.#expect(!bridge.closed, `rewire of a closed bridge ${call}`)
    const isAgain = bridge.isInherited && revision === bridge.ordered.revision
    this.#expect(isAgain || revision === bridge.ordered.revision + 1, `revision ${revision} after ${bridge.ordered.revision}`)
    bridge.isInherited = false
    for (const id of rows.flatMap((row) => [row.listener, ...row.talkers])) {
      const leg = this.legs.get(id)
      if (leg === undefined || leg.dismissed) this.#expect(false, `a row names ${id}, which is over or unknown`)
      else leg.call = call
    }
    bridge.ordered = { revision, rows }
    bridge.waiting.push(bridge.ordered)
  }

  #close(call: CallId): void {
    const bridge = this.bridge(call)
    this.#expect(!bridge.closed, `bridge ${call} is closed once`)
    bridge.closed = true
  }

  #expect(condition: boolean, fault: string): void {
    if (!condition) this.faults.push(fault)
  }

  bridge(call: CallId): ScriptedBridge {
    const known = this.bridges.get(call)
    if (known !== undefined) return known
    const silent: Wired = { revision: 0, rows: [] }
    const bridge: ScriptedBridge = { call, ordered: silent, waiting: [], applied: silent, untold: [], closed: false, isInherited: false }
    this.bridges.set(call, bridge)
    return bridge
  }

  /** The order to call this leg never came. */
  neverCalled({ leg: id, account, address }: { readonly leg: LegId; readonly account: AccountId; readonly address: string }): void {
    if (this.legs.has(id)) return
    const nothing = { phase: 'over', accepted: false, holds: false, voice: 'core', autoAnswer: false, dismissed: false } as const
    this.legs.set(id, { ...nothing, id, account, address, call: undefined })
  }

  /** The control process has died and is back. Phones in set-up are given up, and the rest has gone on. */
  restart(): { readonly legs: readonly RestoredLeg[]; readonly bridges: readonly CallId[] } {
    for (const leg of this.alive()) {
      if (leg.phase === 'up') continue
      this.end(leg, 'failed')
    }
    const open = [...this.bridges.values()].filter((bridge) => !bridge.closed)
    for (const bridge of open) bridge.isInherited = true
    const legs = this.alive().map(
      ({ id, holds, call }): RestoredLeg => ({
        leg: id,
        phase: 'connected',
        held: holds,
        ...(call === undefined ? {} : { call }),
        transfers: [],
      }),
    )
    return { legs, bridges: open.map((bridge) => bridge.call) }
  }

  /** The mixer works by the next revision from now on. */
  apply(call: CallId): boolean {
    const bridge = this.bridge(call)
    const next = bridge.waiting.shift()
    if (next === undefined) return false
    bridge.applied = next
    bridge.untold.push(next.revision)
    return true
  }

  /** The mixer tells of a revision that it works by. */
  confirm(call: CallId, at: Instant): boolean {
    const revision = this.bridge(call).untold.shift()
    if (revision === undefined) return false
    this.emit({ kind: 'wired', call, revision, at })
    return true
  }

  /** Who can really be heard on the call's bridge now. */
  heard(call: CallId): readonly { readonly listener: LegId; readonly talker: LegId }[] {
    const here = (id: LegId) => {
      const leg = this.legs.get(id)
      return leg?.phase === 'up' && leg.call === call
    }
    return this.bridge(call).applied.rows.flatMap((row) =>
      here(row.listener) ? row.talkers.filter(here).map((talker) => ({ listener: row.listener, talker })) : [],
    )
  }

  offer(leg: Pick<ScriptedLeg, 'id' | 'account' | 'address'>): void {
    const fresh = { accepted: false, holds: false, dismissed: false, voice: 'core', autoAnswer: false, call: undefined } as const
    this.legs.set(leg.id, { ...fresh, ...leg, phase: 'offered' })
  }

  accept(leg: ScriptedLeg): void {
    if (leg.phase !== 'inviting' || leg.accepted) return
    leg.accepted = true
    this.emit({ kind: 'leg-accepted', leg: leg.id })
  }

  ring(leg: ScriptedLeg): void {
    if (leg.phase !== 'inviting') return
    leg.phase = 'ringing'
    this.emit({ kind: 'leg-ringing', leg: leg.id })
  }

  /** The far end picks up, or has confirmed our answer to its call. */
  answer(leg: ScriptedLeg): void {
    if (leg.phase !== 'inviting' && leg.phase !== 'ringing' && leg.phase !== 'answering') return
    leg.phase = 'up'
    this.emit({ kind: 'leg-answered', leg: leg.id })
  }

  /** The far end hangs up, cancels, declines, or cannot be reached. */
  end(leg: ScriptedLeg, reason: EndReason): void {
    if (leg.phase === 'over') return
    leg.phase = 'over'
    this.emit({ kind: 'leg-ended', leg: leg.id, reason })
  }

  hold(leg: ScriptedLeg, on: boolean): void {
    if (leg.phase !== 'up' || leg.holds === on) return
    leg.holds = on
    this.emit({ kind: on ? 'leg-held' : 'leg-resumed', leg: leg.id })
  }

  alive(): readonly ScriptedLeg[] {
    return [...this.legs.values()].filter((leg) => leg.phase !== 'over')
  }
}

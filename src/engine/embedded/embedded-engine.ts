import { Deadlines } from '../../kernel/deadlines.ts'
import type { CallId, LineId, RequestId } from '../../kernel/ids.ts'
import type { Random } from '../../kernel/random.ts'
import { earliest, type Instant } from '../../kernel/time.ts'
import type { MediaEvent } from '../../media/protocol.ts'
import type { Flow, ResolveAnswer, SipDoor, UserAgentSettings } from '../../sip/door.ts'
import type { EngineOrder, LineHolder } from '../port.ts'
import { Bridges } from './bridges.ts'
import { type Core, hangUp } from './core.ts'
import { Inheritance } from './inheritance.ts'
import { Legs } from './leg.ts'
import { Lines } from './line.ts'
import { closeLine, openLine, renewLine, wakeLines } from './lines.ts'
import { mediaConnected, mediaDisconnected, mediaEvent } from './media-events.ts'
import { type LineState, MediaLine } from './media-line.ts'
import type { EngineChange } from './memory.ts'
import { carryOut } from './orders.ts'
import { acceptTried } from './outgoing.ts'
import { type EngineOutput, Outbox } from './output.ts'
import { Reach } from './reach.ts'
import { Recollection } from './recollection.ts'
import { restoreLegs, settleLegs } from './restore.ts'
import { sipEvent } from './sip-events.ts'

export interface EmbeddedSettings {
  readonly userAgent: UserAgentSettings
  /** What descriptions say instead of the address that the media process has bound: needed behind a NAT. */
  readonly mediaAddress?: { readonly 4?: string; readonly 6?: string }
}

export interface EmbeddedStats {
  readonly legs: number
  readonly lines: number
  readonly bridges: number
  /** Registered contacts. */
  readonly contacts: number
  readonly media: LineState
}

/**
 * Sotto's own engine: the SIP layer and a media process, kept in step leg by leg. Nothing happens by itself: every method takes the
 * instant and returns what is to be done, in order; `wake` is due by `deadline()`.
 *
 * Early media of a called phone is not played to anybody: nobody hears what no rule names, and before the answer no rule can.
 */
export class EmbeddedEngine {
  readonly #core: Core
  readonly #recollection = new Recollection()

  /** `epoch` grows from one control process to the next: the media process obeys the newest. */
  constructor(door: SipDoor, settings: EmbeddedSettings, random: Random, epoch: number) {
    const outbox = new Outbox()
    this.#core = {
      door,
      outbox,
      random,
      legs: new Legs(),
      lines: new Lines(),
      bridges: new Bridges(),
      line: new MediaLine(outbox, epoch),
      reach: new Reach(),
      inheritance: new Inheritance(),
      tried: new Deadlines(),
      mediaAddress: settings.mediaAddress ?? {},
    }
    this.#core.reach.configure(settings.userAgent)
  }

  /**
   * Once, before all else: what an earlier process remembered. Legs that talk go on; legs that were being set up end, by `leg-ended`; then
   * the desk is told by `restored` what there is.
   */
  restore(at: Instant, remembered: Iterable<EngineChange>): readonly EngineOutput[] {
    restoreLegs(this.#core, at, this.#recollection.begin(remembered))
    this.#react(at)
    settleLegs(this.#core, at)
    return this.#settle(at)
  }

  /** What must be remembered, since the last time: to be written down before the outputs of the same call are carried out. */
  changes(): readonly EngineChange[] {
    return this.#recollection.changes(this.#core)
  }

  start(at: Instant): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.start(at))
    return this.#settle(at)
  }

  configure(at: Instant, settings: UserAgentSettings): readonly EngineOutput[] {
    this.#core.reach.configure(settings)
    this.#core.outbox.fromDoor(this.#core.door.configure(at, settings))
    return this.#settle(at)
  }

  receive(at: Instant, bytes: Uint8Array, flow: Flow): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.receive(at, bytes, flow))
    return this.#settle(at)
  }

  flowOpened(at: Instant, connectId: string, flow: Flow): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.flowOpened(at, connectId, flow))
    return this.#settle(at)
  }

  flowFailed(at: Instant, connectId: string): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.flowFailed(at, connectId))
    return this.#settle(at)
  }

  flowClosed(at: Instant, flow: Flow): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.flowClosed(at, flow))
    return this.#settle(at)
  }

  resolved(at: Instant, queryId: string, answers: readonly ResolveAnswer[]): readonly EngineOutput[] {
    this.#core.outbox.fromDoor(this.#core.door.resolved(at, queryId, answers))
    return this.#settle(at)
  }

  mediaConnected(at: Instant): readonly EngineOutput[] {
    mediaConnected(this.#core, at)
    return this.#settle(at)
  }

  mediaDisconnected(at: Instant): readonly EngineOutput[] {
    mediaDisconnected(this.#core, at)
    return this.#settle(at)
  }

  mediaEvent(at: Instant, event: MediaEvent): readonly EngineOutput[] {
    mediaEvent(this.#core, at, event)
    return this.#settle(at)
  }

  order(at: Instant, order: EngineOrder): readonly EngineOutput[] {
    carryOut(this.#core, at, order)
    return this.#settle(at)
  }

  openLine(at: Instant, request: RequestId, line: LineHolder & { readonly line: LineId }, offer: string): readonly EngineOutput[] {
    openLine(this.#core, at, { request, offer }, line)
    return this.#settle(at)
  }

  renewLine(at: Instant, request: RequestId, line: LineId, offer: string): readonly EngineOutput[] {
    renewLine(this.#core, at, { request, offer }, line)
    return this.#settle(at)
  }

  closeLine(at: Instant, line: LineId): readonly EngineOutput[] {
    closeLine(this.#core, line)
    return this.#settle(at)
  }

  /** A call that nothing was wired in yet has nothing to measure. */
  measure(at: Instant, call: CallId, request: RequestId): readonly EngineOutput[] {
    const { line, bridges, outbox } = this.#core
    if (line.isUp && (bridges.get(call)?.revision ?? 0) > 0) line.ask({ call, request })
    else outbox.event({ kind: 'measured', call, request, legs: [] })
    return this.#settle(at)
  }

  wake(at: Instant): readonly EngineOutput[] {
    this.#core.line.wake(at)
    acceptTried(this.#core, at)
    wakeLines(this.#core, at)
    const due = this.#core.door.deadline()
    if (due !== undefined && due <= at) this.#core.outbox.fromDoor(this.#core.door.wake(at))
    return this.#settle(at)
  }

  deadline(): Instant | undefined {
    return earliest(this.#core.door.deadline(), this.#core.line.deadline(), this.#core.tried.next(), this.#core.lines.deadlines.next())
  }

  /** Says goodbye to every leg and line, then gives the registrations at trunks back. */
  stop(at: Instant): readonly EngineOutput[] {
    for (const leg of this.#core.legs.all()) hangUp(this.#core, at, leg, 'shutdown')
    for (const line of this.#core.lines.all()) closeLine(this.#core, line.id)
    this.#core.outbox.fromDoor(this.#core.door.stop(at))
    return this.#settle(at)
  }

  stats(): EmbeddedStats {
    const { legs, lines, bridges, reach, line } = this.#core
    return { legs: legs.size, lines: lines.size, bridges: bridges.all().length, contacts: reach.contacts(), media: line.state }
  }

  #settle(at: Instant): readonly EngineOutput[] {
    this.#react(at)
    return this.#core.outbox.take()
  }

  /** What the SIP layer reported is made the engine's own, until nothing is left to react to. */
  #react(at: Instant): void {
    const { outbox } = this.#core
    for (let report = outbox.nextReport(); report !== undefined; report = outbox.nextReport()) sipEvent(this.#core, at, report)
  }
}

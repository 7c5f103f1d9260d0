/**
 * A media process that holds everything the active one does and says nothing, until that one is gone. A line that closes tells it within
 * milliseconds; one that is frozen is found out by its silence, and ended before anything is sent in its place.
 */
import { connect, type Socket } from 'node:net'
import { unreachable } from '../kernel/assert.ts'
import type { LegId } from '../kernel/ids.ts'
import { handoverForm } from '../kernel/launch.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { MediaEngine } from '../media/engine.ts'
import type { LegWire } from '../media/leg.ts'
import { type Held, type HeldLeg, Legacy, legacyAt } from '../media/legacy.ts'
import { alignClock, now } from './clock.ts'
import { HeldRecordings, type OrderedRecording } from './held-recordings.ts'
import { Frames, type Reign, type Told } from './legacy-frames.ts'
import { type Holder, isGone, isStopped, type Terms } from './terms.ts'

const lookMs = 50
/** Looks of a millisecond or so: how long the kernel may take to end a process whose line has closed. */
const endingLooks = 40

export interface StandbyOptions {
  /** Of the line to the active process. */
  readonly path: string
  readonly engine: MediaEngine
  readonly adopt: (leg: HeldLeg) => LegWire
  readonly terms: Terms
  readonly log: Log
  /** The predecessor is gone, and nobody else has its place. */
  readonly onSuccession: (legacy: Inherited) => void
  /** From now on it could be succeeded. */
  readonly onReady: () => void
  /** It has ended of its own will. */
  readonly onEnded: () => void
  /** What it would leave, we do not understand. */
  readonly onForeign: () => void
}

export interface Inherited {
  readonly reign: Reign
  readonly recordings: readonly OrderedRecording[]
  /** When the predecessor was last known to be at work. */
  readonly heardAt: Instant
}

export class Standby {
  readonly #options: StandbyOptions
  readonly #numbers = new Map<number, Float64Array>()
  readonly #recordings = new HeldRecordings()
  readonly #legs = new Map<number, LegId>()
  #reign: Reign = { epoch: -1, leaseMs: limits.mediaLeaseMs }
  #active: Holder | undefined
  #line: Socket | undefined
  #heardAt: Instant = now()
  #silentLooks = 0
  #isSucceeding = false
  #isOver = false
  readonly #looking: NodeJS.Timeout

  constructor(options: StandbyOptions) {
    this.#options = options
    this.#looking = setInterval(() => void this.#look(), lookMs)
    this.#connect()
  }

  stop(): void {
    this.#isOver = true
    clearInterval(this.#looking)
    this.#line?.destroy()
  }

  /** Does not wait for the active one to die, but ends it. Who holds nothing yet has nothing to take over. */
  takeOver(): void {
    if (this.#active !== undefined) void this.#succeed('force')
  }

  /** Puts every leg where the predecessor's was. */
  restore(at: Instant, heardAt: Instant): void {
    const legacy = new Legacy()
    const { engine, log } = this.#options
    for (const [slot, numbers] of this.#numbers) {
      const leg = engine.legs.at(slot)
      const savedAt = numbers[legacyAt.savedAt] ?? 0
      const age = { wentOnMs: Math.max(0, heardAt - savedAt), unknownMs: Math.max(0, at - savedAt) }
      const from = legacy.begin(numbers, legacyAt.first)
      try {
        leg?.load(at, from, { legAt: (other) => engine.legs.at(other), age })
      } catch (bug) {
        log.error({ leg: leg?.id, bug: String(bug) }, 'bug in taking over a leg')
      }
    }
    engine.legs.own()
  }

  #connect(): void {
    if (this.#isOver || this.#isSucceeding) return
    const line = connect(this.#options.path)
    this.#line = line
    const frames = new Frames(
      (told) => this.#take(told),
      (numbers) => this.#numbers.set(numbers[legacyAt.slot] ?? -1, numbers),
    )
    line.on('data', (chunk: Buffer) => {
      this.#silentLooks = 0
      this.#heardAt = now()
      frames.push(chunk)
    })
    line.on('error', () => undefined)
    let wasOpen = false
    line.once('connect', () => {
      wasOpen = true
    })
    line.once('close', () => void this.#closed(wasOpen))
  }

  /** Either it has died, or it has only lost patience with us and takes us back. */
  async #closed(wasOpen: boolean): Promise<void> {
    this.#line = undefined
    if (!wasOpen && this.#active !== undefined) return this.#succeed('force')
    for (let looks = 0; looks < endingLooks && !this.#isOver && !this.#isSucceeding; looks++) {
      if (this.#active === undefined || isGone(this.#active)) return this.#succeed('right')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    this.#connect()
  }

  /** Counted by our own turns: whoever was frozen himself must not take the others' words that wait for him for silence. */
  async #look(): Promise<void> {
    if (this.#isOver || this.#active === undefined) return
    this.#silentLooks++
    if (this.#silentLooks < limits.standbyStoppedLooks) return
    if (this.#silentLooks >= limits.standbySilentLooks || isStopped(this.#active)) await this.#succeed('force')
  }

  async #succeed(by: 'right' | 'force'): Promise<void> {
    const { terms, log } = this.#options
    if (this.#isOver || this.#isSucceeding) return
    if (!terms.claim(by)) {
      // Somebody else was quicker, or the active one is just beginning: what we hold is nobody's any more.
      this.#forget()
      this.#active = undefined
      setTimeout(() => this.#connect(), lookMs)
      return
    }
    this.#isSucceeding = true
    clearInterval(this.#looking)
    await terms.fence()
    await this.#heardOut()
    if (this.#isOver) return
    this.stop()
    log.warn({ predecessor: this.#active?.pid, legs: this.#legs.size }, 'the standby takes over')
    this.#options.onSuccession({ reign: this.#reign, recordings: this.#recordings.all, heardAt: this.#heardAt })
  }

  /** What the predecessor had said when it was ended is there to be read, up to the end of the line. */
  async #heardOut(): Promise<void> {
    const line = this.#line
    if (line === undefined) return
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, lookMs)
      line.once('close', () => {
        clearTimeout(patience)
        resolve()
      })
    })
  }

  #take(told: Told): void {
    const { engine } = this.#options
    switch (told.kind) {
      case 'held':
        return this.#begin(told)
      case 'leg':
        return this.#adopt(told.leg)
      case 'peer':
        return engine.legs.at(told.slot)?.settle(told.peer)
      case 'closed':
        return this.#close(told.slot)
      case 'order':
        if (told.order.kind === 'record') return this.#recordings.ordered(told.order)
        if (told.order.kind === 'close-bridge') this.#recordings.bridgeClosed(told.order.bridge)
        return engine.order(now(), told.order)
      case 'recording':
        return this.#recordings.changed(told)
      case 'reign':
        this.#reign = told.reign
        return
      case 'cut':
        return engine.cutSupervisors(told.at)
      case 'ended':
        return this.#ended()
      default:
        return unreachable(told)
    }
  }

  #begin({ form, clockOrigin, by, reign, held }: Extract<Told, { kind: 'held' }>): void {
    if (form !== handoverForm) {
      this.stop()
      return this.#options.onForeign()
    }
    alignClock(clockOrigin)
    this.#active = by
    this.#heardAt = now()
    this.#reign = reign
    this.#hold(held)
    this.#options.onReady()
  }

  /** It may still be writing recordings to their end: its place is free when it is gone, and is not taken by force. */
  #ended(): void {
    this.#forget()
    this.#active = undefined
    this.#options.onEnded()
  }

  #hold({ legs, bridges, recordings }: Held): void {
    this.#forget()
    const { engine } = this.#options
    for (const leg of legs) this.#adopt(leg)
    const at = now()
    const wire = (cut: boolean) => {
      for (const { supervisorsCut, ...bridge } of bridges) if (supervisorsCut === cut) engine.order(at, { kind: 'rewire', ...bridge })
    }
    wire(true)
    engine.cutSupervisors(at)
    wire(false)
    for (const { order, begunAt } of recordings) {
      this.#recordings.ordered(order)
      this.#recordings.changed({ recording: order.recording, begunAt })
    }
  }

  #adopt(leg: HeldLeg): void {
    const { engine, adopt } = this.#options
    if (this.#legs.has(leg.slot)) return
    this.#legs.set(leg.slot, leg.leg)
    engine.adopt(now(), leg, adopt(leg))
  }

  #close(slot: number): void {
    const leg = this.#legs.get(slot)
    this.#legs.delete(slot)
    this.#numbers.delete(slot)
    if (leg !== undefined) this.#options.engine.order(now(), { kind: 'close-leg', leg })
  }

  #forget(): void {
    const { engine } = this.#options
    for (const { bridge } of engine.held().bridges) engine.order(now(), { kind: 'close-bridge', bridge })
    for (const slot of [...this.#legs.keys()]) this.#close(slot)
    this.#recordings.clear()
    this.#numbers.clear()
  }
}

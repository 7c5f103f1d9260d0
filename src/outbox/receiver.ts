import { type Alarm, Deadlines } from '../kernel/deadlines.ts'
import { addMs, type Instant, instant } from '../kernel/time.ts'
import type { Plan, PlanName } from './plan.ts'
import type { Letter, Standing } from './words.ts'

interface Lane<Content> {
  readonly name: string
  /** In the order of their numbers. */
  readonly queue: Letter<Content>[]
  busy: string | undefined
  alarm: Alarm<Lane<Content>> | undefined
}

/** All that is for one receiver: lanes that wait for their turn, and dead letters. */
export class Receiver<Content> {
  readonly name: string
  readonly planName: PlanName
  readonly plan: Plan
  /** When it has something to do; the outbox's. */
  alarm: Alarm<Receiver<Content>> | undefined
  /** Those that are under way as well, the one put in first at the front. */
  readonly #live = new Map<string, Letter<Content>>()
  readonly #dead = new Map<string, Letter<Content>>()
  readonly #lanes = new Map<string, Lane<Content>>()
  readonly #due = new Deadlines<Lane<Content>>()
  readonly #underWay = new Set<string>()
  #failures = 0
  #lastFailure: Standing['lastFailure']
  #restsUntil: Instant | undefined
  #bytes = 0

  constructor(name: string, planName: PlanName, plan: Plan) {
    this.name = name
    this.planName = planName
    this.plan = plan
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#live.size === 0 && this.#dead.size === 0
  }

  get isOverfull(): boolean {
    return this.#live.size > this.plan.waiting
  }

  get hasTooManyDead(): boolean {
    return this.#dead.size > this.plan.dead
  }

  get dead(): readonly Letter<Content>[] {
    return [...this.#dead.values()]
  }

  get live(): readonly Letter<Content>[] {
    return [...this.#live.values()]
  }

  standing(): Standing {
    const { size: waiting } = this.#live
    const seen = { waiting, dead: this.#dead.size, failures: this.#failures }
    return this.#lastFailure === undefined ? seen : { ...seen, lastFailure: this.#lastFailure }
  }

  letter(id: string): Letter<Content> | undefined {
    return this.#live.get(id) ?? this.#dead.get(id)
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id)
  }

  /** When the next letter may leave. */
  nextAt(): Instant | undefined {
    const due = this.#due.next()
    const most = this.#restsUntil === undefined ? this.plan.atOnce : 1
    if (due === undefined || this.#underWay.size >= most) return undefined
    return this.#restsUntil === undefined ? due : instant(Math.max(due, this.#restsUntil))
  }

  /** A letter leaves; the caller has seen by `nextAt` that one may. */
  take(at: Instant): Letter<Content> | undefined {
    const lane = this.#due.take(at)?.reason
    const letter = lane?.queue.shift()
    if (lane === undefined || letter === undefined) return undefined
    lane.alarm = undefined
    lane.busy = letter.parcel.id
    this.#underWay.add(letter.parcel.id)
    return letter
  }

  /** A new one, or one that was tried and comes again. */
  add(letter: Letter<Content>): void {
    const { id, lane: name, bytes } = letter.parcel
    if (letter.diedAt !== undefined) {
      this.#bytes += bytes
      this.#dead.set(id, letter)
      return
    }
    if (!this.#live.has(id)) this.#bytes += bytes
    this.#live.set(id, letter)
    const lane = this.#lanes.get(name) ?? { name, queue: [], busy: undefined, alarm: undefined }
    this.#lanes.set(name, lane)
    const place = lane.queue.findLastIndex((other) => other.number < letter.number) + 1
    lane.queue.splice(place, 0, letter)
    this.#settle(lane)
  }

  /** The try has come to an end; where the letter comes again, `add` follows. */
  back(id: string): void {
    this.#underWay.delete(id)
    const lane = this.#lanes.get(this.#live.get(id)?.parcel.lane ?? '')
    if (lane?.busy === id) lane.busy = undefined
  }

  remove(id: string): Letter<Content> | undefined {
    const letter = this.letter(id)
    if (letter === undefined) return undefined
    this.#bytes -= letter.parcel.bytes
    if (this.#dead.delete(id)) return letter
    this.back(id)
    this.#live.delete(id)
    const lane = this.#lanes.get(letter.parcel.lane)
    const place = lane?.queue.indexOf(letter) ?? -1
    if (place >= 0) lane?.queue.splice(place, 1)
    if (lane !== undefined) this.#settle(lane)
    return letter
  }

  /** The first that is not under way. */
  oldestWaiting(): Letter<Content> | undefined {
    for (const letter of this.#live.values()) if (!this.#underWay.has(letter.parcel.id)) return letter
    return undefined
  }

  oldestDead(): Letter<Content> | undefined {
    return this.#dead.values().next().value
  }

  /** Whoever failed stays at his place in time, so the oldest are at the front. */
  expired(at: Instant): readonly Letter<Content>[] {
    const found: Letter<Content>[] = []
    for (const letter of this.#live.values()) {
      if (addMs(letter.since, this.plan.giveUpMs) > at) break
      if (!this.#underWay.has(letter.parcel.id)) found.push(letter)
    }
    return found
  }

  failed(at: Instant, why: string): void {
    this.#failures += 1
    this.#lastFailure = { at, why }
    const { restsAfter, restsMs } = this.plan
    if (this.#failures < restsAfter) return
    const rest = restsMs[Math.min(this.#failures - restsAfter, restsMs.length - 1)] ?? 0
    this.#restsUntil = addMs(at, rest)
  }

  /** It is there again: nothing waits for the end of its own pause, and what is oldest leaves first. */
  succeeded(): void {
    this.#failures = 0
    if (this.#restsUntil === undefined) return
    this.#restsUntil = undefined
    for (const lane of this.#lanes.values()) this.#settle(lane, true)
  }

  /** Sets the lane's alarm for its first letter. */
  #settle(lane: Lane<Content>, isPauseOver = false): void {
    this.#due.clear(lane.alarm)
    lane.alarm = undefined
    const [first] = lane.queue
    if (first === undefined && lane.busy === undefined) this.#lanes.delete(lane.name)
    if (first !== undefined && lane.busy === undefined) lane.alarm = this.#due.set(isPauseOver ? first.since : first.dueAt, lane)
  }
}

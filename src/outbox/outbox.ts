import { unreachable } from '../kernel/assert.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { type Plans, pauseMs, usualPlans } from './plan.ts'
import { Receiver } from './receiver.ts'
import type { Letter, OutboxInput, OutboxOutput, Parcel, Standing } from './words.ts'

interface Options {
  readonly random: Random
  readonly plans?: Plans
  readonly atOnce?: number
  readonly bytes?: number
}

/**
 * Everything that is to be delivered to somebody outside: when, in which order, how often, and what becomes of what nobody takes. Each parcel
 * is tried until it is taken, so a receiver may see one twice, always with the same id. Knows no clock and no socket.
 */
export class Outbox<Content> {
  readonly #random: Random
  readonly #plans: Plans
  readonly #atOnce: number
  readonly #mostBytes: number
  readonly #receivers = new Map<string, Receiver<Content>>()
  /** Receivers of letters that are there, by the letter's id. */
  readonly #homes = new Map<string, Receiver<Content>>()
  readonly #alarms = new Deadlines<Receiver<Content>>()
  readonly #underWay = new Set<string>()
  #outputs: OutboxOutput<Content>[] = []
  #bytes = 0
  #last = 0

  constructor({ random, plans = usualPlans, atOnce = limits.callOutsAtOnce, bytes = limits.outboxBytes }: Options) {
    this.#random = random
    this.#plans = plans
    this.#atOnce = atOnce
    this.#mostBytes = bytes
  }

  /** What an earlier process left. Goes on where it was, once it is woken. */
  restore(letters: Iterable<Letter<Content>>): void {
    const inTime = [...letters].sort((a, b) => a.since - b.since || a.number - b.number)
    for (const letter of inTime) {
      this.#last = Math.max(this.#last, letter.number)
      this.#add(this.#receiverOf(letter.parcel), letter)
    }
  }

  handle(at: Instant, input: OutboxInput<Content>): readonly OutboxOutput<Content>[] {
    this.#carryOut(at, input)
    this.#sendWhatIsDue(at)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  deadline(): Instant | undefined {
    return this.#underWay.size < this.#atOnce ? this.#alarms.next() : undefined
  }

  /** All that is there, dead letters too. */
  letters(): readonly Letter<Content>[] {
    return [...this.#receivers.values()].flatMap((receiver) => [...receiver.live, ...receiver.dead])
  }

  letter(id: string): Letter<Content> | undefined {
    return this.#homes.get(id)?.letter(id)
  }

  standing(receiver: string): Standing {
    return this.#receivers.get(receiver)?.standing() ?? { waiting: 0, dead: 0, failures: 0 }
  }

  /** The first to die at the front. */
  deadLetters(receiver: string): readonly Letter<Content>[] {
    return this.#receivers.get(receiver)?.dead ?? []
  }

  #carryOut(at: Instant, input: OutboxInput<Content>): void {
    switch (input.kind) {
      case 'put':
        for (const parcel of input.parcels) this.#put(at, parcel)
        return
      case 'tried':
        return this.#tried(at, input)
      case 'give-up':
        return this.#giveUp(at, this.#receivers.get(input.receiver), input.why)
      case 'forget':
        return this.#forget(this.#receivers.get(input.receiver))
      case 'burn':
        return this.#burn(input)
      case 'replay':
        return this.#replay(at, input)
      case 'wake':
        return
      default:
        return unreachable(input)
    }
  }

  #put(at: Instant, parcel: Parcel<Content>): void {
    if (this.#homes.has(parcel.id)) return
    if (!this.#hasRoomFor(parcel)) return this.#say({ kind: 'lost', parcel, why: 'too many receivers at once' })
    const receiver = this.#receiverOf(parcel)
    this.#last += 1
    const letter: Letter<Content> = { parcel, number: this.#last, since: at, attempts: 0, dueAt: at }
    this.#add(receiver, letter)
    this.#say({ kind: 'keep', row: { kind: 'letter', letter } })
    const oldest = receiver.isOverfull ? receiver.oldestWaiting() : undefined
    if (oldest !== undefined) this.#kill(at, receiver, { ...oldest, why: 'the queue of its receiver is full' })
    this.#makeRoom()
  }

  #hasRoomFor({ receiver, plan }: Parcel<Content>): boolean {
    const most = this.#plans[plan].receivers
    if (this.#receivers.has(receiver) || most === Number.POSITIVE_INFINITY) return true
    let count = 0
    for (const { planName } of this.#receivers.values()) if (planName === plan) count += 1
    return count < most
  }

  #receiverOf({ receiver: name, plan }: Parcel<Content>): Receiver<Content> {
    const known = this.#receivers.get(name)
    if (known !== undefined) return known
    const made = new Receiver<Content>(name, plan, this.#plans[plan])
    this.#receivers.set(name, made)
    return made
  }

  #tried(at: Instant, { id, verdict, why }: Extract<OutboxInput<Content>, { kind: 'tried' }>): void {
    this.#underWay.delete(id)
    const receiver = this.#homes.get(id)
    const letter = receiver?.letter(id)
    if (receiver === undefined || letter === undefined || !receiver.isUnderWay(id)) return
    if (verdict === 'taken') {
      this.#remove(receiver, id)
      receiver.succeeded()
      this.#say({ kind: 'delivered', parcel: letter.parcel })
    } else if (verdict === 'failed') this.#failed(at, receiver, { ...letter, attempts: letter.attempts + 1, why })
    else {
      this.#kill(at, receiver, { ...letter, attempts: letter.attempts + 1, why })
      this.#giveUp(at, receiver, why)
      this.#say({ kind: 'gone', receiver: receiver.name })
    }
    this.#rearm(receiver)
  }

  #failed(at: Instant, receiver: Receiver<Content>, letter: Letter<Content>): void {
    const { plan } = receiver
    const { since, attempts, why = '' } = letter
    receiver.failed(at, why)
    const dueAt = addMs(at, pauseMs(plan, attempts, this.#random))
    if (attempts >= plan.tries || dueAt > addMs(since, plan.giveUpMs)) this.#kill(at, receiver, letter)
    else {
      receiver.back(letter.parcel.id)
      this.#change(receiver, { ...letter, dueAt })
    }
    for (const expired of receiver.expired(at)) this.#kill(at, receiver, { ...expired, why: expired.why ?? 'the receiver was down' })
  }

  #giveUp(at: Instant, receiver: Receiver<Content> | undefined, why: string): void {
    if (receiver === undefined) return
    for (const letter of receiver.live) if (!receiver.isUnderWay(letter.parcel.id)) this.#kill(at, receiver, { ...letter, why })
  }

  #forget(receiver: Receiver<Content> | undefined): void {
    if (receiver === undefined) return
    for (const { parcel } of [...receiver.live, ...receiver.dead]) this.#remove(receiver, parcel.id)
  }

  #burn({ receiver: name, ids }: Extract<OutboxInput<Content>, { kind: 'burn' }>): void {
    const receiver = this.#receivers.get(name)
    for (const { parcel } of receiver?.dead ?? []) if (receiver && ids.includes(parcel.id)) this.#remove(receiver, parcel.id)
  }

  /** In the order in which they were put in, before what came after them. */
  #replay(at: Instant, { receiver: name, ids }: Extract<OutboxInput<Content>, { kind: 'replay' }>): void {
    const receiver = this.#receivers.get(name)
    const wanted = receiver?.dead.filter(({ parcel }) => ids === undefined || ids.includes(parcel.id)) ?? []
    for (const { parcel, number } of wanted) {
      if (receiver === undefined) return
      this.#detach(receiver, parcel.id)
      this.#change(receiver, { parcel, number, since: at, attempts: 0, dueAt: at })
    }
  }

  /** A dead letter, where the plan keeps such. */
  #kill(at: Instant, receiver: Receiver<Content>, letter: Letter<Content>): void {
    const { parcel, why = '' } = letter
    if (receiver.plan.dead === 0) {
      this.#remove(receiver, parcel.id)
      return this.#say({ kind: 'lost', parcel, why })
    }
    const dead = { ...letter, diedAt: at }
    this.#detach(receiver, parcel.id)
    this.#change(receiver, dead)
    this.#say({ kind: 'died', letter: dead })
    const oldest = receiver.hasTooManyDead ? receiver.oldestDead() : undefined
    if (oldest !== undefined) this.#lose(receiver, oldest, 'too many dead letters')
  }

  /** Whoever has most gives most. */
  #makeRoom(): void {
    while (this.#bytes > this.#mostBytes) {
      const [largest] = [...this.#receivers.values()].sort((a, b) => b.bytes - a.bytes)
      const victim = largest?.oldestDead() ?? largest?.oldestWaiting()
      if (largest === undefined || victim === undefined) return
      this.#lose(largest, victim, 'too much waits to be delivered')
    }
  }

  #lose(receiver: Receiver<Content>, { parcel }: Letter<Content>, why: string): void {
    this.#remove(receiver, parcel.id)
    this.#say({ kind: 'lost', parcel, why })
  }

  #remove(receiver: Receiver<Content>, id: string): void {
    this.#detach(receiver, id)
    this.#say({ kind: 'keep', row: { kind: 'gone', id } })
    this.#rearm(receiver)
  }

  #change(receiver: Receiver<Content>, letter: Letter<Content>): void {
    const { parcel, number, ...story } = letter
    this.#add(receiver, letter)
    this.#say({ kind: 'keep', row: { kind: 'mark', id: parcel.id, story } })
  }

  #add(receiver: Receiver<Content>, letter: Letter<Content>): void {
    if (!this.#homes.has(letter.parcel.id)) this.#bytes += letter.parcel.bytes
    this.#homes.set(letter.parcel.id, receiver)
    receiver.add(letter)
    this.#rearm(receiver)
  }

  #detach(receiver: Receiver<Content>, id: string): void {
    const letter = receiver.remove(id)
    if (letter !== undefined) this.#bytes -= letter.parcel.bytes
    this.#homes.delete(id)
  }

  #sendWhatIsDue(at: Instant): void {
    while (this.#underWay.size < this.#atOnce) {
      const receiver = this.#alarms.take(at)?.reason
      if (receiver === undefined) return
      const letter = receiver.take(at)
      if (letter !== undefined) {
        this.#underWay.add(letter.parcel.id)
        this.#say({ kind: 'send', parcel: letter.parcel, attempt: letter.attempts + 1 })
      }
      this.#rearm(receiver)
    }
  }

  #rearm(receiver: Receiver<Content>): void {
    this.#alarms.clear(receiver.alarm)
    const next = receiver.nextAt()
    receiver.alarm = next === undefined ? undefined : this.#alarms.set(next, receiver)
    if (receiver.isEmpty && this.#receivers.get(receiver.name) === receiver) this.#receivers.delete(receiver.name)
    else if (!receiver.isEmpty) this.#receivers.set(receiver.name, receiver)
  }

  #say(output: OutboxOutput<Content>): void {
    this.#outputs.push(output)
  }
}

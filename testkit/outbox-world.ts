/** An outbox in virtual time, with receivers that behave badly in every known way, and a crash whenever it is wanted. */
import assert from 'node:assert/strict'
import { Outbox } from '../src/outbox/outbox.ts'
import type { Plans } from '../src/outbox/plan.ts'
import { recall } from '../src/outbox/recall.ts'
import type { OutboxInput, OutboxOutput, OutboxRow, Parcel } from '../src/outbox/words.ts'
import { Clock } from './clock.ts'
import { SeededRandom } from './random.ts'

export type Fault = 'refused' | 'slow' | '500' | '302' | 'reset'

export interface Manners {
  /** Since the world began. */
  readonly faultyUntilMs?: number
  readonly fault?: Fault
  /** Even in good times a request fails in this share of the cases; half of these after it was taken. */
  readonly flaky?: number
}

interface Taken {
  readonly id: string
  readonly lane: string
  readonly number: number
}

interface Place {
  readonly manners: Manners
  /** In the order in which they came; the same id may come more than once. */
  readonly taken: Taken[]
  readonly put: Taken[]
  tries: number
  longestWaitMs: number
}

type Content = { readonly number: number; readonly at: number }

const startMs = 1_800_000_000_000

export class OutboxWorld {
  readonly clock = new Clock(startMs)
  readonly #random: SeededRandom
  readonly #places = new Map<string, Place>()
  readonly #plans: Plans | undefined
  #rows: OutboxRow<Content>[] = []
  #outbox: Outbox<Content>
  #alarm: (() => void) | undefined
  #life = 0
  #numbers = 0

  constructor(seed: number, plans?: Plans) {
    this.#random = new SeededRandom(seed)
    this.#plans = plans
    this.#outbox = this.#made()
  }

  receiver(name: string, manners: Manners): void {
    this.#places.set(name, { manners, taken: [], put: [], tries: 0, longestWaitMs: 0 })
  }

  put(receiver: string, lane: string, plan: Parcel<Content>['plan'] = 'webhook'): void {
    this.#numbers += 1
    const number = this.#numbers
    const id = `${receiver}-${number}`
    this.#place(receiver).put.push({ id, lane, number })
    const content = { number, at: this.clock.now }
    this.#handle({ kind: 'put', parcels: [{ id, receiver, lane, plan, content, bytes: 100 }] })
  }

  /** The process ends; another begins with what the rows say. What is under way comes to nobody. */
  crash(): void {
    this.#life += 1
    this.#alarm?.()
    const { letters } = recall(this.#rows)
    this.#outbox = this.#made()
    this.#outbox.restore(letters.values())
    this.#handle({ kind: 'wake' })
  }

  /** The rows are written anew, as a file's successor begins. */
  compact(): void {
    this.#rows = this.#outbox.letters().map((letter) => ({ kind: 'letter', letter }))
  }

  waiting(receiver: string): number {
    return this.#outbox.standing(receiver).waiting
  }

  dead(receiver: string): number {
    return this.#outbox.standing(receiver).dead
  }

  /** How many different ids it took. */
  seen(receiver: string): number {
    return new Set(this.#place(receiver).taken.map(({ id }) => id)).size
  }

  tries(receiver: string): number {
    return this.#place(receiver).tries
  }

  /** From putting in to the first try. */
  longestWait(receiver: string): number {
    return this.#place(receiver).longestWaitMs
  }

  /** Everything that was put in came, in the order of each lane; what came twice had its own id, and came before anything later of its lane. */
  demandAllInOrder(): void {
    for (const [name, { put, taken }] of this.#places) {
      for (const lane of new Set(put.map((p) => p.lane))) {
        const wanted = put.filter((p) => p.lane === lane).map((p) => p.id)
        const came = taken.filter((p) => p.lane === lane).map((p) => p.id)
        const withoutRepeats = came.filter((id, i) => id !== came[i - 1])
        assert.deepEqual(withoutRepeats, wanted, `${lane} of ${name}`)
      }
    }
  }

  #made(): Outbox<Content> {
    return new Outbox<Content>({ random: this.#random, ...(this.#plans === undefined ? {} : { plans: this.#plans }) })
  }

  #handle(input: OutboxInput<Content>): void {
    const outputs = this.#outbox.handle(this.clock.now, input)
    for (const output of outputs) if (output.kind === 'keep') this.#rows.push(output.row)
    for (const output of outputs) this.#carryOut(output)
    this.#alarm?.()
    const due = this.#outbox.deadline()
    this.#alarm = due === undefined ? undefined : this.clock.after(due - this.clock.now, () => this.#handle({ kind: 'wake' }))
  }

  #carryOut(output: OutboxOutput<Content>): void {
    if (output.kind !== 'send') return
    const { id, receiver, lane, content } = output.parcel
    const place = this.#place(receiver)
    place.tries += 1
    if (output.attempt === 1) place.longestWaitMs = Math.max(place.longestWaitMs, this.clock.now - content.at)
    const { afterMs, isTaken, verdict, why } = this.#answer(place.manners)
    const life = this.#life
    // A receiver takes it in the middle of the request, whether or not its answer arrives.
    if (isTaken) this.clock.after(afterMs / 2, () => place.taken.push({ id, lane, number: content.number }))
    this.clock.after(afterMs, () => life === this.#life && this.#handle({ kind: 'tried', id, verdict, why }))
  }

  #answer({ faultyUntilMs = 0, fault = 'refused', flaky = 0 }: Manners) {
    const afterMs = 5 + this.#random.integer(50)
    if (this.clock.now < startMs + faultyUntilMs) return { ...misbehaviour[fault], isTaken: false, verdict: 'failed' as const }
    if (this.#random.chance(flaky)) return { afterMs, isTaken: this.#random.chance(0.5), verdict: 'failed' as const, why: 'socket hang up' }
    return { afterMs, isTaken: true, verdict: 'taken' as const, why: 'status 200' }
  }

  #place(receiver: string): Place {
    const place = this.#places.get(receiver)
    assert.ok(place !== undefined, receiver)
    return place
  }
}

const misbehaviour: Readonly<Record<Fault, { readonly afterMs: number; readonly why: string }>> = {
  refused: { afterMs: 1, why: 'ECONNREFUSED' },
  slow: { afterMs: 10_000, why: 'The operation was aborted due to timeout' },
  '500': { afterMs: 20, why: 'status 500' },
  '302': { afterMs: 20, why: 'status 302' },
  reset: { afterMs: 10, why: 'socket hang up' },
}

/** Orders that are to be carried out once, however often they are sent: what each began, so that who sends one again after a crash learns that. */
import type { Step } from '../call/finish.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { BegunOrder, OrderName } from './order-name.ts'
import type { Turn } from './turn.ts'

export class Orders {
  readonly #turn: Turn
  /** By name, the oldest first. Ours are forgotten soon, since by then whoever asked has kept the answer. */
  readonly #ours = new Map<string, BegunOrder>()
  readonly #earlier = new Map<string, BegunOrder>()

  constructor(turn: Turn) {
    this.#turn = turn
  }

  /** Written down together with what it began. */
  began(order: OrderName | undefined, { call, supervision }: Pick<Step, 'call' | 'supervision'>): void {
    if (order === undefined) return
    const { name, digest } = order
    const begun = { name, digest, at: this.#turn.at, call: call.id, ...(supervision === undefined ? {} : { supervision }) }
    this.#ours.set(name, begun)
    forget(this.#ours, this.#turn.at, limits.orderAnswerMs)
    this.#turn.write({ kind: 'order', order: begun })
  }

  /** From the log. */
  take(order: BegunOrder): void {
    this.#earlier.delete(order.name)
    this.#earlier.set(order.name, order)
    if (this.#earlier.size > limits.idempotencyKeys) forget(this.#earlier, order.at, 0, 1)
  }

  /** What the process before us began by this name, and perhaps could not answer any more. */
  earlier(name: string): BegunOrder | undefined {
    return this.#earlier.get(name)
  }

  state(at: Instant): readonly { readonly kind: 'order'; readonly order: BegunOrder }[] {
    forget(this.#ours, at, limits.orderAnswerMs)
    forget(this.#earlier, at, limits.idempotencyMs)
    return [...this.#earlier.values(), ...this.#ours.values()].map((order) => ({ kind: 'order', order }))
  }
}

function forget(orders: Map<string, BegunOrder>, at: Instant, afterMs: number, most = Number.POSITIVE_INFINITY): void {
  let left = most
  for (const [name, order] of orders) {
    if (left === 0 || addMs(order.at, afterMs) > at) return
    orders.delete(name)
    left -= 1
  }
}

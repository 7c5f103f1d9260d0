import type { Call } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { CallId, RequestId, SupervisionId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { earliest, type Instant } from '../kernel/time.ts'
import type { Done } from './command.ts'
import { type Pending, pending, verdictOf } from './pending.ts'

type Give = (request: RequestId, outcome: Outcome<Done, Refusal>) => void

/** Commands that wait for their effect. Each is answered exactly once: when the call has confirmed it, cannot any more, or too late. */
export class Answers {
  readonly #give: Give
  readonly #waiting = new Map<CallId, Pending[]>()

  constructor(give: Give) {
    this.#give = give
  }

  /** `call` as it is after the step. */
  await(at: Instant, request: RequestId, call: Call, { confirm, supervision }: Pick<Step, 'confirm' | 'supervision'>): void {
    if (confirm.on === 'now') return this.#done(request, call, supervision)
    this.#set(call.id, [...(this.#waiting.get(call.id) ?? []), pending(at, request, confirm, supervision)])
    this.confirm(call)
  }

  /** Answers what the call, as it is now, has confirmed. */
  confirm(call: Call): void {
    const list = this.#waiting.get(call.id)
    if (list === undefined) return
    const waiting: Pending[] = []
    for (const one of list) {
      const verdict = verdictOf(call, one)
      if (verdict === 'waiting') waiting.push(one)
      else if (verdict === 'done') this.#done(one.request, call, one.supervision)
      else this.#give(one.request, fail(verdict))
    }
    this.#set(call.id, waiting)
  }

  /** Refuses what has waited too long, and says what that was. */
  expire(at: Instant): readonly { readonly call: CallId; readonly pending: Pending }[] {
    const late = [...this.#waiting].flatMap(([call, list]) => list.filter((p) => p.until <= at).map((one) => ({ call, pending: one })))
    for (const { call, pending: one } of late) {
      this.#set(
        call,
        (this.#waiting.get(call) ?? []).filter((p) => p !== one),
      )
      this.#give(one.request, fail(refusal('timeout')))
    }
    return late
  }

  deadline(): Instant | undefined {
    let first: Instant | undefined
    for (const list of this.#waiting.values()) for (const { until } of list) first = earliest(first, until)
    return first
  }

  #done(request: RequestId, call: Call, supervision: SupervisionId | undefined): void {
    this.#give(request, ok({ call, ...(supervision === undefined ? {} : { supervision }) }))
  }

  #set(id: CallId, list: Pending[]): void {
    if (list.length === 0) this.#waiting.delete(id)
    else this.#waiting.set(id, list)
  }
}

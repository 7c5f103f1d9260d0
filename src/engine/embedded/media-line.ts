import type { CallId, RequestId } from '../../kernel/ids.ts'
import { bridgeId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { MediaOrder } from '../../media/protocol.ts'
import type { Outbox } from './output.ts'

/**
 * Where the line to the media process stands: `greeting` until it knows us, `listing` until we know what it holds. `fenced`: a newer
 * control process owns it, and we have no say any more.
 */
export type LineState = 'down' | 'greeting' | 'listing' | 'up' | 'fenced'

/** Several renewals fit into a lease, so that one late turn of the process does not cut a supervisor's voice. */
const renewalsPerLease = 4

interface Question {
  readonly call: CallId
  readonly request: RequestId
}

/** The control process's end of the line: who may speak on it, the lease, and questions that wait for an answer. */
export class MediaLine {
  readonly #outbox: Outbox
  readonly epoch: number
  readonly #questions = new Map<number, Question>()
  #state: LineState = 'down'
  #renewAt: Instant | undefined
  #asked = 0

  constructor(outbox: Outbox, epoch: number) {
    this.#outbox = outbox
    this.epoch = epoch
  }

  get state(): LineState {
    return this.#state
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  connected(at: Instant): void {
    this.#state = 'greeting'
    this.#renewAt = addMs(at, limits.mediaLeaseMs / renewalsPerLease)
    this.#outbox.media({ kind: 'hello', epoch: this.epoch, leaseMs: limits.mediaLeaseMs })
  }

  disconnected(): void {
    this.#leave('down')
  }

  welcomed(): void {
    this.#state = 'listing'
    this.#outbox.media({ kind: 'list' })
  }

  fenced(): void {
    this.#leave('fenced')
  }

  #leave(state: 'down' | 'fenced'): void {
    this.#state = state
    this.#renewAt = undefined
    this.#questions.clear()
  }

  listed(): void {
    this.#state = 'up'
  }

  /** Says it if somebody listens. What is lost while the line is down is made good when both sides have compared what they hold. */
  order(order: MediaOrder): void {
    if (this.isUp) this.#outbox.media(order)
  }

  ask(question: Question): void {
    this.#asked += 1
    this.#questions.set(this.#asked, question)
    const [oldest] = this.#questions.keys()
    if (this.#questions.size > limits.mediaQuestions && oldest !== undefined) this.#questions.delete(oldest)
    this.#outbox.media({ kind: 'measure', bridge: bridgeId(question.call), request: this.#asked })
  }

  answered(request: number): Question | undefined {
    const question = this.#questions.get(request)
    this.#questions.delete(request)
    return question
  }

  wake(at: Instant): void {
    if (this.#renewAt === undefined || this.#renewAt > at) return
    this.#renewAt = addMs(at, limits.mediaLeaseMs / renewalsPerLease)
    this.#outbox.media({ kind: 'renew' })
  }

  deadline(): Instant | undefined {
    return this.#renewAt
  }
}

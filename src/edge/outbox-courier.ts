/** The dialects' events (W22) on their way through the outbox. */
import type { CallOut, Courier } from '../dialects/courier.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { Parcel } from '../outbox/words.ts'
import type { OutboxContent } from './outbox-content.ts'
import type { Tried } from './outbox-runner.ts'
import { permitsUrl } from './permits-url.ts'
import type { PermittedTargets } from './permitted-targets.ts'
import type { Post } from './poster.ts'
import { redactedTarget } from './redact.ts'

interface Parts {
  readonly put: (parcel: Parcel<OutboxContent>) => void
  readonly post: Post
  readonly targets: PermittedTargets
  readonly random: Random
  readonly log: Log
}

export class OutboxCourier implements Courier {
  readonly #parts: Parts
  /** Who wants to know that a parcel was taken. After a restart nobody does. */
  readonly #listeners = new Map<string, () => void>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  permits(url: string, provenAddress?: string): Outcome<true, string> {
    return permitsUrl(this.#parts.targets, url, provenAddress)
  }

  send({ receiver, delivered, ...callOut }: CallOut): void {
    const id = `co_${this.#parts.random.hex(12)}`
    if (delivered !== undefined) this.#listeners.set(id, delivered)
    const bytes = 2 * (callOut.url.length + (callOut.body?.length ?? 0)) + 500
    this.#parts.put({ id, receiver: `call-out ${receiver}`, lane: '', plan: 'call-out', content: { kind: 'call-out', callOut }, bytes })
  }

  async post(callOut: Omit<CallOut, 'receiver' | 'delivered'>): Promise<Tried> {
    const posted = await this.#parts.post(callOut)
    if ('failed' in posted) return { verdict: 'failed', why: posted.failed }
    return { verdict: isSuccess(posted.status, callOut) ? 'taken' : 'failed', why: `status ${posted.status}` }
  }

  /** A dialect's mistake stops no delivery. */
  taken(id: string, { dialect, account }: Omit<CallOut, 'receiver' | 'delivered'>): void {
    const listener = this.#listeners.get(id)
    this.#listeners.delete(id)
    try {
      listener?.()
    } catch (error) {
      this.#parts.log.error({ err: error, dialect, account }, 'a listener failed')
    }
  }

  lost(id: string, { dialect, account, url }: Omit<CallOut, 'receiver' | 'delivered'>, why: string): void {
    this.#listeners.delete(id)
    this.#parts.log.warn({ dialect, account, target: redactedTarget(url), why }, 'an event was not delivered')
  }
}

const isSuccess = (status: number, { success }: Pick<CallOut, 'success'>): boolean =>
  success === undefined ? status >= 200 && status < 300 : status === success

/** Webhooks: who wants events, and the requests that bring them. */
import type { DeadLetter, Outlet, WebhookLetter } from '../api/outlet.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Recalled } from '../outbox/recall.ts'
import type { OutboxInput, OutboxLog, OutboxRow, Parcel, Standing, Webhook } from '../outbox/words.ts'
import { now } from './clock.ts'
import type { OutboxContent } from './outbox-content.ts'
import type { Tried } from './outbox-runner.ts'
import { signatureHeaders } from './outbox-signature.ts'
import { permitsUrl } from './permits-url.ts'
import type { PermittedTargets } from './permitted-targets.ts'
import type { Post } from './poster.ts'

interface Parts {
  readonly outbox: Outbox<OutboxContent>
  readonly file: OutboxLog<OutboxContent>
  readonly handle: (input: OutboxInput<OutboxContent>, also?: readonly OutboxRow<OutboxContent>[]) => void
  readonly post: Post
  readonly targets: PermittedTargets
}

const receiverOf = (id: string): string => `webhook ${id}`

export class WebhookOutlet implements Outlet {
  readonly #parts: () => Parts
  readonly #webhooks: Map<string, Webhook>
  readonly #cursors: Map<AccountId, string>

  /** `parts` are there when the first call comes, and not before: the file asks for our rows when it begins. */
  constructor({ webhooks, cursors }: Pick<Recalled<unknown>, 'webhooks' | 'cursors'>, parts: () => Parts) {
    this.#webhooks = new Map(webhooks)
    this.#cursors = new Map(cursors)
    this.#parts = parts
  }

  get fault(): string | undefined {
    return this.#parts().file.fault
  }

  *rows(): Iterable<OutboxRow<never>> {
    for (const webhook of this.#webhooks.values()) yield { kind: 'webhook', webhook }
    for (const [account, event] of this.#cursors) yield { kind: 'cursor', account, event }
  }

  permits(url: string): Outcome<true, string> {
    return permitsUrl(this.#parts().targets, url)
  }

  webhooks(account: AccountId): readonly Webhook[] {
    return [...this.#webhooks.values()].filter((webhook) => webhook.account === account)
  }

  webhook(account: AccountId, id: string): Webhook | undefined {
    const found = this.#webhooks.get(id)
    return found?.account === account ? found : undefined
  }

  async keep(webhook: Webhook): Promise<boolean> {
    const before = this.#webhooks.get(webhook.id)
    this.#put(webhook)
    if (await this.#isKept()) return true
    if (this.#webhooks.get(webhook.id) !== webhook) return false
    if (before === undefined) this.#webhooks.delete(webhook.id)
    else this.#webhooks.set(webhook.id, before)
    return false
  }

  async forget({ id }: Webhook): Promise<boolean> {
    this.#webhooks.delete(id)
    this.#parts().handle({ kind: 'forget', receiver: receiverOf(id) }, [{ kind: 'webhook-gone', id }])
    return await this.#isKept()
  }

  giveUp({ id }: Webhook): void {
    this.#parts().handle({ kind: 'give-up', receiver: receiverOf(id), why: 'the webhook was switched off' })
  }

  seen(account: AccountId, event: string, letters: readonly WebhookLetter[]): void {
    this.#cursors.set(account, event)
    this.#parts().handle({ kind: 'put', parcels: letters.map(parcelOf) }, [{ kind: 'cursor', account, event }])
  }

  send(letter: WebhookLetter): void {
    this.#parts().handle({ kind: 'put', parcels: [parcelOf(letter)] })
  }

  cursor(account: AccountId): string | undefined {
    return this.#cursors.get(account)
  }

  standing({ id }: Webhook): Standing {
    return this.#parts().outbox.standing(receiverOf(id))
  }

  deadLetters({ id }: Webhook): readonly DeadLetter[] {
    const letters = this.#parts().outbox.deadLetters(receiverOf(id))
    return letters.flatMap(({ parcel, ...story }) =>
      parcel.content.kind === 'event' ? [{ id: parcel.id, body: parcel.content.body, ...story }] : [],
    )
  }

  burn({ id }: Webhook, ids: readonly string[]): void {
    this.#parts().handle({ kind: 'burn', receiver: receiverOf(id), ids })
  }

  replay({ id }: Webhook, ids?: readonly string[]): void {
    this.#parts().handle({ kind: 'replay', receiver: receiverOf(id), ...(ids === undefined ? {} : { ids }) })
  }

  /** The receiver wants nothing any more: status 410. */
  gone(receiver: string): void {
    const webhook = this.#webhooks.get(receiver.slice(receiverOf('').length))
    if (webhook !== undefined && webhook.off === undefined) this.#put({ ...webhook, off: 'gone' })
  }

  async post({ id, receiver }: Parcel<OutboxContent>, body: string): Promise<Tried> {
    const webhook = this.#webhooks.get(receiver.slice(receiverOf('').length))
    if (webhook === undefined || webhook.off !== undefined) return { verdict: 'gone', why: 'the webhook is switched off' }
    const at = now()
    const secrets = webhook.secrets.flatMap(({ secret, until }) => (until === undefined || until > at ? [secret] : []))
    const signature = signatureHeaders({ id, timestampS: Math.floor(at / 1000), body }, secrets)
    const headers = { 'Content-Type': 'application/json', 'User-Agent': 'Sotto', ...signature }
    const posted = await this.#parts().post({ method: 'POST', url: webhook.url, headers, body })
    if ('failed' in posted) return { verdict: 'failed', why: posted.failed }
    const why = `status ${posted.status}`
    if (posted.status === 410) return { verdict: 'gone', why }
    return { verdict: posted.status >= 200 && posted.status < 300 ? 'taken' : 'failed', why }
  }

  #put(webhook: Webhook): void {
    this.#webhooks.set(webhook.id, webhook)
    this.#parts().file.append([{ kind: 'webhook', webhook }])
  }

  #isKept(): Promise<boolean> {
    return new Promise((resolve) => this.#parts().file.whenSafe(resolve))
  }
}

const parcelOf = ({ id, webhook, lane, body }: WebhookLetter): Parcel<OutboxContent> => ({
  ...{ id, receiver: receiverOf(webhook), lane, plan: 'webhook', content: { kind: 'event', body } },
  bytes: 2 * body.length + 500,
})

import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Letter, Standing, Webhook } from '../outbox/words.ts'

/** An event on its way to a webhook. */
export interface WebhookLetter {
  /** What the receiver sees as `webhook-id`. */
  readonly id: string
  readonly webhook: string
  readonly lane: string
  readonly body: string
}

/** A dead letter needs no more of its content than that there is one. */
export type DeadLetter = Omit<Letter<unknown>, 'parcel'> & { readonly id: string; readonly body: string }

/** Webhooks and the way out, as this API needs them: an interface here, files and sockets in edge/outbox.ts. */
export interface Outlet {
  /** Whether events may go there at all; the reason where not. Does not resolve names: that is checked again at delivery. */
  permits(url: string): Outcome<true, string>
  /** The oldest first. */
  webhooks(account: AccountId): readonly Webhook[]
  webhook(account: AccountId, id: string): Webhook | undefined
  /** New, or in place of the one with this id. Resolves when it is there for good; false where it cannot be kept now, and nothing has changed. */
  keep(webhook: Webhook): Promise<boolean>
  /** With all that waits for it. */
  forget(webhook: Webhook): Promise<boolean>
  /** What waits for it becomes dead letters. */
  giveUp(webhook: Webhook): void
  /** Letters for an event that the account saw, if any; from then on `cursor` is this event. */
  seen(account: AccountId, event: string, letters: readonly WebhookLetter[]): void
  send(letter: WebhookLetter): void
  /** The last event that was seen, by this process or the one before. */
  cursor(account: AccountId): string | undefined
  standing(webhook: Webhook): Standing
  /** The first to die at the front. */
  deadLetters(webhook: Webhook): readonly DeadLetter[]
  /** Throws dead letters away. */
  burn(webhook: Webhook, ids: readonly string[]): void
  /** All where no ids are given. */
  replay(webhook: Webhook, ids?: readonly string[]): void
  /** Why nothing can be kept now, if so. */
  readonly fault: string | undefined
}

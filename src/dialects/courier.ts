/** Events on their way to a program of somebody else (W22): an interface here, the outbox behind edge/outbox-courier.ts. */
import type { DialectName } from '../directory/settings.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'

export interface CallOut {
  readonly account: AccountId
  readonly dialect: DialectName
  /** Call-outs of one receiver leave one after the other, in the order of `send`; a dead receiver delays no other. */
  readonly receiver: string
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** What counts as delivered; any 2xx where absent. */
  readonly success?: 200
  /** A caller's own address may be called back although it is private: he has proven to be there. */
  readonly provenAddress?: string
  /** Called when the receiver has taken it. */
  readonly delivered?: () => void
}

export interface Courier {
  /** Takes it for delivery, with the tries and pauses of W22. When the receiver's queue is full the oldest is dropped and logged. */
  send(callOut: CallOut): void
  /** Whether events may go there at all; the reason where not. Does not resolve names: that is checked again at delivery. */
  permits(url: string, provenAddress?: string): Outcome<true, string>
}

/** What goes into the outbox and comes out of it. */
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { PlanName } from './plan.ts'

/** Something to be delivered. */
export interface Parcel<Content> {
  /** One of its kind for ever: a parcel that is put in again under the same id, while it is there, is the same one. */
  readonly id: string
  readonly receiver: string
  /** Parcels of one lane of a receiver are delivered one after the other, in the order in which they were put in. */
  readonly lane: string
  readonly plan: PlanName
  readonly content: Content
  /** What it takes in memory, more or less. */
  readonly bytes: number
}

/** A parcel and its story so far. */
export interface Letter<Content> {
  readonly parcel: Parcel<Content>
  /** Its place among all. */
  readonly number: number
  /** When it was put in, or taken up again. */
  readonly since: Instant
  readonly attempts: number
  /** Not tried before. */
  readonly dueAt: Instant
  /** Why the last try failed, or it was given up. */
  readonly why?: string
  /** A dead letter: nobody tries any more. */
  readonly diedAt?: Instant
}

export type OutboxInput<Content> =
  | { readonly kind: 'put'; readonly parcels: readonly Parcel<Content>[] }
  /** What became of a try. `gone`: the receiver wants nothing any more. */
  | { readonly kind: 'tried'; readonly id: string; readonly verdict: 'taken' | 'failed' | 'gone'; readonly why: string }
  /** What waits for the receiver becomes dead letters. */
  | { readonly kind: 'give-up'; readonly receiver: string; readonly why: string }
  /** With all that was for it. */
  | { readonly kind: 'forget'; readonly receiver: string }
  /** Dead letters are thrown away. */
  | { readonly kind: 'burn'; readonly receiver: string; readonly ids: readonly string[] }
  /** Dead letters are tried again, all of them or these. */
  | { readonly kind: 'replay'; readonly receiver: string; readonly ids?: readonly string[] }
  /** The deadline has come. */
  | { readonly kind: 'wake' }

export type OutboxOutput<Content> =
  /** To be remembered before anything that comes after it is done. */
  | { readonly kind: 'keep'; readonly row: LetterRow<Content> }
  | { readonly kind: 'send'; readonly parcel: Parcel<Content>; readonly attempt: number }
  | { readonly kind: 'delivered'; readonly parcel: Parcel<Content> }
  | { readonly kind: 'died'; readonly letter: Letter<Content> }
  /** Neither delivered nor kept as a dead letter. */
  | { readonly kind: 'lost'; readonly parcel: Parcel<Content>; readonly why: string }
  | { readonly kind: 'gone'; readonly receiver: string }

/** How a receiver fares. */
export interface Standing {
  readonly waiting: number
  readonly dead: number
  /** Failures since the last success. */
  readonly failures: number
  readonly lastFailure?: { readonly at: Instant; readonly why: string }
}

/** A secret that signs, for ever or until then. */
export interface WebhookSecret {
  readonly secret: string
  readonly until?: Instant
}

/** Where an account wants its events. */
export interface Webhook {
  readonly id: string
  readonly account: AccountId
  readonly url: string
  readonly description?: string
  /** Types of events, or `call.*`; all where empty. */
  readonly types: readonly string[]
  readonly createdAt: Instant
  /** The newest first. */
  readonly secrets: readonly WebhookSecret[]
  /** Present while it is switched off: `gone` by the receiver (status 410), `asked` by the account. */
  readonly off?: 'gone' | 'asked'
}

/** Each is complete in itself, or says something about a letter that stands before it. */
export type LetterRow<Content> =
  | { readonly kind: 'letter'; readonly letter: Letter<Content> }
  | { readonly kind: 'mark'; readonly id: string; readonly story: Omit<Letter<Content>, 'parcel' | 'number'> }
  | { readonly kind: 'gone'; readonly id: string }

export type OutboxRow<Content> =
  | LetterRow<Content>
  | { readonly kind: 'webhook'; readonly webhook: Webhook }
  | { readonly kind: 'webhook-gone'; readonly id: string }
  /** The last event of the account that was looked at. */
  | { readonly kind: 'cursor'; readonly account: AccountId; readonly event: string }

/** Where rows are kept, in order, so that they are there again after the end of the process. */
export interface OutboxLog<Content> {
  /** With the system when it returns: the end of the process loses nothing of it. */
  append(rows: readonly OutboxRow<Content>[]): void
  /** Calls back when all that was appended is on the disk, or cannot be brought there now. */
  whenSafe(then: (isSafe: boolean) => void): void
  /** Why nothing can be kept now, if so. */
  readonly fault: string | undefined
}

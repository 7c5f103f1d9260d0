import type { CallOut } from '../dialects/courier.ts'

/** What is delivered: an event, whose receiver and secrets are looked up when it leaves, or a dialect's whole request. */
export type OutboxContent =
  | { readonly kind: 'event'; readonly body: string }
  | { readonly kind: 'call-out'; readonly callOut: Omit<CallOut, 'receiver' | 'delivered'> }

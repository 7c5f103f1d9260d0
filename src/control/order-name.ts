import type { CallId, SupervisionId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'

/** Names an order over all credentials, and tells it from others under the same name. */
export interface OrderName {
  readonly name: string
  readonly digest: string
}

export interface BegunOrder extends OrderName {
  readonly at: Instant
  readonly call: CallId
  readonly supervision?: SupervisionId
}

/** Where programs want events, as they said through a dialect. */
import type { DialectName } from '../directory/settings.ts'
import { forEver, forgetful, type Memory } from '../http/memory.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'

export interface Subscription {
  readonly id: string
  readonly dialect: DialectName
  readonly account: AccountId
  readonly modified: Instant
  /** The dialect's own fields, texts only. */
  readonly fields: Readonly<Record<string, string>>
}

export class SubscriptionBook {
  readonly #byId = new Map<string, Subscription>()
  readonly #memory: Memory<Subscription>

  constructor(memory: Memory<Subscription> = forgetful('subscriptions')) {
    this.#memory = memory
    for (const [key, subscription] of memory.load()) this.#byId.set(key, subscription)
  }

  /** Of one dialect and account, oldest first. */
  list(dialect: DialectName, account: AccountId): readonly Subscription[] {
    return [...this.#byId.values()].filter((s) => s.dialect === dialect && s.account === account)
  }

  find(dialect: DialectName, account: AccountId, id: string): Subscription | undefined {
    const found = this.#byId.get(keyOf(dialect, id))
    return found?.account === account ? found : undefined
  }

  /** New, or in place of the one with this id. False when there is no room for one more. */
  put(subscription: Subscription): boolean {
    const key = keyOf(subscription.dialect, subscription.id)
    if (!this.#byId.has(key) && this.list(subscription.dialect, subscription.account).length >= limits.subscriptionsPerAccount) return false
    this.#byId.set(key, subscription)
    this.#memory.put(key, subscription, forEver)
    return true
  }

  remove({ dialect, id }: Subscription): void {
    this.#byId.delete(keyOf(dialect, id))
    this.#memory.remove(keyOf(dialect, id))
  }
}

const keyOf = (dialect: DialectName, id: string): string => `${dialect}/${id}`

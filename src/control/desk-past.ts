import type { AuditFact } from '../audit/fact.ts'
import type { Erased } from '../call/erasure.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Desk } from './desk.ts'
import type { BegunOrder } from './order-name.ts'
import type { PaperInput } from './paperwork.ts'

/** What lies behind: for those who keep it, read it, or take somebody out of it. */
export class DeskPast {
  readonly #desk: Desk
  readonly #handle: (input: PaperInput) => void

  constructor(desk: Desk, handle: (input: PaperInput) => void) {
    this.#desk = desk
    this.#handle = handle
  }

  /** Id of the oldest event that is in memory. */
  get firstEvent(): number {
    return this.#desk.events.first
  }

  /** What the process before us began by this name. */
  earlierOrder(name: string): BegunOrder | undefined {
    return this.#desk.orders.earlier(name)
  }

  /** What was done with the records themselves goes into the audit. */
  note(account: AccountId, fact: AuditFact): void {
    this.#handle({ kind: 'note', account, fact })
  }

  /** Takes somebody out of what is remembered of calls that are over. */
  erase(account: AccountId, person: Erased): void {
    this.#handle({ kind: 'erase', account, person })
  }
}

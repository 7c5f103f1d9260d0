import { type Call, isEnded } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import { deadline } from '../call/step-leg.ts'
import { unreachable } from '../kernel/assert.ts'
import type { CallTable } from './call-table.ts'
import { erase } from './erasing.ts'
import type { EventLog } from './event-log.ts'
import type { DeskRecord } from './journal.ts'
import type { Orders } from './orders.ts'
import type { Presence } from './presence.ts'
import type { Records } from './records.ts'
import { type CallChange, replayed } from './replay.ts'
import type { Amendments } from './staff.ts'
import type { Tally } from './tally.ts'

interface Parts {
  readonly table: CallTable
  readonly presence: Presence
  readonly tally: Tally
  readonly events: EventLog
  readonly records: Records
  readonly orders: Orders
  readonly serialsBeyond: (serial: number) => void
  readonly amendments: Amendments
}

/** Works what was written down once more: the same calls, events and agents come of it, and nothing is ordered or told. */
export class Recovery {
  readonly #parts: Parts
  /** What could not be worked again; each is a call that may stand otherwise than it did. */
  readonly faults: string[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  take(record: DeskRecord): void {
    switch (record.kind) {
      case 'born':
      case 'input':
      case 'abandoned':
        return this.#ofCall(record)
      case 'told':
        this.#parts.events.continueAt(Number(record.event.id))
        this.#parts.events.append(record.event)
        return
      case 'desk':
        this.#parts.serialsBeyond(record.lastSerial)
        this.#parts.events.continueAt(record.nextEvent)
        return this.#parts.tally.restore(record.tallies)
      case 'call':
        return this.#parts.table.put(record.call, deadline(record.call))
      case 'audit':
        return this.#parts.records.take(record.entry)
      case 'chain':
      case 'book':
        return this.#parts.records.restore(record)
      case 'agent':
      case 'registration':
        return this.#parts.presence.restore(record)
      case 'order':
        return this.#parts.orders.take(record.order)
      case 'erased':
        return erase(this.#parts, record.account, record.person)
      case 'amend':
        this.#parts.amendments.make(record)
        return
      default:
        return unreachable(record)
    }
  }

  #ofCall(record: CallChange): void {
    const before = record.kind === 'born' ? undefined : this.#parts.table.get(record.call)
    if (record.kind === 'born') this.#parts.serialsBeyond(record.serial)
    const stepped = replayed(record, before)
    if (stepped.ok) this.#commit(record, before, stepped.value)
    else this.faults.push(`${record.call}: ${stepped.error}`)
  }

  #commit({ at, firstEvent }: CallChange, before: Call | undefined, { call, events }: Step): void {
    this.#parts.table.put(call, deadline(call))
    if (isEnded(call)) this.#parts.table.prune(at)
    if (firstEvent !== undefined) this.#parts.events.continueAt(firstEvent)
    for (const event of events) {
      this.#parts.events.append({ account: call.account, event, call })
      this.#parts.records.replay(event, call)
    }
    this.#parts.tally.changed(at, before, call)
  }
}

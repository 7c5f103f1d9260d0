import { abandon } from '../call/abandon.ts'
import { begin } from '../call/begin.ts'
import { type Call, isEnded } from '../call/call.ts'
import type { Step } from '../call/finish.ts'
import { step } from '../call/step.ts'
import { deadline } from '../call/step-leg.ts'
import { unreachable } from '../kernel/assert.ts'
import type { CallId } from '../kernel/ids.ts'
import type { CallTable } from './call-table.ts'
import type { EventLog } from './event-log.ts'
import type { DeskChange, DeskRecord } from './journal.ts'
import type { Presence } from './presence.ts'
import type { Records } from './records.ts'
import type { Amendments } from './staff.ts'
import type { Tally } from './tally.ts'

interface Parts {
  readonly table: CallTable
  readonly presence: Presence
  readonly tally: Tally
  readonly events: EventLog
  readonly records: Records
  readonly serialsBeyond: (serial: number) => void
  readonly amendments: Amendments
}

type OfCall = Extract<DeskChange, { kind: 'born' | 'input' | 'abandoned' }>

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
        this.#parts.events.appendAgent(record.event)
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
      case 'amend':
        this.#parts.amendments.make(record)
        return
      default:
        return unreachable(record)
    }
  }

  #ofCall(record: OfCall): void {
    const before = record.kind === 'born' ? undefined : this.#parts.table.get(record.call)
    if (record.kind !== 'born' && before === undefined) return this.#fault(record.call, `${record.kind} of an unknown call`)
    try {
      const stepped = this.#work(record, before)
      if (stepped !== undefined) this.#commit(record, before, stepped)
    } catch (error) {
      this.#fault(record.call, String(error))
    }
  }

  #work(record: OfCall, before: Call | undefined): Step | undefined {
    if (record.kind === 'born') {
      this.#parts.serialsBeyond(record.serial)
      return begin({ id: record.call, account: record.account, serial: record.serial }, record.at, record.birth)
    }
    if (before === undefined) return undefined
    if (record.kind === 'abandoned') return abandon(before, record.at)
    const stepped = step(before, record.at, record.input)
    if (stepped.ok) return stepped.value
    this.#fault(record.call, `${record.input.kind} is refused now: ${stepped.error.code}`)
    return undefined
  }

  #commit({ at, firstEvent }: OfCall, before: Call | undefined, { call, events }: Step): void {
    this.#parts.table.put(call, deadline(call))
    if (isEnded(call)) this.#parts.table.prune(at)
    if (firstEvent !== undefined) this.#parts.events.continueAt(firstEvent)
    for (const event of events) {
      this.#parts.events.append({ account: call.account, event, call })
      this.#parts.records.replay(event, call)
    }
    this.#parts.tally.changed(at, before, call)
  }

  #fault(call: CallId, why: string): void {
    this.faults.push(`${call}: ${why}`)
  }
}

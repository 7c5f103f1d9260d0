/** What the log says of calls, told once more to whoever keeps it for longer. No desk is needed, since the same comes of the same inputs. */
import type { AuditEntry } from '../audit/chain.ts'
import { isEnded } from '../call/call.ts'
import { type Cdr, emptyCdr, fold } from '../call/cdr.ts'
import type { Erased } from '../call/erasure.ts'
import type { Step } from '../call/finish.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { CallTable } from './call-table.ts'
import type { OutEvent } from './command.ts'
import type { DeskRecord } from './journal.ts'
import { type CallChange, replayed } from './replay.ts'

export type Retold =
  | { readonly kind: 'event'; readonly event: OutEvent }
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  | { readonly kind: 'cdr'; readonly cdr: Cdr }
  /** Somebody was taken out of all that stands before. */
  | { readonly kind: 'erased'; readonly account: AccountId; readonly person: Erased }

export class Retelling {
  #table = new CallTable()
  #cdrs = new Map<CallId, Cdr>()
  #next = 0
  /** What could not be worked again. */
  readonly faults: string[] = []

  /** What comes next does not follow what came before. */
  restart(): void {
    this.#table = new CallTable()
    this.#cdrs = new Map()
  }

  take(record: DeskRecord): readonly Retold[] {
    switch (record.kind) {
      case 'born':
      case 'input':
      case 'abandoned':
        return this.#ofCall(record)
      case 'told':
        this.#next = Number(record.event.id) + 1
        return [{ kind: 'event', event: record.event }]
      case 'audit':
        return [{ kind: 'audit', entry: record.entry }]
      case 'erased':
        return [{ kind: 'erased', account: record.account, person: record.person }]
      case 'desk':
        this.#next = record.nextEvent
        return []
      case 'call':
        this.#table.put(record.call, undefined)
        return []
      case 'book':
        this.#cdrs.set(record.cdr.id, record.cdr)
        return []
      default:
        return []
    }
  }

  #ofCall(record: CallChange): readonly Retold[] {
    const before = record.kind === 'born' ? undefined : this.#table.get(record.call)
    const stepped = replayed(record, before)
    if (stepped.ok) return this.#commit(record, stepped.value)
    this.faults.push(`${record.call}: ${stepped.error}`)
    return []
  }

  #commit({ at, firstEvent = this.#next }: CallChange, { call, events }: Step): readonly Retold[] {
    this.#table.put(call, undefined)
    if (isEnded(call)) this.#forget(at)
    this.#next = firstEvent
    return events.flatMap((event): readonly Retold[] => {
      const cdr = fold(this.#cdrs.get(call.id) ?? emptyCdr(call.id, call.account), event)
      this.#cdrs.set(call.id, cdr)
      const told: Retold = { kind: 'event', event: { id: String(this.#next), account: call.account, event, call } }
      this.#next += 1
      const isRecord = event.type === 'call.ended' || (event.type === 'disposition.set' && isEnded(call))
      return isRecord ? [told, { kind: 'cdr', cdr }] : [told]
    })
  }

  #forget(at: CallChange['at']): void {
    this.#table.prune(at)
    for (const id of this.#cdrs.keys()) {
      if (this.#table.get(id) !== undefined) return
      this.#cdrs.delete(id)
    }
  }
}

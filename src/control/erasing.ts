/** Takes a person out of what the desk remembers of calls that are over. */
import type { Call } from '../call/call.ts'
import { blankedOfHisCall, type Erased, isOfCall } from '../call/erasure.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { CallTable } from './call-table.ts'
import type { OutEvent } from './command.ts'
import type { EventLog } from './event-log.ts'
import type { Records } from './records.ts'

interface Parts {
  readonly table: CallTable
  readonly events: EventLog
  readonly records: Records
}

export function erase({ table, events, records }: Parts, account: AccountId, person: Erased): void {
  const blank = blanker(person)
  for (const call of table.ended(account)) {
    const left = blank(call)
    if (left === call) continue
    table.put(left, undefined)
    records.blank(call.id, person)
  }
  events.amend(account, (event) => blankEvent(event, blank, person))
}

/** Many events have the same call: each is looked at once. */
function blanker(person: Erased): (call: Call) => Call {
  const seen = new Map<Call, Call>()
  return (call) => {
    const known = seen.get(call) ?? (isOfCall(call, person) ? blankedOfHisCall(call, person) : call)
    seen.set(call, known)
    return known
  }
}

function blankEvent(event: OutEvent, blank: (call: Call) => Call, person: Erased): OutEvent {
  if (!('event' in event)) return event
  const call = blank(event.call)
  return call === event.call ? event : { ...event, call, event: blankedOfHisCall(event.event, person) }
}

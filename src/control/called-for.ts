import { type Call, isEnded } from '../call/call.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { CallCommand } from './admission.ts'
import type { CallTable } from './call-table.ts'
import type { Caller } from './command.ts'
import type { Gate } from './gate.ts'

/** The call that a command is for, and that its caller may give it to. One that has ended takes nothing but a disposition, as long as its agent has time for it. */
export function calledFor(
  caller: Caller,
  command: CallCommand,
  { table, isWrappedUp, gate }: { readonly table: CallTable; readonly isWrappedUp: (call: Call) => boolean; readonly gate: Gate },
): Outcome<Call, Refusal> {
  const bySupervision = 'supervision' in command
  const call = bySupervision ? table.ofSupervision(command.supervision) : table.get(command.call)
  if (call === undefined || call.account !== caller.account) return fail(refusal(bySupervision ? 'party-unknown' : 'call-unknown'))
  const permitted = gate.order(caller, command, call)
  if (!permitted.ok) return permitted
  const isOpen = !isEnded(call) || (command.kind === 'dispose' && !isWrappedUp(call))
  return isOpen ? ok(call) : fail(refusal('call-ended'))
}

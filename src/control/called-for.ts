import { type Call, isEnded } from '../call/call.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { CallCommand } from './admission.ts'
import type { CallTable } from './call-table.ts'

/** The call that a command is for. One that has ended takes nothing but a disposition, as long as its agent has time for it. */
export function calledFor(
  account: AccountId,
  command: CallCommand,
  { table, isWrappedUp }: { readonly table: CallTable; readonly isWrappedUp: (call: Call) => boolean },
): Outcome<Call, Refusal> {
  const bySupervision = 'supervision' in command
  const call = bySupervision ? table.ofSupervision(command.supervision) : table.get(command.call)
  if (call === undefined || call.account !== account) return fail(refusal(bySupervision ? 'party-unknown' : 'call-unknown'))
  const isOpen = !isEnded(call) || (command.kind === 'dispose' && !isWrappedUp(call))
  return isOpen ? ok(call) : fail(refusal('call-ended'))
}

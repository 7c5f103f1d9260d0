/** Orders to the desk from a dialect. */
import type { Refusal } from '../call/refusal.ts'
import type { Caller, DeskCommand, Done } from '../control/command.ts'
import { Refused } from '../http/refused.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Ask, House } from './dialect.ts'
import type { Holder } from './holder.ts'

export const callerOf = ({ holder }: Ask): Caller => callerOfHolder(holder)

export function callerOfHolder({ account, role, user, credential, via }: Holder): Caller {
  return { account, role, credential, ...(user === undefined ? {} : { user }), ...(via === undefined ? {} : { via }) }
}

/** Carries the command out; what the desk refuses is thrown on to the dialect's own form of it. */
export async function order(house: House, ask: Ask, command: DeskCommand): Promise<Done> {
  return demand(await house.desk.request(callerOf(ask), command))
}

export function demand<T>(outcome: Outcome<T, Refusal>): T {
  if (!outcome.ok) throw new Refused(outcome.error)
  return outcome.value
}

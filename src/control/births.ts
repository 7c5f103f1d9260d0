import type { Step } from '../call/finish.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Instant } from '../kernel/time.ts'
import type { CallTable } from './call-table.ts'
import type { CallWork } from './call-work.ts'
import type { Invitation, Originate, Origination } from './origination.ts'

interface Parts {
  readonly origination: Origination
  readonly table: CallTable
  readonly work: CallWork
  /** Why no call may begin now, if so. */
  readonly cannotBegin: () => Refusal | undefined
}

/** Calls that begin because a program said so. */
export class Births {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  order(at: Instant, account: AccountId, command: Originate | Invitation): Outcome<Step, Refusal> {
    return command.kind === 'originate' ? this.#originate(at, account, command) : this.#invite(at, account, command)
  }

  #originate(at: Instant, account: AccountId, command: Originate): Outcome<Step, Refusal> {
    const { origination, table, work, cannotBegin } = this.#parts
    const refused = cannotBegin()
    if (refused !== undefined) return fail(refused)
    const birth = origination.originate(at, account, command)
    if (!birth.ok) return birth
    if (birth.value.from.some((f) => table.isBusy(f.endpoint))) return fail(refusal('endpoint-busy'))
    return ok(work.begin(account, birth.value))
  }

  #invite(at: Instant, account: AccountId, command: Invitation): Outcome<Step, Refusal> {
    const { origination, table, work, cannotBegin } = this.#parts
    const meeting = table.ofRoom(account, command.room)
    const refused = meeting === undefined ? cannotBegin() : undefined
    if (refused !== undefined) return fail(refused)
    const invited = origination.invite(at, account, command)
    if (!invited.ok) return invited
    if (table.isBusy(invited.value.endpoint)) return fail(refusal('endpoint-busy'))
    if (meeting === undefined) return ok(work.begin(account, origination.conference(account, command, invited.value)))
    return work.apply(meeting, origination.addition(command, invited.value))
  }
}

import type { Call } from '../call/call.ts'
import type { Command } from '../call/input.ts'
import type { Refusal } from '../call/refusal.ts'
import { isOpen } from '../call/supervision.ts'
import type { Directory } from '../directory/directory.ts'
import { type Outcome, ok } from '../kernel/outcome.ts'
import type { CallCommand } from './admission.ts'
import type { Caller, DeskCommand } from './command.ts'
import { hasLost, mayBegin, mayOrder, mayOrderStaff } from './permitted.ts'
import type { Records } from './records.ts'
import { Rights, type Sight } from './rights.ts'

/** Where the permissions of people are asked for. Callers of whom the configuration says nothing have been asked for their role, by their own API. */
export class Gate {
  readonly #directory: Directory
  readonly #records: Records
  readonly #rights: Rights

  constructor(directory: Directory, records: Records) {
    this.#directory = directory
    this.#records = records
    this.#rights = new Rights(directory)
  }

  /** An order that is for no call that exists; others are asked about when their call is known. */
  refuses(caller: Caller, command: DeskCommand): Refusal | undefined {
    const sight = this.#rights.of(caller)
    const verdict = sight.isLimited ? this.#judge(sight, caller, command) : undefined
    if (verdict === undefined || verdict.ok) return undefined
    this.#records.attempted(caller, { act: command.kind, code: verdict.error.code })
    return verdict.error
  }

  #judge(sight: Sight, { account }: Caller, command: DeskCommand): Outcome<true, Refusal> | undefined {
    switch (command.kind) {
      case 'originate':
      case 'invite-to-conference':
        return mayBegin(sight, command, { account, directory: this.#directory })
      case 'set-agent-state':
      case 'raise-hand':
      case 'amend-extension':
        return mayOrderStaff(sight, command)
      default:
        return undefined
    }
  }

  order(caller: Caller, command: CallCommand, call: Call): Outcome<true, Refusal> {
    const sight = this.#rights.of(caller)
    if (!sight.isLimited) return ok(true)
    const verdict = mayOrder(sight, command, { call, directory: this.#directory })
    if (!verdict.ok) this.#records.forbidden(caller, command, verdict.error.code)
    return verdict
  }

  /** Supervisions whose listener may go on hearing the call no longer, now that others handle it. */
  lost(before: Call | undefined, call: Call): readonly Command[] {
    if (before === undefined || call.endedAt !== undefined || before.parties === call.parties) return []
    return call.supervisions.filter(isOpen).flatMap(({ id, party, mode }) => {
      const endpoint = call.parties.find((one) => one.id === party)?.endpoint
      const listener = endpoint && this.#rights.ofListener(endpoint)
      return hasLost(listener, { before, now: call, mode })
        ? [{ kind: 'end-supervision', supervision: id, reason: 'not-allowed' } as const]
        : []
    })
  }
}

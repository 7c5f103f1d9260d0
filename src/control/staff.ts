import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { invalid, ringTimeout } from './bounds.ts'
import { refused } from './check-order.ts'
import type { DeskCommand } from './command.ts'
import type { DeskState } from './journal.ts'

export type StaffCommand = Extract<DeskCommand, { kind: 'set-agent-state' | 'raise-hand' | 'amend-extension' }>

type Amended = Extract<DeskState, { kind: 'amend' }>

/** What programs have changed in extensions. Everything reads through the directory, so that it holds from the next look at it on. */
export class Amendments {
  readonly #directory: Directory
  readonly #made = new Map<string, Amended>()

  constructor(directory: Directory) {
    this.#directory = directory
  }

  /** Makes it, unless it says something that cannot be. */
  ask(account: AccountId, { extension, changes }: Extract<StaffCommand, { kind: 'amend-extension' }>): Outcome<Amended, Refusal> {
    const known = this.#directory.extension(account, extension) === undefined ? fail(refusal('endpoint-unknown')) : ok(true)
    const timeout = changes.ringTimeoutMs === undefined ? ok(true) : ringTimeout(changes.ringTimeoutMs, 0)
    const name = named(changes.name)
    if (!known.ok || !timeout.ok || !name.ok) return refused([timeout, name, known])
    return ok(this.make({ kind: 'amend', account, extension, changes }))
  }

  make(amended: Amended): Amended {
    const { account, extension, changes } = amended
    if (this.#directory.amend(account, extension, changes) === undefined) return amended
    const key = `${account}/${extension}`
    this.#made.set(key, { ...amended, changes: { ...this.#made.get(key)?.changes, ...changes } })
    return amended
  }

  state(): readonly Amended[] {
    return [...this.#made.values()]
  }
}

/** Names end up in SIP headers. */
function named(name: string | undefined): Outcome<true, Refusal> {
  const fits = name === undefined || (name !== '' && name.length <= 128 && !/\p{Cc}/u.test(name))
  return fits ? ok(true) : invalid('name', '1 to 128 characters, none of them a control character.')
}

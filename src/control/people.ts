import { type Refusal, refusal } from '../call/refusal.ts'
import type { Directory } from '../directory/directory.ts'
import type { Agent } from '../directory/people.ts'
import type { EngineEvent } from '../engine/port.ts'
import type { AccountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { AgentView, Done } from './command.ts'
import type { GroupWork } from './group-work.ts'
import type { Presence } from './presence.ts'
import type { Amendments, StaffCommand } from './staff.ts'
import type { Turn } from './turn.ts'

interface Parts {
  readonly directory: Directory
  readonly presence: Presence
  readonly amendments: Amendments
  readonly groups: GroupWork
  readonly turn: Turn
  readonly tell: (account: AccountId, agent: AgentView, about: 'hand') => void
}

type Registration = Pick<Extract<EngineEvent, { kind: 'registration' }>, 'account' | 'extension' | 'contacts'>

/** What is said about people and phones, and not about calls. */
export class People {
  readonly #parts: Parts
  /** Phones of which the engine has said how they stand since it started. */
  readonly #heardOf = new Set<string>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  command(account: AccountId, command: StaffCommand): Outcome<Done, Refusal> {
    const { directory, presence, amendments, groups, turn } = this.#parts
    if (command.kind === 'amend-extension') {
      const amended = amendments.ask(account, command)
      if (amended.ok) turn.write(amended.value)
      return amended.ok ? ok({}) : amended
    }
    const agent = directory.agent(account, command.agent)
    if (agent === undefined) return fail(refusal('endpoint-unknown'))
    if (command.kind === 'raise-hand') return this.#raiseHand(agent, command)
    presence.set(turn.at, agent, command)
    groups.touch(agent)
    return ok({})
  }

  #raiseHand(agent: Agent, wish: Extract<StaffCommand, { kind: 'raise-hand' }>): Outcome<Done, Refusal> {
    const { presence, turn, tell } = this.#parts
    if (wish.raised && presence.view(turn.at, agent).state === 'offline') return fail(refusal('wrong-state', { why: 'He is offline.' }))
    if (presence.raiseHand(turn.at, agent, wish)) tell(agent.account, presence.view(turn.at, agent), 'hand')
    return ok({})
  }

  registered({ account, extension, contacts }: Registration): void {
    const { presence, groups, turn } = this.#parts
    this.#heardOf.add(`${account}/${extension}`)
    turn.write({ kind: 'registration', account, extension, contacts })
    presence.registration(turn.at, { account, extension }, contacts)
    groups.touchExtension(account, extension)
  }

  /** After a restart: a phone that was registered and that the engine does not speak of is not registered any more. */
  comeHome(): void {
    const { directory, presence, groups } = this.#parts
    for (const record of presence.state()) {
      if (record.kind === 'registration' && !this.#heardOf.has(`${record.account}/${record.extension}`))
        this.registered({ ...record, contacts: 0 })
    }
    for (const agent of directory.accounts.flatMap((account) => directory.agents(account.id))) groups.touch(agent)
  }
}

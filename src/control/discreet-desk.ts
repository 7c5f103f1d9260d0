import type { OpenInterval } from '../audit/watch.ts'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import { isCore } from '../call/party.ts'
import type { Refusal } from '../call/refusal.ts'
import type { AccountId, CallId, SupervisionId } from '../kernel/ids.ts'
import { type Outcome, ok } from '../kernel/outcome.ts'
import type { AgentView, Attempt, Caller, DeskCommand, Done, ExtensionView, FrontDesk, GroupView, OutEvent, PartyLevel } from './command.ts'
import { unsupervised, unsupervisedAgent, unsupervisedEvent, unsupervisedExtension, unsupervisedRecord } from './discretion.ts'

/** The desk for those whom their account tells nothing of supervision; for other accounts the desk as it is. */
export class DiscreetDesk implements FrontDesk {
  readonly #desk: FrontDesk
  /** They are their owner's own. */
  readonly lines: FrontDesk['lines']
  readonly #isOpenIn: (account: AccountId) => boolean

  /** `isOpenIn`: whether an account lets everybody know. */
  constructor(desk: FrontDesk, isOpenIn: (account: AccountId) => boolean) {
    this.#desk = desk
    this.lines = desk.lines
    this.#isOpenIn = isOpenIn
  }

  /** The whole call is on the desk: who ordered something finds in the answer what he may see of it. */
  async request(caller: Caller, command: DeskCommand): Promise<Outcome<Done, Refusal>> {
    const outcome = await this.#desk.request(caller, command)
    if (!outcome.ok || outcome.value.call === undefined) return outcome
    return ok({ ...outcome.value, call: this.#seen(caller.account)(outcome.value.call) })
  }

  refused(caller: Caller, attempt: Attempt): void {
    this.#desk.refused(caller, attempt)
  }

  calls(account: AccountId): readonly Call[] {
    return this.#desk.calls(account).map(this.#seen(account))
  }

  call(account: AccountId, id: CallId): Call | undefined {
    const call = this.#desk.call(account, id)
    return call && this.#seen(account)(call)
  }

  callBySerial(account: AccountId, serial: number): Call | undefined {
    const call = this.#desk.callBySerial(account, serial)
    return call && this.#seen(account)(call)
  }

  endedCalls(account: AccountId): readonly Call[] {
    return this.#desk.endedCalls(account).map(this.#seen(account))
  }

  callOfSupervision(account: AccountId, id: SupervisionId): Call | undefined {
    return this.#isOpenIn(account) ? this.#desk.callOfSupervision(account, id) : undefined
  }

  cdrs(account: AccountId): readonly Cdr[] {
    const cdrs = this.#desk.cdrs(account)
    return this.#isOpenIn(account) ? cdrs : cdrs.map(unsupervisedRecord)
  }

  openIntervals(account: AccountId): readonly OpenInterval[] {
    return this.#isOpenIn(account) ? this.#desk.openIntervals(account) : []
  }

  async levels(account: AccountId, id: CallId): Promise<readonly PartyLevel[]> {
    const levels = await this.#desk.levels(account, id)
    if (this.#isOpenIn(account)) return levels
    const seen = new Set(
      this.#desk
        .call(account, id)
        ?.parties.filter(isCore)
        .map((party) => party.id),
    )
    return levels.filter(({ party }) => seen.has(party))
  }

  agents(account: AccountId): readonly AgentView[] {
    const agents = this.#desk.agents(account)
    return this.#isOpenIn(account) ? agents : agents.map((agent) => unsupervisedAgent(agent, this.#finder(account)))
  }

  extensions(account: AccountId): readonly ExtensionView[] {
    const extensions = this.#desk.extensions(account)
    return this.#isOpenIn(account) ? extensions : extensions.map((one) => unsupervisedExtension(one, this.#finder(account)))
  }

  extension(account: AccountId, number: string): ExtensionView | undefined {
    const extension = this.#desk.extension(account, number)
    return extension && !this.#isOpenIn(account) ? unsupervisedExtension(extension, this.#finder(account)) : extension
  }

  groups(account: AccountId): readonly GroupView[] {
    return this.#desk.groups(account)
  }

  eventsAfter(account: AccountId, cursor: string): readonly OutEvent[] | undefined {
    const events = this.#desk.eventsAfter(account, cursor)
    return this.#isOpenIn(account) ? events : events?.flatMap((event) => unsupervisedEvent(event, this.#finder(account)) ?? [])
  }

  subscribe(account: AccountId, listener: (event: OutEvent) => void): () => void {
    if (this.#isOpenIn(account)) return this.#desk.subscribe(account, listener)
    return this.#desk.subscribe(account, (event) => {
      const seen = unsupervisedEvent(event, this.#finder(account))
      if (seen !== undefined) listener(seen)
    })
  }

  degraded(): readonly string[] {
    return this.#desk.degraded()
  }

  get draining(): boolean {
    return this.#desk.draining
  }

  #seen(account: AccountId): (call: Call) => Call {
    return this.#isOpenIn(account) ? (call) => call : unsupervised
  }

  /** Calls as they are: only they tell who supervises. */
  #finder(account: AccountId): (id: CallId) => Call | undefined {
    return (id) => this.#desk.call(account, id)
  }
}

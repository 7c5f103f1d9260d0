import type { Directory } from '../directory/directory.ts'
import type { Agent } from '../directory/people.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AgentSetting, AgentState, RaisedHand } from './command.ts'

/** How things stand with one agent. */
export interface Standing {
  readonly agent: Agent
  /** Said by himself or through an API, and then it holds; without it the registration decides. */
  setting?: AgentSetting
  /** Why, as it was said with the setting. */
  reason?: string | undefined
  state: AgentState
  since: Instant
  call: CallId | undefined
  /** What else of the view was told last. */
  told?: string
  loggedInAt?: Instant
  /** End of the last call: who is idle longest is called first. */
  idleSince: Instant
  /** After a call of a group with wrap-up time, and of which. */
  wrapUpUntil?: Instant | undefined
  wrapUpOf?: CallId | undefined
  /** The call whose disposition his group waits for. */
  owes?: CallId | undefined
  /** He asks for help. */
  hand?: RaisedHand | undefined
  /** Did not take an offered call: others come first for a while. */
  restUntil?: Instant | undefined
}

/** The same as it is written down: the agent by name. */
export type StandingRecord = Omit<Standing, 'agent' | 'call'> & {
  readonly account: AccountId
  readonly agent: string
  readonly call?: CallId | undefined
}

export const standingRecord = ({ agent, ...rest }: Standing): StandingRecord => ({ ...rest, account: agent.account, agent: agent.id })

/** Undefined where the configuration has no such agent any more. */
export function standingOf(directory: Directory, { account, agent: id, call, ...rest }: StandingRecord): Standing | undefined {
  const agent = directory.agent(account, id)
  return agent === undefined ? undefined : { ...rest, agent, call }
}

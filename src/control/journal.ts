/** What the desk writes down, in order: enough to have every call, agent and event again after a restart. Plain JSON values. */
import type { AuditEntry, Link } from '../audit/chain.ts'
import type { Watch } from '../audit/watch.ts'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import type { Erased } from '../call/erasure.ts'
import type { Birth, Input } from '../call/input.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import type { AgentTally, ExtensionChanges, GroupTally, OutEvent } from './command.ts'
import type { BegunOrder } from './order-name.ts'
import type { StandingRecord } from './standing.ts'

/**
 * What changed. `step` and `begin` make the same of the same, so that a call's inputs are its whole history; each record names the id of its
 * first event, so that events have the same ids when they are worked out again.
 */
export type DeskChange =
  | {
      readonly kind: 'born'
      readonly call: CallId
      readonly account: AccountId
      readonly serial: number
      readonly at: Instant
      readonly birth: Birth
      readonly firstEvent?: number
    }
  | { readonly kind: 'input'; readonly call: CallId; readonly at: Instant; readonly input: Input; readonly firstEvent?: number }
  /** An invariant broke, and the call was ended. */
  | { readonly kind: 'abandoned'; readonly call: CallId; readonly at: Instant; readonly firstEvent?: number }
  /** An event of an agent or a line, as it went out. */
  | { readonly kind: 'told'; readonly event: Exclude<OutEvent, { readonly event: unknown }> }
  | ({ readonly kind: 'agent' } & StandingRecord)
  | { readonly kind: 'registration'; readonly account: AccountId; readonly extension: string; readonly contacts: number }
  | { readonly kind: 'amend'; readonly account: AccountId; readonly extension: string; readonly changes: ExtensionChanges }
  /** An order that is to be carried out once, and what it began. */
  | { readonly kind: 'order'; readonly order: BegunOrder }
  /** Somebody was taken out of all that stands before. */
  | { readonly kind: 'erased'; readonly account: AccountId; readonly person: Erased }
  /** Written down and not worked out again: a later version of us must not make another entry of it. */
  | { readonly kind: 'audit'; readonly entry: AuditEntry }

/** How things stand: what replay begins with. */
export type DeskState =
  | { readonly kind: 'desk'; readonly lastSerial: number; readonly nextEvent: number; readonly tallies: TallyRecord }
  | { readonly kind: 'call'; readonly call: Call }
  /** Of a call: its record and who hears whom, as far as its last event. */
  | { readonly kind: 'book'; readonly cdr: Cdr; readonly watch: Watch }
  | { readonly kind: 'order'; readonly order: BegunOrder }
  | { readonly kind: 'chain'; readonly account: AccountId; readonly link: Link }
  | ({ readonly kind: 'agent' } & StandingRecord)
  | { readonly kind: 'registration'; readonly account: AccountId; readonly extension: string; readonly contacts: number }
  | { readonly kind: 'amend'; readonly account: AccountId; readonly extension: string; readonly changes: ExtensionChanges }

export type DeskRecord = DeskChange | DeskState

/** Pairs of key and count; the keys are the tally's own. */
export interface TallyRecord {
  readonly day: number
  readonly agents: readonly (readonly [key: string, tally: AgentTally])[]
  readonly groups: readonly (readonly [key: string, tally: GroupTally])[]
  /** Who talks, by party: account, agent, since when. */
  readonly talking: readonly (readonly [party: string, account: AccountId, agent: string, since: Instant])[]
}

/** Where changes are written down. */
export interface Journal {
  /** All of them or none; with the system when it returns, so that the end of this process loses nothing. Their place in the journal. */
  append(changes: readonly DeskChange[]): number
  /** Whether everything up to this place would outlive the machine too, or must not be waited for. */
  isSafe(place: number): boolean
  whenSafe(place: number, then: () => void): void
  /** Why nothing can be written down now, if so. */
  readonly fault: string | undefined
}

/** Nothing is kept, and so nothing has to be waited for. */
export const forgetful: Journal = {
  append: () => 0,
  isSafe: () => true,
  whenSafe: (_, then) => then(),
  fault: undefined,
}

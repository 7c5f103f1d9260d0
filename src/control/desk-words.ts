/** What goes into the desk and what comes out of it. */
import type { AuditEntry } from '../audit/chain.ts'
import type { AuditFact } from '../audit/fact.ts'
import type { Call } from '../call/call.ts'
import type { Cdr } from '../call/cdr.ts'
import type { Erased } from '../call/erasure.ts'
import type { Input } from '../call/input.ts'
import type { Refusal } from '../call/refusal.ts'
import type { EngineEvent, EngineOrder } from '../engine/port.ts'
import type { AccountId, RequestId } from '../kernel/ids.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { Attempt, Caller, DeskCommand, Done, OutEvent } from './command.ts'
import type { DeskChange } from './journal.ts'

export type DeskInput =
  | { readonly kind: 'command'; readonly request: RequestId; readonly caller: Caller; readonly command: DeskCommand }
  /** Refused by somebody else already. */
  | { readonly kind: 'refused'; readonly caller: Caller; readonly attempt: Attempt }
  | { readonly kind: 'engine'; readonly event: EngineEvent }
  | { readonly kind: 'wake' }
  /** Something was done with the records themselves. */
  | { readonly kind: 'note'; readonly account: AccountId; readonly fact: AuditFact }
  /** Somebody is to be taken out of what is over. */
  | { readonly kind: 'erase'; readonly account: AccountId; readonly person: Erased }
  /** No new calls from now on. */
  | { readonly kind: 'drain' }

export type DeskOutput =
  /** Comes first of all that an input leads to: to be written down before anything else of it is carried out. */
  | { readonly kind: 'journal'; readonly changes: readonly DeskChange[] }
  | { readonly kind: 'order'; readonly order: EngineOrder }
  | { readonly kind: 'answered'; readonly request: RequestId; readonly outcome: Outcome<Done, Refusal> }
  | { readonly kind: 'event'; readonly event: OutEvent }
  /** To be kept for good. */
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  /** Of a call that has ended; once more when its disposition is set afterwards. */
  | { readonly kind: 'cdr'; readonly cdr: Cdr }
  /** An invariant broke: that call was ended. For the log, with what is needed to play it again. */
  | { readonly kind: 'bug'; readonly call: Call; readonly input: Input; readonly error: unknown }
  /** The desk itself broke over an input; what had come of it until then stands. */
  | { readonly kind: 'fault'; readonly input: DeskInput['kind']; readonly error: unknown }

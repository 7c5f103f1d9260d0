import { type Refusal, refusal } from '../call/refusal.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { DeskCommand } from './command.ts'

type Consents = NonNullable<Extract<DeskCommand, { kind: 'originate' }>['consent']>

/** Who calls whom, as far as it decides what may be said about consent. */
export interface Sides {
  readonly from: 'phone' | 'group' | 'number'
  readonly to: 'phone' | 'number'
}

/** Contract newvoicemedia, section 4: only calls to a number ask for consent; one agent says it for both sides or neither, a group never for itself. */
export function consentFits({ from, to }: Consents, sides: Sides): Outcome<true, Refusal> {
  if (from === undefined && to === undefined) return ok(true)
  if (sides.to === 'phone') return refused('Among phones of the account nobody is asked for consent.')
  if (sides.from === 'number') return refused('Consent is said for a call by an agent or a group.')
  if (sides.from === 'group') return from === undefined ? ok(true) : refused('A group cannot consent for the agent that is found in it.')
  return from !== undefined && to !== undefined ? ok(true) : refused('Consent is said for both sides or for neither.')
}

const refused = (why: string): Outcome<never, Refusal> => fail(refusal('consent-invalid', { why }))

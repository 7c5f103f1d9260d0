import { type Refusal, type RefusalCode, refusal } from '../call/refusal.ts'
import { fail, type Outcome } from '../kernel/outcome.ts'

/** The order of checks that all APIs share (contract `README.md`, W15): the form of what was said, whether it exists, whether it is permitted. */
const ranks: Partial<Record<RefusalCode, number>> = {
  ...{ 'parameter-missing': 0, 'parameter-invalid': 0, 'number-invalid': 0, 'consent-invalid': 0 },
  ...{ 'call-unknown': 1, 'party-unknown': 1, 'endpoint-unknown': 1, 'resource-unknown': 1, 'disposition-unknown': 1 },
  ...{ 'supervision-not-allowed': 2, 'mode-not-allowed': 2, 'destination-not-allowed': 2 },
}
/** Whatever depends on how things are at the moment comes last. */
const stateRank = 3

/** Of several that failed, the one that is told; at least one has. */
export function firstRefusal(outcomes: readonly Outcome<unknown, Refusal>[]): Refusal | undefined {
  const failed = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]))
  return failed.toSorted((a, b) => rankOf(a) - rankOf(b))[0]
}

/** Of several that failed, the one that is told. */
export const refused = (outcomes: readonly Outcome<unknown, Refusal>[]): Outcome<never, Refusal> =>
  fail(firstRefusal(outcomes) ?? refusal('internal-error'))

const rankOf = ({ code }: Refusal): number => ranks[code] ?? stateRank

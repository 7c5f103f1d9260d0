import type { Call } from '../call/call.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { invalid } from './bounds.ts'

/** Where places begin that nobody chose. */
const firstPlace = 701

interface Places {
  /** Live calls of the account. */
  readonly calls: readonly Call[]
  /** Whether the digits reach somebody when they are dialled. */
  readonly isDialled: (place: string) => boolean
}

/** A place that holds one call of the account: the one that is wanted, or the first that is free and nobody's number. */
export function parkingPlace(wanted: string | undefined, { calls, isDialled }: Places): Outcome<string, Refusal> {
  if (wanted !== undefined && !/^[0-9]{1,8}$/.test(wanted)) return invalid('place', '1 to 8 digits.')
  const taken = new Set(calls.map((call) => call.parked?.place))
  if (wanted !== undefined && taken.has(wanted)) return fail(refusal('wrong-state', { why: `Place ${wanted} is taken.` }))
  return ok(wanted ?? freePlace((place) => taken.has(place) || isDialled(place)))
}

function freePlace(isTaken: (place: string) => boolean): string {
  let place = firstPlace
  while (isTaken(String(place))) place += 1
  return String(place)
}

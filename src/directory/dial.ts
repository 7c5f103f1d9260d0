import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { AccountIndex } from './account-index.ts'
import { digitsOf, type NumberPlan, withoutSeparators } from './number-plan.ts'
import type { Destination, InternalDestination, Trunk } from './people.ts'
import type { DirectoryRefusal } from './refusal.ts'

/** Longer digit strings than this are meant as public numbers, shorter ones as somebody inside. */
const longestInternalNumber = 6

/**
 * What `dialled` means inside an account: an extension, an extended number with the account's own code, a group's intercom, one of the
 * account's own public numbers, or a public number that a trunk may dial.
 */
export function dial(index: AccountIndex, dialled: string, plan: NumberPlan): Outcome<Destination, DirectoryRefusal> {
  const text = withoutSeparators(dialled)
  if (text.length > limits.dialledCharacters) return fail({ code: 'number-invalid', why: 'The number is too long.' })
  const extended = /^(\d+)\*(\d+)$/.exec(text)
  if (extended !== null) return dialExtended(index, { code: extended[1] ?? '', number: extended[2] ?? '' })
  if (!/^\+?\d+$/.test(text))
    return fail({ code: 'number-invalid', why: 'A number is digits, with a leading + in its international form.' })
  const inside = internal(index, text) ?? ownPublicNumber(index, text, plan)
  return inside === undefined ? dialOut(index, text, plan) : ok(inside)
}

/** W16: the code of another account is answered like one that does not exist. */
function dialExtended(
  index: AccountIndex,
  { code, number }: { readonly code: string; readonly number: string },
): Outcome<Destination, DirectoryRefusal> {
  const inside = code === index.account.code ? internal(index, number) : undefined
  return inside === undefined ? fail({ code: 'endpoint-unknown', why: `There is no ${code}*${number}.` }) : ok(inside)
}

function internal(index: AccountIndex, number: string): InternalDestination | undefined {
  const extension = index.extensions.get(number)
  if (extension !== undefined) return { kind: 'extension', extension }
  const group = index.groupsByExtension.get(number)
  return group === undefined ? undefined : { kind: 'group', group }
}

export function ownPublicNumber(index: AccountIndex, text: string, plan: NumberPlan): InternalDestination | undefined {
  const international = plan.possible(text, index.account.country)
  const byPlan = international === undefined ? undefined : index.publicNumbers.get(digitsOf(international))
  return byPlan ?? index.publicNumbers.get(digitsOf(text))
}

function dialOut(index: AccountIndex, text: string, plan: NumberPlan): Outcome<Destination, DirectoryRefusal> {
  const e164 = plan.e164(text, index.account.country)
  if (text.startsWith('+') && e164 === undefined) return fail({ code: 'number-invalid', why: `${text} is no number of any country.` })
  const trunk = trunkFor(index, e164 === undefined ? [text] : [text, e164])
  if (trunk !== undefined) return ok({ kind: 'number', trunk, number: e164 ?? text })
  return fail(refuseOutside(index, text, plan))
}

/** The trunk with the longest prefix of any form of the number. */
function trunkFor(index: AccountIndex, forms: readonly string[]): Trunk | undefined {
  for (let length = limits.dialledCharacters; length > 0; length -= 1) {
    for (const form of forms) {
      const trunk = form.length < length ? undefined : index.trunksByPrefix.get(form.slice(0, length))
      if (trunk !== undefined) return trunk
    }
  }
  return undefined
}

function refuseOutside(index: AccountIndex, text: string, plan: NumberPlan): DirectoryRefusal {
  if (!text.startsWith('+') && text.length <= longestInternalNumber)
    return { code: 'endpoint-unknown', why: `There is no extension or group ${text}.` }
  if (plan.possible(text, index.account.country) === undefined) return { code: 'number-invalid', why: `${text} is no usable number.` }
  return { code: 'destination-not-allowed', why: `No trunk may dial ${text}.` }
}

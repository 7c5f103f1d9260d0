/** The body of POST calls (contract newvoicemedia, section 4, rows 2 to 15). */
import type { Consent } from '../../call/recording.ts'
import type { JsonObject } from '../../http/body.ts'
import { refuse } from '../../http/refused.ts'
import { limits } from '../../kernel/limits.ts'
import { complain } from './refusals.ts'
import { textOf } from './request.ts'

/** What was asked for, of good form; whether it exists is not known yet. */
export interface CallOrder {
  readonly caller: { readonly agent: string } | { readonly groups: readonly string[] }
  readonly called: { readonly agent: string } | { readonly number: string }
  readonly presented?: string
  readonly consent?: { readonly from?: Consent; readonly to?: Consent }
  readonly reference?: string
  readonly application?: string
  /** `from` and `to` as they were submitted, as JSON text. */
  readonly echo: { readonly from: string; readonly to: string }
}

/** The members that are known; all others are ignored (W11). */
interface Side {
  readonly agentId: string | undefined
  readonly groups: readonly string[] | undefined
  readonly telephoneNumber: string | undefined
  readonly presented: string | undefined
  readonly consent: unknown
}

/** Names of the labels in which a call keeps what was submitted. */
export const submitted = { from: 'newvoicemedia.from', to: 'newvoicemedia.to' } as const

export function readCallOrder(body: JsonObject, version: number, isStrict: boolean): CallOrder {
  const [given, givenTo] = [objectOf(body.from), objectOf(body.to)]
  if (isStrict) demandVersion(body, version)
  const [from, to] = [sideOf(given), sideOf(givenTo)]
  const caller = callerOf(from)
  const called = calledOf(to)
  demandForms([from.agentId, to.agentId], to.telephoneNumber)
  const reference = referenceOf(body)
  const application = applicationOf(body)
  const consent = consentOf({ from, to, isGroup: 'groups' in caller, isNumber: 'number' in called })
  const echo = { from: echoOf(given, fromMembers), to: echoOf(givenTo, toMembers) }
  return {
    ...{ caller, called, echo },
    ...(from.presented === undefined ? {} : { presented: from.presented }),
    ...(consent === undefined ? {} : { consent }),
    ...(reference === undefined ? {} : { reference }),
    ...(application === undefined ? {} : { application }),
  }
}

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

const sideOf = (given: JsonObject): Side => ({
  agentId: textOf(given.agentId),
  groups: groupsOf(given.groups),
  telephoneNumber: textOf(given.telephoneNumber),
  presented: textOf(given.presentedCLID),
  consent: given.consent,
})

/** One text is a list of one. */
function groupsOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((group) => textOf(group) ?? '')
  const group = textOf(value)
  return group === undefined ? undefined : [group]
}

function callerOf({ agentId, groups, telephoneNumber }: Side): CallOrder['caller'] {
  if (telephoneNumber !== undefined) throw complain('callerByNumber')
  if (agentId !== undefined && groups !== undefined) throw complain('callerTwice')
  if (agentId !== undefined) return { agent: agentId }
  if (groups !== undefined) return { groups }
  throw complain('callerMissing')
}

function calledOf({ agentId, telephoneNumber }: Side): CallOrder['called'] {
  if (agentId !== undefined && telephoneNumber !== undefined) throw complain('calledTwice')
  if (agentId !== undefined) return { agent: agentId }
  if (telephoneNumber !== undefined) return { number: telephoneNumber }
  throw complain('calledMissing')
}

const longest = { telephoneNumber: 30, agentId: 11, reference: 2000, application: 32 } as const

function demandForms(agentIds: readonly (string | undefined)[], telephoneNumber = ''): void {
  const ids = agentIds.filter((id) => id !== undefined)
  if (telephoneNumber.length > longest.telephoneNumber) throw complain('numberTooLong')
  if (!ids.every((id) => /^\d+$/.test(id))) throw complain('agentIdCharacters')
  if (ids.some((id) => id.length > longest.agentId)) throw complain('agentIdTooLong')
}

const alphanumeric = /^[a-z\d]+$/i
/** With an authority, and of visible characters only: `URL` alone would take `note: call back` for one. */
const isUrl = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\/[!-~]+$/i.test(text) && URL.canParse(text)

function referenceOf({ regarding }: JsonObject): string | undefined {
  const reference = textOf(objectOf(regarding).reference)
  if (reference === undefined) return undefined
  if (reference.length > longest.reference) throw complain('referenceTooLong')
  if (!alphanumeric.test(reference) && !isUrl(reference)) throw complain('referenceCharacters')
  return reference
}

function applicationOf(body: JsonObject): string | undefined {
  const application = textOf(body.application)
  if (application === undefined) return undefined
  if (application.length > longest.application) throw complain('applicationTooLong')
  if (!alphanumeric.test(application)) throw complain('applicationCharacters')
  return application
}

const consents: ReadonlyMap<unknown, Consent> = new Map([
  ['Unknown', 'unknown'],
  ['OneParty', 'one-party'],
  ['TwoParty', 'two-party'],
] as const)

/** Consent is never dropped silently, so that here an empty text is a wrong one. */
function consentOf(call: {
  readonly from: Side
  readonly to: Side
  readonly isGroup: boolean
  readonly isNumber: boolean
}): CallOrder['consent'] {
  const [from, to] = [call.from.consent, call.to.consent]
  if ([from, to].some((said) => said !== undefined && !consents.has(said))) throw complain('consentUnknown')
  const fits = call.isGroup ? from === undefined : (from === undefined) === (to === undefined)
  if (!fits || (!call.isNumber && (from ?? to) !== undefined)) throw complain('consentCombination')
  const [own, theirs] = [consents.get(from), consents.get(to)]
  if (theirs === undefined) return undefined
  return own === undefined ? { to: theirs } : { from: own, to: theirs }
}

const fromMembers: readonly string[] = ['agentId', 'groups', 'presentedCLID', 'consent']
const toMembers: readonly string[] = ['agentId', 'telephoneNumber', 'consent']

/** What was submitted, in its own order; ids and numbers as texts. */
function echoOf(given: JsonObject, members: readonly string[]): string {
  const kept = Object.entries(given).filter(([name, value]) => members.includes(name) && value !== '' && !isEmptyList(value))
  const text = JSON.stringify(Object.fromEntries(kept.map(([name, value]) => [name, asTexts(value)])))
  // A label of a call has a bound; only a list of groups that repeats itself, or a number full of separators, can be longer.
  if (text.length + submitted.from.length > limits.labelCharacters) throw refuse('parameter-invalid', { name: 'from' })
  return text
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const asTexts = (value: unknown): unknown => (Array.isArray(value) ? value.map((inner) => textOf(inner) ?? '') : textOf(value))

/** Section 1, "Versions": which one brought what. */
function demandVersion(body: JsonObject, version: number): void {
  const [from, to] = [objectOf(body.from), objectOf(body.to)]
  const used: readonly (readonly [name: string, value: unknown, since: number])[] = [
    ['presentedCLID', from.presentedCLID, 2],
    ['regarding', body.regarding, 4],
    ['application', body.application, 5],
    ['consent', from.consent ?? to.consent, 6],
  ]
  const newer = used.find(([, value, since]) => value !== undefined && since > version)
  if (newer !== undefined) throw refuse('parameter-invalid', { name: newer[0] })
}

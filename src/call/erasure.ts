/**
 * Taking a person out of what is kept of calls. His number goes wherever it stands, in whatever spelling, and with it the name beside it; of the
 * calls in which he took part also what was noted, keyed in, and said by programs.
 */
import type { Call } from './call.ts'

/** A person outside, by the digits of his numbers in international form, without `+`. */
export interface Erased {
  readonly numbers: readonly string[]
}

/** What stands where his number stood. */
export const erasedWord = 'erased'

/** Shorter ones are extensions, service numbers, and parts of anything. */
export const fewestDigits = 6

/** `+44 20 7183 8750` as digits; undefined where it is no number of a person. */
export function digitsOf(number: string): string | undefined {
  const digits = number.replace(/^(\+|00)/, '').replace(/[\s().-]/g, '')
  return /^\d+$/.test(digits) && digits.length >= fewestDigits && digits.length <= 15 ? digits : undefined
}

/** With `+`, `00` or neither, and not as a part of a longer number. */
const spelled = ({ numbers }: Erased): RegExp => new RegExp(`(?<![\\d+])(?:\\+|00)?(?:${numbers.join('|')})(?!\\d)`, 'g')

export const isMentionedIn = (text: string, person: Erased): boolean => spelled(person).test(text)

/** Whether he takes part in it, or was called by it. */
export function isOfCall({ ani, dnis, presented, parties, next }: Call, person: Erased): boolean {
  const numbers = [ani, dnis, presented, ...[...parties.map(({ endpoint }) => endpoint), next?.to].map(numberOf)]
  return isMentionedIn(numbers.join(' '), person)
}

const numberOf = (endpoint: Call['parties'][number]['endpoint'] | undefined): string | undefined =>
  endpoint?.kind === 'number' ? `${endpoint.number} ${endpoint.claimed ?? ''}` : undefined

/** The value without him. It is itself where it does not mention him. */
export function blanked<T>(value: T, person: Erased): T {
  return (isMentionedIn(JSON.stringify(value), person) ? without(value, spelled(person)) : value) as T
}

/** The same of something that belongs to a call in which he took part. */
export const blankedOfHisCall = <T>(value: T, person: Erased): T => withoutWords(blanked(value, person)) as T

function without(value: unknown, pattern: RegExp): unknown {
  if (typeof value === 'string') return value.replace(pattern, erasedWord)
  if (Array.isArray(value)) return value.map((item) => without(item, pattern))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
  const isHim = members.some(([key, member]) => isNumberKey(key) && typeof member === 'string' && member.replace(pattern, '') !== member)
  const kept = isHim ? members.filter(([key]) => !namesHim(key)) : members
  return Object.fromEntries(kept.map(([key, member]) => [key, without(member, pattern)]))
}

const isNumberKey = (key: string): boolean => key === 'number' || key === 'claimed'
const namesHim = (key: string): boolean => key === 'name' || key === 'claimed'

/** Free text: nobody can tell whom it is about. Keys that were pressed may be a card's number. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => wordless(key, member)))
}

function wordless(key: string, member: unknown): readonly (readonly [string, unknown])[] {
  if (key === 'notes' || key === 'reference' || key === 'presentedName') return []
  if (key === 'labels') return [[key, {}]]
  if (key === 'digit') return [[key, '']]
  return [[key, withoutWords(member)]]
}

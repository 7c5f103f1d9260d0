import type { Static } from 'typebox'
import { type Consent, consents } from '../call/recording.ts'
import type { DestinationSelector, OriginSelector, Selector, SupervisorSelector } from '../control/command.ts'
import { refuse } from '../http/refused.ts'
import { Bug } from '../kernel/assert.ts'
import { lineId } from '../kernel/ids.ts'
import { type Instant, instant } from '../kernel/time.ts'
import type { DestinationSchema, OriginSchema, SelectorSchema, SupervisorSchema } from './schemas.ts'

/** The schemas let exactly one member through, so each chain below ends in a selector. */
export function selector(given: Static<typeof SelectorSchema>): Selector {
  if (given.extension !== undefined) return { extension: given.extension }
  if (given.number !== undefined) return { number: given.number }
  if (given.agent !== undefined) return { agent: given.agent }
  throw new Bug('a selector names somebody')
}

export function supervisor({ line, ...phone }: Static<typeof SupervisorSchema>): SupervisorSelector {
  return line === undefined ? selector(phone) : { line: lineId(line) }
}

export function destination(given: Static<typeof DestinationSchema>): DestinationSelector {
  return given.group === undefined ? selector(given) : { group: given.group }
}

export function origin(given: Static<typeof OriginSchema>): OriginSelector {
  return given.groups === undefined ? selector(given) : { groups: given.groups }
}

/** RFC 3339, a date with time and zone. */
export function instantOf(name: string, given: string): Instant {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(given) ? Date.parse(given.toUpperCase()) : Number.NaN
  if (Number.isNaN(ms)) throw refuse('parameter-invalid', { name, why: `Parameter "${name}" must be a time such as 2026-11-20T12:00:00Z.` })
  return instant(ms)
}

/** Letter case and hyphens do not count, so that the words of contract newvoicemedia are understood as well. */
export function consentOf(given: string): Consent {
  const plain = (word: string) => word.toLowerCase().replaceAll('-', '')
  const consent = consents.find((one) => plain(one) === plain(given))
  if (consent === undefined) throw refuse('consent-invalid', { name: 'consent', why: `Consent is one of ${consents.join(', ')}.` })
  return consent
}

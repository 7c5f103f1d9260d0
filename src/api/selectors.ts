import type { Static } from 'typebox'
import type { DestinationSelector, OriginSelector, Selector } from '../control/command.ts'
import { Bug } from '../kernel/assert.ts'
import type { DestinationSchema, OriginSchema, SelectorSchema } from './schemas.ts'

/** The schemas let exactly one member through, so each chain below ends in a selector. */
export function selector(given: Static<typeof SelectorSchema>): Selector {
  if (given.extension !== undefined) return { extension: given.extension }
  if (given.number !== undefined) return { number: given.number }
  if (given.agent !== undefined) return { agent: given.agent }
  throw new Bug('a selector names somebody')
}

export function destination(given: Static<typeof DestinationSchema>): DestinationSelector {
  return given.group === undefined ? selector(given) : { group: given.group }
}

export function origin(given: Static<typeof OriginSchema>): OriginSelector {
  return given.groups === undefined ? selector(given) : { groups: given.groups }
}

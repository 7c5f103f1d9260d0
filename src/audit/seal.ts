/**
 * What names a person outside stands beside an entry and not in it. The entry has a hash of it, with salt, so that nobody can change it or try
 * out numbers; it can be taken out, and the chain is still the same. That it was taken out must be said by a later entry.
 */
import { canonical } from './canonical.ts'
import type { AuditEntry, Digest } from './chain.ts'
import type { AuditFact, Person } from './fact.ts'
import type { Opening, Openings } from './opening.ts'

export interface SealedFact {
  readonly fact: AuditFact
  readonly sealed?: Openings
}

export const sealOf = (opening: Opening, sha256: Digest): string => sha256(canonical(opening))

export function seal(fact: AuditFact, salt: () => string, sha256: Digest): SealedFact {
  const sealed: Record<string, Opening> = {}
  const put = (opening: Opening): string => {
    const name = sealOf(opening, sha256)
    sealed[name] = opening
    return name
  }
  const closed = sealedFact(fact, put, salt)
  return Object.keys(sealed).length === 0 ? { fact } : { fact: closed, sealed }
}

function sealedFact(fact: AuditFact, put: (opening: Opening) => string, salt: () => string): AuditFact {
  const person = ({ number, name, ...rest }: Person): Person => {
    if (number === undefined) return { ...rest, ...(name === undefined ? {} : { name }) }
    return { ...rest, sealed: put({ salt: salt(), number, ...(name === undefined ? {} : { name }) }) }
  }
  switch (fact.kind) {
    case 'access.denied':
    case 'audit.pruned':
    case 'person.erased':
      return fact
    case 'supervision.denied': {
      const [, number] = /^number (.+)$/.exec(fact.supervisor ?? '') ?? []
      return number === undefined ? fact : { ...fact, supervisor: 'number', sealed: put({ salt: salt(), number }) }
    }
    case 'hearing':
      return { ...fact, supervisor: person(fact.supervisor), other: person(fact.other) }
    default:
      return { ...fact, supervisor: person(fact.supervisor) }
  }
}

/** What is verified may have been altered, and need not have the shape that its type says. */
export function sealsIn(fact: AuditFact): readonly string[] {
  const { supervisor, other, sealed } = fact as { readonly [name in 'supervisor' | 'other' | 'sealed']?: unknown }
  return [sealIn(supervisor), sealIn(other), sealed].filter((seal) => typeof seal === 'string')
}

const sealIn = (person: unknown): unknown =>
  typeof person === 'object' && person !== null && 'sealed' in person ? person.sealed : undefined

/** As whoever may read the audit sees him; of somebody who was taken out, that he was. */
export function opened({ sealed, ...person }: Person, openings: Openings | undefined): Person & { readonly erased?: true } {
  if (sealed === undefined) return person
  const opening = openings?.[sealed]
  if (opening === undefined) return { ...person, erased: true }
  const { number, name } = opening
  return { ...person, number, ...(name === undefined ? {} : { name }) }
}

export const openedName = (seal: string | undefined, openings: Openings | undefined): string | undefined =>
  seal === undefined ? undefined : openings?.[seal]?.number

/** What stands beside the entry is what was sealed, or it is gone. */
export function sealFlaw({ fact, sealed = {} }: AuditEntry, isToldErased: boolean, sha256: Digest): string | undefined {
  const seals = sealsIn(fact)
  const openings = Object.entries(sealed)
  if (openings.some(([name, opening]) => !seals.includes(name) || sealOf(opening, sha256) !== name)) return 'what is sealed was changed'
  return isToldErased || seals.every((name) => name in sealed) ? undefined : 'a person was taken out, and no entry says so'
}

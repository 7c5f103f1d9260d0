/** What a search of the audit finds. */
import type { AuditEntry } from './chain.ts'
import type { AuditFact } from './fact.ts'
import type { Openings } from './opening.ts'
import type { AuditSearch } from './ports.ts'
import { opened, openedName } from './seal.ts'
import type { OpenInterval } from './watch.ts'

export function isSought({ at, fact, sealed }: AuditEntry, { call, supervisor, from, to }: AuditSearch): boolean {
  const [begin, end] = fact.kind === 'hearing' ? [fact.from, fact.to] : [at, at]
  return (
    (call === undefined || fact.call === call) &&
    (supervisor === undefined || namesIn(fact, sealed).includes(supervisor)) &&
    (from === undefined || end >= from) &&
    (to === undefined || begin < to)
  )
}

/** Whether it is about this supervisor: his extension, the agent behind it, or his number outside. */
export function names(fact: OpenInterval, supervisor: string): boolean {
  return namesIn(fact).includes(supervisor)
}

/** All by which the entry is found. */
export function namesIn(fact: AuditFact | OpenInterval, sealed?: Openings): readonly string[] {
  switch (fact.kind) {
    case 'access.denied':
    case 'audit.pruned':
    case 'person.erased':
      return []
    case 'supervision.denied': {
      const named = openedName(fact.sealed, sealed) ?? fact.supervisor?.split(' ')[1]
      return named === undefined ? [] : [named]
    }
    default: {
      const { extension, agent, number } = opened(fact.supervisor, sealed)
      return [extension, agent, number].filter((name) => name !== undefined)
    }
  }
}

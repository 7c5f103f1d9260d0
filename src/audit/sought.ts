/** What a search of the audit finds. */
import type { AuditEntry } from './chain.ts'
import type { AuditFact } from './fact.ts'
import type { AuditSearch } from './ports.ts'
import type { OpenInterval } from './watch.ts'

export function isSought({ at, fact }: AuditEntry, { call, supervisor, from, to }: AuditSearch): boolean {
  const [begin, end] = fact.kind === 'hearing' ? [fact.from, fact.to] : [at, at]
  return (
    (call === undefined || fact.call === call) &&
    (supervisor === undefined || names(fact, supervisor)) &&
    (from === undefined || end >= from) &&
    (to === undefined || begin < to)
  )
}

/** Whether the entry is about this supervisor: his extension, the agent behind it, or his number outside. */
export function names(fact: AuditFact | OpenInterval, supervisor: string): boolean {
  return namesIn(fact).includes(supervisor)
}

/** All by which the entry is found. */
export function namesIn(fact: AuditFact | OpenInterval): readonly string[] {
  if (fact.kind === 'supervision.denied') return fact.supervisor?.split(' ').slice(1, 2) ?? []
  const { extension, agent, number } = fact.supervisor
  return [extension, agent, number].filter((name) => name !== undefined)
}

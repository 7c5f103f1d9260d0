/** Whether an audit is whole: nothing edited, deleted, swapped, inserted or cut off. */
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import { type AuditEntry, type Digest, genesis, hashOf, type Link } from './chain.ts'
import { headText, type SignedHead } from './head.ts'
import { sealFlaw } from './seal.ts'

export interface Means {
  readonly sha256: Digest
  /** Whether our key signed this text so. */
  readonly isSigned: (text: string, signature: string) => boolean
}

export interface Evidence {
  readonly entries: readonly AuditEntry[]
  readonly heads: readonly SignedHead[]
  /** Heads that were kept elsewhere: without one nobody can tell that the end of a chain was cut off together with its heads. */
  readonly elsewhere?: readonly SignedHead[]
}

export interface Flaw {
  readonly seq: number
  readonly why: string
}

export interface Verdict {
  readonly valid: boolean
  readonly entries: number
  /** Of the first entry. */
  readonly first?: number
  /** Those before the first were deleted because of their age, as a later entry says. */
  readonly pruned?: { readonly at: Instant; readonly before: Instant }
  /** Entries out of which a person was taken, as later entries say. */
  readonly erased?: number
  /** The last signed one that the entries bear out. */
  readonly head?: SignedHead
  /** The first ones, where there are many. */
  readonly flaws: readonly Flaw[]
}

export function verify(evidence: Evidence, means: Means): Verdict {
  const { entries } = evidence
  const heads = evidence.heads.toSorted((a, b) => a.seq - b.seq)
  const links = new Map<number, string>(entries.map(({ seq, hash }) => [seq, hash]))
  const elsewhere = evidence.elsewhere ?? []
  const told = toldErased(entries)
  const pruning = pruningOf(entries)
  const flaws = [
    ...beginningOf(entries, heads, pruning),
    ...chainOf(entries, means),
    ...sealFlaws(entries, told, means),
    ...heads.flatMap((head) => headFlaws(head, links, entries, means)),
    ...gapsIn(heads, entries[0]?.seq ?? 0),
    ...elsewhere.flatMap((head) => headFlaws(head, links, entries, means)),
    ...endOf(entries, heads),
  ]
  const head = heads.findLast(({ seq, hash }) => links.get(seq) === hash)
  const [first] = entries
  return {
    ...{ valid: flaws.length === 0, entries: entries.length, flaws: flaws.slice(0, limits.auditFlawsTold) },
    ...(first === undefined ? {} : { first: first.seq }),
    ...(pruning === undefined ? {} : { pruned: { at: pruning.at, before: pruning.before } }),
    ...(told.size === 0 ? {} : { erased: told.size }),
    ...(head === undefined ? {} : { head }),
  }
}

/** Older entries may have been deleted, but only up to a head, and only if an entry says so. */
function beginningOf([first]: readonly AuditEntry[], heads: readonly SignedHead[], pruning: Pruning | undefined): readonly Flaw[] {
  if (first === undefined) return []
  if (first.seq > 1 && (pruning === undefined || pruning.upTo < first.seq - 1))
    return [{ seq: first.seq, why: 'what comes before was deleted, and no entry says so' }]
  const starts: readonly Link[] = [genesis, ...heads]
  const start = starts.find(({ seq }) => seq === first.seq - 1)
  if (start === undefined) return [{ seq: first.seq, why: 'what comes before is missing' }]
  return start.hash === first.previous ? [] : [{ seq: first.seq, why: 'does not follow what came before' }]
}

function chainOf(entries: readonly AuditEntry[], { sha256 }: Means): readonly Flaw[] {
  return entries.flatMap((entry, i) => {
    const { seq, previous, account, hash } = entry
    const before = entries[i - 1]
    if (hashOf(entry, sha256) !== hash) return [{ seq, why: 'was changed' }]
    if (before === undefined) return []
    if (account !== before.account) return [{ seq, why: 'is of another account' }]
    return seq === before.seq + 1 && previous === before.hash ? [] : [{ seq, why: `does not follow entry ${before.seq}` }]
  })
}

interface Pruning {
  readonly upTo: number
  readonly at: Instant
  readonly before: Instant
}

/** The last one says where the chain begins now. */
function pruningOf(entries: readonly AuditEntry[]): Pruning | undefined {
  const found = entries.findLast(({ fact }) => fact.kind === 'audit.pruned')
  return found?.fact.kind === 'audit.pruned' ? { upTo: found.fact.upTo, at: found.at, before: found.fact.before } : undefined
}

/** Entries of which a later one says that a person was taken out of them. */
function toldErased(entries: readonly AuditEntry[]): ReadonlySet<number> {
  return new Set(
    entries.flatMap(({ seq, fact }) =>
      fact.kind === 'person.erased' && Array.isArray(fact.entries) ? fact.entries.filter((one) => one < seq) : [],
    ),
  )
}

function sealFlaws(entries: readonly AuditEntry[], told: ReadonlySet<number>, { sha256 }: Means): readonly Flaw[] {
  return entries.flatMap((entry) => {
    const why = sealFlaw(entry, told.has(entry.seq), sha256)
    return why === undefined ? [] : [{ seq: entry.seq, why }]
  })
}

function headFlaws(head: SignedHead, links: ReadonlyMap<number, string>, entries: readonly AuditEntry[], means: Means): readonly Flaw[] {
  const { seq, hash, account } = head
  if (typeof head.signature !== 'string' || !means.isSigned(headText(head), head.signature))
    return [{ seq, why: 'the head is not signed by this key' }]
  const [first, last] = [entries[0], entries.at(-1)]
  if (first !== undefined && account !== first.account) return [{ seq, why: 'the head is of another account' }]
  if (last === undefined || seq > last.seq) return [{ seq, why: 'was signed, and is missing at the end' }]
  if (first === undefined || seq < first.seq) return []
  return links.get(seq) === hash ? [] : [{ seq, why: 'is not what was signed' }]
}

/** Heads of entries that have been pruned may be gone with them. */
const gapsIn = (heads: readonly SignedHead[], first: number): readonly Flaw[] =>
  heads.flatMap((head, i) => {
    const before = heads[i - 1]
    const isFollowed = before === undefined ? head.after < first || first === 0 : head.after === before.seq
    return isFollowed ? [] : [{ seq: head.seq, why: 'a head before this one is missing' }]
  })

/** Whatever no head covers could have been written by anybody. */
function endOf(entries: readonly AuditEntry[], heads: readonly SignedHead[]): readonly Flaw[] {
  const [last, head] = [entries.at(-1), heads.at(-1)]
  if (last === undefined || (head !== undefined && head.seq >= last.seq)) return []
  return [{ seq: (head?.seq ?? 0) + 1, why: 'no signed head covers what begins here' }]
}

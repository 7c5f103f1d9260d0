/** Entries that each name the hash of the one before: none can be changed, left out or put in without changing all that follow. */
import type { AccountId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import { canonical } from './canonical.ts'
import type { AuditFact } from './fact.ts'
import type { Openings } from './opening.ts'

/** SHA-256 of a text (UTF-8), as lower-case hexadecimal. */
export type Digest = (text: string) => string

/** Where a chain ends. */
export interface Link {
  readonly seq: number
  readonly hash: string
}

export interface AuditEntry extends Link {
  readonly account: AccountId
  /** When it was written down; what it says may have begun earlier. */
  readonly at: Instant
  /** Hash of the entry before. */
  readonly previous: string
  readonly fact: AuditFact
  /** What the fact names by its seal only; not in the hash, so that a person can be taken out. */
  readonly sealed?: Openings
}

/** Before the first entry of an account. */
export const genesis: Link = { seq: 0, hash: '0'.repeat(64) }

export interface Written {
  readonly account: AccountId
  readonly at: Instant
  readonly fact: AuditFact
  readonly sealed?: Openings
}

export function linked(last: Link, written: Written, sha256: Digest): AuditEntry {
  const entry = { ...written, seq: last.seq + 1, previous: last.hash }
  return { ...entry, hash: hashOf(entry, sha256) }
}

/** Over the previous hash and the whole body, its place in the chain included. */
export function hashOf({ account, at, fact, previous, seq }: Omit<AuditEntry, 'hash'>, sha256: Digest): string {
  return sha256(previous + canonical({ account, at, fact, seq }))
}

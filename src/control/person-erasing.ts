/** Taking a person out of everything that is kept, as the API asks for it. */
import type { Erased } from '../call/erasure.ts'
import type { CallId } from '../kernel/ids.ts'
import type { Caller } from './command.ts'

/** What was taken out, or what would be. */
export interface ErasureReport {
  /** Calls that are kept and in which he took part. */
  readonly calls: number
  readonly callRecords: number
  readonly events: number
  readonly auditEntries: number
  readonly deadLetters: number
  readonly recordings: number
  /** Recordings under legal hold: they stay until it ends, and so does what is in them. */
  readonly held: readonly string[]
  /** Calls that he is in now: nothing was done. */
  readonly live: readonly CallId[]
}

export interface PersonErasing {
  /** Nothing is changed where `isTrial`. May end in `ArchiveUnavailable`. */
  erase(caller: Caller, person: Erased, isTrial: boolean): Promise<ErasureReport>
}

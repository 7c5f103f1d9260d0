/** What has been kept, as this API reads it. */
import type { AuditFile } from '../audit/lines.ts'
import type { Archive } from '../audit/ports.ts'
import type { Verdict } from '../audit/verify.ts'
import type { AccountId } from '../kernel/ids.ts'

export interface History {
  readonly archive: Pick<Archive, 'cdr' | 'cdrs' | 'entries' | 'isDegraded' | 'hasLost'>
  /** Whether the audit of an account is whole, to its last entry. */
  verify(account: AccountId): Promise<Verdict>
  /** All of it, signed to the end. */
  file(account: AccountId): Promise<AuditFile>
}

/** Keeps what is to be proven: hands records to the archive, signs heads in time, and says whether the whole still holds. */
import type { AuditEntry } from '../audit/chain.ts'
import { HeadsDue, type SignedHead } from '../audit/head.ts'
import type { AuditFile } from '../audit/lines.ts'
import { type Archive, ArchiveUnavailable } from '../audit/ports.ts'
import { type Verdict, verify } from '../audit/verify.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { AuditHeadsFile } from './audit-heads-file.ts'
import type { AuditKey } from './audit-key.ts'
import { systemHash } from './hash.ts'

interface Parts {
  readonly archive: Archive
  readonly key: AuditKey
  /** Heads outside the archive; none in tests that need none. */
  readonly headsFile?: Pick<AuditHeadsFile, 'read' | 'append'>
  readonly clock: () => Instant
  readonly log: Log
}

export class AuditBook {
  readonly #parts: Parts
  readonly #due: HeadsDue
  /** As we know them ourselves, whatever the archive says. */
  readonly #lastHeads = new Map<AccountId, SignedHead>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#due = new HeadsDue(parts.key.sign)
    const read = parts.headsFile?.read() ?? []
    for (const head of read) {
      this.#due.begin(head)
      this.#lastHeads.set(head.account, head)
    }
    const retold = parts.archive.isLasting ? limits.auditHeadsRetold : limits.auditHeadsInMemory
    for (const heads of Map.groupBy(read, ({ account }) => account).values())
      for (const head of heads.slice(-retold)) parts.archive.keepHead(head)
  }

  /** The last of each account. */
  get ends(): Iterable<SignedHead> {
    return this.#lastHeads.values()
  }

  get archive(): Archive {
    return this.#parts.archive
  }

  keepCdr(cdr: Parameters<Archive['keepCdr']>[0]): void {
    this.#parts.archive.keepCdr(cdr)
  }

  keepEntry(entry: AuditEntry): void {
    this.#parts.archive.keepEntry(entry)
    this.#keepHead(this.#due.take(this.#parts.clock(), entry))
    this.#setTimer()
  }

  async verify(account: AccountId): Promise<Verdict> {
    const file = await this.file(account).catch((error: unknown) => ({ error }))
    if ('error' in file) return unreadable(file.error)
    const { entries, heads } = file
    const last = this.#lastHeads.get(account)
    // Memory forgets everything with the process; what forgets nothing has to have all that was signed.
    const elsewhere = last !== undefined && (this.archive.isLasting || entries.length > 0) ? [last] : []
    return verify({ entries, heads, elsewhere }, { sha256: systemHash.sha256, isSigned: this.#parts.key.isSigned })
  }

  /** All that is kept of an account, signed to the end. */
  async file(account: AccountId): Promise<AuditFile> {
    this.#keepHead(this.#due.sign(this.#parts.clock(), account))
    const entries = await this.#all(account)
    const first = entries[0]?.seq ?? 0
    const heads = (await this.archive.heads(account)).filter(({ seq }) => seq >= first - 1)
    return { account, publicKey: this.#parts.key.publicKey, entries, heads: entries.length === 0 && !this.archive.isLasting ? [] : heads }
  }

  async #all(account: AccountId): Promise<readonly AuditEntry[]> {
    const entries: AuditEntry[] = []
    for (;;) {
      const found = await this.archive.entries({ account, after: entries.at(-1)?.seq ?? 0, limit: limits.auditEntriesPerRead })
      entries.push(...found)
      if (found.length < limits.auditEntriesPerRead) return entries
    }
  }

  /** Signs what is not signed yet. */
  close(): void {
    clearTimeout(this.#timer)
    for (const account of this.#due.accounts()) this.#keepHead(this.#due.sign(this.#parts.clock(), account))
  }

  #keepHead(head: SignedHead | undefined): void {
    if (head === undefined) return
    const { archive, headsFile, log } = this.#parts
    this.#lastHeads.set(head.account, head)
    archive.keepHead(head)
    // In the log, too: wherever it is sent to is one more place that knows.
    log.info({ account: head.account, seq: head.seq, hash: head.hash }, 'audit head')
    try {
      headsFile?.append(head)
    } catch (error) {
      log.error({ err: error }, 'a head of the audit could not be written')
    }
  }

  #setTimer(): void {
    const due = this.#due.deadline()
    if (due === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        for (const head of this.#due.due(this.#parts.clock())) this.#keepHead(head)
        this.#setTimer()
      },
      Math.max(0, due - this.#parts.clock()),
    ).unref()
  }
}

/** What is damaged is not whole; what is away is not known. */
function unreadable(error: unknown): Verdict {
  if (!(error instanceof ArchiveUnavailable) || error.fault === 'away') throw error
  return { valid: false, entries: 0, flaws: [{ seq: 0, why: 'a stored entry is damaged and cannot be read' }] }
}

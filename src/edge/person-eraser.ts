/** Takes a person out of records, events, audit, recordings and dead letters. */
import type { Outlet } from '../api/outlet.ts'
import type { AuditEntry } from '../audit/chain.ts'
import { type Archive, ArchiveUnavailable } from '../audit/ports.ts'
import { type Erased, isMentionedIn, isOfCall } from '../call/erasure.ts'
import { askerOf } from '../control/asker.ts'
import type { Caller, FrontDesk } from '../control/command.ts'
import type { DeskPast } from '../control/desk-past.ts'
import type { ErasureReport, PersonErasing } from '../control/person-erasing.ts'
import type { Recordings } from '../control/recordings.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Unsealed } from '../store/questions.ts'
import type { AskStore } from './store-erasing.ts'
import { blankHistory, findHistory } from './store-erasing.ts'

interface Parts {
  readonly desk: Pick<FrontDesk, 'calls' | 'endedCalls'> & { readonly past: Pick<DeskPast, 'note' | 'erase'> }
  /** Ends in `ArchiveUnavailable` where the database is away. */
  readonly ask: AskStore
  readonly archive: Pick<Archive, 'entries'>
  readonly outlet: Pick<Outlet, 'webhooks' | 'deadLetters' | 'burn'>
  readonly recordings: Pick<Recordings, 'list' | 'expunge'>
}

interface Found {
  readonly calls: readonly CallId[]
  readonly sealed: readonly Unsealed[]
  readonly recordings: readonly { readonly id: string; readonly legalHold: boolean }[]
}

const looksForEntry = 100
const lookMs = 50

export class PersonEraser implements PersonErasing {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async erase(caller: Caller, person: Erased, isTrial: boolean): Promise<ErasureReport> {
    const { account } = caller
    const { desk } = this.#parts
    const live = desk
      .calls(account)
      .filter((call) => isOfCall(call, person))
      .map(({ id }) => id)
    // Reading first makes sure that all is there which is still on its way.
    const sealed = await this.#sealed(account, person)
    const known = desk
      .endedCalls(account)
      .filter((call) => isOfCall(call, person))
      .map(({ id }) => id)
    const rows = await findHistory(this.#parts.ask, { account, person, calls: known })
    const recordings = await this.#recordingsOf(account, rows.calls)
    const held = recordings.filter(({ legalHold }) => legalHold).map(({ id }) => id)
    const counts = { calls: rows.calls.length, callRecords: rows.callRecords, events: rows.events, auditEntries: sealed.length }
    const rest = { deadLetters: this.#burn(account, person, true), recordings: recordings.length - held.length, held, live }
    if (isTrial || live.length > 0) return { ...counts, ...rest }
    const done = await this.#carryOut(caller, person, { calls: rows.calls, sealed, recordings })
    return { ...counts, ...rest, ...done }
  }

  /**
   * Recordings first: that they are his is known only from what is blanked then, and whoever was interrupted begins again. The memory before the
   * history, so that nothing of it is written anew; the audit last, which says what became of the rest.
   */
  async #carryOut(caller: Caller, person: Erased, { calls, sealed, recordings }: Found) {
    const { account } = caller
    const held: string[] = []
    let deleted = 0
    for (const { id } of recordings) {
      const removed = await this.#parts.recordings.expunge(account, id)
      if (removed === 'held') held.push(id)
      else if (removed !== undefined) deleted += 1
    }
    this.#parts.desk.past.erase(account, person)
    await blankHistory(this.#parts.ask, { account, person, calls })
    const deadLetters = this.#burn(account, person, false)
    await this.#unseal(caller, sealed, { calls: calls.length, recordings: deleted, held: held.length })
    return { deadLetters, recordings: deleted, held }
  }

  /** The chain says first that a person is taken out of these entries. */
  async #unseal(
    caller: Caller,
    sealed: readonly Unsealed[],
    counts: { readonly calls: number; readonly recordings: number; readonly held: number },
  ): Promise<void> {
    const { account } = caller
    const { desk, ask } = this.#parts
    for (let i = 0; i === 0 || i < sealed.length; i += limits.auditEntriesErasedPerFact) {
      const part = sealed.slice(i, i + limits.auditEntriesErasedPerFact)
      const entries = part.map(({ seq }) => seq)
      const before = (await ask('lastAudit', { account }))?.seq ?? 0
      desk.past.note(account, { kind: 'person.erased', by: askerOf(caller), entries, ...counts })
      await this.#said(account, before)
      await ask('unseal', { account, seals: part })
    }
  }

  async #said(account: AccountId, after: number): Promise<void> {
    for (let i = 0; i < looksForEntry; i += 1) {
      const found = await this.#parts.archive.entries({ account, after, limit: limits.auditEntriesPerRead })
      if (found.some(({ fact }) => fact.kind === 'person.erased')) return
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
    throw new ArchiveUnavailable('away')
  }

  async #sealed(account: AccountId, person: Erased): Promise<readonly Unsealed[]> {
    const found: Unsealed[] = []
    for (let after = 0; ; ) {
      const entries = await this.#parts.archive.entries({ account, after, limit: limits.auditEntriesPerRead })
      found.push(...entries.flatMap((entry) => sealsOf(entry, person)))
      const last = entries.at(-1)
      if (last === undefined || entries.length < limits.auditEntriesPerRead) return found
      after = last.seq
    }
  }

  async #recordingsOf(account: AccountId, calls: readonly CallId[]): Promise<Found['recordings']> {
    const found: { readonly id: string; readonly legalHold: boolean }[] = []
    for (const call of calls) {
      for (let cursor: string | undefined, isMore = true; isMore; ) {
        const page = await this.#parts.recordings.list({
          account,
          call,
          limit: limits.recordingReads,
          ...(cursor === undefined ? {} : { cursor }),
        })
        if (page === 'bad-cursor') break
        found.push(...page.items.map(({ id, legalHold }) => ({ id, legalHold })))
        cursor = page.next
        isMore = cursor !== undefined
      }
    }
    return found
  }

  #burn(account: AccountId, person: Erased, isTrial: boolean): number {
    const { outlet } = this.#parts
    let count = 0
    for (const webhook of outlet.webhooks(account)) {
      const ids = outlet
        .deadLetters(webhook)
        .filter(({ body }) => isMentionedIn(body, person))
        .map(({ id }) => id)
      if (!isTrial && ids.length > 0) outlet.burn(webhook, ids)
      count += ids.length
    }
    return count
  }
}

function sealsOf({ seq, sealed = {} }: AuditEntry, person: Erased): readonly Unsealed[] {
  const seals = Object.entries(sealed).flatMap(([seal, { number }]) => (isMentionedIn(number, person) ? [seal] : []))
  return seals.length === 0 ? [] : [{ seq, seals }]
}

/** Deletes what is older than its time: once an hour, in steps, and not while the node is busy. */
import type { DeskPast } from '../control/desk-past.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import type { PruneAges } from '../store/questions.ts'
import type { Store } from '../store/store.ts'
import type { HistoryDays } from './settings.ts'

interface Parts {
  readonly store: Pick<Store, 'ask'>
  readonly days: HistoryDays
  readonly accounts: readonly AccountId[]
  readonly past: Pick<DeskPast, 'note'>
  readonly liveCalls: () => number
  readonly clock: () => Instant
  readonly log: Log
}

const dayMs = 86_400_000
const hoursOfADay = 24
const looksForEntry = 100

export class HistoryPruning {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout
  /** Live calls at the last looks. */
  #seen: readonly number[] = []
  #putOff = 0
  #isRunning = false
  #isEnding = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.look(), limits.historyPruneMs).unref()
  }

  close(): void {
    this.#isEnding = true
    clearInterval(this.#timer)
  }

  /** Once an hour. Half of the day's most calls is a busy hour. */
  async look(): Promise<void> {
    const live = this.#parts.liveCalls()
    this.#seen = [...this.#seen, live].slice(-hoursOfADay)
    const isBusy = live > Math.max(...this.#seen) / 2
    this.#putOff = isBusy ? this.#putOff + 1 : 0
    if (isBusy && this.#putOff <= limits.historyPrunePutOff) return
    this.#putOff = 0
    await this.prune()
  }

  async prune(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      await this.#pruneRows()
      for (const account of this.#parts.accounts) await this.#pruneAudit(account)
    } catch (error) {
      this.#parts.log.error({ err: error }, 'what is too old could not be deleted')
    } finally {
      this.#isRunning = false
    }
  }

  async #pruneRows(): Promise<void> {
    const { store, days, clock, log } = this.#parts
    const [events, cdrs] = [this.#before(days.eventsDays), this.#before(days.cdrDays)]
    const ages: PruneAges = { ...(events && { events }), ...(cdrs && { cdrs }), values: clock() }
    for (;;) {
      const answer = await store.ask('prune', ages)
      if (!answer.ok || this.#isEnding) return
      const { more, ...counts } = answer.value
      if (counts.events + counts.cdrs > 0) log.info(counts, 'history that is too old is deleted')
      if (!more) return
      await pause(limits.historyPruneStepMs)
    }
  }

  /** First the chain says that its beginning goes, then it goes. */
  async #pruneAudit(account: AccountId): Promise<void> {
    const before = this.#before(this.#parts.days.auditDays)
    if (before === undefined) return
    const { store, past, log } = this.#parts
    const cut = await store.ask('auditCut', { account, before })
    if (!cut.ok || cut.value === undefined) return
    const upTo = cut.value
    past.note(account, { kind: 'audit.pruned', upTo, before })
    if (!(await this.#isSaid(account, upTo))) return
    const gone = await store.ask('cutAudit', { account, upTo })
    if (gone.ok) log.info({ account, entries: gone.value, upTo }, 'audit that is too old is deleted')
  }

  async #isSaid(account: AccountId, upTo: number): Promise<boolean> {
    for (let i = 0; i < looksForEntry && !this.#isEnding; i += 1) {
      const last = await this.#parts.store.ask('lastAudit', { account })
      const body = last.ok ? (last.value?.body as { readonly kind?: unknown; readonly upTo?: unknown } | undefined) : undefined
      if (body?.kind === 'audit.pruned' && body.upTo === upTo) return true
      await pause(limits.historyPruneStepMs)
    }
    return false
  }

  #before(days: number): Instant | undefined {
    return days === 0 ? undefined : addMs(this.#parts.clock(), -days * dayMs)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

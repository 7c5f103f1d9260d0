/** Levels of calls that somebody looks at, four times a second: each call is measured once for all, and nothing is while nobody looks. */
import type { PartyLevel } from '../control/command.ts'
import type { AccountId, CallId, PartyId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'

/** What one reader wants and may see. */
export interface LevelReader {
  readonly account: AccountId
  /** Undefined where he may not see the call, or it is over; else who of it he may see. */
  partiesOf(call: CallId): ReadonlySet<PartyId> | undefined
  readonly calls: readonly CallId[]
  /** Still to be told anything at all; a reader who is not is let go. */
  isWelcome(at: Instant): boolean
  take(frame: string): void
  leave(): void
}

interface Parts {
  readonly clock: () => Instant
  readonly levels: (account: AccountId, call: CallId) => Promise<readonly PartyLevel[]>
  readonly everyMs?: number
}

type Measured = ReadonlyMap<CallId, readonly PartyLevel[]>

export class LevelMeter {
  readonly #parts: Parts
  readonly #readers = new Set<LevelReader>()
  #timer: NodeJS.Timeout | undefined
  #isMeasuring = false
  /** Where the next turn begins when there are more calls than one turn takes. */
  #turn = 0
  #last = new Map<CallId, readonly PartyLevel[]>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#readers.size
  }

  /** Until the returned function is called. */
  join(reader: LevelReader): () => void {
    this.#readers.add(reader)
    this.#timer ??= setInterval(() => void this.#tick(), this.#parts.everyMs ?? limits.levelEveryMs).unref()
    return () => this.#leave(reader)
  }

  closeAll(): void {
    for (const reader of this.#readers) reader.leave()
  }

  #leave(reader: LevelReader): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#last.clear()
  }

  /** A mixer that is slow is not asked again before it has answered. */
  async #tick(): Promise<void> {
    const at = this.#parts.clock()
    for (const reader of this.#readers) if (!reader.isWelcome(at)) reader.leave()
    if (this.#isMeasuring) return
    this.#isMeasuring = true
    try {
      await this.#measure()
    } finally {
      this.#isMeasuring = false
    }
    const texts = new Map<string, string>()
    for (const reader of this.#readers) reader.take(frameOf(reader, this.#last, { at: this.#parts.clock(), texts }))
  }

  async #measure(): Promise<void> {
    const wanted = this.#wanted()
    const due = wanted.length <= limits.levelCallsAtOnce ? wanted : this.#portion(wanted)
    const measured = await Promise.all(due.map(async ([call, account]) => [call, await this.#parts.levels(account, call)] as const))
    const live = new Set(wanted.map(([call]) => call))
    this.#last = new Map([...[...this.#last].filter(([call]) => live.has(call)), ...measured])
  }

  /** Each call that at least one reader may see, once. */
  #wanted(): readonly (readonly [CallId, AccountId])[] {
    const wanted = new Map<CallId, AccountId>()
    for (const reader of this.#readers)
      for (const call of reader.calls) if (!wanted.has(call) && reader.partiesOf(call) !== undefined) wanted.set(call, reader.account)
    return [...wanted]
  }

  #portion<T>(all: readonly T[]): readonly T[] {
    const start = this.#turn % all.length
    this.#turn = start + limits.levelCallsAtOnce
    return [...all.slice(start), ...all.slice(0, start)].slice(0, limits.levelCallsAtOnce)
  }
}

/** What is the same for several readers is written once. */
function frameOf(
  reader: LevelReader,
  measured: Measured,
  { at, texts }: { readonly at: Instant; readonly texts: Map<string, string> },
): string {
  const calls = reader.calls.flatMap((call) => {
    const parties = reader.partiesOf(call)
    return parties === undefined ? [] : [callText(call, { parties, levels: measured.get(call) ?? [] }, texts)]
  })
  return `event: levels\ndata: {"at":${JSON.stringify(new Date(at).toISOString())},"calls":{${calls.join(',')}}}\n\n`
}

interface Seen {
  readonly parties: ReadonlySet<PartyId>
  readonly levels: readonly PartyLevel[]
}

function callText(call: CallId, { parties, levels }: Seen, texts: Map<string, string>): string {
  const key = [call, ...parties].join(' ')
  const known = texts.get(key)
  if (known !== undefined) return known
  const byParty = new Map(levels.map(({ party, levelDbov }) => [party, levelDbov]))
  const text = `${JSON.stringify(call)}:${JSON.stringify(Object.fromEntries([...parties].map((party) => [party, byParty.get(party) ?? null])))}`
  texts.set(key, text)
  return text
}

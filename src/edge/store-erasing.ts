/** Takes a person out of the store, page by page. */
import type { Erased } from '../call/erasure.ts'
import type { AccountId, CallId } from '../kernel/ids.ts'
import type { Answer, Ask, QuestionName } from '../store/questions.ts'

export type AskStore = <Q extends QuestionName>(name: Q, ask: Ask<Q>) => Promise<Answer<Q>>

export interface HistoryErasure {
  readonly account: AccountId
  readonly person: Erased
  /** Of which it is known already that he took part. */
  readonly calls: readonly CallId[]
}

export interface ErasedRows {
  readonly callRecords: number
  readonly events: number
  readonly calls: readonly CallId[]
}

/** Nothing is changed. Records first: they say which calls were his. */
export async function findHistory(ask: AskStore, { calls, ...search }: HistoryErasure): Promise<ErasedRows> {
  const his = new Set<CallId>(calls)
  const erasure = { ...search, isTrial: true }
  let [callRecords, events] = [0, 0]
  for (let after: string | undefined = ''; after !== undefined; ) {
    const found: Answer<'blankCdrs'> = await ask('blankCdrs', { ...erasure, calls: [], after })
    for (const call of found.calls) his.add(call)
    callRecords += found.rows
    after = found.next
  }
  for (let after: number | undefined = 0; after !== undefined; ) {
    const found: Answer<'blankEvents'> = await ask('blankEvents', { ...erasure, calls: [...his], after })
    for (const call of found.calls) his.add(call)
    events += found.rows
    after = found.next
  }
  return { callRecords, events, calls: [...his] }
}

/** `calls` are all of his. Records last: whoever is interrupted and begins again still learns from them which these were. */
export async function blankHistory(ask: AskStore, erasure: HistoryErasure): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { next }: Answer<'blankEvents'> = await ask('blankEvents', { ...erasure, isTrial: false, after })
    after = next
  }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { next }: Answer<'blankCdrs'> = await ask('blankCdrs', { ...erasure, isTrial: false, after })
    after = next
  }
}

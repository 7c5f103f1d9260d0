/** The thread that reads old files of the log for the history: calls are not disturbed by it. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Erased } from '../call/erasure.ts'
import type { DeskRecord } from '../control/journal.ts'
import { Retelling, type Retold } from '../control/retelling.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fileHistory, filesBetween } from '../ledger/read-log.ts'
import type { StoreRow } from '../store/rows.ts'
import { rowOfCdr, rowOfEntry } from './store-archive.ts'
import { rowOf } from './store-events.ts'

export interface ReaderTask {
  readonly folder: string
  /** Files from this one on, up to before that one. */
  readonly from: number
  readonly before: number
}

export type FromReader =
  | { readonly kind: 'rows'; readonly rows: readonly StoreRow[] }
  | { readonly kind: 'erased'; readonly account: AccountId; readonly person: Erased }
  | { readonly kind: 'end'; readonly faults: readonly string[] }

const { folder, from, before } = workerData as ReaderTask
const retelling = new Retelling()
let rows: StoreRow[] = []
/** Of the file before, its last line. */
let last: number | undefined

for (const file of filesBetween(folder, from, before)) await retell(file)
await say({ kind: 'rows', rows })
parentPort?.postMessage({ kind: 'end', faults: retelling.faults } satisfies FromReader)

/** Where a file goes on from the one before, what is known of calls goes on; else one has to begin with how things stood at its beginning. */
async function retell(file: string): Promise<void> {
  const { first, last: end, isTorn, state, changes } = fileHistory(folder, file, 'desk')
  if (isTorn || last === undefined || first !== last + 1) {
    retelling.restart()
    for (const record of state() as Iterable<DeskRecord>) retelling.take(record)
  }
  last = end
  for (const record of changes() as Iterable<DeskRecord>) for (const told of retelling.take(record)) await give(told)
}

async function give(told: Retold): Promise<void> {
  if (told.kind === 'erased') {
    await flush()
    return await say(told)
  }
  const row = rowFor(told)
  if (row !== undefined) rows.push(row)
  if (rows.length >= limits.historyFillRows) await flush()
}

async function flush(): Promise<void> {
  const full = rows
  rows = []
  await say({ kind: 'rows', rows: full })
}

function rowFor(told: Exclude<Retold, { kind: 'erased' }>): StoreRow | undefined {
  switch (told.kind) {
    case 'event':
      return rowOf(told.event)
    case 'audit':
      return rowOfEntry(told.entry)
    case 'cdr':
      return rowOfCdr(told.cdr)
  }
}

/** The next ones are worked out when these are kept. */
async function say(message: FromReader): Promise<void> {
  const heard = new Promise((resolve) => parentPort?.once('message', resolve))
  parentPort?.postMessage(message)
  await heard
}

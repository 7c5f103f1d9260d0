/** An audit as a file: JSON lines, first whose it is, then entries, each head behind the entry that it covers. */
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { canonical } from './canonical.ts'
import type { AuditEntry } from './chain.ts'
import type { SignedHead } from './head.ts'

export interface AuditFile {
  readonly account: string
  /** PEM. For finding the right key, and proof of nothing: who forges a file brings a key of his own. */
  readonly publicKey: string
  readonly entries: readonly AuditEntry[]
  readonly heads: readonly SignedHead[]
}

export function* linesOf({ account, publicKey, entries, heads }: AuditFile): Iterable<string> {
  yield `${canonical({ audit: { account, publicKey, version: 1 } })}\n`
  const [first] = entries
  const waiting = heads.toSorted((a, b) => a.seq - b.seq)
  yield* headLines(waiting, (first?.seq ?? 0) - 1)
  for (const entry of entries) {
    yield `${canonical({ entry })}\n`
    yield* headLines(waiting, entry.seq)
  }
  yield* headLines(waiting, Number.POSITIVE_INFINITY)
}

function* headLines(waiting: SignedHead[], upTo: number): Iterable<string> {
  for (let head = waiting[0]; head !== undefined && head.seq <= upTo; head = waiting[0]) {
    waiting.shift()
    yield `${canonical({ head })}\n`
  }
}

interface Line {
  readonly audit?: { readonly account: string; readonly publicKey: string; readonly version: number }
  readonly entry?: AuditEntry
  readonly head?: SignedHead
}

/** Strict: what is not written just as we write it is no file of ours. */
export function readLines(text: string): Outcome<AuditFile, string> {
  const lines: Line[] = []
  for (const [i, line] of text.split('\n').slice(0, -1).entries()) {
    const read = readLine(line)
    if (read === undefined) return fail(`line ${i + 1} is damaged`)
    lines.push(read)
  }
  const { account, publicKey, version } = lines[0]?.audit ?? {}
  if (account === undefined || publicKey === undefined || version !== 1) return fail('this is no audit file of version 1')
  const entries = lines.flatMap(({ entry }) => entry ?? [])
  const file = { account, publicKey, entries, heads: lines.flatMap(({ head }) => head ?? []) }
  if (entries.some((entry) => entry.account !== account)) return fail('an entry is of another account')
  return [...linesOf(file)].join('') === text ? ok(file) : fail('the lines are not in the order in which they were written')
}

function readLine(line: string): Line | undefined {
  try {
    const value = JSON.parse(line) as Line
    const { audit, entry, head } = value
    const isOne = [audit, entry, head].filter((member) => typeof member === 'object' && member !== null).length === 1
    const isWhole =
      (entry === undefined || (typeof entry.seq === 'number' && typeof entry.fact === 'object' && entry.fact !== null)) &&
      (head === undefined || typeof head.seq === 'number')
    return isOne && isWhole && canonical(value) === line ? value : undefined
  } catch {
    return undefined
  }
}

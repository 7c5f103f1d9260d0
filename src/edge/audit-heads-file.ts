/** Signed heads outside the database, one a line: whoever cuts the end off the audit there does not reach this. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { canonical } from '../audit/canonical.ts'
import type { SignedHead } from '../audit/head.ts'
import { limits } from '../kernel/limits.ts'

export class AuditHeadsFile {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
    mkdirSync(dirname(file), { recursive: true })
  }

  /** Oldest first. Leaves out, and forgets, the oldest of those that are too many. */
  read(): readonly SignedHead[] {
    const all = readHeads(this.#file)
    const kept = [...Map.groupBy(all, ({ account }) => account).values()].flatMap((heads) => heads.slice(-limits.auditHeadsInMemory))
    if (kept.length < all.length) this.#replace(kept)
    return kept
  }

  append(head: SignedHead): void {
    appendFileSync(this.#file, lineOf(head), { mode: 0o600 })
  }

  #replace(heads: readonly SignedHead[]): void {
    const next = `${this.#file}.next`
    writeFileSync(next, heads.map(lineOf).join(''), { mode: 0o600 })
    renameSync(next, this.#file)
  }
}

/** A line that cannot be read, such as the last one of a process that was killed, is left out. */
export function readHeads(file: string): readonly SignedHead[] {
  return linesIn(file).flatMap((line) => {
    try {
      const head = JSON.parse(line) as SignedHead
      return typeof head.seq === 'number' && typeof head.account === 'string' ? [head] : []
    } catch {
      return []
    }
  })
}

function linesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

const lineOf = (head: SignedHead): string => `${canonical(head)}\n`
